/* src/prog/posternd.c - the daemon: takes mail over LMTP, keeps tickets, sends what is owed */
#include "config.h"
#include "posternd_doors.h"
#include "arena.h"
#include "clock.h"
#include "desk.h"
#include "jail.h"
#include "keeper.h"
#include "log.h"
#include "metrics.h"
#include "post.h"
#include "sd.h"
#include "sign.h"
#include "store.h"
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { POSTERND_DRAIN_MS = 10 * 1000, POSTERND_OVERRIDES_MAX = 200, POSTERND_TICK_MS = 1000 };

static const char default_path[] = SYSCONFDIR "/postern.conf";
static const char help[] =
	"Usage: posternd [-c FILE] [-o NAME=VALUE]... [--check]\n"
	"\n"
	"Takes mail for support queues over LMTP, files it as tickets, acknowledges it.\n"
	"Stays in the foreground; stops cleanly on SIGTERM, reads its configuration again on\n"
	"SIGHUP.\n"
	"\n"
	"  -c, --config FILE      read this file (default " SYSCONFDIR
	"/postern.conf; without it, built-in\n"
	"                         defaults)\n"
	"  -o, --option NAME=VALUE  override a setting; a queue's as queue.NAME.FIELD=VALUE\n"
	"      --check            read configuration and templates, say what is wrong, end\n"
	"  -h, --help             this text\n"
	"  -V, --version          the version\n"
	"\n"
	"See posternd(8) and postern.conf(5).\n";

struct options {
	const char *path;
	const char *overrides[POSTERND_OVERRIDES_MAX];
	size_t n_overrides;
	bool check;
};

/* The last word of a start that failed: for the terminal, and for the log when there is one. */
static int
give_up(int status, const struct why *why)
{
	log_event(LOG_ERRORS, "cannot-start", "status=%d why=%s", status, log_value(why->text));
	return status;
}

static void
read_options_or_die(int argc, char *argv[], struct options *o)
{
	static const struct option longs[] = {
		{"config", required_argument, NULL, 'c'}, {"option", required_argument, NULL, 'o'},
		{"check", no_argument, NULL, 'k'},        {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0}};
	int letter;

	while ((letter = getopt_long(argc, argv, "c:o:hV", longs, NULL)) != -1) {
		if (letter == 'c') {
			o->path = optarg;
		} else if (letter == 'o' && o->n_overrides < POSTERND_OVERRIDES_MAX) {
			o->overrides[o->n_overrides++] = optarg;
		} else if (letter == 'k') {
			o->check = true;
		} else if (letter == 'h') {
			(void)fputs(help, stdout);
			exit(EX_OK);
		} else if (letter == 'V') {
			(void)puts("posternd " PACKAGE_VERSION);
			exit(EX_OK);
		} else {
			(void)fputs("posternd: see posternd --help\n", stderr);
			exit(EX_USAGE);
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "posternd: unexpected argument \"%s\"; see posternd --help\n",
		              argv[optind]);
		exit(EX_USAGE);
	}
	if (o->path == NULL && access(default_path, F_OK) == 0)
		o->path = default_path;
}

static const struct conf *
load_or_die(const struct options *o)
{
	const struct conf *conf = NULL;
	struct why why = {""};

	if (!conf_load(o->path, o->overrides, o->n_overrides, &conf, &why)) {
		(void)fprintf(stderr, "posternd: %s\n", why.text);
		exit(EX_CONFIG);
	}
	return conf;
}

static void
tell_progress(void *self, const char *what, uint64_t done, uint64_t total)
{
	(void)self;
	log_event(LOG_EVENTS, "progress", "what=%s done=%llu total=%llu", log_value(what),
	          (unsigned long long)done, (unsigned long long)total);
	sd_status("%s: %llu of %llu", what, (unsigned long long)done, (unsigned long long)total);
}

static int
open_store(const struct settings *set, struct store **store_r, struct why *why)
{
	struct store_options o = desk_store_options(set);
	int status = EX_IOERR;

	o.progress = tell_progress;
	switch (store_open(&o, store_r, why)) {
	case STORE_OK:
		status = EX_OK;
		break;
	case STORE_BUSY:
	case STORE_FULL:
		status = EX_TEMPFAIL;
		break;
	case STORE_ABSENT:
	case STORE_EXISTS:
	case STORE_BROKEN:
		break;
	}
	return status;
}

/* What runs beside the conversations: signals, housekeeping. */
struct watch {
	struct desk *desk;
	struct posternd_doors *doors;
	sigset_t signals;
	int status; /* to end with */
	int64_t next_metrics_ms;
	bool metrics_failed; /* it is said once */
};

static void
obey(struct watch *w, int signal_number)
{
	struct why why = {""};

	if (signal_number == SIGHUP) {
		sd_reloading();
		log_reopen();
		if (desk_reload(w->desk, &why))
			log_event(LOG_EVENTS, "reloaded", "who=\"signal\"");
		else
			log_event(LOG_ERRORS, "reload-refused", "why=%s", log_value(why.text));
		sd_ready();
	} else if (signal_number == SIGTERM || signal_number == SIGINT) {
		log_event(LOG_EVENTS, "stopping", "signal=%d", signal_number);
		sd_stopping();
		posternd_doors_close(w->doors);
	}
}

static void
keep_metrics(struct watch *w, const char *path)
{
	struct why why = {""};

	if (path[0] == '\0' || clock_mono_ms() < w->next_metrics_ms)
		return;
	w->next_metrics_ms = clock_mono_ms() + METRICS_EVERY_S * 1000;
	bool fine = metrics_save(w->desk, path, &why);
	if (!fine && !w->metrics_failed)
		log_event(LOG_WARNINGS, "metrics", "why=%s", log_value(why.text));
	w->metrics_failed = !fine;
}

static void
keep_house(struct watch *w, int64_t *next_ms)
{
	struct why why = {""};
	AUTO(conf) const struct conf *conf = desk_conf(w->desk);

	if (clock_mono_ms() >= *next_ms) {
		*next_ms = clock_mono_ms() + conf->settings->checkpoint_every_s * 1000;
		if (store_keep(w->desk->store, &why) != STORE_OK)
			log_event(LOG_ERRORS, "housekeeping", "why=%s", log_value(why.text));
		if (!keeper_look(w->desk, clock_now_s(), &why))
			log_event(LOG_ERRORS, "held-keeping", "why=%s", log_value(why.text));
	}
	keep_metrics(w, conf->settings->metrics_file);
	/* What cannot be mended inside this process ends it; the service manager starts it again,
	 * and recovery and the launcher with it. Postfix keeps the mail in the meantime. */
	if (!posternd_doors_sound(w->doors, &why) ||
	    store_flush(w->desk->store, &why) != STORE_OK) {
		log_event(LOG_ERRORS, "must-restart", "why=%s", log_value(why.text));
		w->status = EX_TEMPFAIL;
		posternd_doors_close(w->doors);
	}
}

static void *
watch_over(void *arg)
{
	struct watch *w = arg;
	struct timespec tick = {POSTERND_TICK_MS / 1000, 0};
	int64_t next_ms = clock_mono_ms(), alive_ms = sd_alive_every_ms(), next_alive_ms = 0;

	while (!posternd_doors_closed(w->doors)) {
		int n = sigtimedwait(&w->signals, NULL, &tick);

		if (n > 0)
			obey(w, n);
		if (alive_ms > 0 && clock_mono_ms() >= next_alive_ms) {
			sd_alive();
			next_alive_ms = clock_mono_ms() + alive_ms;
		}
		if (!posternd_doors_closed(w->doors))
			keep_house(w, &next_ms);
	}
	return NULL;
}

static int
serve(struct desk *d, struct posternd_doors *doors, const sigset_t *signals)
{
	struct watch w = {.desk = d, .doors = doors, .signals = *signals, .status = EX_OK};
	struct why why = {""};
	pthread_t watcher;
	size_t n_left = 0;

	d->post = post_new(d);
	if (!post_start(d->post, &why))
		return give_up(EX_OSERR, &why);
	if (pthread_create(&watcher, NULL, watch_over, &w) != 0) {
		why_set(&why, "cannot start a thread");
		return give_up(EX_OSERR, &why);
	}
	sd_ready();
	log_event(LOG_EVENTS, "ready", "version=" PACKAGE_VERSION " jail=%s",
	          log_value(jail_level()));
	n_left = posternd_doors_serve(doors, POSTERND_DRAIN_MS);
	(void)pthread_join(watcher, NULL);
	post_stop(d->post);
	post_free(&d->post);
	log_event(LOG_EVENTS, "stopped", "status=%d conversations-left=%zu", w.status, n_left);
	/* Handlers that are still at work use the store: nothing may be pulled from under them. */
	if (n_left > 0)
		_exit(w.status);
	return w.status;
}

/* A group of its own belongs to a user of its own. */
static bool
changes_user(const struct settings *set)
{
	return geteuid() == 0 && set->user[0] != '\0' && strcmp(set->user, "root") != 0;
}

/* Privileged, then not, then locked in, then threads: the order is the argument. */
static int
start(struct desk *d, const struct conf *conf, const sigset_t *signals)
{
	const struct settings *set = conf->settings;
	AUTO(posternd_doors) struct posternd_doors *doors = NULL;
	struct why why = {""};
	int status = posternd_doors_open(d, set, &doors, &why);

	if (status == EX_OK &&
	    jail_drop(set->user, changes_user(set) ? set->group : "", &why) != JAIL_OK)
		status = EX_NOPERM;
	/* Before the store: the launcher must inherit neither its memory nor the keys. */
	if (status == EX_OK)
		status = posternd_doors_hire(doors, d, set, &why);
	if (status == EX_OK)
		status = open_store(set, &d->store, &why);
	if (status == EX_OK && sign_open(set->state_dir, &d->sign, &why) != SIGN_OK)
		status = EX_IOERR;
	if (status == EX_OK && jail_daemon(&why) != JAIL_OK)
		status = EX_OSERR;
	return status == EX_OK ? serve(d, doors, signals) : give_up(status, &why);
}

int
main(int argc, char *argv[])
{
	struct options o = {0};
	struct desk d = {.started_s = clock_now_s()};
	sigset_t signals;

	arena_keep_memory();
	read_options_or_die(argc, argv, &o);
	const struct conf *conf = load_or_die(&o);
	if (o.check) {
		(void)printf("posternd: %s is fine: %zu queues\n",
		             o.path != NULL ? o.path : "the built-in default",
		             conf->settings->n_queues);
		conf_release(&conf);
		return EX_OK;
	}
	log_open("posternd", conf->settings->log_to, conf->settings->log_level);
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigaddset(&signals, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	d.conf_path = o.path;
	d.overrides = o.overrides;
	d.n_overrides = o.n_overrides;
	desk_conf_start(&d, conf);
	int status = start(&d, conf, &signals);
	sign_close(&d.sign);
	store_close(&d.store);
	desk_conf_end(&d);
	return status;
}

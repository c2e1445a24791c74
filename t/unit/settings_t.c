/* t/unit/settings_t.c - the tables, the file, the overrides
 *
 * --defaults and --manual print what settings_write_defaults and settings_write_manual give, for
 * `make update-conf` and the manual page. */
#include "settings.h"
#include "arena.h"
#include "buf.h"
#include "durable.h"
#include "tap.h"
#include "text.h"
#include <fcntl.h>
#include <sys/stat.h>

#define QUEUE_START "queue s {\naddress = {a@b}\nprefix = ab\n"

enum { MOST = 1000000 };

static char path[] = "/tmp/settings_t.XXXXXX";

static void
write_file(const void *octets, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0 || write(fd, octets, n) != (ssize_t)n || close(fd) != 0)
		abort();
}

/* Load a file of this text; NULL: none. */
static enum settings_err
load(const char *text, const char *override, struct settings **set_r, struct why *why)
{
	if (text != NULL)
		write_file(text, strlen(text));
	return settings_load(text == NULL ? NULL : path, &override, override != NULL, set_r, why);
}

static const char *
value(const struct settings *set, const char *name)
{
	static struct buf b;

	buf_clear(&b);
	return settings_get(set, name, &b, NULL) == SETTINGS_OK ? b.octets : NULL;
}

static void
test_defaults(void)
{
	AUTO(settings) struct settings *set = NULL;

	IS_INT(load(NULL, "instance=desk.example", &set, NULL), SETTINGS_OK, "built-in defaults");
	IS_STR(set->run_dir, "/run/postern", "a path");
	IS_STR(set->control_socket, "/run/postern/control", "a path in another");
	IS_STR(set->template_dir, PKGDATADIR "/templates", "a path from configure");
	IS_STR(set->smtp_helo, "desk.example", "a domain");
	IS_STR(set->postmaster, "postmaster@desk.example", "an address");
	IS_INT(set->lmtp_idle_s, 300, "a duration");
	IS_INT(set->message_max_octets, 25 * 1024 * 1024, "a size");
	IS_INT(set->lmtp_socket_mode, 0660, "a mode");
	OK(set->keep_logs && set->log_level == LOG_EVENTS && set->smtp_tls == SET_TLS_NONE, "words");
	OK(set->lmtp_listen.n == 1, "a list");
	IS_STR(set->lmtp_listen.texts[0], "unix:/run/postern/lmtp", "and what is in it");
	IS_INT(set->n_queues, 1, "one queue");
	IS_STR(set->queues[0].key, "support", "its key");
	IS_STR(set->queues[0].address.texts[0], "support@desk.example", "its address");
	IS_STR(set->queues[0].name, "Support", "its name");
	IS_STR(set->queues[0].prefix, "ACM", "its prefix");
	IS_INT(set->queues[0].reopen_window_s, 14 * 86400, "its window");
	IS_INT(set->queues[0].agents.n, 0, "nobody answers");
}

static void
test_host_name(void)
{
	AUTO(settings) struct settings *set = NULL;

	IS_INT(load(NULL, NULL, &set, NULL), SETTINGS_OK, "no instance");
	OK(strchr(set->instance, '.') != NULL, "this host has a domain all the same");
}

static void
test_file(void)
{
	static const char text[] =
		"# comment { \" \n"
		"instance = example.org\nrun_dir = /srv/run\nlmtp_idle_s = 2m\n"
		"lmtp_listen = {\"inet:[::1]:2400\",\n\t\"unix:$run_dir/x\"}\n"
		"keep_logs = no /* not\n here */\nlog_level = Details\nsmtp_tls = starttls\n"
		"queue support {\n\taddress = {help@example.org, \"aide@\xc3\xa9.example\"}\n"
		"\tprefix = hlp\n\tname = \"The \\\"desk\\\"\"\n\treopen_window_s = never\n"
		"\tsignature = \"-- \\nUs $run_dir\"\n}\n"
		"queue sales { address = {sales@example.org} prefix = SAL reopen_window_s = always"
		" agents = {a@example.org, b@example.org} recipient_delimiter = \"\" }\n";
	AUTO(settings) struct settings *set = NULL;
	struct why why = {""};
	enum settings_err e = load(text, NULL, &set, &why);

	IS_STR(why.text, "", "nothing to complain about");
	IS_INT(e, SETTINGS_OK, "loads");
	IS_STR(value(set, "lmtp_listen"), "inet:[::1]:2400, unix:/srv/run/x", "a list of two lines");
	IS_STR(value(set, "control_socket"), "/srv/run/control", "a default that follows");
	IS_STR(value(set, "lmtp_idle_s"), "2m", "a duration");
	IS_STR(value(set, "keep_logs"), "no", "no");
	IS_STR(value(set, "log_level"), "details", "a level");
	IS_STR(value(set, "smtp_tls"), "starttls", "a way to encrypt");
	IS_STR(value(set, "queue.support.address"), "help@example.org, aide@\xc3\xa9.example",
	       "addresses");
	IS_STR(value(set, "queue.Support.prefix"), "HLP", "a prefix in capitals");
	IS_STR(value(set, "queue.support.name"), "The \"desk\"", "quotes");
	IS_STR(value(set, "queue.support.signature"), "-- \nUs $run_dir", "a text is kept as it is");
	IS_STR(value(set, "queue.sales.name"), "sales", "a queue without a name");
	OK(set->queues[0].reopen_window_s == SET_NEVER && set->queues[1].reopen_window_s == SET_ALWAYS,
	   "never and always");
	IS_INT(set->queues[1].agents.n, 2, "agents");
	OK(value(set, "queue.none.name") == NULL && value(set, "queue.support.nmae") == NULL &&
	   value(set, "lmtp") == NULL, "names that are none");
	AUTO(buf) struct buf written = {0}, again = {0};
	AUTO(settings) struct settings *back = NULL;
	settings_write(set, &written);
	IS_INT(load(written.octets, NULL, &back, &why), SETTINGS_OK, "what is written can be read");
	settings_write(back, &again);
	IS_STR(again.octets, written.octets, "and is the same");
}

struct bad {
	const char *text, *says;
};

static void
test_bad_values(void)
{
	static const struct bad rows[] = {
		{"\nlmtp_idle_s = 5y\n", ":2: lmtp_idle_s: \"5y\" is not a duration, such as"},
		{"lmtp_idle_s = 2h", ":1: lmtp_idle_s: 2h is out of range: 1s to 1h are allowed"},
		{"hops_max = 99999999999999999999", "is out of range: 2 to 1000 are allowed"},
		{"hops_max = -1", ":1: hops_max: \"-1\" is not a whole number"},
		{"hops_max = \"\"", ":1: hops_max: \"\" is not a whole number"},
		{"message_max_octets = 1T", "1T is out of range: 64K to 1G are allowed"},
		{"keep_logs = perhaps", "\"perhaps\" is not yes or no"},
		{"lmtp_socket_mode = 0888", "\"0888\" is not octal permission bits"},
		{"log_level = debug", "is not errors, warnings, events or details"},
		{"state_dir = var", "\"var\" is not an absolute path"},
		{"state_dir = \"\"", "\"\" is not an absolute path"},
		{"state_dir = $nowhere/x", "there is no $nowhere here"},
		{"state_dir = $run_dir/x", "there is no $run_dir here"},
		{"instance = a..b", "\"a..b\" is not a host or domain name"},
		{"instance = -a.b", "is not a host or domain name"},
		{"postmaster = a@b@c", "\"a@b@c\" is not a mail address"},
		{"postmaster = \"<a@b>\"", "is not a mail address"},
		{"postmaster = \"a b@c\"", "is not a mail address"},
		{"postmaster = \"a\\r\\nb@c\"", "is not a mail address"},
		{"postmaster = \"a@\"", "is not a mail address"},
		{"postmaster = \"@a\"", "is not a mail address"},
		{"postmaster = \".a@b\"", "is not a mail address"},
		{"user = \"a:b\"", "is not the name of a user or group"},
		{"lmtp_listen = {\"unix:/a\",\n\n\"tcp:x\"}", ":3: lmtp_listen: \"tcp:x\""},
		{"lmtp_listen = {}", "lmtp_listen: 0 given, 1 to 8 are allowed"},
		{"lmtp_trusted = \"10.0.0.1/8\"", ":1: lmtp_trusted: "},
		{"smtp_user = x", "smtp_user is set, but smtp_password_file is not"},
		{"header_max_octets = 16M\nmessage_max_octets = 1M", "header_max_octets is larger"},
		{"queue s {\naddress = {a@b}\nprefix = a1\n}", ":3: prefix: \"a1\" is not 2 to 8"},
		{"queue s {\naddress = {a@b}\nprefix = a\n}", "is not 2 to 8 letters"},
		{QUEUE_START "language = english\n}", "is not a language"},
		{QUEUE_START "recipient_delimiter = \"@\"\n}", "is not one of + - _ = # ~"},
	};
	char what[100];

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct settings *set = NULL;
		struct why why = {""};
		enum settings_err e = load(rows[i].text, NULL, &set, &why);

		(void)snprintf(what, sizeof what, "bad value %zu: %.60s", i, rows[i].says);
		OK(e == SETTINGS_BAD && set == NULL && strstr(why.text, rows[i].says) != NULL, what);
		if (strstr(why.text, rows[i].says) == NULL)
			printf("# %s\n", why.text);
		settings_free(&set);
	}
}

static void
test_bad_form(void)
{
	static const struct bad rows[] = {
		{"\nlmtp_idel_s = 3", ":2: there is no setting \"lmtp_idel_s\"; did you mean lmtp_idle_s?"},
		{"zzz = 3", ":1: there is no setting \"zzz\""},
		{"queue s {\nadress = {a@b}\n}", ":2: there is no setting \"adress\" in a queue; did you"},
		{"prefix = x", "there is no setting \"prefix\""},
		{"hops_max = 4\nhops_max = 5", ":2: hops_max is set already, at "},
		{"hops_max 4", ":1: missing equal sign"},
		{"instance = \"a", "premature end of file"},
		{"queue s {\nlanguage = en", ":1: what begins here does not end"},
		{"hops_max = 4\n/* x\nhops_max = 3", ":2: what begins here does not end"},
		{"queue {\n}", "missing title"},
		{"queue \"a b\" {\n}", "is not a queue name"},
		{"queue s {\n}", ":2: queue s has no address"},
		{"queue s {\naddress = {a@b}\n}", ":3: queue s has no prefix"},
		{"queue s {\n}\nqueue s {\n}", "duplicate title"},
		{"queue s {\naddress = {a@b}\nprefix=ab\n}\nqueue t {\naddress = {c@b}\nprefix=AB\n}",
	         ":8: queue t: the prefix ab is taken by queue s"},
		{"queue s {\naddress = {a@b}\nprefix=ab\n}\nqueue t {\naddress = {A@B}\nprefix=ac\n}",
	         ":8: queue t: the address a@b is taken by queue s"},
		{"\n\xff", ":2: not UTF-8"},
		{"include(\"/etc/passwd\")", "there is no setting \"include\""},
	};
	char what[100];

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct settings *set = NULL;
		struct why why = {""};
		enum settings_err e = load(rows[i].text, NULL, &set, &why);

		(void)snprintf(what, sizeof what, "bad form %zu: %.60s", i, rows[i].says);
		OK(e == SETTINGS_BAD && set == NULL && strstr(why.text, rows[i].says) != NULL, what);
		if (strstr(why.text, rows[i].says) == NULL)
			printf("# %s\n", why.text);
		settings_free(&set);
	}
}

static void
test_overrides(void)
{
	static const char *const many[] = {"hops_max=7", "hops_max=8", "lmtp_trusted=",
	                                   "lmtp_listen=unix:/a, inet:127.0.0.1:24",
	                                   "queue.support.agents=a@b.example,c@d.example",
	                                   "queue.support.name=A=B", "state_dir=/x"};
	static const struct bad bad[] = {
		{"hops_max", "-o hops_max: not of the form name=value"},
		{"hop_max=3", "-o hop_max=3: there is no setting \"hop_max\"; did you mean hops_max?"},
		{"hops_max=1", "-o: hops_max: 1 is out of range"},
		{"queue.new.prefix=NEW", "-o: queue new has no address"},
		{"queue.a b.prefix=NEW", "is not a queue name"},
		{"queue.support.prefx=NEW", "did you mean prefix?"},
		{"queue.support=NEW", "there is no setting"},
		{"instance=\xff", "not of the form"},
	};
	AUTO(settings) struct settings *set = NULL, *other = NULL;

	IS_INT(settings_load(NULL, many, N_ELEMENTS(many), &set, NULL), SETTINGS_OK, "overrides");
	IS_INT(set->hops_max, 8, "the last one wins");
	IS_STR(set->lmtp_trusted, "", "an empty one");
	IS_STR(value(set, "lmtp_listen"), "unix:/a, inet:127.0.0.1:24", "a list");
	IS_STR(value(set, "queue.support.agents"), "a@b.example, c@d.example", "of a queue");
	IS_STR(value(set, "queue.support.name"), "A=B", "with an equals sign");
	IS_STR(value(set, "queue.support.prefix"), "ACM", "the built-in queue keeps the rest");
	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		struct why why = {""};
		enum settings_err e = load(NULL, bad[i].text, &other, &why);

		OK(e == SETTINGS_BAD && strstr(why.text, bad[i].says) != NULL, bad[i].says);
		if (strstr(why.text, bad[i].says) == NULL)
			printf("# %s\n", why.text);
	}
	OK(load("hops_max = 5\nqueue a {\naddress = {a@b}\nprefix = AA\n}", "hops_max=6", &other,
	        NULL) == SETTINGS_OK && other->hops_max == 6 && other->n_queues == 1 &&
	   strcmp(other->queues[0].key, "a") == 0, "over a file");
}

static void
test_files(void)
{
	struct settings *set = NULL;
	struct why why = {""};

	IS_INT(settings_load("/nonexistent/postern.conf", NULL, 0, &set, &why), SETTINGS_ABSENT,
	       "no file");
	IS_INT(settings_load("/", NULL, 0, &set, &why), SETTINGS_IO, "a directory");
	write_file("hops_max = 3\0", 13);
	IS_INT(settings_load(path, NULL, 0, &set, &why), SETTINGS_BAD, "NUL");
	OK(set == NULL, "a failure gives nothing");
	IS_INT(load("", NULL, &set, &why), SETTINGS_OK, "an empty file");
	settings_free(&set);
}

/* Many queues are taken; one too many is not. */
static void
test_many_queues(void)
{
	AUTO(buf) struct buf b = {0};
	AUTO(settings) struct settings *set = NULL, *none = NULL;
	struct why why = {""};

	for (int i = 0; i < SETTINGS_MAX_QUEUES; i++)
		buf_printf(&b, "queue q%d { address = {q%d@example.org} prefix = \"%c%c%c\" }\n", i, i,
		           'A' + i % 26, 'A' + i / 26 % 26, 'A' + i / 676);
	IS_INT(load(b.octets, NULL, &set, &why), SETTINGS_OK, "1000 queues");
	IS_INT(set == NULL ? 0 : set->n_queues, SETTINGS_MAX_QUEUES, "are all there");
	buf_text(&b, "queue more { address = {more@example.org} prefix = ZZZZ }\n");
	IS_INT(load(b.octets, NULL, &none, &why), SETTINGS_BAD, "1001 queues");
	OK(strstr(why.text, "more than 1000 queues") != NULL, "are too many");
}

/* What is said about the settings agrees with the tables. */
static void
test_written(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf b = {0}, plain = {0}, other = {0}, manual = {0};
	AUTO(settings) struct settings *built_in = NULL, *read = NULL;
	const char *top = getenv("srcdir");
	struct durable_file file = {NULL, 0};

	settings_write_defaults(&b);
	const char *conf = arena_printf(a, "%s/conf/postern.conf", top == NULL ? "." : top);
	IS_INT(durable_read(a, AT_FDCWD, conf, MOST, &file, NULL), DURABLE_OK, conf);
	OK(file.octets != NULL && strcmp(file.octets, b.octets) == 0, "is up to date (make update-conf)");
	for (const char *p = b.octets; *p != '\0'; p++) {
		bool is_mark = *p == '#' && (p == b.octets || p[-1] == '\n') && p[1] != ' ' &&
		               p[1] != '#' && p[1] != '\n';
		buf_add(&plain, p, !is_mark);
	}
	struct why why = {""};
	IS_INT(load(plain.octets, NULL, &read, &why), SETTINGS_OK, "uncommented, it can be read");
	IS_STR(why.text, "", "without a complaint");
	IS_INT(load(NULL, NULL, &built_in, NULL), SETTINGS_OK, "the built-in defaults");
	buf_clear(&b);
	settings_write(read, &b);
	settings_write(built_in, &other);
	IS_STR(b.octets, other.octets, "are the same");
	settings_write_manual(&manual);
	int n_missing = 0;
	for (const struct set_row *row = settings_rows; row->says != NULL; row++)
		n_missing += row->kind != NULL &&
		             strstr(manual.octets, arena_printf(a, ".It Ic %s No", row->name)) == NULL;
	IS_INT(n_missing, 0, "the manual has them all");
}

int
main(int argc, char *argv[])
{
	AUTO(buf) struct buf b = {0};

	if (argc == 2) {
		if (strcmp(argv[1], "--manual") == 0)
			settings_write_manual(&b);
		else
			settings_write_defaults(&b);
		return fputs(b.octets, stdout) < 0 || fflush(stdout) != 0;
	}
	int fd = mkstemp(path);
	if (fd < 0)
		return 1;
	(void)close(fd);
	test_defaults();
	test_host_name();
	test_file();
	test_bad_values();
	test_bad_form();
	test_overrides();
	test_files();
	test_many_queues();
	test_written();
	(void)unlink(path);
	return tap_done();
}

/* src/prog/cli_keep.c - postern dump, load, backup, check, recover
 *
 * What posternd can do while it runs is asked of it; the rest opens the store itself, as the user
 * who owns it, under the same lock: two owners are impossible. */
#include "arena.h"
#include "backup.h"
#include "base64.h"
#include "check.h"
#include "cli.h"
#include "cli_command.h"
#include "desk.h"
#include "dump.h"
#include "jail.h"
#include "recover.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static int
status_of(enum store_err e)
{
	int status = EX_OK;

	switch (e) {
	case STORE_OK:
		break;
	case STORE_ABSENT:
	case STORE_EXISTS:
		status = EX_CANTCREAT;
		break;
	case STORE_BUSY:
	case STORE_FULL:
		status = EX_TEMPFAIL;
		break;
	case STORE_BROKEN:
		status = EX_DATAERR;
		break;
	}
	return status;
}

/* On a terminal one line that is written again and again; nothing elsewhere. */
static void
tell_progress(void *self, const char *what, uint64_t done, uint64_t total)
{
	(void)self;
	if (isatty(STDERR_FILENO))
		(void)fprintf(stderr, "\r\033[K%s: %" PRIu64 " of %" PRIu64 "%s", what, done, total,
		              total > 0 && done >= total ? "\n" : "");
}

/* Become the owner of the store, so that no file in it will belong to root.
 * Gives   false after words on standard error */
static bool
become_owner(struct cli *c)
{
	const struct settings *set = cli_settings(c);
	struct why why = {""};
	bool changes = set != NULL && geteuid() == 0 && set->user[0] != '\0' &&
	               strcmp(set->user, "root") != 0;
	bool fine = set != NULL;

	if (changes && jail_drop(set->user, set->group, &why) != JAIL_OK) {
		(void)cli_fail(EX_NOPERM, "%s", why.text);
		fine = false;
	}
	return fine;
}

/* Gives  EX_OK and the store, or a status after words on standard error */
static int
open_offline(struct cli *c, struct store **s_r)
{
	struct why why = {""};

	if (!become_owner(c))
		return EX_CONFIG;
	struct store_options o = desk_store_options(c->settings);
	o.progress = tell_progress;
	enum store_err e = store_open(&o, s_r, &why);
	return e == STORE_OK ? EX_OK : cli_fail(status_of(e), "%s", why.text);
}

static bool
has_word(struct cli *c, const char *word)
{
	bool found = false;

	for (int i = 1; i < c->argc; i++)
		found |= strcmp(c->argv[i], word) == 0;
	return found;
}

/* Gives  false after words on standard error when there is a word that is none of the known */
static bool
only_words(struct cli *c, const char *known, const char *known2)
{
	bool fine = true;

	for (int i = 1; i < c->argc; i++)
		if (strcmp(c->argv[i], known) != 0 && strcmp(c->argv[i], known2) != 0) {
			(void)cli_fail(EX_USAGE, "%s: unexpected \"%s\"; see postern --help",
			               c->argv[0], c->argv[i]);
			fine = false;
		}
	return fine;
}

static void
print_piece(void *self, const struct json *answer)
{
	AUTO(buf) struct buf octets = {0};
	const char *text = json_get_str(answer, "base64", "");
	int *status = self;

	if (*status == EX_OK && base64_get(&octets, text, strlen(text)))
		*status = cli_write(&octets);
}

int
cli_dump(struct cli *c)
{
	struct store *s = NULL;
	struct why why = {""};
	int status = EX_OK, written = EX_OK;

	if (!only_words(c, "--offline", "--offline"))
		return EX_USAGE;
	if (!has_word(c, "--offline")) {
		status = cli_ask(c, cli_request("dump"), NULL, print_piece, &written);
		return status == EX_OK ? written : status;
	}
	status = open_offline(c, &s);
	if (status == EX_OK) {
		enum store_err e = dump_store(s, STDOUT_FILENO, &why);

		if (e != STORE_OK)
			status = cli_fail(status_of(e), "dump: %s", why.text);
		store_close(&s);
	}
	return status;
}

int
cli_load(struct cli *c)
{
	struct store *s = NULL;
	struct why why = {""};

	if (c->argc != 2)
		return cli_fail(EX_USAGE, "load: which dump? postern load FILE, or - ");
	AUTO(fd)
	int fd = strcmp(c->argv[1], "-") == 0 ? dup(STDIN_FILENO)
	                                      : open(c->argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cli_fail(EX_NOINPUT, "load: %s: %s", c->argv[1], strerror(errno));
	int status = open_offline(c, &s);
	if (status == EX_OK) {
		enum store_err e = dump_load(s, fd, &why);

		if (e != STORE_OK)
			status = cli_fail(status_of(e), "load: %s", why.text);
		store_close(&s);
	}
	return status;
}

static void
take_last_log(void *self, const struct json *answer)
{
	*(int64_t *)self = json_get_int(answer, "last_log", 0);
}

static void
take_nothing(void *self, const struct json *answer)
{
	(void)self;
	(void)answer;
}

/* The copy counts only when it was recovered once, by this process: the daemon goes on meanwhile.
 */
static int
verify_copy(struct cli *c, const char *dir, int64_t last_log)
{
	struct why why = {""};

	if (!become_owner(c))
		return EX_CONFIG;
	struct store_options o = desk_store_options(c->settings);
	o.state_dir = dir;
	o.progress = tell_progress;
	enum store_err e = backup_verify(&o, &why);
	if (e != STORE_OK)
		return cli_fail(status_of(e), "the copy in %s cannot be restored: %s", dir,
		                why.text);
	struct json *note = cli_request("backup-note");
	json_set_int(note, "last_log", last_log);
	return cli_ask(c, note, NULL, take_nothing, NULL);
}

int
cli_backup(struct cli *c)
{
	char here[PATH_MAX] = "";
	int64_t last_log = 0;

	if (c->argc != 2)
		return cli_fail(EX_USAGE, "backup: where to? postern backup DIR");
	if (c->argv[1][0] != '/' && getcwd(here, sizeof here) == NULL)
		return cli_fail(EX_OSERR, "backup: %s", strerror(errno));
	const char *dir = c->argv[1][0] == '/' ? c->argv[1]
	                                       : arena_printf(c->arena, "%s/%s", here, c->argv[1]);
	struct json *o = cli_request("backup");
	json_set_str(o, "dir", dir);
	int status = cli_ask(c, o, NULL, take_last_log, &last_log);
	if (status == EX_OK)
		status = verify_copy(c, dir, last_log);
	if (status == EX_OK)
		(void)printf("The store was copied to %s, and the copy was verified.\n", dir);
	return status;
}

static void
print_problem(void *self, const char *line)
{
	(void)self;
	(void)puts(line);
}

static void
take_check(void *self, const struct json *answer)
{
	const char *problem = json_get_str(answer, "problem", NULL);

	if (problem != NULL)
		(void)puts(problem);
	else
		*(int64_t *)self = json_get_int(answer, "problems", 0);
}

static int
verdict(int64_t n_problems)
{
	if (n_problems == 0)
		(void)puts("The store is clean.");
	return n_problems == 0 ? EX_OK : cli_fail(EX_DATAERR, "%" PRId64 " problems", n_problems);
}

static int
check_offline(struct cli *c, bool octets)
{
	struct store *s = NULL;
	struct check_options o = {.octets = octets, .problem = print_problem};
	struct why why = {""};
	uint64_t n = 0;
	int status = open_offline(c, &s);

	if (status == EX_OK) {
		enum store_err e = check_store(s, &o, &n, &why);

		status = e == STORE_OK ? verdict((int64_t)n)
		                       : cli_fail(status_of(e), "check: %s", why.text);
		store_close(&s);
	}
	return status;
}

int
cli_check(struct cli *c)
{
	bool octets = has_word(c, "--octets");
	int64_t n = 0;

	if (!only_words(c, "--octets", "--offline"))
		return EX_USAGE;
	if (has_word(c, "--offline"))
		return check_offline(c, octets);
	struct json *o = cli_request("check");
	json_set_bool(o, "octets", octets);
	int status = c->json ? cli_ask_json(c, o, NULL) : cli_ask(c, o, NULL, take_check, &n);
	return status == EX_OK && !c->json ? verdict(n) : status;
}

int
cli_recover(struct cli *c)
{
	struct why why = {""};

	if (c->argc != 1)
		return cli_fail(EX_USAGE,
		                "recover takes no arguments; to use a backup, put it in the "
		                "place of state_dir first");
	if (!become_owner(c))
		return EX_CONFIG;
	struct store_options o = desk_store_options(c->settings);
	o.progress = tell_progress;
	enum store_err e = recover_store(&o, &why);
	if (e != STORE_OK)
		return cli_fail(status_of(e), "recover: %s", why.text);
	(void)puts("The store was rebuilt from its logs.\n"
	           "See postern check --offline, then start posternd.");
	return EX_OK;
}

/* src/desk/ask_keep.c - the answers about the store as a whole: dump, backup, check */
#include "arena.h"
#include "ask.h"
#include "backup.h"
#include "call.h"
#include "check.h"
#include "dump.h"
#include "log.h"
#include "sign.h"
#include <errno.h>
#include <fcntl.h>
#include <sysexits.h>

/* First into a file without a name, then to the operator: one who reads slowly must not keep the
 * writers off, as the dump itself does. */
void
ask_dump(struct call *c)
{
	const char *dir = c->conf->settings->state_dir;
	AUTO(fd) int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	enum store_err e = STORE_OK;

	if (fd < 0) {
		call_fail(c, EX_CANTCREAT, "dump: no room for a file in %s (%d)", dir, errno);
		return;
	}
	e = dump_store(c->desk->store, fd, &c->why);
	if (e != STORE_OK)
		call_fail_store(c, e, "dump");
	else if (!call_say_file(c, fd))
		call_fail(c, EX_IOERR, "dump: %s", c->why.text);
}

void
ask_backup(struct call *c)
{
	const char *dir = json_get_str(c->request, "dir", "");
	uint32_t last_log = 0;
	enum store_err e = STORE_OK;

	if (dir[0] != '/') {
		call_fail(c, EX_USAGE, "backup: \"%s\" is no absolute path", dir);
		return;
	}
	log_event(LOG_EVENTS, "backup-begins", "dir=%s who=%s", log_value(dir), log_value(c->who));
	e = backup_store(c->desk->store, dir, &last_log, &c->why);
	if (e == STORE_OK && sign_copy(c->desk->sign, dir, &c->why) != SIGN_OK)
		e = STORE_BROKEN;
	if (e == STORE_OK) {
		struct json *o = json_new_object();

		json_set_int(o, "last_log", last_log);
		call_say(c, o, false);
	} else {
		call_fail_store(c, e, "backup");
	}
}

void
ask_backup_note(struct call *c)
{
	uint32_t last_log = (uint32_t)json_get_int(c->request, "last_log", 0);
	enum store_err e = backup_note(c->desk->store, last_log, &c->why);

	if (e == STORE_OK) {
		log_event(LOG_EVENTS, "backup-verified", "last-log=%u who=%s", last_log,
		          log_value(c->who));
		call_say(c, json_new_object(), false);
	} else {
		call_fail_store(c, e, "backup");
	}
}

static void
tell_problem(void *self, const char *line)
{
	struct json *o = json_new_object();

	json_set_str(o, "problem", line);
	call_say(self, o, true);
}

void
ask_check(struct call *c)
{
	struct check_options o = {.octets = json_get_bool(c->request, "octets", false),
	                          .problem = tell_problem,
	                          .self = c};
	uint64_t n_problems = 0;
	enum store_err e = check_store(c->desk->store, &o, &n_problems, &c->why);

	if (e == STORE_OK) {
		struct json *done = json_new_object();

		json_set_int(done, "problems", (int64_t)n_problems);
		call_say(c, done, false);
	} else {
		call_fail_store(c, e, "check");
	}
}

/* src/store/recover.c - recovery and verification in a child that may hang or die
 *
 * Seen with Berkeley DB 5.3: a truncated table file makes the opener loop for ever. So the first to
 * open is a child with a deadline; what it has recovered, the parent then opens. */
#include "recover.h"
#include "arena.h"
#include "clock.h"
#include "home.h"
#include "pages.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* What the child says, one write each: smaller than PIPE_BUF, so never torn. */
struct note {
	enum { NOTE_PERCENT, NOTE_ROWS, NOTE_END } kind;
	enum kv_table table; /* NOTE_ROWS */
	uint64_t n;	     /* percent, or rows */
	enum store_err e;    /* NOTE_END */
	struct why why;	     /* NOTE_END */
};

static void
tell(int fd, const struct note *note)
{
	/* When the parent is gone the signal of its death is on its way. */
	if (write(fd, note, sizeof *note) != sizeof *note)
		(void)close(fd);
}

static void
tell_percent(void *self, unsigned percent)
{
	tell(*(const int *)self, &(struct note){.kind = NOTE_PERCENT, .n = percent});
}

static enum store_err
look_at_pages(const struct recover_options *o, int fd, struct why *why)
{
	enum store_err e = STORE_OK;

	for (enum kv_table t = 0; e == STORE_OK && t < KV_TABLE_COUNT; t++) {
		AUTO(arena) struct arena *a = arena_new();
		struct note note = {.kind = NOTE_ROWS, .table = t};
		e = pages_check(arena_printf(a, "%s/%s", o->db_dir, kv_table_file(t)),
				&note.n, why);
		if (e == STORE_OK)
			tell(fd, &note);
	}
	return e;
}

static void
be_child(const struct recover_options *o, int fd)
{
	struct note end = {.kind = NOTE_END};
	struct kv_options open = {.dir = o->db_dir,
				  .cache_octets = o->cache_octets,
				  .recovery = o->recovery,
				  .progress = tell_percent,
				  .progress_self = &fd};
	struct kv *kv = NULL;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	end.e = kv_open(&open, &kv, &end.why);
	if (end.e == STORE_OK)
		end.e = kv_close(&kv, &end.why);
	if (end.e == STORE_OK)
		end.e = look_at_pages(o, fd, &end.why);
	tell(fd, &end);
}

/* Read notes until the end, or until the child is silent for too long. */
static enum store_err
listen_to(const struct recover_options *o, int fd, uint64_t n_rows_r[KV_TABLE_COUNT],
	  struct why *why)
{
	int64_t silent_ms = (o->deadline_s > 0 ? o->deadline_s : 1) * 1000;
	int64_t until_ms = clock_mono_ms() + silent_ms;
	struct pollfd from = {.fd = fd, .events = POLLIN};
	struct note note;

	for (int64_t left_ms = silent_ms; left_ms > 0; left_ms = until_ms - clock_mono_ms()) {
		int got = poll(&from, 1, (int)(left_ms < 1000 ? left_ms : 1000));
		if (got <= 0)
			continue;
		if (read(fd, &note, sizeof note) != sizeof note) {
			why_set(why,
				"the recovery of %s died: restore a backup, or recover from all "
				"logs",
				o->db_dir);
			return STORE_BROKEN;
		}
		until_ms = clock_mono_ms() + silent_ms;
		if (note.kind == NOTE_END) {
			if (note.e != STORE_OK)
				why_set(why, "%s", note.why.text);
			return note.e;
		}
		if (note.kind == NOTE_ROWS)
			n_rows_r[note.table] = note.n;
		else if (o->progress != NULL)
			o->progress(o->progress_self, "recovery", note.n, 100);
	}
	why_set(why,
		"the recovery of %s hung for %" PRId64
		" s and was killed: a table file is damaged; "
		"restore a backup, or recover from all logs",
		o->db_dir, silent_ms / 1000);
	return STORE_BROKEN;
}

enum store_err
recover_run(const struct recover_options *o, uint64_t n_rows_r[KV_TABLE_COUNT], struct why *why)
{
	int pipe_fd[2];

	if (pipe2(pipe_fd, O_CLOEXEC) != 0) {
		why_errno(why, errno, "pipe to the recovery");
		return STORE_BROKEN;
	}
	AUTO(fd) int from = pipe_fd[0];
	pid_t child = fork();
	if (child == 0) {
		(void)close(from);
		be_child(o, pipe_fd[1]);
		_exit(0);
	}
	(void)close(pipe_fd[1]);
	if (child < 0) {
		why_errno(why, errno, "fork of the recovery");
		return STORE_BROKEN;
	}
	enum store_err e = listen_to(o, from, n_rows_r, why);
	(void)kill(child, SIGKILL); /* it has said its last word, or never will */
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return e;
}

/* Whether the log begins with its first file: else lost tables would come back half empty. */
static bool
log_is_whole(struct arena *a, const char *db_dir)
{
	struct stat st;

	return stat(arena_printf(a, "%s/log.0000000001", db_dir), &st) == 0;
}

static bool
tables_are_there(struct arena *a, const char *db_dir)
{
	struct stat st;
	bool all = true;

	for (enum kv_table t = 0; t < KV_TABLE_COUNT; t++)
		all = all && stat(arena_printf(a, "%s/%s", db_dir, kv_table_file(t)), &st) == 0;
	return all;
}

static enum store_err
rebuild(const struct store_options *options, const struct home *home, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	uint64_t n_rows[KV_TABLE_COUNT];
	struct recover_options o = {.db_dir = home_db_dir(home),
				    .cache_octets = options->cache_octets,
				    .recovery = KV_RECOVER_CATASTROPHIC,
				    .deadline_s = options->recovery_deadline_s,
				    .progress = options->progress,
				    .progress_self = options->progress_self};

	if (home_state(home) != HOME_READY) {
		why_set(why, "%s holds no store", options->state_dir);
		return STORE_BROKEN;
	}
	if (!tables_are_there(a, o.db_dir) && !log_is_whole(a, o.db_dir)) {
		why_set(why,
			"%s: a table file is missing and the first log file too: restore a backup",
			o.db_dir);
		return STORE_BROKEN;
	}
	return recover_run(&o, n_rows, why);
}

enum store_err
recover_store(const struct store_options *options, struct why *why)
{
	struct home *home = NULL;
	enum store_err e = home_open(options->state_dir, &home, why);

	if (e == STORE_OK)
		e = rebuild(options, home, why);
	home_close(&home);
	return e;
}

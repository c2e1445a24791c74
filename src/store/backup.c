/* src/store/backup.c - a copy of a store that goes on working */
#include "backup.h"
#include "arena.h"
#include "durable.h"
#include "inside.h"
#include "recover.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { CHUNK_OCTETS = 64 * 1024, STORE_FILE_MAX = 4096 };

static enum store_err
fail(const char *what, struct why *why)
{
	int error = errno;

	why_errno(why, error, "backup: %s", what);
	return error == ENOSPC || error == EDQUOT ? STORE_FULL : STORE_BROKEN;
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static enum store_err
demand_empty(const char *dir, struct why *why)
{
	DIR *d = opendir(dir);
	bool empty = true;

	if (d == NULL)
		return fail(dir, why);
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		empty = empty && is_dots(e->d_name);
	(void)closedir(d);
	if (empty)
		return STORE_OK;
	why_set(why, "backup: %s is not empty", dir);
	return STORE_EXISTS;
}

static bool
copy_octets(int from, int to)
{
	char chunk[CHUNK_OCTETS];

	for (;;) {
		ssize_t n = read(from, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		for (ssize_t at = 0; at < n;) {
			ssize_t put = write(to, chunk + at, (size_t)(n - at));
			if (put < 0 && errno != EINTR)
				return false;
			at += put > 0 ? put : 0;
		}
	}
}

/* Large mails never change, so a link is as good as a copy; it costs no room. */
static enum store_err
copy_blob(int from_dir, int to_dir, const char *name, struct why *why)
{
	if (linkat(from_dir, name, to_dir, name, 0) == 0 || errno == ENOENT)
		return STORE_OK;
	AUTO(fd) int from = openat(from_dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (from < 0)
		return errno == ENOENT ? STORE_OK : fail(name, why);
	int to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return fail(name, why);
	bool good = copy_octets(from, to) && fsync(to) == 0;
	enum store_err e = good ? STORE_OK : fail(name, why);
	if (close(to) != 0 && e == STORE_OK)
		e = fail(name, why);
	return e;
}

static enum store_err
copy_blob_dir(struct store *s, const char *to_path, unsigned number, struct why *why)
{
	AUTO(fd) int to = durable_dir(to_path, why);
	int from = home_blob_dir(store_home(s), number, why);
	DIR *d = from >= 0 ? fdopendir(from) : NULL;
	enum store_err e = STORE_OK;

	if (d == NULL || to < 0) {
		if (d != NULL)
			(void)closedir(d);
		return STORE_BROKEN;
	}
	for (struct dirent *entry = readdir(d); e == STORE_OK && entry; entry = readdir(d)) {
		bool temporary = strncmp(entry->d_name, DURABLE_TEMP_PREFIX,
		                         strlen(DURABLE_TEMP_PREFIX)) == 0;
		if (!is_dots(entry->d_name) && !temporary)
			e = copy_blob(from, to, entry->d_name, why);
	}
	(void)closedir(d);
	if (e == STORE_OK && fsync(to) != 0)
		e = fail(to_path, why);
	return e;
}

static enum store_err
copy_blobs(struct store *s, const char *dir, struct why *why)
{
	enum store_err e = STORE_OK;

	for (unsigned i = 0; e == STORE_OK && i < HOME_BLOB_DIRS; i++) {
		AUTO(arena) struct arena *a = arena_new();
		e = copy_blob_dir(s, arena_printf(a, "%s/blob/%02x", dir, i), i, why);
		store_progress(s, "backup of large mails", i + 1, HOME_BLOB_DIRS);
	}
	return e;
}

/* Last of all, so that a copy that was cut off is no store. */
static enum store_err
copy_identity(struct store *s, int to_dir, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(fd) int from_dir = durable_dir(home_dir(store_home(s)), why);
	struct durable_file file = {NULL, 0};

	if (from_dir < 0 ||
	    durable_read(a, from_dir, "STORE", STORE_FILE_MAX, &file, why) != DURABLE_OK)
		return STORE_BROKEN;
	enum durable_err e = durable_write(to_dir, "STORE", file.octets, file.n, false, why);
	return e == DURABLE_OK ? STORE_OK : e == DURABLE_FULL ? STORE_FULL : STORE_BROKEN;
}

static enum store_err
copy_all(struct store *s, const char *dir, uint32_t *last_log_r, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *db_dir = arena_printf(a, "%s/db", dir);
	AUTO(fd) int to_dir = durable_dir(dir, why);
	AUTO(fd) int to_db = durable_dir(db_dir, why);

	if (to_dir < 0 || to_db < 0)
		return STORE_BROKEN;
	enum store_err e = kv_checkpoint(store_kv(s), true, why);
	if (e == STORE_OK)
		e = kv_copy(store_kv(s), db_dir, last_log_r, why);
	if (e == STORE_OK)
		e = copy_blobs(s, dir, why);
	/* The library does not flush what it copies. */
	if (e == STORE_OK && (syncfs(to_db) != 0 || fsync(to_db) != 0))
		e = fail(db_dir, why);
	return e == STORE_OK ? copy_identity(s, to_dir, why) : e;
}

enum store_err
backup_store(struct store *s, const char *dir, uint32_t *last_log_r, struct why *why)
{
	AUTO(fd) int fd = durable_dir(dir, why);
	enum store_err e = fd < 0 ? STORE_BROKEN : demand_empty(dir, why);

	if (e != STORE_OK)
		return e;
	/* What was acknowledged before the backup began is in it. */
	e = store_flush(s, why);
	if (e != STORE_OK)
		return e;
	store_hold_keep(s);
	e = copy_all(s, dir, last_log_r, why);
	store_release_keep(s);
	return e;
}

enum store_err
backup_verify(const struct store_options *options, struct why *why)
{
	return recover_store(options, why);
}

struct noting {
	uint32_t last_log;
	struct why *why;
};

static enum store_err
write_note(struct store_txn *txn, void *arg)
{
	const struct noting *n = arg;

	return store_meta_put(txn, "backup-log", n->last_log, n->why);
}

enum store_err
backup_note(struct store *s, uint32_t last_log, struct why *why)
{
	struct noting n = {last_log, why};
	enum store_err e = store_run(s, write_note, &n, why);

	return e == STORE_OK ? store_flush(s, why) : e;
}

/* src/store/sweep.c - removal of blob files that no record names */
#include "sweep.h"
#include "arena.h"
#include "blob.h"
#include "clock.h"
#include "durable.h"
#include "inside.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
	BATCH = 200,	  /* files looked up in one transaction */
	TEMP_OLD_S = 3600 /* a temporary file of that age belongs to nobody */
};

struct batch {
	uint64_t id[BATCH];
	bool named[BATCH];
	size_t n;
	struct why *why;
};

static enum store_err
look_up(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct batch *b = arg;
	enum store_err e = STORE_OK;

	for (size_t i = 0; e == STORE_OK && i < b->n; i++) {
		struct key k = {0};
		struct kv_value v;
		key_u64(&k, b->id[i]);
		e = kv_get(txn, KV_BLOB, &k, a, &v, b->why);
		b->named[i] = e == STORE_OK;
		e = e == STORE_ABSENT ? STORE_OK : e;
	}
	return e;
}

struct sweeping {
	struct store *s;
	int dir_fd;
	uint64_t old_below, n_octets, n_removed;
	struct batch batch;
};

static enum store_err
finish_batch(struct sweeping *w, struct why *why)
{
	struct batch *b = &w->batch;

	b->why = why;
	enum store_err e = b->n > 0 ? store_peek(w->s, look_up, b, why) : STORE_OK;
	for (size_t i = 0; e == STORE_OK && i < b->n; i++) {
		char name[BLOB_NAME];
		blob_name(b->id[i], name);
		if (!b->named[i] && unlinkat(w->dir_fd, name, 0) == 0)
			w->n_removed++;
	}
	b->n = 0;
	return e;
}

static bool
read_name(const char *name, uint64_t *id_r)
{
	int n = 0;

	return strlen(name) == BLOB_NAME - 1 && sscanf(name, "%16" SCNx64 "%n", id_r, &n) == 1 &&
	       n == BLOB_NAME - 1;
}

static enum store_err
look_at(struct sweeping *w, const char *name, struct why *why)
{
	struct stat st;
	uint64_t id;

	if (fstatat(w->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return STORE_OK;
	if (strncmp(name, DURABLE_TEMP_PREFIX, strlen(DURABLE_TEMP_PREFIX)) == 0 &&
	    st.st_mtime < clock_now_s() - TEMP_OLD_S) {
		w->n_removed += unlinkat(w->dir_fd, name, 0) == 0;
		return STORE_OK;
	}
	w->n_octets += (uint64_t)st.st_size;
	if (!read_name(name, &id) || id >= w->old_below)
		return STORE_OK;
	w->batch.id[w->batch.n++] = id;
	return w->batch.n == BATCH ? finish_batch(w, why) : STORE_OK;
}

enum store_err
sweep_dir(struct store *s, unsigned number, uint64_t old_below, uint64_t *n_octets_r,
	  uint64_t *n_removed_r, struct why *why)
{
	int fd = home_blob_dir(store_home(s), number, why);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct sweeping w = {.s = s, .dir_fd = fd, .old_below = old_below};
	enum store_err e = STORE_OK;

	if (d == NULL) {
		auto_fd(&fd);
		return STORE_BROKEN;
	}
	for (struct dirent *entry = readdir(d); e == STORE_OK && entry != NULL; entry = readdir(d))
		e = look_at(&w, entry->d_name, why);
	if (e == STORE_OK)
		e = finish_batch(&w, why);
	(void)closedir(d);
	if (e == STORE_OK) {
		*n_octets_r = w.n_octets;
		*n_removed_r = w.n_removed;
	}
	return e;
}

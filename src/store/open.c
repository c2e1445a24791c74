/* src/store/open.c - make a database, or recover the one that is there, and be sure that it is the
 * one */
#include "open.h"
#include "arena.h"
#include "inside.h"
#include "recover.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum { FULL_OCTETS = 1 << 20 /* with less free, a failed recovery failed for want of room */ };

static struct key
meta_key(const char *name)
{
	struct key k = {0};

	key_text(&k, name);
	return k;
}

/* The first rows: whose database this is, in which form, and where numbers begin. */
static enum store_err
write_identity(struct store_txn *txn, const struct open_in *in, struct why *why)
{
	uint64_t first = in->options->first_number > 0 ? in->options->first_number : 1;
	struct key id = meta_key("id");
	struct kv_value v = {home_id(in->home), HOME_ID_OCTETS};
	enum store_err e = kv_put(txn, KV_META, &id, v, why);

	if (e == STORE_OK)
		e = store_meta_put(txn, "schema", STORE_SCHEMA, why);
	if (e == STORE_OK)
		e = store_meta_put(txn, store_series_meta[STORE_TICKETS], first, why);
	return e == STORE_OK ? store_meta_put(txn, store_series_meta[STORE_ROWS], 1, why) : e;
}

static enum store_err
check_identity(struct store_txn *txn, const struct open_in *in, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct key id = meta_key("id");
	struct kv_value v = {NULL, 0};
	uint64_t schema = 0;
	enum store_err e = kv_get(txn, KV_META, &id, a, &v, why);

	if (e == STORE_ABSENT ||
	    (e == STORE_OK &&
	     (v.n != HOME_ID_OCTETS || memcmp(v.octets, home_id(in->home), v.n) != 0))) {
		why_set(why, "%s is not the database that %s/STORE belongs to: restore a backup",
			home_db_dir(in->home), home_dir(in->home));
		return STORE_BROKEN;
	}
	if (e == STORE_OK)
		e = store_meta_get(txn, "schema", &schema, why);
	if (e == STORE_OK && schema > STORE_SCHEMA) {
		why_set(why,
			"%s was written by a newer version (schema %" PRIu64
			", this one knows %d): "
			"nothing was changed; install that version again",
			home_dir(in->home), schema, STORE_SCHEMA);
		return STORE_BROKEN;
	}
	return e;
}

static enum store_err
open_kv(const struct open_in *in, bool create, struct kv **kv_r, struct why *why)
{
	struct kv_options o = {.dir = home_db_dir(in->home),
			       .cache_octets = in->options->cache_octets,
			       .create = create,
			       .store = in->store};

	return kv_open(&o, kv_r, why);
}

static enum store_err
make(const struct open_in *in, struct kv **kv_r, struct why *why)
{
	struct store_txn *txn = NULL;
	struct kv *kv = NULL;
	enum store_err e = open_kv(in, true, &kv, why);

	if (e == STORE_OK)
		e = kv_begin(kv, true, &txn, why);
	if (e == STORE_OK)
		e = write_identity(txn, in, why);
	if (e == STORE_OK)
		e = kv_commit(&txn, why);
	kv_abort(&txn);
	if (e == STORE_OK)
		e = kv_checkpoint(kv, true, why);
	if (e == STORE_OK)
		e = home_made(in->home, why);
	if (e == STORE_OK)
		*kv_r = kv;
	else
		(void)!kv_close(&kv, NULL);
	return e;
}

/* Recovery of a database whose table was deleted would make an empty one in its place. */
static enum store_err
demand_tables(const struct open_in *in, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct stat st;

	for (enum kv_table t = 0; t < KV_TABLE_COUNT; t++) {
		const char *path =
			arena_printf(a, "%s/%s", home_db_dir(in->home), kv_table_file(t));
		if (stat(path, &st) != 0 && !(errno == ENOENT && kv_came_later(t))) {
			why_errno(why, errno,
				  "table file %s: restore a backup, or recover from all logs",
				  path);
			return STORE_BROKEN;
		}
	}
	return STORE_OK;
}

static enum store_err
recover(const struct open_in *in, uint64_t n_rows_r[KV_TABLE_COUNT], struct why *why)
{
	const struct store_options *options = in->options;
	struct recover_options o = {.db_dir = home_db_dir(in->home),
				    .cache_octets = options->cache_octets,
				    .deadline_s = options->recovery_deadline_s,
				    .progress = options->progress,
				    .progress_self = options->progress_self};
	enum store_err e = demand_tables(in, why);

	if (e == STORE_OK)
		e = recover_run(&o, n_rows_r, why);
	/* The library calls a full disk in recovery a fatal error like any other. */
	bool full = e == STORE_FULL ||
	            (e == STORE_BROKEN && home_free_octets(in->home) < FULL_OCTETS);
	if (!full || !home_drop_ballast(in->home))
		return full ? STORE_FULL : e;
	if (options->progress != NULL)
		options->progress(options->progress_self, "disk full: ballast removed to recover",
				  0, 0);
	return recover_run(&o, n_rows_r, why);
}

static enum store_err
reopen(const struct open_in *in, struct kv **kv_r, struct why *why)
{
	uint64_t n_rows[KV_TABLE_COUNT] = {0};
	struct store_txn *txn = NULL;
	struct kv *kv = NULL;
	enum store_err e = recover(in, n_rows, why);

	if (e == STORE_OK)
		e = open_kv(in, false, &kv, why);
	if (e == STORE_OK)
		e = kv_begin(kv, true, &txn, why);
	if (e == STORE_OK)
		e = check_identity(txn, in, why);
	kv_abort(&txn);
	for (enum kv_table t = 0; e == STORE_OK && t < KV_TABLE_COUNT; t++)
		kv_set_rows(kv, t, n_rows[t]);
	if (e == STORE_OK)
		*kv_r = kv;
	else
		(void)!kv_close(&kv, NULL);
	return e;
}

enum store_err
open_database(const struct open_in *in, struct kv **kv_r, struct why *why)
{
	return home_state(in->home) == HOME_FRESH ? make(in, kv_r, why) : reopen(in, kv_r, why);
}

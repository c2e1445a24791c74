/* src/store/kv.c - tables of octets with transactions, on Berkeley DB 5.3
 *
 * The environment is this process's own (DB_PRIVATE); commits do not wait for the disk. */
#include "kv.h"
#include "arena.h"
#include "buf.h"
#include "seal.h"
#include <assert.h>
#include <db.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
	LOCKS_MAX = 200000, /* a transaction of dump/load touches thousands of pages */
	LOCKERS_MAX = 4000,
	TXNS_MAX = 2000,
	LOG_BUFFER_OCTETS = 1 << 20,
	LOG_FILE_OCTETS = 10 << 20,
	LOCK_WAIT_US = 5000000 /* a wait that long is treated as a deadlock */
};

struct kv {
	struct arena *arena; /* holds this struct */
	DB_ENV *env;
	DB *table[KV_TABLE_COUNT];
	struct store *store;
	atomic_bool broken;
	atomic_uint_least64_t n_rows[KV_TABLE_COUNT];
	void (*progress)(void *self, unsigned percent);
	void *progress_self;
	pthread_mutex_t said_mutex;
	char said[WHY_OCTETS]; /* the library's words since the last answer */
};

struct store_txn {
	struct arena *arena; /* holds this struct */
	u_int32_t lock;      /* DB_RMW where what it reads is locked for writing at once, or 0 */
	DB_TXN *txn;
	struct kv *kv;
	int64_t n_added[KV_TABLE_COUNT];
};

struct store *
kv_store(const struct store_txn *txn)
{
	return txn->kv->store;
}

bool
kv_broken(struct kv *kv)
{
	return atomic_load(&kv->broken);
}

static void
poison(struct kv *kv)
{
	atomic_store(&kv->broken, true);
}

uint64_t
kv_rows(struct kv *kv, enum kv_table table)
{
	return atomic_load(&kv->n_rows[table]);
}

void
kv_set_rows(struct kv *kv, enum kv_table table, uint64_t n)
{
	atomic_store(&kv->n_rows[table], n);
}

static void
hear(const DB_ENV *env, const char *prefix, const char *text)
{
	struct kv *kv = env->app_private;

	(void)prefix;
	pthread_mutex_lock(&kv->said_mutex);
	size_t n = strlen(kv->said);
	(void)snprintf(kv->said + n, sizeof kv->said - n, "%s%s", n > 0 ? " " : "", text);
	pthread_mutex_unlock(&kv->said_mutex);
}

static void
notice_event(DB_ENV *env, u_int32_t event, void *info)
{
	struct kv *kv = env->app_private;

	(void)info;
	if (event == DB_EVENT_PANIC || event == DB_EVENT_WRITE_FAILED)
		poison(kv);
}

static void
feed_back(DB_ENV *env, int what, int percent)
{
	struct kv *kv = env->app_private;

	if (what == DB_RECOVER && kv->progress != NULL)
		kv->progress(kv->progress_self, percent < 0 ? 0 : (unsigned)percent);
}

/* What a return value of the library means to us. */
static enum store_err
meaning(int got)
{
	switch (got) {
	case 0:
		return STORE_OK;
	case DB_NOTFOUND:
	case DB_KEYEMPTY:
		return STORE_ABSENT;
	case DB_KEYEXIST:
		return STORE_EXISTS;
	case DB_LOCK_DEADLOCK:
	case DB_LOCK_NOTGRANTED:
	case ENOMEM: /* out of lock structures: they come back when others finish */
		return STORE_BUSY;
	case ENOSPC:
	case EDQUOT:
	case EFBIG: /* RLIMIT_FSIZE */
		return STORE_FULL;
	default:
		return STORE_BROKEN;
	}
}

static enum store_err
answer(struct kv *kv, int got, const char *doing, struct why *why)
{
	enum store_err e = meaning(got);

	if (got == DB_RUNRECOVERY)
		poison(kv);
	if (e == STORE_BROKEN || e == STORE_FULL) {
		char said[WHY_OCTETS];
		pthread_mutex_lock(&kv->said_mutex);
		memcpy(said, kv->said, sizeof said);
		kv->said[0] = '\0';
		pthread_mutex_unlock(&kv->said_mutex);
		why_set(why, "store: %s: %s%s%s%s", doing, db_strerror(got), said[0] ? " (" : "",
			said, said[0] ? ")" : "");
	} else if (e == STORE_BUSY) {
		why_set(why, "store: %s: others hold the same records", doing);
	}
	return e;
}

static void
free_txn(struct store_txn *txn)
{
	struct arena *arena = txn->arena;

	arena_free(&arena);
}

static enum store_err
refuse_broken(struct why *why)
{
	why_set(why, "store: an earlier failure makes it unsafe to go on: the process must be "
		     "restarted");
	return STORE_BROKEN;
}

static int
configure(struct kv *kv, const struct kv_options *o)
{
	DB_ENV *env = kv->env;
	u_int32_t cache_g = (u_int32_t)(o->cache_octets >> 30);
	u_int32_t cache_rest = (u_int32_t)(o->cache_octets & ((1u << 30) - 1));
	int got = 0;

	env->app_private = kv;
	env->set_errcall(env, hear);
	(void)env->set_event_notify(env, notice_event);
	(void)env->set_feedback(env, feed_back);
	got = got ? got : env->set_cachesize(env, cache_g, cache_rest, 1);
	got = got ? got : env->set_lg_bsize(env, LOG_BUFFER_OCTETS);
	got = got ? got : env->set_lg_max(env, LOG_FILE_OCTETS);
	got = got ? got : env->set_lk_detect(env, DB_LOCK_MINWRITE);
	got = got ? got : env->set_lk_max_locks(env, LOCKS_MAX);
	got = got ? got : env->set_lk_max_objects(env, LOCKS_MAX);
	got = got ? got : env->set_lk_max_lockers(env, LOCKERS_MAX);
	got = got ? got : env->set_tx_max(env, TXNS_MAX);
	got = got ? got : env->set_timeout(env, LOCK_WAIT_US, DB_SET_LOCK_TIMEOUT);
	return got;
}

static int
open_env(struct kv *kv, const struct kv_options *o)
{
	u_int32_t flags = DB_CREATE | DB_PRIVATE | DB_THREAD | DB_INIT_TXN | DB_INIT_LOG |
			  DB_INIT_LOCK | DB_INIT_MPOOL;
	int got = db_env_create(&kv->env, 0);

	got = got ? got : configure(kv, o);
	if (got != 0)
		return got;
	flags |= o->recovery == KV_RECOVER_CATASTROPHIC ? DB_RECOVER_FATAL : DB_RECOVER;
	return kv->env->open(kv->env, o->dir, flags, 0600);
}

static int
open_table(struct kv *kv, enum kv_table table, bool create)
{
	u_int32_t flags = DB_THREAD | DB_AUTO_COMMIT | (create ? DB_CREATE : 0);
	DB *db = NULL;
	int got = db_create(&db, kv->env, 0);

	if (got != 0)
		return got;
	kv->table[table] = db;
	got = db->set_pagesize(db, KV_PAGE_OCTETS);
	got = got ? got : db->set_flags(db, DB_CHKSUM);
	return got ? got : db->open(db, NULL, kv_table_file(table), NULL, DB_BTREE, flags, 0600);
}

/* Close what is open; the handles are gone whatever the library answers. */
static int
close_all(struct kv *kv)
{
	int first = 0;

	for (int i = 0; i < KV_TABLE_COUNT; i++) {
		int got = kv->table[i] ? kv->table[i]->close(kv->table[i], 0) : 0;
		first = first ? first : got;
	}
	if (kv->env != NULL) {
		int got = kv->env->close(kv->env, 0);
		first = first ? first : got;
	}
	pthread_mutex_destroy(&kv->said_mutex);
	struct arena *arena = kv->arena;
	arena_free(&arena);
	return first;
}

enum store_err
kv_open(const struct kv_options *o, struct kv **kv_r, struct why *why)
{
	struct arena *arena = arena_new();
	struct kv *kv = arena_alloc(arena, sizeof *kv);
	kv->arena = arena;
	kv->store = o->store;
	kv->progress = o->progress;
	kv->progress_self = o->progress_self;
	pthread_mutex_init(&kv->said_mutex, NULL);
	enum store_err e = answer(kv, open_env(kv, o), "recovery and opening", why);
	for (enum kv_table t = 0; e == STORE_OK && t < KV_TABLE_COUNT; t++)
		e = answer(kv, open_table(kv, t, o->create || kv_came_later(t)), kv_table_file(t),
			   why);
	if (e != STORE_OK) {
		(void)close_all(kv);
		return e == STORE_FULL ? STORE_FULL : STORE_BROKEN;
	}
	*kv_r = kv;
	return STORE_OK;
}

enum store_err
kv_close(struct kv **kv, struct why *why)
{
	enum store_err e = STORE_OK;

	if (*kv == NULL)
		return STORE_OK;
	if (!kv_broken(*kv))
		e = kv_checkpoint(*kv, true, why);
	if (close_all(*kv) != 0 && e == STORE_OK) {
		why_set(why, "store: closing the database failed; the next start recovers it");
		e = STORE_BROKEN;
	}
	*kv = NULL;
	return e;
}

enum store_err
kv_begin(struct kv *kv, bool writes, struct store_txn **txn_r, struct why *why)
{
	DB_TXN *inner = NULL;

	if (kv_broken(kv))
		return refuse_broken(why);
	int got = kv->env->txn_begin(kv->env, NULL, &inner, writes ? 0 : DB_READ_COMMITTED);
	enum store_err e = answer(kv, got, "begin", why);
	if (e != STORE_OK)
		return e;
	struct arena *arena = arena_new();
	struct store_txn *txn = arena_alloc(arena, sizeof *txn);
	txn->arena = arena;
	txn->txn = inner;
	txn->kv = kv;
	txn->lock = writes ? DB_RMW : 0;
	*txn_r = txn;
	return STORE_OK;
}

enum store_err
kv_commit(struct store_txn **txn, struct why *why)
{
	struct store_txn *t = *txn;
	struct kv *kv = t->kv;

	*txn = NULL;
	enum store_err e = answer(kv, t->txn->commit(t->txn, DB_TXN_NOSYNC), "commit", why);
	for (int i = 0; e == STORE_OK && i < KV_TABLE_COUNT; i++)
		atomic_fetch_add(&kv->n_rows[i], (uint64_t)t->n_added[i]);
	/* Whether it took place is not known: only recovery can tell. */
	if (e == STORE_BROKEN)
		poison(kv);
	free_txn(t);
	return e;
}

void
kv_abort(struct store_txn **txn)
{
	if (*txn == NULL)
		return;
	if ((*txn)->txn->abort((*txn)->txn) != 0)
		poison((*txn)->kv);
	free_txn(*txn);
	*txn = NULL;
}

/* Check a stored value and take its checksum off. */
static enum store_err
open_value(enum kv_table table, const DBT *key, const DBT *data, struct kv_value *value_r,
	   struct why *why)
{
	if (seal_holds(kv_table_file(table), key->data, key->size, data->data, data->size)) {
		*value_r = (struct kv_value){data->data, data->size - SEAL_OCTETS};
		return STORE_OK;
	}
	why_set(why, "store: a record in %s is damaged (checksum): restore a backup",
		kv_table_file(table));
	return STORE_BROKEN;
}

static void
fill(DBT *dbt, const void *octets, size_t n)
{
	/* The library reads only. */
	*dbt = (DBT){.data = (void *)(uintptr_t)octets, .size = (u_int32_t)n};
}

/* How to look: where the value goes, and the library's flags. */
struct look {
	struct arena *arena;
	u_int32_t flags;
};

static enum store_err
get(struct store_txn *txn, enum kv_table table, const struct key *key, struct look look,
    struct kv_value *value_r, struct why *why)
{
	DB *db = txn->kv->table[table];
	struct kv_value value;
	DBT k, d = {.flags = DB_DBT_MALLOC};

	fill(&k, key->octets, key->n);
	int got = db->get(db, txn->txn, &k, &d, look.flags);
	enum store_err e = answer(txn->kv, got, kv_table_file(table), why);
	if (e == STORE_OK)
		e = open_value(table, &k, &d, &value, why);
	if (e == STORE_OK) {
		value_r->octets = arena_memdup(look.arena, value.octets, value.n);
		value_r->n = value.n;
	}
	free(d.data);
	return e;
}

enum store_err
kv_get(struct store_txn *txn, enum kv_table table, const struct key *key, struct arena *a,
       struct kv_value *value_r, struct why *why)
{
	return get(txn, table, key, (struct look){a, txn->lock}, value_r, why);
}

enum store_err
kv_lock(struct store_txn *txn, enum kv_table table, const struct key *key, struct arena *a,
        struct kv_value *value_r, struct why *why)
{
	return get(txn, table, key, (struct look){a, DB_RMW}, value_r, why);
}

static enum store_err
put(struct store_txn *txn, enum kv_table table, const struct key *key, struct kv_value value,
    u_int32_t flags, struct why *why)
{
	DB *db = txn->kv->table[table];
	AUTO(buf) struct buf whole = {0};
	DBT k, d;

	assert(value.n < KV_VALUE_MAX);
	buf_add(&whole, value.octets, value.n);
	seal_add(kv_table_file(table), key->octets, key->n, &whole);
	fill(&k, key->octets, key->n);
	fill(&d, whole.octets, whole.n);
	return answer(txn->kv, db->put(db, txn->txn, &k, &d, flags), kv_table_file(table), why);
}

enum store_err
kv_put(struct store_txn *txn, enum kv_table table, const struct key *key, struct kv_value value,
       struct why *why)
{
	return put(txn, table, key, value, 0, why);
}

enum store_err
kv_put_new(struct store_txn *txn, enum kv_table table, const struct key *key, struct kv_value value,
	   struct why *why)
{
	enum store_err e = put(txn, table, key, value, DB_NOOVERWRITE, why);

	if (e == STORE_OK)
		txn->n_added[table]++;
	return e;
}

enum store_err
kv_del(struct store_txn *txn, enum kv_table table, const struct key *key, struct why *why)
{
	DB *db = txn->kv->table[table];
	DBT k;

	fill(&k, key->octets, key->n);
	enum store_err e = answer(txn->kv, db->del(db, txn->txn, &k, 0), kv_table_file(table), why);
	if (e == STORE_OK)
		txn->n_added[table]--;
	return e;
}

struct walker {
	const struct kv_walk *w;
	struct store_txn *txn;
	DBC *cursor;
	DBT key, data;
	uint8_t key_room[KEY_OCTETS_MAX];
};

static bool
under_prefix(const struct walker *at)
{
	const struct key *p = &at->w->prefix;

	return at->key.size >= p->n && memcmp(at->key.data, p->octets, p->n) == 0;
}

static int
step(struct walker *at, u_int32_t where)
{
	return at->cursor->get(at->cursor, &at->key, &at->data, where | at->txn->lock);
}

static int
seek(struct walker *at, const struct key *k)
{
	memcpy(at->key_room, k->octets, k->n);
	at->key.size = (u_int32_t)k->n;
	return step(at, DB_SET_RANGE);
}

/* Place the cursor on the first row of a backward walk. */
static int
seek_last(struct walker *at)
{
	const struct kv_walk *w = at->w;
	struct key k = w->from;

	if (k.n == 0 && !key_behind(&w->prefix, &k))
		return step(at, DB_LAST);
	int got = seek(at, &k);
	if (got == DB_NOTFOUND)
		return step(at, DB_LAST);
	if (got != 0)
		return got;
	/* DB_SET_RANGE stands on the wanted key or behind it. */
	bool exact =
		w->from.n > 0 && at->key.size == k.n && memcmp(at->key.data, k.octets, k.n) == 0;
	return exact ? 0 : step(at, DB_PREV);
}

static enum store_err
run_walk(struct walker *at, struct why *why)
{
	const struct kv_walk *w = at->w;
	u_int32_t onward = w->backward ? DB_PREV : DB_NEXT;
	enum store_err e = STORE_OK;
	int got = w->backward ? seek_last(at) : seek(at, w->from.n > 0 ? &w->from : &w->prefix);

	while (got == 0 && under_prefix(at)) {
		struct kv_value v = {NULL, 0};
		e = open_value(w->table, &at->key, &at->data, &v, why);
		struct kv_row row = {at->key.data, at->key.size, v.octets, v.n};
		if (e == STORE_OK)
			e = w->each(w->self, &row, why);
		if (e != STORE_OK)
			return e == STORE_ABSENT ? STORE_OK : e;
		got = step(at, onward);
	}
	e = answer(at->txn->kv, got, kv_table_file(w->table), why);
	return e == STORE_ABSENT ? STORE_OK : e;
}

enum store_err
kv_walk(struct store_txn *txn, const struct kv_walk *w, struct why *why)
{
	DB *db = txn->kv->table[w->table];
	struct walker at = {.w = w, .txn = txn};
	int got = db->cursor(db, txn->txn, &at.cursor, 0);

	if (got != 0)
		return answer(txn->kv, got, kv_table_file(w->table), why);
	at.key.data = at.key_room;
	at.key.ulen = sizeof at.key_room;
	at.key.flags = DB_DBT_USERMEM;
	at.data.flags = DB_DBT_REALLOC;
	enum store_err e = run_walk(&at, why);
	got = at.cursor->close(at.cursor);
	free(at.data.data);
	return e == STORE_OK ? answer(txn->kv, got, kv_table_file(w->table), why) : e;
}

/* After a failed flush the kernel may call the lost pages clean: a second try would lie. */
static enum store_err
trust(struct kv *kv, enum store_err e)
{
	if (e != STORE_OK)
		poison(kv);
	return e == STORE_OK ? STORE_OK : STORE_BROKEN;
}

enum store_err
kv_flush(struct kv *kv, struct why *why)
{
	if (kv_broken(kv))
		return refuse_broken(why);
	return trust(kv, answer(kv, kv->env->log_flush(kv->env, NULL), "flush of the log", why));
}

enum store_err
kv_checkpoint(struct kv *kv, bool force, struct why *why)
{
	if (kv_broken(kv))
		return refuse_broken(why);
	int got = kv->env->txn_checkpoint(kv->env, 0, 0, force ? DB_FORCE : 0);
	return trust(kv, answer(kv, got, "checkpoint", why));
}

/* The number of log file log.NNNNNNNNNN, 0 when it is none. */
static uint32_t
log_number(const char *path)
{
	const char *dot = strrchr(path, '.');
	return dot ? (uint32_t)strtoul(dot + 1, NULL, 10) : 0;
}

enum store_err
kv_trim_logs(struct kv *kv, uint32_t keep_from, uint64_t *n_left_r, struct why *why)
{
	char **unneeded = NULL, **all = NULL;
	uint64_t n = 0;

	if (kv_broken(kv))
		return refuse_broken(why);
	int got = kv->env->log_archive(kv->env, &unneeded, DB_ARCH_ABS);
	for (char **path = unneeded; got == 0 && path && *path; path++)
		if (log_number(*path) < keep_from && unlink(*path) != 0)
			got = errno;
	free(unneeded);
	if (got == 0)
		got = kv->env->log_archive(kv->env, &all, DB_ARCH_LOG);
	for (char **path = all; got == 0 && path && *path; path++)
		n++;
	free(all);
	if (got == 0)
		*n_left_r = n;
	return answer(kv, got, "removal of old logs", why);
}

enum store_err
kv_copy(struct kv *kv, const char *dir, uint32_t *last_log_r, struct why *why)
{
	DB_LOG_STAT *stat = NULL;

	if (kv_broken(kv))
		return refuse_broken(why);
	int got = kv->env->log_stat(kv->env, &stat, 0);
	uint32_t current = got == 0 ? stat->st_cur_file : 0;
	free(stat);
	got = got ? got : kv->env->backup(kv->env, dir, 0);
	*last_log_r = got == 0 && current > 0 ? current - 1 : 0;
	return answer(kv, got, "backup", why);
}

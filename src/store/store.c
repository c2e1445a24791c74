/* src/store/store.c - the ticket store: transactions, the shared flush, numbers, housekeeping */
#include "config.h"
#include "arena.h"
#include "clock.h"
#include "digest.h"
#include "inside.h"
#include "killpoint.h"
#include "open.h"
#include "sweep.h"
#include "tally.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum {
	ATTEMPTS = 12, /* naps double, 2..256 ms: about 1.3 s in all */
	NAP_MIN_MS = 2,
	NAP_MAX_MS = 256,
	NUMBER_BLOCK = 100,   /* numbers reserved with one flush; a crash leaves as many unused */
	HOLD_MAX_S = 10,      /* how long a writer waits for a dump before it answers STORE_BUSY */
	ROOM_FRESH_MS = 1000, /* free space is asked that often */
	SWEEP_AGE_MS = 3600000, /* ids handed out that long ago are not being prepared any more */
	SWEEP_DIRS = 16		/* directories a call of store_keep looks through */
};

const char *const store_series_meta[STORE_SERIES_COUNT] = {
	[STORE_TICKETS] = "next-ticket",
	[STORE_ROWS] = "next-row",
};

/* Numbers reserved on disk and not yet handed out: next <= n < end. */
struct series {
	pthread_mutex_t mutex;
	uint64_t next, end;
};

/* Who comes while a flush runs waits for the next one, which one of them then does for all. */
struct flush {
	pthread_mutex_t mutex;
	pthread_cond_t ended;
	uint64_t n_started, n_done;
	bool running;
};

struct sweeper {
	unsigned next_dir;
	uint64_t old_below; /* ids below: of former processes, or old */
	uint64_t mark_id;   /* the number due at mark_ms */
	int64_t mark_ms;
	uint64_t dir_octets[HOME_BLOB_DIRS];
	struct key tally_from; /* where the counts are looked through next */
};

struct store {
	struct arena *arena; /* holds this struct */
	struct store_options options;
	struct home *home;
	struct kv *kv;
	struct series series[STORE_SERIES_COUNT];
	struct flush flush;
	pthread_rwlock_t gate; /* held for reading by each writer, for writing by a dump */
	pthread_mutex_t keep_mutex;
	struct sweeper sweeper; /* under keep_mutex */
	atomic_uint_least64_t n_commits, n_retries, n_aborts, n_log_files, n_blob_octets;
	atomic_uint_least64_t n_free_octets;
	atomic_int_least64_t room_at_ms;
};

struct home *
store_home(struct store *s)
{
	return s->home;
}

struct kv *
store_kv(struct store *s)
{
	return s->kv;
}

const struct store_options *
store_settings(const struct store *s)
{
	return &s->options;
}

void
store_progress(struct store *s, const char *what, uint64_t done, uint64_t total)
{
	if (s->options.progress != NULL)
		s->options.progress(s->options.progress_self, what, done, total);
}

void
store_hold_keep(struct store *s)
{
	pthread_mutex_lock(&s->keep_mutex);
}

void
store_release_keep(struct store *s)
{
	pthread_mutex_unlock(&s->keep_mutex);
}

void
store_hold_writers(struct store *s)
{
	pthread_rwlock_wrlock(&s->gate);
}

void
store_release_writers(struct store *s)
{
	pthread_rwlock_unlock(&s->gate);
}

static void
nap(unsigned attempt)
{
	long most_ms = NAP_MIN_MS;
	uint8_t chance;

	for (unsigned i = 0; i < attempt && most_ms < NAP_MAX_MS; i++)
		most_ms *= 2;
	/* Between half and all of it, so that two that met do not meet again. */
	digest_random(&chance, sizeof chance);
	long ns = most_ms * 500000 + most_ms * 500000 * chance / 255;
	(void)nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

/* What one attempt needs. */
struct attempt {
	enum store_err (*work)(struct store_txn *txn, void *arg);
	void *arg;
	bool commits;
};

static enum store_err
try_once(struct store *s, const struct attempt *at, struct why *why)
{
	struct store_txn *txn = NULL;
	enum store_err e = kv_begin(s->kv, at->commits, &txn, why);

	if (e != STORE_OK)
		return e;
	e = at->work(txn, at->arg);
	if (e == STORE_OK && at->commits) {
		KILL_POINT("store-before-commit");
		e = kv_commit(&txn, why);
		KILL_POINT("store-after-commit");
		if (e == STORE_OK)
			atomic_fetch_add(&s->n_commits, 1);
		return e;
	}
	kv_abort(&txn);
	if (at->commits)
		atomic_fetch_add(&s->n_aborts, 1);
	return e;
}

static enum store_err
try_often(struct store *s, const struct attempt *at, struct why *why)
{
	enum store_err e = try_once(s, at, why);

	for (unsigned i = 1; e == STORE_BUSY && i < ATTEMPTS; i++) {
		atomic_fetch_add(&s->n_retries, 1);
		nap(i);
		e = try_once(s, at, why);
	}
	return e;
}

enum store_err
store_run(struct store *s, enum store_err (*work)(struct store_txn *txn, void *arg), void *arg,
	  struct why *why)
{
	struct attempt at = {work, arg, true};
	struct timespec until = {.tv_sec = clock_now_s() + HOLD_MAX_S};

	if (pthread_rwlock_timedrdlock(&s->gate, &until) != 0) {
		why_set(why, "store: a dump or load holds the writers off");
		return STORE_BUSY;
	}
	enum store_err e = try_often(s, &at, why);
	pthread_rwlock_unlock(&s->gate);
	return e;
}

enum store_err
store_peek(struct store *s, enum store_err (*work)(struct store_txn *txn, void *arg), void *arg,
	   struct why *why)
{
	struct attempt at = {work, arg, false};

	return try_often(s, &at, why);
}

static enum store_err
flush_now(struct store *s, struct why *why)
{
	int64_t delay_ms = s->options.flush_delay_ms;

	KILL_POINT("store-before-flush");
	if (delay_ms > 0) {
		struct timespec pause = {delay_ms / 1000, delay_ms % 1000 * 1000000};
		(void)nanosleep(&pause, NULL);
	}
	enum store_err e = kv_flush(s->kv, why);
	KILL_POINT("store-after-flush");
	return e;
}

enum store_err
store_flush(struct store *s, struct why *why)
{
	struct flush *f = &s->flush;
	enum store_err e = STORE_OK;

	pthread_mutex_lock(&f->mutex);
	/* One that runs already may have begun before our commit: ours is the next to start. */
	uint64_t ours = f->n_started + 1;
	while (e == STORE_OK && f->n_done < ours) {
		if (f->running) {
			pthread_cond_wait(&f->ended, &f->mutex);
			continue;
		}
		f->running = true;
		uint64_t this = ++f->n_started;
		pthread_mutex_unlock(&f->mutex);
		e = flush_now(s, why);
		pthread_mutex_lock(&f->mutex);
		f->running = false;
		f->n_done = e == STORE_OK ? this : f->n_done;
		pthread_cond_broadcast(&f->ended);
	}
	pthread_mutex_unlock(&f->mutex);
	return e;
}

static struct key
meta_key(const char *name)
{
	struct key k = {0};

	key_text(&k, name);
	return k;
}

enum store_err
store_meta_get(struct store_txn *txn, const char *name, uint64_t *n_r, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct key k = meta_key(name);
	struct kv_value v;
	enum store_err e = kv_lock(txn, KV_META, &k, a, &v, why);

	if (e == STORE_OK && v.n != 8) {
		why_set(why, "store: meta row %s cannot be read", name);
		return STORE_BROKEN;
	}
	if (e == STORE_OK)
		*n_r = key_read_u64(v.octets);
	return e;
}

enum store_err
store_meta_put(struct store_txn *txn, const char *name, uint64_t n, struct why *why)
{
	struct key k = meta_key(name), number = {0};

	key_u64(&number, n);
	return kv_put(txn, KV_META, &k, (struct kv_value){number.octets, number.n}, why);
}

/* Change what is reserved of a series: from `expect` (0: whatever it is) up to `to`. */
struct reserve {
	enum store_series series;
	uint64_t expect, to, was;
	struct why *why;
};

static enum store_err
reserve(struct store_txn *txn, void *arg)
{
	struct reserve *r = arg;
	const char *name = store_series_meta[r->series];
	enum store_err e = store_meta_get(txn, name, &r->was, r->why);

	if (e == STORE_ABSENT) {
		why_set(r->why, "store: meta has no %s: restore a backup", name);
		return STORE_BROKEN;
	}
	if (e != STORE_OK || (r->expect != 0 && r->was != r->expect))
		return e;
	uint64_t to = r->to != 0 ? r->to : r->was + NUMBER_BLOCK;
	return to == r->was ? STORE_OK : store_meta_put(txn, name, to, r->why);
}

/* Numbers may be asked for inside a caller's transaction, so this takes no gate and its own locks
 * only. */
static enum store_err
reserve_block(struct store *s, enum store_series series, struct why *why)
{
	struct reserve r = {.series = series, .why = why};
	struct attempt at = {reserve, &r, true};
	enum store_err e = try_often(s, &at, why);

	if (e == STORE_OK)
		e = store_flush(s, why);
	if (e == STORE_OK) {
		s->series[series].next = r.was;
		s->series[series].end = r.was + NUMBER_BLOCK;
	}
	return e;
}

/* The next number of a series. Takes  takes  it is handed out, not only looked at */
static enum store_err
next_number(struct store *s, enum store_series series, bool takes, uint64_t *number_r,
            struct why *why)
{
	struct series *one = &s->series[series];
	enum store_err e = STORE_OK;

	pthread_mutex_lock(&one->mutex);
	if (one->next == one->end)
		e = reserve_block(s, series, why);
	if (e == STORE_OK) {
		*number_r = one->next;
		one->next += takes;
	}
	pthread_mutex_unlock(&one->mutex);
	return e;
}

enum store_err
store_number(struct store *s, enum store_series series, uint64_t *number_r, struct why *why)
{
	return next_number(s, series, true, number_r, why);
}

enum store_err
store_raise_number(struct store *s, enum store_series series, uint64_t next, struct why *why)
{
	struct series *one = &s->series[series];
	struct reserve r = {.series = series, .to = next, .why = why};
	struct attempt at = {reserve, &r, true};
	enum store_err e = STORE_OK;

	pthread_mutex_lock(&one->mutex);
	if (next > one->next && next < one->end) {
		one->next = next;
	} else if (next > one->next) {
		e = try_often(s, &at, why);
		if (e == STORE_OK)
			one->next = one->end = 0;
	}
	pthread_mutex_unlock(&one->mutex);
	return e;
}

enum store_err
store_next_number(struct store *s, enum store_series series, uint64_t *next_r, struct why *why)
{
	return next_number(s, series, false, next_r, why);
}

/* On a clean close, what was reserved and not handed out is given back. */
static void
give_back(struct store *s)
{
	for (enum store_series i = 0; i < STORE_SERIES_COUNT; i++) {
		struct series *one = &s->series[i];
		struct reserve r = {.series = i, .expect = one->end, .to = one->next};
		struct attempt at = {reserve, &r, true};
		/* Should it fail, the numbers stay unused: a gap, no harm. */
		if (one->next != one->end)
			(void)!try_often(s, &at, NULL);
	}
}

enum store_err
store_room(struct store *s, struct why *why)
{
	int64_t now_ms = clock_mono_ms();

	if (now_ms - atomic_load(&s->room_at_ms) >= ROOM_FRESH_MS) {
		/* Without ballast a full disk could not even be recovered. */
		enum store_err e = home_load_ballast(s->home, s->options.ballast_octets, why);
		atomic_store(&s->n_free_octets, e == STORE_OK ? home_free_octets(s->home) : 0);
		atomic_store(&s->room_at_ms, now_ms);
	}
	uint64_t n_free = atomic_load(&s->n_free_octets);
	if (n_free >= s->options.free_min_octets && n_free > 0)
		return STORE_OK;
	why_set(why,
		"%s: %" PRIu64 " octets are free; besides the ballast of %" PRIu64 ", %" PRIu64
		" must be: make room there",
		home_dir(s->home), home_free_octets(s->home), s->options.ballast_octets,
		s->options.free_min_octets);
	return STORE_FULL;
}

/* What every thread shares besides the database. */
static void
set_up(struct store *s)
{
	pthread_rwlockattr_t attr;

	for (int i = 0; i < STORE_SERIES_COUNT; i++)
		pthread_mutex_init(&s->series[i].mutex, NULL);
	pthread_mutex_init(&s->flush.mutex, NULL);
	pthread_cond_init(&s->flush.ended, NULL);
	pthread_mutex_init(&s->keep_mutex, NULL);
	pthread_rwlockattr_init(&attr);
	/* A dump comes to its turn while mail keeps arriving. */
	pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&s->gate, &attr);
	pthread_rwlockattr_destroy(&attr);
	atomic_store(&s->room_at_ms, INT64_MIN / 2);
}

static void
tear_down(struct store *s)
{
	for (int i = 0; i < STORE_SERIES_COUNT; i++)
		pthread_mutex_destroy(&s->series[i].mutex);
	pthread_mutex_destroy(&s->flush.mutex);
	pthread_cond_destroy(&s->flush.ended);
	pthread_mutex_destroy(&s->keep_mutex);
	pthread_rwlock_destroy(&s->gate);
	home_close(&s->home);
	struct arena *a = s->arena;
	arena_free(&a);
}

/* Files with an id that is not given out yet by this process are of former ones: nobody prepares
 * them. */
static enum store_err
mark_old(struct store *s, struct why *why)
{
	struct sweeper *w = &s->sweeper;
	enum store_err e = reserve_block(s, STORE_ROWS, why);

	w->old_below = w->mark_id = s->series[STORE_ROWS].next;
	w->mark_ms = clock_mono_ms();
	return e;
}

enum store_err
store_open(const struct store_options *options, struct store **store_r, struct why *why)
{
	struct arena *a = arena_new();
	struct store *s = arena_alloc(a, sizeof *s);

	s->arena = a;
	s->options = *options;
	s->options.state_dir = arena_strdup(a, options->state_dir);
	set_up(s);
	enum store_err e = home_open(s->options.state_dir, &s->home, why);
	struct open_in in = {.home = s->home, .options = &s->options, .store = s};
	if (e == STORE_OK)
		e = open_database(&in, &s->kv, why);
	if (e == STORE_OK)
		e = mark_old(s, why);
	if (e != STORE_OK) {
		(void)!kv_close(&s->kv, NULL);
		tear_down(s);
		return e;
	}
	/* Without room for it the store opens all the same; store_room then refuses mail. */
	(void)!home_load_ballast(s->home, s->options.ballast_octets, NULL);
	*store_r = s;
	return STORE_OK;
}

void
store_close(struct store **s)
{
	if (*s == NULL)
		return;
	if (!kv_broken((*s)->kv))
		give_back(*s);
	/* Should closing fail, the next start recovers: whatever was flushed is in the log. */
	(void)!kv_close(&(*s)->kv, NULL);
	tear_down(*s);
	*s = NULL;
}

static enum store_err
sweep_some(struct store *s, struct why *why)
{
	struct sweeper *w = &s->sweeper;
	enum store_err e = STORE_OK;
	uint64_t n_octets = 0, n_removed = 0;
	int64_t now_ms = clock_mono_ms();

	if (now_ms - w->mark_ms >= SWEEP_AGE_MS) {
		w->old_below = w->mark_id;
		pthread_mutex_lock(&s->series[STORE_ROWS].mutex);
		w->mark_id = s->series[STORE_ROWS].next;
		pthread_mutex_unlock(&s->series[STORE_ROWS].mutex);
		w->mark_ms = now_ms;
	}
	for (unsigned i = 0; e == STORE_OK && i < SWEEP_DIRS; i++) {
		unsigned dir = w->next_dir;
		e = sweep_dir(s, dir, w->old_below, &w->dir_octets[dir], &n_removed, why);
		w->next_dir = (dir + 1) % HOME_BLOB_DIRS;
	}
	for (unsigned i = 0; i < HOME_BLOB_DIRS; i++)
		n_octets += w->dir_octets[i];
	atomic_store(&s->n_blob_octets, n_octets);
	return e;
}

struct kept_logs {
	uint64_t first; /* that no backup holds */
	struct why *why;
};

static enum store_err
find_kept(struct store_txn *txn, void *arg)
{
	struct kept_logs *k = arg;
	enum store_err e = store_meta_get(txn, "backup-log", &k->first, k->why);

	if (e == STORE_OK)
		k->first++;
	return e == STORE_ABSENT ? STORE_OK : e;
}

enum store_err
store_keep(struct store *s, struct why *why)
{
	struct kept_logs kept = {.first = 0, .why = why};
	uint64_t n_logs = 0;

	store_hold_keep(s);
	enum store_err e = kv_checkpoint(s->kv, false, why);
	if (e == STORE_OK && s->options.keep_logs)
		e = store_peek(s, find_kept, &kept, why);
	uint32_t from = s->options.keep_logs ? (uint32_t)kept.first : UINT32_MAX;
	if (e == STORE_OK)
		e = kv_trim_logs(s->kv, from, &n_logs, why);
	if (e == STORE_OK) {
		atomic_store(&s->n_log_files, n_logs);
		e = sweep_some(s, why);
	}
	if (e == STORE_OK)
		e = tally_sweep(s, clock_now_s(), &s->sweeper.tally_from, why);
	store_release_keep(s);
	return e;
}

void
store_stats(struct store *s, struct store_stats *stats_r)
{
	pthread_mutex_lock(&s->flush.mutex);
	uint64_t n_flushes = s->flush.n_done;
	pthread_mutex_unlock(&s->flush.mutex);
	*stats_r = (struct store_stats){
		.n_commits = atomic_load(&s->n_commits),
		.n_flushes = n_flushes,
		.n_retries = atomic_load(&s->n_retries),
		.n_aborts = atomic_load(&s->n_aborts),
		.n_tickets = kv_rows(s->kv, KV_TICKET),
		.n_messages = kv_rows(s->kv, KV_MESSAGE),
		.n_held = kv_rows(s->kv, KV_HELD),
		.n_outbox = kv_rows(s->kv, KV_OUTBOX),
		.n_blob_octets = atomic_load(&s->n_blob_octets),
		.n_log_files = atomic_load(&s->n_log_files),
		.n_free_octets = home_free_octets(s->home),
	};
}

/* src/desk/keeper.c - what is done about held mail as time goes by */
#include "keeper.h"
#include "arena.h"
#include "held.h"
#include "log.h"
#include "outbox.h"
#include "post.h"
#include "store.h"
#include "summary.h"
#include <inttypes.h>

enum { KEEPER_BATCH = 200 };

struct work {
	const struct conf *conf;
	struct arena *arena;
	int64_t now_s;
	uint64_t row_id;
	bool promised;
	struct held_entry expired[KEEPER_BATCH];
	size_t n_expired;
	struct why *why;
};

/* Told of long enough ago that the postmaster could do something about it. */
static bool
is_over(const struct work *w, const struct held_entry *h)
{
	const struct settings *set = w->conf->settings;

	return h->told_s != 0 && w->now_s - h->at_s >= set->held_keep_s &&
	       w->now_s - h->told_s >= set->held_summary_every_s;
}

static enum store_err
expire(struct store_txn *txn, void *arg)
{
	struct work *w = arg;
	struct store_range page = {.max = KEEPER_BATCH};
	struct held_entry *h = NULL;
	size_t n = 0;
	enum store_err e = held_list(txn, w->arena, &page, &h, &n, w->why);

	w->n_expired = 0;
	for (size_t i = 0; e == STORE_OK && i < n; i++)
		if (is_over(w, &h[i])) {
			h[i].fate = HELD_EXPIRED;
			h[i].fate_s = w->now_s;
			h[i].fate_who = "postern";
			h[i].fate_how = "postern";
			e = held_end(txn, &h[i], w->why);
			w->expired[w->n_expired++] = h[i];
		}
	return e;
}

static enum store_err
forget(struct store_txn *txn, void *arg)
{
	struct work *w = arg;
	struct store_range page = {.max = KEEPER_BATCH};
	struct held_entry *h = NULL;
	size_t n = 0;
	enum store_err e = held_list_done(txn, w->arena, &page, &h, &n, w->why);

	for (size_t i = 0; e == STORE_OK && i < n; i++)
		if (w->now_s - h[i].fate_s >= w->conf->settings->held_keep_s)
			e = held_forget(txn, h[i].id, w->why);
	return e;
}

/* Whether a summary is due: something waits, the last one is old enough, none is on its way. */
static enum store_err
is_due(struct store_txn *txn, struct work *w, bool *due_r)
{
	struct store_range one = {.max = 1};
	struct outbox_row like = {.kind = NOTICE_HELD, .to_address = w->conf->settings->postmaster};
	struct outbox_row pending;
	struct held_entry *h = NULL;
	size_t n = 0;
	int64_t last_s = 0;
	enum store_err e = held_list(txn, w->arena, &one, &h, &n, w->why);

	if (e == STORE_OK)
		e = held_summary_s(txn, &last_s, w->why);
	*due_r = n > 0 && w->now_s - last_s >= w->conf->settings->held_summary_every_s;
	if (e == STORE_OK && *due_r) {
		e = outbox_pending(txn, w->arena, &like, &pending, w->why);
		*due_r = e == STORE_ABSENT;
	}
	return e == STORE_ABSENT ? STORE_OK : e;
}

static enum store_err
promise(struct store_txn *txn, void *arg)
{
	struct work *w = arg;
	bool due = false;
	enum store_err e = is_due(txn, w, &due);

	w->promised = e == STORE_OK && due && w->row_id != 0;
	if (w->promised)
		e = summary_promise(txn, w->conf, w->row_id, NOTICE_HELD, 0, w->why);
	if (e == STORE_OK && w->promised)
		e = held_set_summary_s(txn, w->now_s, w->why);
	return e;
}

/* A number is taken only when it will be used: this is asked every minute. */
static enum store_err
ask_due(struct store_txn *txn, void *arg)
{
	struct work *w = arg;

	return is_due(txn, w, &w->promised);
}

static void
log_expired(struct desk *d, const struct work *w)
{
	for (size_t i = 0; i < w->n_expired; i++)
		log_event(LOG_EVENTS, "expired", "id=%" PRIu64 " cause=%s queue=%s",
		          w->expired[i].id,
		          held_cause_name[w->expired[i].cause],
		          log_value(w->expired[i].queue));
	atomic_fetch_add(&d->counts.expired, w->n_expired);
}

bool
keeper_look(struct desk *d, int64_t now_s, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(conf) const struct conf *conf = desk_conf(d);
	struct work *w = arena_array(a, 1, sizeof *w);
	enum store_err e = STORE_OK;

	*w = (struct work){.conf = conf, .arena = a, .now_s = now_s, .why = why};
	e = store_run(d->store, expire, w, why);
	if (e == STORE_OK) {
		log_expired(d, w);
		e = store_run(d->store, forget, w, why);
	}
	/* A summary to ourselves would be held as a loop, and told of in the next one. */
	if (e == STORE_OK && !conf_is_ours(conf, conf->settings->postmaster))
		e = store_peek(d->store, ask_due, w, why);
	if (e == STORE_OK && w->promised)
		e = store_number(d->store, STORE_ROWS, &w->row_id, why);
	if (e == STORE_OK && w->promised)
		e = store_run(d->store, promise, w, why);
	if (e == STORE_OK && w->promised)
		post_wake(d->post);
	return e == STORE_OK;
}

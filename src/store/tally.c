/* src/store/tally.c - how often something happened lately, by kind and subject */
#include "tally.h"
#include "arena.h"
#include "buf.h"
#include "kv.h"
#include <assert.h>
#include <string.h>

enum {
	OVER_OCTETS = 8,      /* when the row counts nothing any more */
	SLOT_OCTETS = 8 + 4,  /* an instant, how often */
	SWEEP_ROWS_MAX = 2000 /* looked at in one call */
};

static struct key
key_of(enum tally_kind kind, const char *subject)
{
	struct key k = {0};

	key_u32(&k, kind);
	key_text(&k, subject);
	return k;
}

static bool
open_row(struct arena *a, struct kv_value v, struct tally *t_r)
{
	const uint8_t *at = v.octets;
	bool fine = v.n >= OVER_OCTETS && (v.n - OVER_OCTETS) % SLOT_OCTETS == 0;
	size_t n = fine ? (v.n - OVER_OCTETS) / SLOT_OCTETS : 0;

	if (!fine || n > TALLY_SLOTS_MAX)
		return false;
	/* Room for the one that tally_add puts behind. */
	*t_r = (struct tally){arena_array(a, n + 1, sizeof *t_r->slot), n};
	for (size_t i = 0; i < n; i++) {
		const uint8_t *slot = at + OVER_OCTETS + i * SLOT_OCTETS;

		t_r->slot[i] = (struct tally_slot){key_read_s(slot), key_read_u32(slot + 8)};
	}
	return true;
}

enum store_err
tally_read(struct store_txn *txn, struct arena *a, enum tally_kind kind, const char *subject,
           struct tally *tally_r, struct why *why)
{
	struct key k = key_of(kind, subject);
	struct kv_value v = {NULL, 0};
	enum store_err e = kv_get(txn, KV_TALLY, &k, a, &v, why);

	if (e == STORE_ABSENT) {
		*tally_r = (struct tally){arena_array(a, 1, sizeof *tally_r->slot), 0};
		return STORE_OK;
	}
	if (e == STORE_OK && !open_row(a, v, tally_r)) {
		why_set(why, "a count of what was sent cannot be read: check the store");
		e = STORE_BROKEN;
	}
	return e;
}

uint64_t
tally_within(const struct tally *t, int64_t now_s, int64_t within_s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slot[i].at_s > now_s - within_s && t->slot[i].at_s <= now_s + TALLY_AHEAD_S)
			n += t->slot[i].n;
	return n;
}

/* Forget what counts no more, or was counted by a wrong clock. */
static void
forget(struct tally *t, int64_t now_s, int64_t keep_s)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slot[i].at_s > now_s - keep_s && t->slot[i].at_s <= now_s + TALLY_AHEAD_S)
			t->slot[n++] = t->slot[i];
	t->n_slots = n;
}

/* Add one in its order. With too many instants the oldest two become the later one: what happened
 * counts for longer, never for less. */
static void
count(struct tally *t, int64_t at_s)
{
	size_t i = t->n_slots;

	while (i > 0 && t->slot[i - 1].at_s > at_s)
		i--;
	if (i > 0 && t->slot[i - 1].at_s == at_s) {
		t->slot[i - 1].n += t->slot[i - 1].n < UINT32_MAX;
		return;
	}
	memmove(&t->slot[i + 1], &t->slot[i], (t->n_slots - i) * sizeof *t->slot);
	t->slot[i] = (struct tally_slot){at_s, 1};
	t->n_slots++;
	if (t->n_slots > TALLY_SLOTS_MAX) {
		t->slot[1].n += t->slot[0].n;
		t->n_slots--;
		memmove(&t->slot[0], &t->slot[1], t->n_slots * sizeof *t->slot);
	}
}

static enum store_err
write_row(struct store_txn *txn, const struct tally_event *ev, const struct tally *t,
          struct why *why)
{
	AUTO(buf) struct buf octets = {0};
	struct key k = key_of(ev->kind, ev->subject), over = {0};

	key_s(&over, t->slot[t->n_slots - 1].at_s + ev->keep_s);
	buf_add(&octets, over.octets, over.n);
	for (size_t i = 0; i < t->n_slots; i++) {
		struct key slot = {0};

		key_s(&slot, t->slot[i].at_s);
		key_u32(&slot, t->slot[i].n);
		buf_add(&octets, slot.octets, slot.n);
	}
	return kv_put(txn, KV_TALLY, &k, (struct kv_value){octets.octets, octets.n}, why);
}

enum store_err
tally_add(struct store_txn *txn, const struct tally_event *event, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct tally t = {NULL, 0};
	enum store_err e = tally_read(txn, a, event->kind, event->subject, &t, why);

	assert(event->kind < TALLY_KIND_COUNT);
	if (e != STORE_OK)
		return e;
	forget(&t, event->at_s, event->keep_s);
	count(&t, event->at_s);
	return write_row(txn, event, &t, why);
}

struct sweeping {
	int64_t now_s;
	struct key from;
	struct key *over; /* SWEEP_ROWS_MAX of them */
	size_t n_over, n_seen;
	struct arena *arena;
	struct why *why;
};

static bool
is_over(const uint8_t *value, size_t n, int64_t now_s)
{
	return n >= OVER_OCTETS && key_read_s(value) <= now_s;
}

static enum store_err
look_at(void *self, const struct kv_row *row, struct why *why)
{
	struct sweeping *w = self;

	(void)why;
	w->from.n = 0;
	key_octets(&w->from, row->key, row->n_key);
	if (w->n_seen++ == SWEEP_ROWS_MAX)
		return STORE_ABSENT;
	if (is_over(row->value, row->n_value, w->now_s))
		w->over[w->n_over++] = w->from;
	return STORE_OK;
}

static enum store_err
find_over(struct store_txn *txn, void *arg)
{
	struct sweeping *w = arg;
	struct kv_walk walk = {.table = KV_TALLY, .from = w->from, .each = look_at, .self = w};

	w->n_over = w->n_seen = 0;
	return kv_walk(txn, &walk, w->why);
}

/* Looked at once more: one may have been counted in the meantime. */
static enum store_err
remove_over(struct store_txn *txn, void *arg)
{
	struct sweeping *w = arg;
	enum store_err e = STORE_OK;

	for (size_t i = 0; i < w->n_over && (e == STORE_OK || e == STORE_ABSENT); i++) {
		struct kv_value v = {NULL, 0};

		e = kv_lock(txn, KV_TALLY, &w->over[i], w->arena, &v, w->why);
		if (e == STORE_OK && is_over(v.octets, v.n, w->now_s))
			e = kv_del(txn, KV_TALLY, &w->over[i], w->why);
	}
	return e == STORE_ABSENT ? STORE_OK : e;
}

enum store_err
tally_sweep(struct store *s, int64_t now_s, struct key *from, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct sweeping w = {.now_s = now_s,
	                     .from = *from,
	                     .over = arena_array(a, SWEEP_ROWS_MAX, sizeof *w.over),
	                     .arena = a,
	                     .why = why};
	enum store_err e = store_peek(s, find_over, &w, why);

	if (e == STORE_OK && w.n_over > 0)
		e = store_run(s, remove_over, &w, why);
	if (e == STORE_OK && w.n_seen <= SWEEP_ROWS_MAX)
		w.from.n = 0; /* the end: begin anew */
	if (e == STORE_OK)
		*from = w.from;
	return e;
}

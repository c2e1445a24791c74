/* src/store/outbox.c - mails that we owe: written with the ticket, removed when settled */
#include "outbox.h"
#include "arena.h"
#include "buf.h"
#include "kv.h"
#include "pack.h"
#include <assert.h>
#include <inttypes.h>

enum { LIST_MAX = 1000 };

static struct key
key_of(int64_t due_s, uint64_t id)
{
	struct key k = {0};

	key_s(&k, due_s);
	key_u64(&k, id);
	return k;
}

static struct key
prefix_of_pending(uint64_t ticket, enum notice_kind kind, const char *to_address)
{
	struct key k = {0};

	key_u64(&k, ticket);
	key_u32(&k, kind);
	key_text(&k, to_address);
	return k;
}

static struct key
key_of_pending(const struct outbox_row *row)
{
	struct key k = prefix_of_pending(row->ticket, row->kind, row->to_address);

	key_u64(&k, row->id);
	return k;
}

enum store_err
outbox_promise(struct store_txn *txn, const struct outbox_row *row, struct why *why)
{
	AUTO(buf) struct buf octets = {0};
	struct key k = key_of(row->due_s, row->id), pending = key_of_pending(row), due = {0};

	assert(row->id != 0);
	if (!pack_outbox(&octets, row)) {
		why_set(why, "outbox row %" PRIu64 " is too large to be stored", row->id);
		return STORE_BROKEN;
	}
	key_s(&due, row->due_s);
	struct kv_value v = {octets.octets, octets.n}, at = {due.octets, due.n};
	enum store_err e = kv_put_new(txn, KV_OUTBOX, &k, v, why);
	if (e == STORE_OK)
		e = kv_put_new(txn, KV_PENDING, &pending, at, why);
	if (e == STORE_EXISTS)
		why_set(why, "outbox row %" PRIu64 " exists already", row->id);
	return e;
}

static enum store_err
open_row(struct arena *a, struct kv_value v, struct outbox_row *row_r, struct why *why)
{
	if (unpack_outbox(a, v.octets, v.n, row_r))
		return STORE_OK;
	why_set(why, "an outbox row cannot be read: check the store");
	return STORE_BROKEN;
}

/* Remove a row and its place in the index. */
static enum store_err
remove_row(struct store_txn *txn, const struct outbox_row *row, struct why *why)
{
	struct key k = key_of(row->due_s, row->id), pending = key_of_pending(row);
	enum store_err e = kv_del(txn, KV_OUTBOX, &k, why);

	if (e != STORE_OK)
		return e;
	e = kv_del(txn, KV_PENDING, &pending, why);
	if (e == STORE_ABSENT) {
		why_set(why, "outbox row %" PRIu64 " has no index row: check the store", row->id);
		return STORE_BROKEN;
	}
	return e;
}

enum store_err
outbox_change(struct store_txn *txn, const struct outbox_row *before,
	      const struct outbox_row *after, struct why *why)
{
	assert(before->id == after->id);
	enum store_err e = remove_row(txn, before, why);
	return e == STORE_OK ? outbox_promise(txn, after, why) : e;
}

/* Read a row for writing. */
static enum store_err
lock_row(struct store_txn *txn, struct arena *a, const struct key *k, struct outbox_row *row_r,
	 struct why *why)
{
	struct kv_value v;
	enum store_err e = kv_lock(txn, KV_OUTBOX, k, a, &v, why);

	return e == STORE_OK ? open_row(a, v, row_r, why) : e;
}

enum store_err
outbox_find(struct store_txn *txn, struct arena *a, uint64_t id, int64_t due_s,
	    struct outbox_row *row_r, struct why *why)
{
	struct key k = key_of(due_s, id);

	return lock_row(txn, a, &k, row_r, why);
}

enum store_err
outbox_settle(struct store_txn *txn, uint64_t id, int64_t due_s, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct outbox_row row;
	enum store_err e = outbox_find(txn, a, id, due_s, &row, why);

	return e == STORE_OK ? remove_row(txn, &row, why) : e;
}

struct pending {
	uint64_t id;
	int64_t due_s;
};

static enum store_err
note_pending(void *self, const struct kv_row *row, struct why *why)
{
	struct pending *p = self;

	(void)why;
	if (row->n_value != 8 || row->n_key < 8)
		return STORE_OK;
	p->id = key_read_u64(row->key + row->n_key - 8);
	p->due_s = key_read_s(row->value);
	return STORE_ABSENT;
}

enum store_err
outbox_pending(struct store_txn *txn, struct arena *a, const struct outbox_row *like,
	       struct outbox_row *row_r, struct why *why)
{
	struct pending found = {0, 0};
	struct kv_walk w = {.table = KV_PENDING,
			    .prefix = prefix_of_pending(like->ticket, like->kind, like->to_address),
			    .backward = true,
			    .each = note_pending,
			    .self = &found};
	enum store_err e = kv_walk(txn, &w, why);

	if (e != STORE_OK)
		return e;
	if (found.id == 0)
		return STORE_ABSENT;
	struct key k = key_of(found.due_s, found.id);
	return lock_row(txn, a, &k, row_r, why);
}

struct listing {
	struct arena *arena;
	struct outbox_row *row;
	size_t n, max;
	int64_t now_s; /* INT64_MAX: all */
	const uint64_t *in_flight;
	size_t n_flight;
	int64_t next_due_s; /* of the first row left out for time or room; 0: none */
	struct key from;    /* where it starts; empty: at the first */
};

static bool
flies(const struct listing *l, uint64_t id)
{
	for (size_t i = 0; i < l->n_flight; i++)
		if (l->in_flight[i] == id)
			return true;
	return false;
}

static enum store_err
list_row(void *self, const struct kv_row *row, struct why *why)
{
	struct listing *l = self;

	if (row->n_key != 16 || flies(l, key_read_u64(row->key + 8)))
		return STORE_OK;
	int64_t due_s = key_read_s(row->key);
	if (due_s > l->now_s || l->n == l->max) {
		l->next_due_s = due_s;
		return STORE_ABSENT;
	}
	struct kv_value v = {row->value, row->n_value};
	enum store_err e = open_row(l->arena, v, &l->row[l->n], why);
	l->n += e == STORE_OK;
	return e;
}

static enum store_err
list(struct store_txn *txn, struct listing *l, struct why *why)
{
	struct kv_walk w = {.table = KV_OUTBOX, .from = l->from, .each = list_row, .self = l};

	l->max = l->max < LIST_MAX ? l->max : LIST_MAX;
	l->row = arena_array(l->arena, l->max, sizeof *l->row);
	return kv_walk(txn, &w, why);
}

enum store_err
outbox_due(struct store_txn *txn, struct arena *a, const struct outbox_question *q,
	   struct outbox_answer *answer_r, struct why *why)
{
	struct listing l = {.arena = a,
			    .max = q->max,
			    .now_s = q->now_s,
			    .in_flight = q->in_flight,
			    .n_flight = q->n_flight};
	enum store_err e = list(txn, &l, why);

	if (e == STORE_OK)
		*answer_r = (struct outbox_answer){l.row, l.n, l.next_due_s};
	return e;
}

enum store_err
outbox_list(struct store_txn *txn, struct arena *a, const struct outbox_range *range,
	    struct outbox_row **row_r, size_t *n_r, struct why *why)
{
	struct listing l = {.arena = a, .max = range->max, .now_s = INT64_MAX};

	if (range->after != NULL)
		l.from = key_of(range->after->due_s, range->after->id + 1);
	enum store_err e = list(txn, &l, why);

	if (e != STORE_OK)
		return e;
	*row_r = l.row;
	*n_r = l.n;
	return STORE_OK;
}

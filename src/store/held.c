/* src/store/held.c - mails kept whole for a person to look at, with the cause */
#include "held.h"
#include "arena.h"
#include "blob.h"
#include "buf.h"
#include "inside.h"
#include "kv.h"
#include "pack.h"
#include "queue_id.h"
#include <assert.h>
#include <inttypes.h>

enum { LIST_MAX = 1000 };

static const char summary_meta[] = "held_summary_s";

static struct key
key_of(uint64_t id)
{
	struct key k = {0};

	key_u64(&k, id);
	return k;
}

/* Write an entry into one of the two tables. */
static enum store_err
write_entry(struct store_txn *txn, enum kv_table table, const struct held_entry *h, bool fresh,
            struct why *why)
{
	AUTO(buf) struct buf octets = {0};
	struct key k = key_of(h->id);

	assert(h->id != 0);
	if (!pack_held(&octets, h)) {
		why_set(why, "held entry %" PRIu64 " is too large to be stored", h->id);
		return STORE_BROKEN;
	}
	struct kv_value v = {octets.octets, octets.n};
	enum store_err e = fresh ? kv_put_new(txn, table, &k, v, why)
	                         : kv_put(txn, table, &k, v, why);
	if (e == STORE_EXISTS)
		why_set(why, "held entry %" PRIu64 " exists already", h->id);
	return e;
}

enum store_err
held_put(struct store_txn *txn, const struct held_entry *h, struct why *why)
{
	struct queue_id_place place = {.at_s = h->at_s, .held = h->id};
	enum store_err e = write_entry(txn, KV_HELD, h, true, why);

	return e == STORE_OK ? queue_id_put(txn, h->envelope.queue_id, &place, why) : e;
}

enum store_err
held_change(struct store_txn *txn, const struct held_entry *h, struct why *why)
{
	return write_entry(txn, KV_HELD, h, false, why);
}

enum store_err
held_keep(struct store_txn *txn, const struct held_entry *h, struct why *why)
{
	struct queue_id_place place = {.at_s = h->at_s, .held = h->id};
	enum store_err e = write_entry(txn, KV_HELD_DONE, h, true, why);

	return e == STORE_OK ? queue_id_put(txn, h->envelope.queue_id, &place, why) : e;
}

static enum store_err
open_entry(struct arena *a, struct kv_value v, struct held_entry *h_r, struct why *why)
{
	if (unpack_held(a, v.octets, v.n, h_r))
		return STORE_OK;
	why_set(why, "a held entry cannot be read: check the store");
	return STORE_BROKEN;
}

static enum store_err
find(struct store_txn *txn, enum kv_table table, struct arena *a, uint64_t id,
     struct held_entry *h_r, struct why *why)
{
	struct key k = key_of(id);
	struct kv_value v;
	enum store_err e = kv_get(txn, table, &k, a, &v, why);

	return e == STORE_OK ? open_entry(a, v, h_r, why) : e;
}

enum store_err
held_find(struct store_txn *txn, struct arena *a, uint64_t id, struct held_entry *h_r,
	  struct why *why)
{
	return find(txn, KV_HELD, a, id, h_r, why);
}

enum store_err
held_find_done(struct store_txn *txn, struct arena *a, uint64_t id, struct held_entry *h_r,
	       struct why *why)
{
	return find(txn, KV_HELD_DONE, a, id, h_r, why);
}

enum store_err
held_lock(struct store_txn *txn, struct arena *a, uint64_t id, struct held_entry *h_r,
	  struct why *why)
{
	struct key k = key_of(id);
	struct kv_value v;
	enum store_err e = kv_lock(txn, KV_HELD, &k, a, &v, why);

	return e == STORE_OK ? open_entry(a, v, h_r, why) : e;
}

struct listing {
	struct arena *arena;
	struct held_entry *h;
	size_t n, max;
};

static enum store_err
list_row(void *self, const struct kv_row *row, struct why *why)
{
	struct listing *l = self;
	struct kv_value v = {row->value, row->n_value};

	if (l->n == l->max)
		return STORE_ABSENT;
	enum store_err e = open_entry(l->arena, v, &l->h[l->n], why);
	l->n += e == STORE_OK;
	return e;
}

static enum store_err
list(struct store_txn *txn, enum kv_table table, const struct store_range *range, struct listing *l,
     struct why *why)
{
	struct kv_walk w = {
		.table = table, .from = key_of(range->first), .each = list_row, .self = l};

	l->max = range->max < LIST_MAX ? range->max : LIST_MAX;
	l->h = arena_array(l->arena, l->max, sizeof *l->h);
	return kv_walk(txn, &w, why);
}

enum store_err
held_list(struct store_txn *txn, struct arena *a, const struct store_range *range,
	  struct held_entry **h_r, size_t *n_r, struct why *why)
{
	struct listing l = {.arena = a};
	enum store_err e = list(txn, KV_HELD, range, &l, why);

	if (e == STORE_OK) {
		*h_r = l.h;
		*n_r = l.n;
	}
	return e;
}

enum store_err
held_list_done(struct store_txn *txn, struct arena *a, const struct store_range *range,
	       struct held_entry **h_r, size_t *n_r, struct why *why)
{
	struct listing l = {.arena = a};
	enum store_err e = list(txn, KV_HELD_DONE, range, &l, why);

	if (e == STORE_OK) {
		*h_r = l.h;
		*n_r = l.n;
	}
	return e;
}

static enum store_err
drop_octets(struct store_txn *txn, const struct held_entry *h, struct why *why)
{
	enum store_err e = h->blob.id != 0 ? blob_drop(txn, &h->blob, why) : STORE_OK;

	return e == STORE_ABSENT ? STORE_OK : e;
}

enum store_err
held_end(struct store_txn *txn, const struct held_entry *h, struct why *why)
{
	struct held_entry done = *h;
	struct key k = key_of(h->id);
	enum store_err e = kv_del(txn, KV_HELD, &k, why);

	assert(h->fate != HELD_WAITING);
	if (e == STORE_OK && h->fate != HELD_RELEASED) {
		e = drop_octets(txn, h, why);
		done.blob = (struct blob_ref){0};
	}
	return e == STORE_OK ? write_entry(txn, KV_HELD_DONE, &done, false, why) : e;
}

enum store_err
held_forget(struct store_txn *txn, uint64_t id, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct key k = key_of(id);
	struct held_entry h;
	enum store_err e = held_find_done(txn, a, id, &h, why);
	struct queue_id_place place = {.held = id};

	if (e == STORE_OK) {
		place.at_s = h.at_s;
		e = queue_id_drop(txn, h.envelope.queue_id, &place, why);
	}
	return e == STORE_OK ? kv_del(txn, KV_HELD_DONE, &k, why) : e;
}

enum store_err
held_summary_s(struct store_txn *txn, int64_t *at_s_r, struct why *why)
{
	uint64_t at_s = 0;
	enum store_err e = store_meta_get(txn, summary_meta, &at_s, why);

	if (e == STORE_OK || e == STORE_ABSENT)
		*at_s_r = (int64_t)at_s;
	return e == STORE_ABSENT ? STORE_OK : e;
}

enum store_err
held_set_summary_s(struct store_txn *txn, int64_t at_s, struct why *why)
{
	return store_meta_put(txn, summary_meta, (uint64_t)at_s, why);
}

enum store_err
held_drop(struct store_txn *txn, uint64_t id, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct key k = key_of(id);
	struct held_entry h;
	enum store_err e = held_lock(txn, a, id, &h, why);

	if (e == STORE_OK)
		e = kv_del(txn, KV_HELD, &k, why);
	return e == STORE_OK ? drop_octets(txn, &h, why) : e;
}

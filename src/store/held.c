/* src/store/held.c - mails kept whole for a person to look at, with the cause */
#include "held.h"
#include "arena.h"
#include "blob.h"
#include "buf.h"
#include "kv.h"
#include "pack.h"
#include <assert.h>
#include <inttypes.h>

enum { LIST_MAX = 1000 };

static struct key
key_of(uint64_t id)
{
	struct key k = {0};

	key_u64(&k, id);
	return k;
}

enum store_err
held_put(struct store_txn *txn, const struct held_entry *h, struct why *why)
{
	AUTO(buf) struct buf octets = {0};
	struct key k = key_of(h->id);

	assert(h->id != 0);
	if (!pack_held(&octets, h)) {
		why_set(why, "held entry %" PRIu64 " is too large to be stored", h->id);
		return STORE_BROKEN;
	}
	struct kv_value v = {octets.octets, octets.n};
	enum store_err e = kv_put_new(txn, KV_HELD, &k, v, why);
	if (e == STORE_EXISTS)
		why_set(why, "held entry %" PRIu64 " exists already", h->id);
	return e;
}

static enum store_err
open_entry(struct arena *a, struct kv_value v, struct held_entry *h_r, struct why *why)
{
	if (unpack_held(a, v.octets, v.n, h_r))
		return STORE_OK;
	why_set(why, "a held entry cannot be read: check the store");
	return STORE_BROKEN;
}

enum store_err
held_find(struct store_txn *txn, struct arena *a, uint64_t id, struct held_entry *h_r,
	  struct why *why)
{
	struct key k = key_of(id);
	struct kv_value v;
	enum store_err e = kv_get(txn, KV_HELD, &k, a, &v, why);

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

enum store_err
held_list(struct store_txn *txn, struct arena *a, const struct store_range *range,
	  struct held_entry **h_r, size_t *n_r, struct why *why)
{
	struct listing l = {.arena = a, .max = range->max < LIST_MAX ? range->max : LIST_MAX};
	struct kv_walk w = {
		.table = KV_HELD, .from = key_of(range->first), .each = list_row, .self = &l};

	l.h = arena_array(a, l.max, sizeof *l.h);
	enum store_err e = kv_walk(txn, &w, why);
	if (e != STORE_OK)
		return e;
	*h_r = l.h;
	*n_r = l.n;
	return STORE_OK;
}

enum store_err
held_drop(struct store_txn *txn, uint64_t id, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct key k = key_of(id);
	struct held_entry h;
	struct kv_value v;
	enum store_err e = kv_lock(txn, KV_HELD, &k, a, &v, why);

	if (e == STORE_OK)
		e = open_entry(a, v, &h, why);
	if (e == STORE_OK)
		e = kv_del(txn, KV_HELD, &k, why);
	if (e != STORE_OK || h.blob.id == 0)
		return e;
	e = blob_drop(txn, &h.blob, why);
	return e == STORE_ABSENT ? STORE_OK : e;
}

/* src/store/audit.c - who changed what, when, and how */
#include "audit.h"
#include "arena.h"
#include "buf.h"
#include "kv.h"
#include "pack.h"
#include <inttypes.h>

enum { LIST_MAX = 10000 };

static struct key
key_of(uint64_t ticket, uint64_t seq)
{
	struct key k = {0};

	key_u64(&k, ticket);
	key_u32(&k, (uint32_t)seq);
	return k;
}

enum store_err
audit_add(struct store_txn *txn, struct ticket *t, const struct audit_entry *e, struct why *why)
{
	AUTO(buf) struct buf octets = {0};
	struct audit_entry entry = *e;

	entry.ticket = t->id;
	entry.seq = t->n_audit + 1;
	if (!pack_audit(&octets, &entry)) {
		why_set(why, "an audit entry of ticket %" PRIu64 " is too large to be stored",
			t->id);
		return STORE_BROKEN;
	}
	struct key k = key_of(entry.ticket, entry.seq);
	struct kv_value v = {octets.octets, octets.n};
	enum store_err got = kv_put_new(txn, KV_AUDIT, &k, v, why);
	if (got == STORE_EXISTS)
		why_set(why, "ticket %" PRIu64 " has an audit entry %" PRIu32 " already", t->id,
			entry.seq);
	if (got == STORE_OK)
		t->n_audit = entry.seq;
	return got;
}

struct listing {
	struct arena *arena;
	struct audit_entry *e;
	size_t n, max;
};

static enum store_err
list_row(void *self, const struct kv_row *row, struct why *why)
{
	struct listing *l = self;

	if (l->n == l->max)
		return STORE_ABSENT;
	if (!unpack_audit(l->arena, row->value, row->n_value, &l->e[l->n])) {
		why_set(why, "an audit entry of ticket %" PRIu64 " cannot be read: check the store",
			key_read_u64(row->key));
		return STORE_BROKEN;
	}
	l->n++;
	return STORE_OK;
}

enum store_err
audit_list(struct store_txn *txn, struct arena *a, const struct store_range *range,
	   struct audit_entry **e_r, size_t *n_r, struct why *why)
{
	struct listing l = {.arena = a, .max = range->max < LIST_MAX ? range->max : LIST_MAX};
	struct kv_walk w = {.table = KV_AUDIT,
			    .from = key_of(range->ticket, range->first),
			    .each = list_row,
			    .self = &l};

	l.e = arena_array(a, l.max, sizeof *l.e);
	key_u64(&w.prefix, range->ticket);
	enum store_err e = kv_walk(txn, &w, why);
	if (e != STORE_OK)
		return e;
	*e_r = l.e;
	*n_r = l.n;
	return STORE_OK;
}

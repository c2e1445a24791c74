/* src/store/message.c - the mails of a ticket, and who had which Message-ID */
#include "message.h"
#include "arena.h"
#include "buf.h"
#include "digest.h"
#include "kv.h"
#include "pack.h"
#include "queue_id.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { LIST_MAX = 10000 };

static struct key
key_of(uint64_t ticket, uint32_t seq)
{
	struct key k = {0};

	key_u64(&k, ticket);
	key_u32(&k, seq);
	return k;
}

static struct key
prefix_of_id(const char *message_id)
{
	struct key k = {0};
	uint8_t sum[DIGEST_OCTETS];

	digest_of(message_id, strlen(message_id), sum);
	key_octets(&k, sum, sizeof sum);
	return k;
}

enum store_err
msgid_put(struct store_txn *txn, const char *message_id, uint64_t ticket, uint32_t seq,
	  struct why *why)
{
	struct key k = prefix_of_id(message_id);

	key_u64(&k, ticket);
	key_u32(&k, seq);
	return kv_put(txn, KV_MSGID, &k, (struct kv_value){0}, why);
}

enum store_err
message_append(struct store_txn *txn, const struct message *m, struct why *why)
{
	AUTO(buf) struct buf octets = {0};
	struct key k = key_of(m->ticket, m->seq);

	assert(m->ticket != 0 && m->seq != 0);
	if (!pack_message(&octets, m)) {
		why_set(why, "message %" PRIu32 " of ticket %" PRIu64 " is too large to be stored",
			m->seq, m->ticket);
		return STORE_BROKEN;
	}
	struct kv_value v = {octets.octets, octets.n};
	enum store_err e = kv_put_new(txn, KV_MESSAGE, &k, v, why);
	if (e == STORE_EXISTS)
		why_set(why, "ticket %" PRIu64 " has a message %" PRIu32 " already", m->ticket,
			m->seq);
	struct queue_id_place place = {.at_s = m->received_s, .ticket = m->ticket, .seq = m->seq};
	if (e == STORE_OK)
		e = queue_id_put(txn, m->envelope.queue_id, &place, why);
	if (e != STORE_OK || m->message_id == NULL || m->message_id[0] == '\0')
		return e;
	return msgid_put(txn, m->message_id, m->ticket, m->seq, why);
}

static enum store_err
open_message(struct arena *a, const struct key *k, struct kv_value v, struct message *m_r,
	     struct why *why)
{
	uint64_t ticket = key_read_u64(k->octets);
	uint32_t seq = key_read_u32(k->octets + 8);

	if (unpack_message(a, v.octets, v.n, m_r) && m_r->ticket == ticket && m_r->seq == seq)
		return STORE_OK;
	why_set(why, "message %" PRIu32 " of ticket %" PRIu64 " cannot be read: check the store",
		seq, ticket);
	return STORE_BROKEN;
}

enum store_err
message_find(struct store_txn *txn, struct arena *a, uint64_t ticket, uint32_t seq,
	     struct message *m_r, struct why *why)
{
	struct key k = key_of(ticket, seq);
	struct kv_value v;
	enum store_err e = kv_get(txn, KV_MESSAGE, &k, a, &v, why);

	return e == STORE_OK ? open_message(a, &k, v, m_r, why) : e;
}

struct listing {
	struct arena *arena;
	struct message *m;
	size_t n, max;
};

static enum store_err
list_row(void *self, const struct kv_row *row, struct why *why)
{
	struct listing *l = self;
	struct key k = {0};

	if (l->n == l->max)
		return STORE_ABSENT;
	key_octets(&k, row->key, row->n_key);
	struct kv_value v = {row->value, row->n_value};
	enum store_err e = open_message(l->arena, &k, v, &l->m[l->n], why);
	l->n += e == STORE_OK;
	return e;
}

enum store_err
message_list(struct store_txn *txn, struct arena *a, const struct store_range *range,
	     struct message **m_r, size_t *n_r, struct why *why)
{
	struct listing l = {.arena = a, .max = range->max < LIST_MAX ? range->max : LIST_MAX};
	struct kv_walk w = {.table = KV_MESSAGE,
			    .from = key_of(range->ticket, (uint32_t)range->first),
			    .each = list_row,
			    .self = &l};

	l.m = arena_array(a, l.max, sizeof *l.m);
	key_u64(&w.prefix, range->ticket);
	enum store_err e = kv_walk(txn, &w, why);
	if (e != STORE_OK)
		return e;
	*m_r = l.m;
	*n_r = l.n;
	return STORE_OK;
}

static enum store_err
note_bearer(void *self, const struct kv_row *row, struct why *why)
{
	struct message_place *first = self;

	(void)why;
	if (row->n_key != DIGEST_OCTETS + 12)
		return STORE_OK;
	first->ticket = key_read_u64(row->key + DIGEST_OCTETS);
	first->seq = key_read_u32(row->key + DIGEST_OCTETS + 8);
	return STORE_ABSENT;
}

enum store_err
msgid_find(struct store_txn *txn, const char *message_id, uint64_t *ticket_r, uint32_t *seq_r,
	   struct why *why)
{
	struct message_place first = {0, 0};
	struct kv_walk w = {.table = KV_MSGID,
			    .prefix = prefix_of_id(message_id),
			    .each = note_bearer,
			    .self = &first};
	enum store_err e = kv_walk(txn, &w, why);

	if (e != STORE_OK)
		return e;
	if (first.ticket == 0)
		return STORE_ABSENT;
	*ticket_r = first.ticket;
	*seq_r = first.seq;
	return STORE_OK;
}

static struct key
key_of_duplicate(const char *queue, const uint8_t digest[32])
{
	struct key k = {0};

	key_text(&k, queue);
	key_octets(&k, digest, 32);
	return k;
}

enum store_err
duplicate_find(struct store_txn *txn, const char *queue, const uint8_t digest[32],
	       uint64_t *ticket_r, uint32_t *seq_r, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct key k = key_of_duplicate(queue, digest);
	struct kv_value v;
	enum store_err e = kv_get(txn, KV_DUPLICATE, &k, a, &v, why);

	if (e != STORE_OK)
		return e;
	if (v.n != 12) {
		why_set(why, "a duplicate row of queue %s cannot be read: check the store", queue);
		return STORE_BROKEN;
	}
	*ticket_r = key_read_u64(v.octets);
	*seq_r = key_read_u32((const uint8_t *)v.octets + 8);
	return STORE_OK;
}

enum store_err
duplicate_claim(struct store_txn *txn, const char *queue, const uint8_t digest[32],
		const struct message_place *place, struct message_place *first_r, struct why *why)
{
	struct key k = key_of_duplicate(queue, digest);
	struct key at = key_of(place->ticket, place->seq);
	enum store_err e =
		kv_put_new(txn, KV_DUPLICATE, &k, (struct kv_value){at.octets, at.n}, why);

	if (e != STORE_EXISTS)
		return e;
	e = duplicate_find(txn, queue, digest, &first_r->ticket, &first_r->seq, why);
	return e == STORE_OK ? STORE_EXISTS : e;
}

enum store_err
duplicate_move(struct store_txn *txn, const char *queue, const uint8_t digest[32],
	       const struct message_place *place, struct why *why)
{
	struct key k = key_of_duplicate(queue, digest);
	struct key at = key_of(place->ticket, place->seq);

	return kv_put(txn, KV_DUPLICATE, &k, (struct kv_value){at.octets, at.n}, why);
}

/* src/store/queue_id.c - what became of a mail, by the name that Postfix's log has for it */
#include "queue_id.h"
#include "kv.h"

enum { PLACE_OCTETS = 8 + 8 + 4 + 8 };

static struct key
prefix_of(const char *queue_id)
{
	struct key k = {0};

	key_text(&k, queue_id);
	return k;
}

static struct key
key_of(const char *queue_id, const struct queue_id_place *place)
{
	struct key k = prefix_of(queue_id);

	key_s(&k, place->at_s);
	key_u64(&k, place->ticket);
	key_u32(&k, place->seq);
	key_u64(&k, place->held);
	return k;
}

enum store_err
queue_id_put(struct store_txn *txn, const char *queue_id, const struct queue_id_place *place,
             struct why *why)
{
	if (queue_id == NULL || queue_id[0] == '\0')
		return STORE_OK;
	struct key k = key_of(queue_id, place);
	return kv_put(txn, KV_QUEUE_ID, &k, (struct kv_value){0}, why);
}

enum store_err
queue_id_drop(struct store_txn *txn, const char *queue_id, const struct queue_id_place *place,
              struct why *why)
{
	if (queue_id == NULL || queue_id[0] == '\0')
		return STORE_OK;
	struct key k = key_of(queue_id, place);
	enum store_err e = kv_del(txn, KV_QUEUE_ID, &k, why);
	return e == STORE_ABSENT ? STORE_OK : e;
}

struct finding {
	struct queue_id_place *place;
	size_t n;
};

static enum store_err
note_place(void *self, const struct kv_row *row, struct why *why)
{
	struct finding *f = self;
	const uint8_t *at = row->key + row->n_key - PLACE_OCTETS;

	(void)why;
	if (f->n == QUEUE_ID_PLACES_MAX)
		return STORE_ABSENT;
	if (row->n_key > PLACE_OCTETS)
		f->place[f->n++] = (struct queue_id_place){.at_s = key_read_s(at),
		                                           .ticket = key_read_u64(at + 8),
		                                           .seq = key_read_u32(at + 16),
		                                           .held = key_read_u64(at + 20)};
	return STORE_OK;
}

enum store_err
queue_id_find(struct store_txn *txn, const char *queue_id,
              struct queue_id_place place_r[QUEUE_ID_PLACES_MAX], size_t *n_r, struct why *why)
{
	struct finding f = {.place = place_r};
	struct kv_walk w = {.table = KV_QUEUE_ID,
	                    .prefix = prefix_of(queue_id),
	                    .backward = true,
	                    .each = note_place,
	                    .self = &f};
	enum store_err e = kv_walk(txn, &w, why);

	if (e == STORE_OK)
		*n_r = f.n;
	return e;
}

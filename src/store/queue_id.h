/* src/store/queue_id.h - what became of a mail, by the name that Postfix's log has for it
 *
 * Postfix gives a queue id again after a while, and one mail may go to several queues: an id has
 * places, the newest of which are found. */
#ifndef QUEUE_ID_H
#define QUEUE_ID_H
#include "store.h"

enum { QUEUE_ID_PLACES_MAX = 20 };

/* A message (ticket and seq), or a held entry, waiting or not. */
struct queue_id_place {
	int64_t at_s;    /* when it came */
	uint64_t ticket;
	uint32_t seq;
	uint64_t held;
};

/* Remember a place. Takes  queue_id  "" or NULL: there is none, and nothing is written */
enum store_err queue_id_put(struct store_txn *txn, const char *queue_id,
                            const struct queue_id_place *place, struct why *why) MUST_USE;

/* Forget a place, known or not. */
enum store_err queue_id_drop(struct store_txn *txn, const char *queue_id,
                             const struct queue_id_place *place, struct why *why) MUST_USE;

/* The places of an id, newest first. Gives  *n_r <= QUEUE_ID_PLACES_MAX, may be 0 */
enum store_err queue_id_find(struct store_txn *txn, const char *queue_id,
                             struct queue_id_place place_r[QUEUE_ID_PLACES_MAX], size_t *n_r,
                             struct why *why) MUST_USE;
#endif

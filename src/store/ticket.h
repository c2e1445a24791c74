/* src/store/ticket.h - tickets, their tokens, and the lists by state and by participant */
#ifndef TICKET_H
#define TICKET_H
#include "record.h"
#include "store.h"

/* Write a new ticket; its id came from store_number. Also writes its token and index rows.
 * Fails   STORE_EXISTS: the id or the token is taken (a bug of ours) */
enum store_err ticket_create(struct store_txn *txn, const struct ticket *t,
			     struct why *why) MUST_USE;

/* Read one for writing (takes the write lock at once: no upgrade, fewer deadlocks).
 * Fails   STORE_ABSENT, STORE_BUSY, STORE_BROKEN */
enum store_err ticket_lock(struct store_txn *txn, struct arena *a, uint64_t id,
                           struct ticket *t_r, struct why *why) MUST_USE;

/* Read one. Gives  t_r, its texts in the arena. Fails  STORE_ABSENT, STORE_BUSY, STORE_BROKEN */
enum store_err ticket_find(struct store_txn *txn, struct arena *a, uint64_t id, struct ticket *t_r,
                           struct why *why) MUST_USE;

/* Read the ticket that a token names, e.g. prefix "ACM" and number; STORE_ABSENT when there is
 * none. */
enum store_err ticket_by_token(struct store_txn *txn, struct arena *a, const char *prefix,
                               uint64_t number, struct ticket *t_r, struct why *why) MUST_USE;

/* Write a changed ticket; moves its index rows.
 * Takes   before  as read in this transaction */
enum store_err ticket_update(struct store_txn *txn, const struct ticket *before,
                             const struct ticket *after, struct why *why) MUST_USE;

struct ticket_query {
	const char *queue;       /* NULL: any */
	int state;               /* enum ticket_state, or -1: any */
	const char *participant; /* canonical address, or NULL */
	int64_t updated_before_s; /* 0: any */
	const char *after;       /* opaque place from the last page, or NULL */
	size_t max;              /* 1..1000 */
	bool oldest_first;       /* by last update; default newest first */
};

struct ticket_page {
	struct ticket *ticket; /* [0 .. n-1] */
	size_t n;              /* may be fewer than max, even 0, while `after` is there */
	char *after;           /* where the next page starts; NULL at the end */
};

/* A page of tickets.
 * Gives   page_r, all of it in the arena
 * Fails   STORE_ABSENT: q->after is no place; STORE_BUSY, STORE_BROKEN
 * Cost    O(max log n), whatever the size of the store; a participant with a queue or a state looks
 *         at up to ten times max */
enum store_err ticket_list(struct store_txn *txn, struct arena *a, const struct ticket_query *q,
                           struct ticket_page *page_r, struct why *why) MUST_USE;
#endif

/* src/store/outbox.h - mails that we owe: written with the ticket, removed when settled */
#ifndef OUTBOX_H
#define OUTBOX_H
#include "record.h"
#include "store.h"

/* Promise a mail inside the ticket's transaction.
 * Takes   row  its id from store_number
 * Fails   STORE_EXISTS: the id is taken (a bug of ours); STORE_BUSY, STORE_FULL, STORE_BROKEN */
enum store_err outbox_promise(struct store_txn *txn, const struct outbox_row *row,
			      struct why *why) MUST_USE;

/* Read one for writing. Fails  STORE_ABSENT: settled, or due at another time; STORE_BUSY,
 * STORE_BROKEN */
enum store_err outbox_find(struct store_txn *txn, struct arena *a, uint64_t id, int64_t due_s,
                           struct outbox_row *row_r, struct why *why) MUST_USE;

/* The newest notice of one kind that is owed to one address about one ticket, for writing, so that
 * one more comment is told by the same mail. It may be on its way already: whoever settles it
 * compares the count.
 * Takes   like  ticket, to_address and kind count
 * Fails   STORE_ABSENT when there is none; STORE_BUSY, STORE_BROKEN
 * Cost    two look-ups (index by ticket, kind and address) */
enum store_err outbox_pending(struct store_txn *txn, struct arena *a, const struct outbox_row *like,
                              struct outbox_row *row_r, struct why *why) MUST_USE;

struct outbox_question {
	int64_t now_s;
	size_t max;                /* 1..1000 */
	const uint64_t *in_flight; /* ids to leave out, in any order */
	size_t n_flight;
};

struct outbox_answer {
	struct outbox_row *row; /* [0 .. n-1] in the arena, oldest due first */
	size_t n;
	int64_t next_due_s;     /* of the first row left out for time or room; 0: none */
};

/* Rows that are due. */
enum store_err outbox_due(struct store_txn *txn, struct arena *a, const struct outbox_question *q,
                          struct outbox_answer *answer_r, struct why *why) MUST_USE;

struct outbox_range {
	const struct outbox_row *after; /* NULL: from the first on; else its due time and id
	                                 * count, and it may be gone */
	size_t max;                     /* 1..1000 */
};

/* Any rows, in order of due time and id, for lists. */
enum store_err outbox_list(struct store_txn *txn, struct arena *a, const struct outbox_range *range,
                           struct outbox_row **row_r, size_t *n_r, struct why *why) MUST_USE;

/* Change a row (new due time, attempts, error, count). Takes  before  as read in this transaction
 * */
enum store_err outbox_change(struct store_txn *txn, const struct outbox_row *before,
                             const struct outbox_row *after, struct why *why) MUST_USE;

/* Remove a settled row; STORE_ABSENT when it is gone already. */
enum store_err outbox_settle(struct store_txn *txn, uint64_t id, int64_t due_s,
			     struct why *why) MUST_USE;
#endif

/* src/store/outbox.h - mails that we owe: written with the ticket, removed when settled */
#ifndef OUTBOX_H
#define OUTBOX_H
#include "record.h"
#include "store.h"

/* Promise a mail inside the ticket's transaction. Takes  row  id from store_number */
enum store_err outbox_promise(struct store_txn *txn, const struct outbox_row *row, struct why *why) MUST_USE;

/* The pending comment notice of this ticket to this address that is not yet being sent, so that one more
 * comment is told by the same mail. STORE_ABSENT when there is none.
 * Cost    one look-up (index by ticket and address) */
enum store_err outbox_pending(struct store_txn *txn, struct arena *a, uint64_t ticket,
                              const char *to_address, enum notice_kind kind,
                              struct outbox_row *row_r, struct why *why) MUST_USE;

/* Rows that are due, oldest first, at most max, leaving out the ids in flight (sorted or not, n_flight). */
enum store_err outbox_due(struct store_txn *txn, struct arena *a, int64_t now_s, size_t max,
                          const uint64_t *in_flight, size_t n_flight, struct outbox_row **row_r,
                          size_t *n_r, int64_t *next_due_s_r, struct why *why) MUST_USE;

/* Any rows, in order of due time, from a place on (for lists). */
enum store_err outbox_list(struct store_txn *txn, struct arena *a, size_t max,
                           struct outbox_row **row_r, size_t *n_r, struct why *why) MUST_USE;

/* Read a row for writing; STORE_ABSENT when it is gone or its due time changed. */
enum store_err outbox_find(struct store_txn *txn, struct arena *a, uint64_t id, int64_t due_s,
                           struct outbox_row *row_r, struct why *why) MUST_USE;

/* Change a row (new due time, attempts, error, count). Takes  before  as read in this transaction */
enum store_err outbox_change(struct store_txn *txn, const struct outbox_row *before,
                             const struct outbox_row *after, struct why *why) MUST_USE;

/* Remove a settled row; STORE_ABSENT when it is gone already. */
enum store_err outbox_settle(struct store_txn *txn, uint64_t id, int64_t due_s, struct why *why) MUST_USE;
#endif

/* src/store/held.h - mails kept whole for a person to look at, with the cause */
#ifndef HELD_H
#define HELD_H
#include "record.h"
#include "store.h"

/* Write a new entry. Takes  h  its id from store_number. Fails  STORE_EXISTS (a bug of ours),
 * STORE_BUSY, … */
enum store_err held_put(struct store_txn *txn, const struct held_entry *h,
			struct why *why) MUST_USE;

/* Read one. Fails  STORE_ABSENT, STORE_BUSY, STORE_BROKEN */
enum store_err held_find(struct store_txn *txn, struct arena *a, uint64_t id,
			 struct held_entry *h_r,
                         struct why *why) MUST_USE;

/* Entries in order of their ids, from range->first on (0: all), at most range->max (1,000). */
enum store_err held_list(struct store_txn *txn, struct arena *a, const struct store_range *range,
                         struct held_entry **h_r, size_t *n_r, struct why *why) MUST_USE;

/* Remove one, its blob too. Fails  STORE_ABSENT when there is none */
enum store_err held_drop(struct store_txn *txn, uint64_t id, struct why *why) MUST_USE;

/* Read one for writing. Fails  STORE_ABSENT, STORE_BUSY, STORE_BROKEN */
enum store_err held_lock(struct store_txn *txn, struct arena *a, uint64_t id,
                         struct held_entry *h_r, struct why *why) MUST_USE;

/* Write an entry that waits already (told_s). Takes  h  as held_lock gave it, changed */
enum store_err held_change(struct store_txn *txn, const struct held_entry *h,
                           struct why *why) MUST_USE;

/* End the waiting of an entry: it leaves the list, and what became of it is kept.
 * Takes   h  as held_lock gave it, its fate set. The octets stay with HELD_RELEASED, for its
 *            message; else they go */
enum store_err held_end(struct store_txn *txn, const struct held_entry *h,
			struct why *why) MUST_USE;

/* Write one that waits no more where there is none (load of a dump). Fails  STORE_EXISTS */
enum store_err held_keep(struct store_txn *txn, const struct held_entry *h,
                         struct why *why) MUST_USE;

/* Read one that waits no more. Fails  STORE_ABSENT, STORE_BUSY, STORE_BROKEN */
enum store_err held_find_done(struct store_txn *txn, struct arena *a, uint64_t id,
                              struct held_entry *h_r, struct why *why) MUST_USE;

/* Those that wait no more, as held_list. */
enum store_err held_list_done(struct store_txn *txn, struct arena *a,
                              const struct store_range *range, struct held_entry **h_r, size_t *n_r,
                              struct why *why) MUST_USE;

/* Forget one that waits no more. Fails  STORE_ABSENT */
enum store_err held_forget(struct store_txn *txn, uint64_t id, struct why *why) MUST_USE;

/* When the last summary was promised to the postmaster; 0: never. */
enum store_err held_summary_s(struct store_txn *txn, int64_t *at_s_r, struct why *why) MUST_USE;
enum store_err held_set_summary_s(struct store_txn *txn, int64_t at_s, struct why *why) MUST_USE;
#endif

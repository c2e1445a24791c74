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
#endif

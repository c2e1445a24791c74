/* src/store/held.h - mails kept whole for a person to look at, with the cause */
#ifndef HELD_H
#define HELD_H
#include "record.h"
#include "store.h"

enum store_err held_put(struct store_txn *txn, const struct held_entry *h, struct why *why) MUST_USE;
enum store_err held_find(struct store_txn *txn, struct arena *a, uint64_t id, struct held_entry *h_r,
                         struct why *why) MUST_USE;
/* From id `after` on (0: from the start), at most max. */
enum store_err held_list(struct store_txn *txn, struct arena *a, uint64_t after, size_t max,
                         struct held_entry **h_r, size_t *n_r, struct why *why) MUST_USE;
/* Remove one (its blob too); STORE_ABSENT when there is none. */
enum store_err held_drop(struct store_txn *txn, uint64_t id, struct why *why) MUST_USE;
#endif

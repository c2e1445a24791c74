/* src/store/message.h - the mails of a ticket, and who had which Message-ID */
#ifndef MESSAGE_H
#define MESSAGE_H
#include "record.h"
#include "store.h"

/* Write a message (ticket, seq must be free), its Message-ID and duplicate index rows. */
enum store_err message_append(struct store_txn *txn, const struct message *m, struct why *why) MUST_USE;

enum store_err message_find(struct store_txn *txn, struct arena *a, uint64_t ticket, uint32_t seq,
                            struct message *m_r, struct why *why) MUST_USE;

/* The messages of a ticket from first_seq on, in order, at most max. */
enum store_err message_list(struct store_txn *txn, struct arena *a, uint64_t ticket, uint32_t first_seq,
                            size_t max, struct message **m_r, size_t *n_r, struct why *why) MUST_USE;

/* Remember an id that we sent, so that answers find their ticket. */
enum store_err msgid_put(struct store_txn *txn, const char *message_id, uint64_t ticket, uint32_t seq,
                         struct why *why) MUST_USE;

/* The ticket that knows a Message-ID, sent or received by us.
 * Gives   the earliest that is in queue (NULL: any queue); STORE_ABSENT when none */
enum store_err msgid_find(struct store_txn *txn, const char *message_id, uint64_t *ticket_r,
                          uint32_t *seq_r, struct why *why) MUST_USE;

/* Claim that this content reached this queue now for the first time; part of the filing transaction.
 * Takes   queue   name; digest  content digest (parse.h)
 *         ticket, seq  where it is filed; for a held mail ticket 0 and seq 0
 * Fails   STORE_EXISTS: it is a duplicate; *ticket_r, *seq_r say where the first went */
enum store_err duplicate_claim(struct store_txn *txn, const char *queue, const uint8_t digest[32],
                               uint64_t ticket, uint32_t seq, uint64_t *ticket_r, uint32_t *seq_r,
                               struct why *why) MUST_USE;

/* Whether it was filed before: STORE_OK and where, or STORE_ABSENT. */
enum store_err duplicate_find(struct store_txn *txn, const char *queue, const uint8_t digest[32],
                              uint64_t *ticket_r, uint32_t *seq_r, struct why *why) MUST_USE;
#endif

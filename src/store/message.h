/* src/store/message.h - the mails of a ticket, and who had which Message-ID */
#ifndef MESSAGE_H
#define MESSAGE_H
#include "record.h"
#include "store.h"

/* Where a mail was filed; for one that is held both are 0. */
struct message_place {
	uint64_t ticket;
	uint32_t seq;
};

/* Write a message and the row that finds it by its Message-ID (if it has one).
 * Takes   m  ticket and seq not 0
 * Fails   STORE_EXISTS: that seq is taken; STORE_BUSY, STORE_FULL, STORE_BROKEN */
enum store_err message_append(struct store_txn *txn, const struct message *m,
			      struct why *why) MUST_USE;

/* Read one. Gives  m_r, its texts in the arena. Fails  STORE_ABSENT, STORE_BUSY, STORE_BROKEN */
enum store_err message_find(struct store_txn *txn, struct arena *a, uint64_t ticket, uint32_t seq,
                            struct message *m_r, struct why *why) MUST_USE;

/* Read the messages of range->ticket from seq range->first on, in order, at most range->max
 * (10,000).
 * Gives   m_r[0 .. *n_r-1] in the arena; *n_r may be 0 */
enum store_err message_list(struct store_txn *txn, struct arena *a, const struct store_range *range,
                            struct message **m_r, size_t *n_r, struct why *why) MUST_USE;

/* Remember an id that we sent, so that answers find their ticket. Writing it twice changes nothing.
 * Takes   message_id  in the form in which msgid_find will ask for it, any length */
enum store_err msgid_put(struct store_txn *txn, const char *message_id, uint64_t ticket,
			 uint32_t seq,
                         struct why *why) MUST_USE;

/* The ticket that knows a Message-ID, sent or received by us.
 * Gives   the lowest ticket, and in it the lowest seq
 * Fails   STORE_ABSENT when none does; STORE_BUSY, STORE_BROKEN */
enum store_err msgid_find(struct store_txn *txn, const char *message_id, uint64_t *ticket_r,
                          uint32_t *seq_r, struct why *why) MUST_USE;

/* Claim that this content reached this queue now for the first time; part of the filing
 * transaction.
 * Takes   queue   name
 *         digest  content digest (content.h)
 *         place   where it is filed now
 * Gives   first_r only with STORE_EXISTS
 * Fails   STORE_EXISTS: it is a duplicate; *first_r says where the first went; STORE_BUSY,
 *         STORE_BROKEN */
enum store_err duplicate_claim(struct store_txn *txn, const char *queue, const uint8_t digest[32],
                               const struct message_place *place, struct message_place *first_r,
                               struct why *why) MUST_USE;

/* The mail went on to another place (a held one was released): say so in its claim, made before. */
enum store_err duplicate_move(struct store_txn *txn, const char *queue, const uint8_t digest[32],
                              const struct message_place *place, struct why *why) MUST_USE;

/* Whether it was filed before: STORE_OK and where, or STORE_ABSENT. */
enum store_err duplicate_find(struct store_txn *txn, const char *queue, const uint8_t digest[32],
                              uint64_t *ticket_r, uint32_t *seq_r, struct why *why) MUST_USE;
#endif

/* src/desk/meter.h - the limits of what one mail sets off, asked while it is planned, counted when
 * it is filed
 *
 * Both in one transaction: two mails cannot pass one limit together. What could not be asked is not
 * let through (fails closed), and the mail is filed all the same. */
#ifndef METER_H
#define METER_H
#include "conf.h"
#include "mail.h"
#include "record.h"
#include "store.h"
#include "tally.h"

struct arena;

enum { METER_EVENTS_MAX = 256 };

/* What filing a mail will count. Zeroed, with conf and now_s, before the first question. */
struct meter {
	const struct conf *conf;
	int64_t now_s;
	struct tally_event event[METER_EVENTS_MAX];
	size_t n_events;
	size_t n_limited;        /* notices that were not let through */
	bool asked_ticket;       /* a mail is one occasion, however many it tells */
	const char *ticket_full;
};

/* A mail that would be sent. */
struct meter_notice {
	enum notice_kind kind;
	uint64_t ticket;
	const char *address;
	const char *subject; /* of the ticket */
	bool verified;       /* with an acknowledgement: its sender is */
};

/* Ask whether a mail may be sent.
 * Gives   *full_r NULL: yes, and it will be counted; else which limit says no, or that it could not
 *         be asked
 * Fails   STORE_BUSY, STORE_FULL */
enum store_err meter_notice(struct store_txn *txn, struct arena *a, struct meter *m,
                            const struct meter_notice *n, const char **full_r,
                            struct why *why) MUST_USE;

/* Ask whether somebody may open one more ticket. Gives  as meter_notice
 * Takes   address  canonical; "" is all of whom there is none */
enum store_err meter_open(struct store_txn *txn, struct arena *a, struct meter *m,
                          const char *address, const char **full_r, struct why *why) MUST_USE;

/* A comment. */
struct meter_said {
	const struct mail *mail;
	uint64_t ticket;
};

/* Ask whether the own words of a mail came from its author, on this ticket, too often of late.
 * Gives   as meter_notice; no words at all are no repetition where there is an attachment */
enum store_err meter_words(struct store_txn *txn, struct arena *a, struct meter *m,
                           const struct meter_said *said, const char **full_r,
                           struct why *why) MUST_USE;

/* Ask whether the agents of a queue may be told now that there is a flood: once an hour. */
enum store_err meter_flood(struct store_txn *txn, struct arena *a, struct meter *m,
                           const char *queue, const char **full_r, struct why *why) MUST_USE;

/* Count what was let through. */
enum store_err meter_write(struct store_txn *txn, const struct meter *m, struct why *why) MUST_USE;
#endif

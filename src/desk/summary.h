/* src/desk/summary.h - the mails to the postmaster, and to agents, about held mail
 *
 * They are of no ticket, and hold nothing that a stranger wrote (promise P3). */
#ifndef SUMMARY_H
#define SUMMARY_H
#include "conf.h"
#include "notice.h"
#include "record.h"
#include "store.h"

struct arena;
struct sign;

enum { SUMMARY_ENTRIES_MAX = 50 };

/* What one of them says, read when it is sent. */
struct summary {
	const char *list;                     /* lines: no sender, subject or text of any mail */
	const char *queue;                    /* NOTICE_FLOOD: whose agents are told; else "" */
	uint64_t listed[SUMMARY_ENTRIES_MAX]; /* NOTICE_HELD: the entries that it tells of */
	size_t n;
	uint64_t n_more;                      /* held too, not listed */
};

/* What its making needs. Everything is borrowed. */
struct summary_in {
	const struct conf *conf;
	const struct sign *sign;
	const struct outbox_row *row; /* NOTICE_HELD, NOTICE_HELD_DONE or NOTICE_FLOOD */
	int64_t now_s;
};

/* Read what it will say.
 * Gives   for NOTICE_HELD those that were in no summary yet, then the others, oldest first
 * Cost    at most 10,000 entries are looked at */
enum store_err summary_read(struct store_txn *txn, struct arena *a, const struct summary_in *in,
                            struct summary *summary_r, struct why *why) MUST_USE;

/* Write the mail.
 * Fails   false: why says what must not go out, or which template is wrong */
bool summary_make(struct arena *a, const struct summary_in *in, const struct summary *summary,
                  struct notice_mail *mail_r, struct why *why) MUST_USE;

/* It was sent: the entries that it told of may expire from now on. */
enum store_err summary_told(struct store_txn *txn, struct arena *a, const struct summary *summary,
                            int64_t now_s, struct why *why) MUST_USE;

/* Promise one to the postmaster.
 * Takes   row_id  from store_number
 *         kind    NOTICE_HELD, or NOTICE_HELD_DONE about the entry `held` */
enum store_err summary_promise(struct store_txn *txn, const struct conf *conf, uint64_t row_id,
                               enum notice_kind kind, uint64_t held, struct why *why) MUST_USE;
#endif

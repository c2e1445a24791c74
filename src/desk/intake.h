/* src/desk/intake.h - the way of a mail: octets in, filed or held, durable, answered */
#ifndef INTAKE_H
#define INTAKE_H
#include "desk.h"
#include "outcome.h"
#include "plan.h"
#include "record.h"

struct arena;

enum { INTAKE_REPLY_OCTETS = 200 };

/* One mail as it came in. Everything is borrowed. */
struct intake_mail {
	const void *octets;
	size_t n;
	struct envelope_record envelope; /* without recipient */
	bool too_long;                   /* a header block or line over its limit: kept, not read */
	int64_t now_s;
};

struct intake_answer {
	enum outcome outcome;
	char text[INTAKE_REPLY_OCTETS]; /* "filed as ACM-104231": for the peer's log */
};

/* Whether somebody of ours has this address: gate.h as LMTP has it. A reply address that is not
 * valid comes in: Postfix has the mail already, and a refusal would make it write a bounce.
 * Gives   OUT_FILED (yes) or OUT_NOQUEUE */
enum outcome intake_recipient(struct desk *d, const char *address);

/* File one mail for each recipient. Returns when everything it answers with 250 is on disk.
 * Takes   rcpt  n_rcpt addresses, as the envelope had them
 * Gives   answer_r[0 .. n_rcpt-1]
 * Cost    one question to the parser, one transaction for each queue, one shared flush */
void intake_take(struct desk *d, const struct intake_mail *in, const char *const rcpt[],
                 size_t n_rcpt, struct intake_answer answer_r[]);

/* What a mail is, as far as it can be said without the store. */
struct intake_reading {
	const struct mail *mail;          /* NULL when held */
	struct chain_result chain;
	bool held;
	enum held_cause cause;
	const char *held_detail;
	bool retry;                       /* could not ask: nothing is known */
	struct sender sender;
	uint8_t digest[32];
};

/* Read a mail and put the filters' questions; also used by explain.
 * Gives   the reading; lives in a */
struct intake_reading intake_read(struct desk *d, struct arena *a, const struct conf *conf,
                                  const struct intake_mail *in, struct why *why);
#endif

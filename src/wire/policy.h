/* src/wire/policy.h - the answering side of Postfix's policy delegation as a function of octets
 *
 * What check_policy_service speaks (SMTPD_POLICY_README): lines "name=value", an empty line ends
 * the request; the answer is "action=…" and an empty line. No descriptor, no clock: the caller
 * moves the octets and keeps the time. The same input gives the same output however it is split. */
#ifndef POLICY_H
#define POLICY_H
#include "buf.h"
#include <stdbool.h>

enum {
	POLICY_LINE_MAX_OCTETS = 4096,     /* Postfix's own values end at 2048 */
	POLICY_REQUEST_MAX_OCTETS = 32768, /* certificate names and a few dozen short values */
	POLICY_LINES_MAX = 100,
	POLICY_ACTION_MAX_OCTETS = 500
};

struct policy_request; /* borrowed during one call */

/* A value of the request: UTF-8 without control characters, may be "".
 * Gives   the first with this name, or NULL when there is none, or it is not such a text */
const char *policy_value(const struct policy_request *r, const char *name);

/* Decide on one request.
 * Takes   action_r  empty; add what an access(5) table would have, of which one line is sent. Left
 *                   empty it is DUNNO: the next restriction decides */
typedef void policy_decide(void *self, const struct policy_request *r, struct buf *action_r);

struct policy_calls {
	void *self;
	policy_decide *decide;
};

/* One conversation; zeroed it is a new one. */
struct policy {
	struct buf pending; /* the request on its way in, each line ended by a NUL */
	size_t line;        /* where the line on its way in begins */
	unsigned n_lines;
	bool cut_off;
};

/* Take octets from the peer, in any split, and append what to send to out.
 * Gives   true to read on; false when the peer must be cut off, after sending what is in out: a
 *         line without a name and "=", with a NUL, over a limit, or a request of another kind than
 *         smtpd_access_policy
 * Cost    holds one request */
bool policy_feed(struct policy *p, const struct policy_calls *calls, const void *in, size_t n,
                 struct buf *out) MUST_USE;

/* Release the memory; it is a new conversation afterwards. */
void policy_reset(struct policy *p);
#endif

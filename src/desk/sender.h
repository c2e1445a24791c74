/* src/desk/sender.h - who sent this, and what proves it: SASL, Authentication-Results, SPF
 *
 * A verdict about From:, never about Reply-To. A check that could not be made proves nothing and
 * accuses nobody. */
#ifndef SENDER_H
#define SENDER_H
#include "conf.h"
#include "mail.h"
#include "record.h"

struct arena;
struct child_pool;

struct sender_in {
	const struct conf *conf;
	const struct mail *mail;
	const struct envelope_record *envelope;
	struct child_pool *spf; /* NULL: SPF is not asked */
};

struct sender {
	enum sender_auth auth;
	bool strong;         /* by SASL, DMARC or an aligned signature: enough for an agent */
	bool spf_temperror;  /* SPF was asked, and could not say */
	const char *because; /* one line: what was found, by which check; never NULL */
};

/* Find out whether From: is who it says.
 * Gives   AUTH_VERIFIED, AUTH_FAILED (the domain's own policy says so), or AUTH_UNVERIFIED; a From:
 *         that cannot be read strictly is unverified
 * Cost    perhaps a question to an SPF child (DNS, seconds); never inside a transaction
 * Source  DESIGN.md 8; RFC 7208, RFC 8601, RFC 7489 3.1 */
struct sender sender_check(struct arena *a, const struct sender_in *in);
#endif

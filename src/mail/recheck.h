/* src/mail/recheck.h - read a mail of ours again before it goes out, with eyes that did not write
 * it */
#ifndef RECHECK_H
#define RECHECK_H
#include "compose.h"

/* The fields that a mail must have, in this order, and nothing else. */
struct recheck_field {
	const char *name;
	const char *value; /* as a reader decodes it; NULL: only the name is compared */
	bool raw;          /* compare what stands there, unfolded but not decoded */
};

/* Compare octets with what was asked.
 * Takes   field  n_fields of them
 * Gives   COMPOSE_OK when all lines are sound (CRLF, at most 998 octets, no NUL), the header is
 *         exactly the fields asked for, From and To are one mailbox each, date and body are the
 *         same
 * Fails   COMPOSE_REFUSED; why says what differs */
enum compose_err recheck_mail(const struct compose_mail *what, const struct recheck_field *field,
                              size_t n_fields, const char *octets, size_t n,
                              struct why *why) MUST_USE;
#endif

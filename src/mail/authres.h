/* src/mail/authres.h - Authentication-Results (RFC 8601) that our own border wrote
 *
 * Whom to believe: fields with exactly our authserv-id (ASCII case ignored; an A-label and a
 * U-label are different ids) that stand inside the trust boundary. With n_own = 0 that is above the
 * topmost Received field: no sender can put anything there. With n_own = 1 it is above the second
 * one, where Postfix puts what milters such as OpenDKIM insert (their "index 1" is below its own
 * Received); the sender's own fields begin there too, so this is safe only where the border removes
 * fields with our id from mail that comes in. Fields of our id elsewhere are forged, or of an
 * earlier pass, and count for nothing.
 *
 * Several fields inside count together, since each milter writes its own. What they say of one
 * method must agree: the topmost field that names a method may say what it likes of it, a later one
 * nothing else. A method with a contradiction is absent; so is every method of a field that is not
 * well-formed to the letter. Absent is never a pass. */
#ifndef AUTHRES_H
#define AUTHRES_H
#include "mail.h"

struct arena;

enum {
	AUTHRES_FIELDS_MAX = 20,     /* of our id inside the boundary; with more all are absent */
	AUTHRES_RESULTS_MAX = 60,    /* in all of them */
	AUTHRES_PROPERTIES_MAX = 20, /* of one result */
	AUTHRES_DEPTH_MAX = 5,       /* of comments in comments */
	AUTHRES_WARNINGS_MAX = 8
};

struct authres_trust {
	const char *authserv_id; /* "" believes nothing */
	size_t n_own;            /* how many of the topmost Received fields are our border's */
};

/* ptype.property=value */
struct authres_property {
	const char *type, *name; /* lower case */
	const char *value;       /* without quotes; as written */
};

/* method=result and what belongs to it. */
struct authres_result {
	const char *method, *result; /* lower case */
	const char *reason;          /* or "" */
	const struct authres_property *property;
	size_t n_properties;
	const char *identity; /* what the method vouches for, lower case: dkim header.d, dmarc
	                       * header.from, spf the domain of smtp.mailfrom (else smtp.helo), auth
	                       * smtp.auth as written; "" when missing or not a domain */
	size_t field;         /* number of the field that it came from */
};

struct authres {
	const struct authres_result *result; /* without those that are contradicted */
	size_t n;
	size_t n_fields; /* of our id inside the boundary */
	size_t n_forged; /* of our id outside it */
	const char *const *warning; /* for people */
	size_t n_warnings;
};

enum authres_verdict {
	AUTHRES_NONE = 0,  /* absent, contradicted, neutral, or anything that is not the others */
	AUTHRES_PASS,
	AUTHRES_FAIL,
	AUTHRES_TEMPORARY  /* could not ask */
};

/* Whether a domain is one that the caller looks for: aligned with From. */
typedef bool authres_aligned(void *self, const char *domain);

/* Read what our border found out about a mail.
 * Gives   results in the arena, in order; borrows nothing */
void authres_read(struct arena *a, const struct mail *m, const struct authres_trust *trust,
                  struct authres *r_r);

/* The value of a property ("header", "d"), or NULL. */
const char *authres_value(const struct authres_result *result, const char *type, const char *name);

/* Whether some signature passed for a domain that is aligned. */
bool authres_dkim_pass(const struct authres *r, authres_aligned *aligned, void *self);

/* What DMARC says. Takes  from_r  may be NULL; gets the domain it says it of, or "" */
enum authres_verdict authres_dmarc(const struct authres *r, const char **from_r);

/* What SPF says of the envelope sender; softfail is none. Takes  domain_r  as from_r */
enum authres_verdict authres_spf(const struct authres *r, const char **domain_r);

/* The name that the client logged in as, or NULL. */
const char *authres_login(const struct authres *r);
#endif

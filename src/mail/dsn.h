/* src/mail/dsn.h - what a bounce says (RFC 3464, RFC 6533), also when its form is broken */
#ifndef DSN_H
#define DSN_H
#include "ids.h"
#include "mail.h"

struct arena;
struct notes;

/* What was found so far. A zeroed one is empty. */
struct dsn {
	bool present;
	const char *reporting_mta;
	struct mail_dsn_rcpt *rcpt; /* arena; room for MAIL_ADDRESSES_MAX */
	size_t n_rcpt;
	bool open;      /* the last recipient's group of fields has not ended */
	struct ids ids; /* of the returned mail */
};

/* Read the decoded octets of a message/delivery-status part: groups of fields. A group ends at a
 * blank line or where one of its fields comes again, so that lost blank lines do no harm. */
void dsn_status(struct arena *a, struct dsn *d, const char *octets, size_t n, struct notes *notes);

/* Take the ids of a returned mail, or of its header alone. */
void dsn_returned(struct arena *a, struct dsn *d, const char *octets, size_t n);

/* Take the ids out of lines "Message-ID: ..." inside a text: for bounces without structure. */
void dsn_text(struct arena *a, struct dsn *d, const char *text);
#endif

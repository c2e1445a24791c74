/* src/wire/dotted.h - the octets between DATA and CR LF . CR LF (RFC 5321 4.5.2)
 *
 * Only CR LF . CR LF ends a mail. A bare LF or CR near a dot is what SMTP smuggling is made of: it
 * is kept as content and flagged, and a dot is undone only behind CR LF. */
#ifndef DOTTED_H
#define DOTTED_H
#include "buf.h"
#include "lmtp.h"
#include <stdbool.h>
#include <stddef.h>

/* One mail on its way in. Zeroed is ready. */
struct dotted {
	struct buf mail;    /* what came, dots undone; emptied once it is over the limit */
	size_t n_came;      /* octets of the mail, also of those not kept */
	unsigned flags;     /* enum lmtp_flag */
	int at;             /* where in CR LF . CR LF */
	bool body;          /* the header block is over */
	size_t n_line;      /* octets of this line, without its end */
};

/* The bounds of a mail. */
struct dotted_limits {
	size_t message_octets;
	size_t header_octets;
	size_t line_octets;
};

/* Take octets up to the end of the mail.
 * Gives   true when the end came; *n_used_r octets of the input were taken, all when false */
bool dotted_feed(struct dotted *d, const struct dotted_limits *limits, const char *in, size_t n,
                 size_t *n_used_r);

/* Whether the mail outgrew the limit, so that its octets are gone. */
bool dotted_too_big(const struct dotted *d, const struct dotted_limits *limits);

/* Be ready for the next mail, and release the memory of this one. */
void dotted_reset(struct dotted *d);
#endif

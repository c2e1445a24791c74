/* src/mail/compose.h - the one place where mail of ours is written (GMime), and its check before
 * it goes out
 *
 * The writer knows no message of anybody: what it gets is all that can leave (promise P3). */
#ifndef COMPOSE_H
#define COMPOSE_H
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct compose_field {
	const char *name;  /* token characters only */
	const char *value; /* text; encoded words are made where it is not ASCII */
};

/* What a mail of ours is made of. Texts are UTF-8; controls are refused. */
struct compose_mail {
	const char *from_name, *from_address;
	const char *to_name, *to_address; /* exactly one recipient */
	const char *reply_to;             /* address, or NULL */
	const char *subject;
	const char *message_id;           /* without <> */
	const char *in_reply_to;          /* without <>, or NULL */
	const char *const *references;    /* oldest first; of many the first 4 and last 6 go out */
	size_t n_references;
	int64_t date_s;
	const char *language;             /* Content-Language */
	const struct compose_field *field; /* Auto-Submitted and the like */
	size_t n_fields;
	const char *text;                 /* the body, LF line ends */
};

enum compose_err {
	COMPOSE_OK = 0,
	COMPOSE_REFUSED /* a value that must not go out; why says which */
};

/* Write the mail with CRLF line ends, text/plain; charset=utf-8, format=flowed not used, transfer
 * encoding 7bit, quoted-printable or base64 as needed, no line over 76 octets in headers where
 * folding can do it, none over 998. Then check it: parse the octets again and compare header
 * names, their count and values with what was asked; no NUL, no bare CR or LF, every line <= 998
 * octets, exactly one To. Ids in in_reply_to and references that cannot stand in a header are left
 * out, so that a stranger's odd id stops no notice.
 * Gives   octets in the arena; *smtputf8_r true only when an address is not ASCII (RFC 6531)
 * Fails   COMPOSE_REFUSED, and nothing may be sent */
enum compose_err compose_mail(struct arena *a, const struct compose_mail *what, char **octets_r,
                              size_t *n_r, bool *smtputf8_r, struct why *why) MUST_USE;
#endif

/* src/desk/notice.h - make one mail that we owe: template, fields, addresses
 *
 * Knows the ticket's record and the outbox row; no message, no blob, no parser is within its reach
 * (promise P3). */
#ifndef NOTICE_H
#define NOTICE_H
#include "conf.h"
#include "record.h"

struct arena;
struct sign;

struct notice_mail {
	const char *sender; /* envelope; "" is the null sender */
	const char *rcpt;
	const char *octets;
	size_t n;
	bool smtputf8;
};

/* What it is made from. */
struct notice_source {
	const struct conf *conf;
	const struct ticket *ticket; /* as it is now */
	const struct outbox_row *row;
	const struct sign *sign; /* for the recipient's own reply address */
	int64_t now_s;
	bool shows_subject; /* the queue wants it, and the ticket is of a proven sender */
};

/* Write the mail of an outbox row.
 * Gives   mail_r in the arena, checked by compose_mail
 * Fails   false: why says what must not go out, or which template is wrong */
bool notice_make(struct arena *a, const struct notice_source *from, struct notice_mail *mail_r,
                 struct why *why) MUST_USE;
#endif

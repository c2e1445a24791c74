/* src/wire/smtp_out.h - the only sender of mail, over libetpan: one recipient a mail */
#ifndef SMTP_OUT_H
#define SMTP_OUT_H
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct smtp_out; /* one connection, opened when needed and used again; for one thread at a time */

enum smtp_out_tls {
	SMTP_OUT_TLS_NONE = 0, /* in the clear: for a server on this machine */
	SMTP_OUT_TLS_STARTTLS, /* STARTTLS, or nothing is sent */
	SMTP_OUT_TLS_WRAPPED   /* TLS from the first octet (RFC 8314) */
};

struct smtp_out_settings {
	const char *server;   /* borrowed: "inet:HOST:PORT" or "unix:/path" (base/net.h) */
	const char *hostname; /* borrowed: our name in EHLO */
	enum smtp_out_tls tls; /* host name and chain are checked; a failure is UNREACHABLE */
	const char *ca_file;  /* borrowed: PEM; NULL takes the system's */
	const char *login;    /* borrowed: NULL sends no AUTH */
	const char *password; /* borrowed: goes out only over TLS or to this machine */
	int64_t timeout_s;    /* for each command with its answer; ten times that for a mail */
};

enum smtp_out_result {
	SMTP_OUT_SENT = 0,
	SMTP_OUT_TEMPORARY,   /* the server said 4xx: try again later */
	SMTP_OUT_PERMANENT,   /* the server said 5xx to this mail: do not try again */
	SMTP_OUT_UNREACHABLE, /* could not ask, or the answer was lost: try again later */
	SMTP_OUT_BAD_ADDRESS  /* refused here, nothing was sent (path_is_safe) */
};

enum { SMTP_OUT_REPLY_OCTETS = 200 };

/* What the server said to the deciding command. */
struct smtp_out_reply {
	int code;                          /* 0: it said nothing */
	char text[SMTP_OUT_REPLY_OCTETS]; /* one clean line, with the enhanced code if any */
};

struct smtp_out_mail {
	const char *sender; /* "" is the null sender */
	const char *rcpt;
	const void *octets; /* a whole mail; line ends become CR LF, dots are stuffed */
	size_t n_octets;
	bool smtputf8; /* header or addresses hold UTF-8: a server without SMTPUTF8 is PERMANENT */
};

/* Make a sender. Nothing is connected yet.
 * Takes   settings  borrows until smtp_out_free
 * Gives   never NULL */
struct smtp_out *smtp_out_new(const struct smtp_out_settings *settings);

/* Say QUIT, close, release. Takes  so  takes; *so may be NULL and is NULL afterwards */
void smtp_out_free(struct smtp_out **so);

/* Send one mail to one recipient, over the connection of the mail before when it still stands.
 * Gives   SMTP_OUT_SENT only when the server took it with 250 after the final dot
 * Fails   reply_r (may be NULL) says what the server said, why what happened. After the final dot a
 *         lost answer is UNREACHABLE although the mail may have gone (RFC 1047): send the same
 *         Message-ID again
 * Cost    blocks up to ten times timeout_s; of the server's answers it holds one, bounded */
enum smtp_out_result smtp_out_send(struct smtp_out *so, const struct smtp_out_mail *mail,
                                   struct smtp_out_reply *reply_r, struct why *why) MUST_USE;

/* Say QUIT and close when the connection was not used for idle_s: servers close idle clients.
 * The next mail connects again. */
void smtp_out_rest(struct smtp_out *so, int64_t idle_s);

static inline void
auto_smtp_out(struct smtp_out **so)
{
	smtp_out_free(so);
}
#endif

/* src/wire/lmtp.h - the server side of LMTP (RFC 2033) as a function of octets
 *
 * No descriptor, no clock, no thread: the caller moves the octets and keeps the time. The same
 * input gives the same output however it is split, also when it is pipelined (RFC 2920). */
#ifndef LMTP_H
#define LMTP_H
#include "own.h"
#include <stdbool.h>
#include <stddef.h>

struct buf;
struct lmtp; /* one conversation */

/* The bounds of one conversation; each is a setting. All must be over 0. */
struct lmtp_limits {
	const char *hostname;      /* borrowed; named in the greeting and in LHLO's answer */
	size_t message_max_octets; /* announced as SIZE; more is refused with 552 5.3.4 */
	size_t header_max_octets;  /* a longer header block sets LMTP_HEADER_TOO_LONG */
	size_t line_max_octets;    /* a longer line (without CR LF) sets LMTP_LINE_TOO_LONG */
	size_t command_max_octets; /* with CR LF; 512 or more (RFC 5321 4.5.3.1.4) */
	unsigned max_recipients;   /* RFC 5321 4.5.3.1.8 asks for 100 or more */
	unsigned max_errors;       /* this many bad commands since the last mail cut the peer off */
	bool allow_xforward;       /* believe XFORWARD (and our LOGIN): only for trusted peers */
};

/* What was unusual in the octets of a mail. They are kept as they came all the same. */
enum lmtp_flag {
	LMTP_BARE_LF = 1,         /* an LF without a CR before it */
	LMTP_BARE_CR = 2,         /* a CR without an LF behind it */
	LMTP_NUL = 4,             /* an octet 0 */
	LMTP_8BIT = 8,            /* an octet over 127 */
	LMTP_LINE_TOO_LONG = 16,  /* a line over line_max_octets */
	LMTP_HEADER_TOO_LONG = 32 /* a header block over header_max_octets */
};

/* What the peer said about the mail and where it came from. Borrowed: valid during the call. */
struct lmtp_envelope {
	const char *sender;         /* "" is the null sender; unquoted where no quotes are needed */
	const char *const *rcpt;    /* accepted recipients, in order, repetitions kept */
	size_t n_rcpt;
	size_t declared_octets;     /* SIZE=, 0 when not given */
	bool body_8bitmime;         /* BODY=8BITMIME */
	bool smtputf8;              /* SMTPUTF8 was given */
	unsigned flags;             /* enum lmtp_flag; set once the mail is there */
	const char *lhlo;           /* the name that the peer itself gave */
	/* From XFORWARD: facts about the client that gave the mail to Postfix. NULL when not given
	 * or [UNAVAILABLE]. Printable UTF-8 without spaces. Forgotten after each transaction. */
	const char *client_name;
	const char *client_address; /* IPv4, or IPv6 without the IPV6: prefix */
	const char *client_port;
	const char *client_helo;
	const char *client_proto;   /* ESMTP, SMTP, or what Postfix says */
	const char *ident;          /* queue id */
	const char *source;         /* LOCAL or REMOTE */
	const char *login;          /* SASL name: our own attribute, sent by `postern deliver` */
};

/* One line of answer. */
struct lmtp_reply {
	int code;             /* 250, 4xx or 5xx */
	const char *enhanced; /* "2.0.0"; its first digit is that of the code (RFC 2034) */
	const char *text;     /* borrowed until lmtp_feed returns; sent as printable US-ASCII */
};

/* What the engine asks its owner. */
struct lmtp_calls {
	void *self;
	/* Judge one recipient; reply_r comes filled with 250 2.1.5. Any other class refuses it. */
	void (*rcpt)(void *self, const struct lmtp_envelope *env, const char *mailbox,
	             struct lmtp_reply *reply_r);
	/* Take the mail, lines ended as they came, dots undone. replies[i] answers env->rcpt[i] and
	 * comes filled with 451 4.3.0, so that one forgotten is a mail kept by the peer. */
	void (*message)(void *self, const struct lmtp_envelope *env, const void *octets, size_t n,
	                struct lmtp_reply replies[]);
};

enum lmtp_state {
	LMTP_GOING = 0, /* read on */
	LMTP_QUIT,      /* send what is in out, then close */
	LMTP_CUT_OFF    /* the same, the peer misbehaved */
};

/* Start a conversation.
 * Takes   limits, calls  borrows until lmtp_free
 * Gives   never NULL */
struct lmtp *lmtp_new(const struct lmtp_limits *limits, const struct lmtp_calls *calls);

/* End it. Takes  l  takes; *l may be NULL and is NULL afterwards */
void lmtp_free(struct lmtp **l);

/* Say 220. */
void lmtp_greet(struct lmtp *l, struct buf *out);

/* Take octets from the peer, in any split, and append what to send to out. Octets that come after
 * the end of the conversation are dropped.
 * Cost    holds at most twice message_max_octets (a buffer doubles), one command, the recipients */
enum lmtp_state lmtp_feed(struct lmtp *l, const void *in, size_t n, struct buf *out) MUST_USE;

/* The peer was silent for too long: say 421 4.4.2. The conversation is over. */
void lmtp_timed_out(struct lmtp *l, struct buf *out);

/* The server stops: say 421 4.3.2 (RFC 5321 3.8). The conversation is over; a mail not yet ended
 * is dropped, the peer still has it. */
void lmtp_stopping(struct lmtp *l, struct buf *out);

/* Whether a mail is on its way in (between DATA and its last octet). */
bool lmtp_busy_with_message(const struct lmtp *l);

static inline void
auto_lmtp(struct lmtp **l)
{
	lmtp_free(l);
}
#endif

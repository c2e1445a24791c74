/* src/wire/lmtp_out.h - hand one mail to an LMTP server: the client of `postern deliver` */
#ifndef LMTP_OUT_H
#define LMTP_OUT_H
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lmtp_out_err {
	LMTP_OUT_OK = 0,      /* every recipient has its answer */
	LMTP_OUT_BAD_ADDRESS, /* refused here (path_is_safe), nothing was sent */
	LMTP_OUT_UNREACHABLE  /* no connection, no answer, time is up: the mail must be kept */
};

enum { LMTP_OUT_REPLY_OCTETS = 240 };

/* The server's answer for one recipient. */
struct lmtp_out_reply {
	int code;                         /* 2xx filed, 4xx keep it, 5xx refused */
	char text[LMTP_OUT_REPLY_OCTETS]; /* one clean line, enhanced code first: "2.0.0 filed" */
};

/* One delivery. Client facts are NULL or "" when not known; they go in XFORWARD, those that the
 * server does not ask for are left out. */
struct lmtp_out_mail {
	const char *server;   /* "unix:/path" or "inet:HOST:PORT" (base/net.h) */
	const char *hostname; /* our name in LHLO */
	const char *sender;   /* "" is the null sender */
	const char *const *rcpt;
	size_t n_rcpt;      /* 1 or more */
	const void *octets; /* the mail as pipe(8) gives it, ended with LF, or as SMTP does */
	size_t n_octets;
	bool smtputf8;
	const char *client_name;
	const char *client_address; /* without an IPV6: prefix */
	const char *client_port;
	const char *client_helo;
	const char *client_proto;
	const char *ident; /* queue id */
	const char *login; /* SASL name */
	int64_t timeout_s; /* for all of it */
};

/* Deliver. A file of pipe(8) has LF line ends, a mail in LMTP has CR LF: a bare LF is turned into
 * CR LF here, once, a CR LF stays, a bare CR stays. Nothing else is changed, so what the server
 * keeps is the mail as it would have come over LMTP.
 * Takes   replies_r  room for n_rcpt; all set when LMTP_OUT_OK, else without meaning
 * Fails   LMTP_OUT_BAD_ADDRESS, LMTP_OUT_UNREACHABLE; why says what
 * Once    after the final dot a lost answer is UNREACHABLE although the mail may have been filed */
enum lmtp_out_err lmtp_out_send(const struct lmtp_out_mail *mail, struct lmtp_out_reply replies_r[],
                                struct why *why) MUST_USE;
#endif

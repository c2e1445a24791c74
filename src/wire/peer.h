/* src/wire/peer.h - a connection to a server, guarded, as a stream of libetpan
 *
 * libetpan waits for a greeting as long as a global says, and takes answers of any length (a
 * greeting of 200 MB was seen to be kept). Its streams stand on a driver, so ours stands below:
 * every read and write ends at one deadline, TLS included, and a server may answer
 * PEER_REPLY_MAX_OCTETS to a command, no more. After the first trouble the connection is dead for
 * good. */
#ifndef PEER_H
#define PEER_H
#include "buf.h"
#include "net.h"
#include <libetpan/libetpan.h>

enum { PEER_REPLY_MAX_OCTETS = 64 * 1024 };

struct peer;

/* One answer of the server. Zeroed is ready. */
struct peer_reply {
	int code;        /* 200..599, or 0: there was none */
	struct buf text; /* its lines without codes, each with an LF */
};

static inline void
auto_peer_reply(struct peer_reply *reply)
{
	buf_free(&reply->text);
}

/* Connect.
 * Takes   deadline_ms  instant of clock_mono_ms, for this and what follows (peer_set_deadline)
 * Gives   *peer_r; ended by peer_close
 * Fails   as net_connect */
enum net_err peer_open(const struct net_place *place, int64_t deadline_ms, struct peer **peer_r,
                       struct why *why) MUST_USE;

/* Close at once. Takes  p  takes; *p may be NULL and is NULL afterwards */
void peer_close(struct peer **p);

/* Everything from here on ends at this instant. */
void peer_set_deadline(struct peer *p, int64_t deadline_ms);

/* The stream, or NULL once libetpan closed it. Closing it closes the connection. */
mailstream *peer_stream(const struct peer *p);

/* Start TLS: the chain must lead to a trusted root, and the certificate must name the host. What
 * the server sent in the clear before its time makes it fail (CVE-2020-15953).
 * Takes   ca_file  PEM; NULL takes the roots of the system
 * Fails   false; why says what; the connection is dead */
bool peer_start_tls(struct peer *p, const char *host, const char *ca_file,
                    struct why *why) MUST_USE;

/* Send octets; they go out with the next peer_reply_read or when the buffer is full.
 * Fails   false: the connection is dead */
bool peer_send(struct peer *p, const void *octets, size_t n) MUST_USE;

/* Send what is buffered and read one answer, strictly: three digits 200..599, then space, '-' or
 * nothing, the same code on each line (RFC 5321 4.2.1).
 * Gives   its code, 0 when there was none; then the connection is dead */
int peer_reply_read(struct peer *p, struct peer_reply *reply_r);

/* Send a command and read its answer.
 * Takes   command  without CR LF */
int peer_ask(struct peer *p, const char *command, struct peer_reply *reply_r);

/* Whether a keyword stands at the start of a line of an EHLO or LHLO answer.
 * Gives   what follows the keyword, up to an LF; NULL when it is not there */
const char *peer_extension(const struct peer_reply *hello, const char *keyword);

/* The first line of an answer, clean, cut to fit.
 * Takes   room  of text_r, 1 or more */
void peer_reply_line(const char *lines, char *text_r, size_t room);

/* Why the connection is dead, in words; "" while it lives. */
const char *peer_trouble(const struct peer *p);
#endif

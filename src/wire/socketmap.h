/* src/wire/socketmap.h - the answering side of Postfix's socketmap_table(5) as a function of octets
 *
 * No descriptor, no clock: the caller moves the octets and keeps the time. A request is a netstring
 * "NAME KEY", the answer one of "OK data", "NOTFOUND ", "TEMP reason", "TIMEOUT reason" or
 * "PERM reason". The same input gives the same output however it is split. */
#ifndef SOCKETMAP_H
#define SOCKETMAP_H
#include "buf.h"
#include <stdbool.h>

enum {
	SOCKETMAP_REQUEST_MAX_OCTETS = 4096, /* Postfix's own lines end at 2048 */
	SOCKETMAP_TEXT_MAX_OCTETS = 500      /* of an answer; Postfix takes 100,000 */
};

enum socketmap_answer {
	SOCKETMAP_FOUND = 0,
	SOCKETMAP_NOT_FOUND,
	SOCKETMAP_TEMPORARY, /* could not ask: Postfix tries again later */
	SOCKETMAP_TIMEOUT,
	SOCKETMAP_PERMANENT  /* the request itself is wrong; Postfix defers mail on this one too */
};

/* Look one key up.
 * Takes   name, key  of the request: UTF-8 without control characters; key is not empty
 *         text_r     empty; add the data or the reason, of which one line is sent. Data that is
 *                    empty is sent as "OK": Postfix warns of an empty one */
typedef enum socketmap_answer socketmap_look_up(void *self, const char *name, const char *key,
                                                struct buf *text_r);

struct socketmap_calls {
	void *self;
	socketmap_look_up *look_up;
};

/* One conversation; zeroed it is a new one. */
struct socketmap {
	struct buf pending; /* the request on its way in */
	bool cut_off;
};

/* Take octets from the peer, in any split, and append what to send to out. A key with control
 * characters, or not UTF-8, is not found without a question: there is no such address.
 * Gives   true to read on; false when the peer must be cut off, after sending what is in out: what
 *         came is not a netstring, too long, or not a name and a key
 * Cost    holds one request; out grows by less than 110 octets for each octet taken */
bool socketmap_feed(struct socketmap *s, const struct socketmap_calls *calls, const void *in,
                    size_t n, struct buf *out) MUST_USE;

/* Release the memory; it is a new conversation afterwards. */
void socketmap_reset(struct socketmap *s);
#endif

/* src/desk/call.h - one request of an operator being answered */
#ifndef CALL_H
#define CALL_H
#include "buf.h"
#include "desk.h"
#include "json.h"
#include "store.h"

struct arena;

enum { CALL_ANSWER_MS = 60 * 1000 };

struct call {
	struct desk *desk;
	const struct conf *conf;
	struct arena *arena;
	const struct json *request;
	const struct buf *raw;  /* the mail of explain; empty otherwise */
	int fd;
	const char *who;        /* the local user, for the audit */
	bool cut;               /* the operator went away */
	struct why why;
};

/* Send one frame of the answer. Takes  answer  takes; more  true for all but the last */
void call_say(struct call *c, struct json *answer, bool more);

/* Send the last frame: what went wrong.
 * Takes   status  of sysexits.h: what `postern` exits with */
void call_fail(struct call *c, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Send what became of a store call that failed; c->why has the words. */
void call_fail_store(struct call *c, enum store_err e, const char *what);

/* Read "ref" of the request: a token in any case and with or without brackets.
 * Gives   false when it was none; the failure is sent */
bool call_ref(struct call *c, const char **prefix_r, uint64_t *number_r);

/* Send what a descriptor holds, from its start, in frames of base64.
 * Gives   false when reading failed: c->why has the words, no last frame was sent */
bool call_say_file(struct call *c, int fd) MUST_USE;

/* Send octets in frames of base64: {"base64": …}. */
void call_say_octets(struct call *c, const char *octets, size_t n);
#endif

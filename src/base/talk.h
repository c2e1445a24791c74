/* src/base/talk.h - one frame to a child and one back, within a deadline; for child.c only */
#ifndef TALK_H
#define TALK_H
#include "child.h"
#include <stdbool.h>
#include <sys/uio.h>

enum { TALK_HEAD_OCTETS = 4 };

struct talk {
	int fd; /* a stream socket */
	struct arena *arena;
	struct child_octets request;
	bool is_hello;     /* nothing is sent; the child speaks first */
	size_t max_octets; /* of the reply */
	char *reply;       /* in the arena, a NUL behind it */
	size_t n_reply;
	size_t n_sent, n_got; /* heads included; private */
	unsigned char head[TALK_HEAD_OCTETS];
};

/* Send the request and read the reply, whichever is possible first.
 * Takes   deadline_ms  instant of clock_mono_ms, for all of it
 * Gives   CHILD_OK with reply and n_reply; CHILD_DIED at end of file; CHILD_TIMEOUT;
 *         CHILD_BAD_REPLY */
enum child_err talk_run(struct talk *t, int64_t deadline_ms) MUST_USE;

/* Whether the child lives and has nothing to say, as it should between two requests. */
bool talk_is_quiet(int fd);

/* Write a length as the head of a frame. */
void talk_put_length(unsigned char head_r[TALK_HEAD_OCTETS], size_t n);

/* The length that the head of a frame tells. */
size_t talk_length(const unsigned char head[TALK_HEAD_OCTETS]);

/* What of a frame is left to write after n octets of it.
 * Gives   the number of parts, 0 to 2; they point into head and body */
int talk_rest(struct iovec parts_r[2], unsigned char *head, struct child_octets body, size_t n);
#endif

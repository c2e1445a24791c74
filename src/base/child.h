/* src/base/child.h - questions put to a pool of children that may crash, hang or lie
 *
 * A frame is a length of 4 octets, most significant first, and so many octets; one each way.
 * A child says hello with one frame when it is ready, so that a program that cannot even start
 * (CHILD_UNAVAILABLE) is never mistaken for a mail that kills it (CHILD_DIED). */
#ifndef CHILD_H
#define CHILD_H
#include "why.h"
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct launcher;
struct child_pool;

enum { CHILD_FRAME_MOST_OCTETS = 1 << 30, CHILD_HELLO_OCTETS = 200, CHILD_MOST = 64 };

enum child_err {
	CHILD_OK = 0,
	CHILD_DIED,       /* it ended in the middle of this request; why has the signal or status */
	CHILD_TIMEOUT,    /* over its deadline or its CPU seconds; killed */
	CHILD_BAD_REPLY,  /* too long, or octets that nobody asked for; killed */
	CHILD_UNAVAILABLE /* could not ask: none free in time, none could be started */
};

struct child_limits {
	size_t n_children;       /* 1..CHILD_MOST at the same time */
	int64_t deadline_ms;     /* for each: get a free child, start it, get its answer */
	unsigned cpu_s;          /* CPU seconds for one request, rounded up; 0: the deadline only */
	unsigned recycle_after;  /* requests, then a fresh one; 0: never */
	size_t max_reply_octets; /* at most CHILD_FRAME_MOST_OCTETS */
};

struct child_octets {
	const char *octets;
	size_t n;
};

struct child_stats {
	uint64_t n_calls, n_died, n_timeouts, n_bad_replies, n_unavailable, n_started;
	size_t n_running;
	char hello[CHILD_HELLO_OCTETS]; /* what the last child said when it was ready; "" before */
};

/* Make a pool. No child runs yet: one is started when a request finds none free.
 * Takes   l        borrows, for the life of the pool
 *         program  row of the launcher's table
 *         limits   keeps a copy */
struct child_pool *child_pool_new(struct launcher *l, size_t program,
                                  const struct child_limits *limits);

/* Start one child now, so that a program that cannot run is told at start.
 * Fails   CHILD_UNAVAILABLE with the cause */
enum child_err child_pool_warm(struct child_pool *p, struct why *why) MUST_USE;

/* Put one request to a child and wait for its answer.
 * Takes   a        the reply lives here
 *         request  borrows; at most CHILD_FRAME_MOST_OCTETS
 * Gives   reply_r, with a NUL behind it that n does not count. The octets are a stranger's.
 * Fails   each enum child_err. CHILD_DIED deserves one second try before the request is blamed:
 *         the kernel may have been short of memory. CHILD_UNAVAILABLE never says anything about
 *         the request. A child that failed is killed; the next request gets another one. Children
 *         that do not even say hello are started again after a pause that doubles, 0.1 to 30 s
 * Cost    blocks up to deadline_ms three times: for a free child, for its start, for its answer (a
 *         clock each: neither request nor program is blamed for the queue); and 2.5 s where a
 *         killed child is slow to end. Safe from any thread */
enum child_err child_call(struct child_pool *p, struct arena *a, struct child_octets request,
                          struct child_octets *reply_r, struct why *why) MUST_USE;

/* Counts since the pool was made. */
void child_pool_stats(struct child_pool *p, struct child_stats *stats_r);

/* End the children. Takes  p  takes; no call may be under way; *p is NULL afterwards */
void child_pool_free(struct child_pool **p);

/* What the program of a child does with one request.
 * Takes   a      ends after the reply is written
 *         reply  empty; what is added is sent */
typedef void child_handler(void *arg, struct arena *a, struct child_octets request,
                           struct buf *reply);

struct child_service {
	const char *hello;         /* under CHILD_HELLO_OCTETS; jail_level() is a good one */
	size_t max_request_octets; /* a longer request ends the child */
	child_handler *handle;
	void *arg;
};

/* The loop of a child's main: say hello, then answer requests until end of file.
 * Takes   fd  LAUNCHER_CHILD_FD
 * Gives   0 at end of file between two frames, -1 when the peer broke off or broke the rules */
int child_serve(int fd, const struct child_service *service);
#endif

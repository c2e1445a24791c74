/* src/base/serve.h - accept connections, a thread for each, up to a limit; stop cleanly */
#ifndef SERVE_H
#define SERVE_H
#include "net.h"
#include "own.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SERVE_STACK_OCTETS = 512 * 1024, /* of a connection's thread; no GMime runs there */
	SERVE_LISTENERS_MOST = 32,
	SERVE_CONNECTIONS_MOST = 10000
};

struct serve;

struct serve_peer {
	struct serve *serve;
	struct net_peer net;
	uint64_t number; /* of this connection since start, from 1 */
};

/* One conversation. The descriptor is non-blocking, borrowed, and closed after the return. */
typedef void serve_handler(void *self, int fd, const struct serve_peer *peer);

struct serve_listener {
	int fd;                /* listening; takes; closed when serve_run stops accepting */
	const char *name;      /* in log lines; lives as long as the serve */
	size_t n_most;         /* connections of this listener at a time, 1 or more */
	const char *full_line; /* written to one too many, as "421 4.3.2 ...\r\n"; NULL: nothing */
	serve_handler *handle;
	void *self;
};

struct serve_stats {
	uint64_t n_accepted, n_refused; /* refused: over the limit, or no thread to be had */
	size_t n_now;
};

enum serve_wait {
	SERVE_READABLE, /* or ended: the read will tell */
	SERVE_TIMEOUT,
	SERVE_STOPPING /* nothing to read, and the service is stopping */
};

/* Prepare; nothing is accepted yet.
 * Takes   listeners  keeps a copy of n rows, 1..SERVE_LISTENERS_MOST; the descriptors are taken
 * Gives   NULL with why when the kernel has no descriptor left */
struct serve *serve_new(const struct serve_listener *listeners, size_t n, struct why *why);

/* Accept until serve_stop. Then close the listeners, let conversations end for drain_ms, shut down
 * the connections that are left, and give their handlers one second more.
 * Gives   the number of handlers that still run; unless it is 0 nothing they use may be freed, the
 *         serve included, and the process should end with _exit
 * Cost    blocks; threads it starts have all signals blocked that are not their own faults */
size_t serve_run(struct serve *s, int64_t drain_ms);

/* Ask serve_run to return. Safe in a signal handler and from any thread, as often as wanted. */
void serve_stop(struct serve *s);

/* Whether serve_stop was called: answer what was begun, begin nothing new. */
bool serve_stopping(const struct serve *s);

/* A descriptor that becomes, and stays, readable when serve_stop was called; only for poll. */
int serve_stop_fd(const struct serve *s);

/* Wait for the next octets of a peer.
 * Takes   deadline_ms  instant of clock_mono_ms */
enum serve_wait serve_wait(const struct serve_peer *peer, int fd, int64_t deadline_ms);

/* Counts since serve_new. */
void serve_stats(struct serve *s, struct serve_stats *stats_r);

/* Release. Takes  s  takes; serve_run must have given 0, or not been called; *s is NULL after */
void serve_free(struct serve **s);
#endif

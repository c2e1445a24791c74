/* src/spf/resolver.h - a process of its own that asks the DNS, for one that may not
 *
 * libspf2 runs where no socket can be made: it is overflowed by what a stranger publishes. So
 * postern-spf forks this process before its own jail closes, and asks it through a pipe; the
 * resolver process has our own reader of DNS messages, a cache, and a jail in which it can make
 * internet sockets and nothing else. It ends when the other end of the pipe does. */
#ifndef RESOLVER_H
#define RESOLVER_H
#include "dns_client.h"

struct resolver;

enum resolver_err { RESOLVER_OK = 0, RESOLVER_FAILED };

struct resolver_setup {
	struct dns_client client;
	int close_fd;         /* a descriptor that the new process gives up, or -1 */
	size_t memory_octets; /* of its jail; 0: no limit */
};

/* Fork the process and wait until its jail is closed.
 * Takes   setup  borrows
 *         source_r  where to ask, until the process that called ends
 * Fails   RESOLVER_FAILED: no process, or no jail
 * Cost    a fork; before any thread, and before jail_child */
enum resolver_err resolver_start(const struct resolver_setup *setup, struct resolver **r_r,
                                 struct why *why) MUST_USE;

/* Where to ask. A resolver that is gone gives DNS_FAILED. */
struct dns_source resolver_source(struct resolver *r);

/* Whether it died, hung or said what it may not: nothing can be asked any more. */
bool resolver_is_gone(const struct resolver *r);

/* End it. Takes  r  takes; *r is NULL afterwards */
void resolver_stop(struct resolver **r);
#endif

/* src/base/net.h - sockets: places, listening, connecting, peers, deadlines */
#ifndef NET_H
#define NET_H
#include "why.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

struct arena;

enum {
	NET_HOST_OCTETS = 256,
	NET_PATH_OCTETS = sizeof((struct sockaddr_un *)0)->sun_path,
	NET_LISTEN_MOST = 8, /* addresses of one host name */
	NET_BACKLOG = 256,
	NET_CIDRS_MOST = 1000
};

enum net_err {
	NET_OK = 0,
	NET_BAD,     /* the text is not what it should be */
	NET_IN_USE,  /* somebody listens there */
	NET_AWAY,    /* nobody answers there: refused, unreachable, no such host or path */
	NET_TIMEOUT, /* the deadline passed */
	NET_CLOSED,  /* the peer ended the connection */
	NET_FAILED   /* anything else; why says what */
};

/* Where to listen or connect, parsed. */
struct net_place {
	bool is_unix;
	char path[NET_PATH_OCTETS]; /* is_unix: absolute, NUL-terminated */
	char host[NET_HOST_OCTETS]; /* else: name or address, without brackets */
	uint16_t port;              /* 0 only for listening: the kernel chooses */
};

/* An IPv6 address, or an IPv4 one as ::ffff:a.b.c.d: one form to compare. */
struct net_address {
	uint8_t octets[16];
};

struct net_peer {
	bool is_unix;
	uid_t uid; /* is_unix: who connected (SO_PEERCRED) */
	gid_t gid;
	pid_t pid;
	struct net_address address; /* else */
	uint16_t port;
	char text[INET6_ADDRSTRLEN + 8]; /* "192.0.2.1", "2001:db8::1", "uid 1000" */
};

struct net_socket {
	unsigned mode;     /* of a UNIX socket, as 0660 */
	const char *group; /* group of it; "" or NULL: the process's own */
	const char *setting; /* name to use in messages, as "lmtp_listen" */
};

struct net_listeners {
	int fds[NET_LISTEN_MOST];
	size_t n;
};

struct net_cidr {
	struct net_address address;
	unsigned n_bits; /* 0..128 */
};

struct net_cidrs {
	struct net_cidr *rows;
	size_t n;
};

/* Read "unix:/path", "inet:HOST:PORT" or "inet:[v6]:PORT".
 * Fails   NET_BAD with what is wrong with it */
enum net_err net_parse(const char *text, struct net_place *place_r, struct why *why) MUST_USE;

/* Listen there. A UNIX socket that nobody listens on any more is replaced; one with a listener, or
 * a file of another kind, is left alone. Mode and group are set before anybody can connect.
 * Gives   listeners_r, one for each address of the host (one for UNIX), close on exec, non-blocking
 * Fails   NET_IN_USE, NET_FAILED; nothing stays open */
enum net_err net_listen(const struct net_place *place, const struct net_socket *how,
                        struct net_listeners *listeners_r, struct why *why) MUST_USE;

/* Connect, trying each address of the host in turn.
 * Gives   *fd_r: non-blocking, close on exec; for net_read and net_write
 * Fails   NET_AWAY, NET_TIMEOUT, NET_FAILED
 * Cost    up to timeout_ms, plus what the resolver takes for a host name */
enum net_err net_connect(const struct net_place *place, int64_t timeout_ms, int *fd_r,
                         struct why *why) MUST_USE;

/* Who is at the other end of a connection. */
enum net_err net_peer_of(int fd, struct net_peer *peer_r) MUST_USE;

/* The port a listening socket got, 0 for UNIX. */
uint16_t net_port_of(int fd);

/* Read what is there, at least one octet.
 * Takes   deadline_ms  instant of clock_mono_ms
 * Fails   NET_TIMEOUT, NET_CLOSED (end of file or reset), NET_FAILED */
enum net_err net_read(int fd, void *octets_r, size_t room, int64_t deadline_ms,
                      size_t *n_r) MUST_USE;

/* Write all of it; never raises SIGPIPE.
 * Fails   NET_TIMEOUT, NET_CLOSED, NET_FAILED; some octets may have gone */
enum net_err net_write(int fd, const void *octets, size_t n, int64_t deadline_ms) MUST_USE;

/* Read an address literal, "192.0.2.1" or "2001:db8::1" (no brackets).
 * Gives   false when it is none */
bool net_address_parse(const char *text, struct net_address *address_r);

/* Read a list of networks: "127.0.0.0/8, ::1 10.2.3.4"; commas and blanks separate.
 * Fails   NET_BAD, also for bits outside of the mask: 10.1.2.3/8 is seldom what was meant */
enum net_err net_cidrs_parse(struct arena *a, const char *text, struct net_cidrs *cidrs_r,
                             struct why *why) MUST_USE;

/* Whether one of the networks holds the address. */
bool net_cidrs_have(const struct net_cidrs *cidrs, const struct net_address *address);
#endif

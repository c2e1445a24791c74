/* src/spf/dns_client.h - ask the name servers of this machine, over UDP and TCP
 *
 * A stub resolver: it asks for recursion and believes what the configured servers say. Each
 * question goes out from a socket of its own (so the port is as random as the id), and only the
 * server that was asked can answer (the socket is connected). */
#ifndef DNS_CLIENT_H
#define DNS_CLIENT_H
#include "dns.h"
#include <sys/socket.h>

enum {
	DNS_SERVERS_MOST = 3,
	DNS_PORT = 53,
	DNS_WRONG_MOST = 64 /* datagrams that are no answer, then TCP: somebody guesses ids */
};

struct dns_server {
	struct sockaddr_storage at;
	socklen_t n_at;
	uint16_t port;
};

struct dns_client {
	struct dns_server server[DNS_SERVERS_MOST];
	size_t n_servers;
	size_t first; /* the server that answered last is asked first; else the next ones */
	int try_ms;   /* for one server to answer */
	unsigned n_tries;
};

/* Read a server's place, "192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:5353".
 * Gives   false when it is none */
bool dns_client_server(const char *text, struct dns_server *server_r);

/* Find the servers of a resolv.conf(5): its first three nameserver lines; 127.0.0.1 when there is
 * none, or no file. */
void dns_client_read(struct dns_client *c, const char *path);

/* Ask.
 * Gives   answer_r in the arena
 * Fails   DNS_VOID (answer_r has a ttl_s), DNS_FAILED with the cause
 * Cost    up to n_tries times try_ms, and never beyond the deadline of the question */
enum dns_err dns_client_ask(struct dns_client *c, struct arena *a, const struct dns_question *q,
                            struct dns_answer *answer_r, struct why *why) MUST_USE;
#endif

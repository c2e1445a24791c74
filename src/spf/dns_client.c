/* src/spf/dns_client.c - ask the name servers of this machine, over UDP and TCP */
#include "dns_client.h"
#include "arena.h"
#include "clock.h"
#include "dns_name.h"
#include "dns_packet.h"
#include "number.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { LINE_OCTETS = 512, UDP_ROOM = 4096, TCP_HEAD_OCTETS = 2 };

/* ---- servers ---- */

static bool
set_place(const char *host, uint16_t port, struct dns_server *server_r)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

	*server_r = (struct dns_server){.port = port};
	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
		memcpy(&server_r->at, &v4, sizeof v4);
		server_r->n_at = sizeof v4;
	} else if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
		memcpy(&server_r->at, &v6, sizeof v6);
		server_r->n_at = sizeof v6;
	}
	return server_r->n_at > 0;
}

bool
dns_client_server(const char *text, struct dns_server *server_r)
{
	char host[INET6_ADDRSTRLEN + 2];
	const char *digits = NULL;
	uint64_t port = DNS_PORT;
	size_t n = strlen(text);

	if (*text == '[') {
		const char *end = strchr(text, ']');
		if (end == NULL || (end[1] != ':' && end[1] != '\0'))
			return false;
		digits = end[1] == ':' ? end + 2 : NULL;
		text++;
		n = (size_t)(end - text);
	} else if (strchr(text, ':') != NULL && strchr(text, ':') == strrchr(text, ':')) {
		digits = strchr(text, ':') + 1;
		n = (size_t)(digits - text) - 1;
	}
	if (n >= sizeof host || (digits != NULL && number_unsigned(digits, &port) != NUMBER_OK) ||
	    port == 0 || port > UINT16_MAX)
		return false;
	memcpy(host, text, n);
	host[n] = '\0';
	return set_place(host, (uint16_t)port, server_r);
}

void
dns_client_read(struct dns_client *c, const char *path)
{
	char line[LINE_OCTETS], host[LINE_OCTETS];
	FILE *f = fopen(path, "re");

	c->n_servers = 0;
	while (f != NULL && c->n_servers < DNS_SERVERS_MOST &&
	       fgets(line, sizeof line, f) != NULL) {
		if (sscanf(line, " nameserver %511s", host) == 1 &&
		    set_place(host, DNS_PORT, &c->server[c->n_servers]))
			c->n_servers++;
	}
	if (f != NULL)
		(void)fclose(f);
	if (c->n_servers == 0 && set_place("127.0.0.1", DNS_PORT, &c->server[0]))
		c->n_servers = 1;
}

/* ---- sockets ---- */

static bool
wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n;

	do
		n = poll(&p, 1, clock_left_ms(deadline_ms));
	while (n < 0 && errno == EINTR);
	return n == 1;
}

static int
open_socket(const struct dns_server *s, int kind)
{
	int fd = socket(s->at.ss_family, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&s->at, s->n_at) != 0 &&
	    errno != EINPROGRESS) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static bool
write_all(int fd, const unsigned char *octets, size_t n, int64_t deadline_ms)
{
	while (n > 0) {
		if (!wait_for(fd, POLLOUT, deadline_ms))
			return false;
		ssize_t got = write(fd, octets, n);
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		octets += got > 0 ? got : 0;
		n -= got > 0 ? (size_t)got : 0;
	}
	return true;
}

static bool
read_all(int fd, unsigned char *octets, size_t n, int64_t deadline_ms)
{
	while (n > 0) {
		if (!wait_for(fd, POLLIN, deadline_ms))
			return false;
		ssize_t got = read(fd, octets, n);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		octets += got > 0 ? got : 0;
		n -= got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* ---- one try ---- */

/* A question on its way to one server. */
struct try {
	struct arena *a;
	const struct dns_server *server;
	const struct dns_asked *asked;
	bool with_opt;
	int64_t deadline_ms;
	struct dns_answer *answer;
	struct why *why;
};

static enum dns_packet
say_silent(const struct try *t, const char *how)
{
	why_set(t->why, "no DNS server answered %s", how);
	return DNS_PACKET_FAILED;
}

static enum dns_packet
try_udp(const struct try *t)
{
	unsigned char question[DNS_QUESTION_MOST], reply[UDP_ROOM];
	size_t n = dns_packet_write(question, t->asked, t->with_opt);
	AUTO(fd) int fd = open_socket(t->server, SOCK_DGRAM);

	if (fd < 0 || write(fd, question, n) != (ssize_t)n)
		return say_silent(t, "(UDP cannot be sent)");
	for (int n_wrong = 0; n_wrong < DNS_WRONG_MOST; n_wrong++) {
		if (!wait_for(fd, POLLIN, t->deadline_ms))
			return say_silent(t, "in time");
		ssize_t got = read(fd, reply, sizeof reply);
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return say_silent(t, "(nobody listens there)");
		enum dns_packet what = dns_packet_read(t->a, reply, got < 0 ? 0 : (size_t)got,
		                                       t->asked, t->answer, t->why);
		if (what != DNS_PACKET_NOT_OURS)
			return what;
	}
	return DNS_PACKET_CUT;
}

static enum dns_packet
try_tcp(const struct try *t)
{
	unsigned char question[TCP_HEAD_OCTETS + DNS_QUESTION_MOST], head[TCP_HEAD_OCTETS];
	size_t n = dns_packet_write(question + TCP_HEAD_OCTETS, t->asked, t->with_opt);
	AUTO(fd) int fd = open_socket(t->server, SOCK_STREAM);

	question[0] = (unsigned char)(n >> 8);
	question[1] = (unsigned char)n;
	if (fd < 0 || !write_all(fd, question, n + TCP_HEAD_OCTETS, t->deadline_ms) ||
	    !read_all(fd, head, sizeof head, t->deadline_ms))
		return say_silent(t, "by TCP in time");
	n = (size_t)head[0] << 8 | head[1];
	unsigned char *reply = arena_alloc(t->a, n);
	if (!read_all(fd, reply, n, t->deadline_ms))
		return say_silent(t, "by TCP in time");
	enum dns_packet what = dns_packet_read(t->a, reply, n, t->asked, t->answer, t->why);
	if (what == DNS_PACKET_CUT || what == DNS_PACKET_NOT_OURS) {
		why_set(t->why, "the DNS answered with nonsense by TCP");
		what = DNS_PACKET_FAILED;
	}
	return what;
}

/* Without random numbers nothing may be asked: an id that can be guessed is none. */
static bool
draw_id(struct dns_asked *asked, struct why *why)
{
	if (getrandom(&asked->id, sizeof asked->id, 0) == (ssize_t)sizeof asked->id)
		return true;
	why_set(why, "the kernel gives no random numbers");
	return false;
}

enum dns_err
dns_client_ask(struct dns_client *c, struct arena *a, const struct dns_question *q,
               struct dns_answer *answer_r, struct why *why)
{
	struct dns_asked asked = {.type = q->type};
	enum dns_packet what = DNS_PACKET_FAILED;

	if (!dns_name_pack(q->name, asked.name, &asked.n_name)) {
		why_set(why, "no question can be made of such a name");
		return DNS_FAILED;
	}
	why_set(why, "there was no time left to ask the DNS");
	for (unsigned i = 0; i < c->n_tries && what == DNS_PACKET_FAILED; i++) {
		size_t server = (c->first + i) % c->n_servers;
		int64_t now_ms = clock_mono_ms(), until_ms = now_ms + c->try_ms;
		/* The second try leaves the option out, for a server that minds it. */
		struct try t = {a, &c->server[server], &asked, i == 0,
		                until_ms < q->deadline_ms ? until_ms : q->deadline_ms, answer_r,
		                why};
		if (now_ms >= q->deadline_ms || !draw_id(&asked, why))
			break;
		what = try_udp(&t);
		if (what == DNS_PACKET_CUT)
			what = try_tcp(&t);
		if (what != DNS_PACKET_FAILED)
			c->first = server;
	}
	if (what == DNS_PACKET_FAILED) /* else dead servers would hide one behind them for ever */
		c->first = (c->first + c->n_tries) % c->n_servers;
	return what == DNS_PACKET_ANSWER ? DNS_OK : what == DNS_PACKET_VOID ? DNS_VOID : DNS_FAILED;
}

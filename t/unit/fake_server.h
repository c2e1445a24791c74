/* t/unit/fake_server.h - a server on 127.0.0.1 that follows a script, in a thread
 *
 * A script is lines, each ended with LF:
 *   accept      wait for a connection
 *   <TEXT       read a line; it must begin with TEXT
 *   >TEXT       send TEXT CR LF
 *   ~TEXT       send TEXT alone, each | in it as CR LF
 *   text        read up to CR LF . CR LF
 *   dribble     send one octet every 20 ms until the peer has enough
 *   endless     send "250-x" CR LF until the peer has enough
 *   long        send one line without an end until the peer has enough
 *   gone        read until the peer closes
 *   close       close the connection */
#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H
#include "buf.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct fake_server {
	int listener;
	int fd;
	const char *script;
	pthread_t thread;
	struct buf in;        /* not yet taken by a line of the script */
	struct buf seen;      /* all that came */
	char surprise[300];   /* what was not as the script wants it */
	size_t n_sent;        /* by endless, long, dribble */
	char place[64];       /* "inet:127.0.0.1:PORT" */
};

static inline bool
fake_more(struct fake_server *s)
{
	char piece[65536];
	ssize_t n = recv(s->fd, piece, sizeof piece, 0);

	if (n <= 0)
		return false;
	buf_add(&s->in, piece, (size_t)n);
	buf_add(&s->seen, piece, (size_t)n);
	return true;
}

static inline void
fake_expect(struct fake_server *s, const char *end, const char *want, size_t n_want)
{
	char *at = NULL;

	while (!(s->in.n > 0 && (at = memmem(s->in.octets, s->in.n, end, strlen(end)))))
		if (!fake_more(s))
			break;
	if (!at || strncmp(s->in.octets, want, n_want) != 0) {
		if (!*s->surprise)
			(void)snprintf(s->surprise, sizeof s->surprise, "want %.*s, got %.100s",
			               (int)n_want, want, s->in.n ? s->in.octets : "nothing");
		return;
	}
	buf_consume(&s->in, (size_t)(at - s->in.octets) + strlen(end));
}

static inline void
fake_flood(struct fake_server *s, const char *text, long nap_ms)
{
	const struct timespec nap = { 0, nap_ms * 1000000 };
	ssize_t n;

	while ((n = send(s->fd, text, strlen(text), MSG_NOSIGNAL)) > 0) {
		s->n_sent += (size_t)n;
		if (nap_ms > 0)
			(void)nanosleep(&nap, NULL);
	}
}

static inline void
fake_send(struct fake_server *s, const char *text, size_t n, bool is_line)
{
	AUTO(buf) struct buf out = { 0 };

	for (size_t i = 0; i < n; i++)
		if (text[i] == '|' && !is_line)
			buf_text(&out, "\r\n");
		else
			buf_octet(&out, text[i]);
	buf_text(&out, is_line ? "\r\n" : "");
	(void)send(s->fd, out.octets, out.n, MSG_NOSIGNAL);
}

static inline void
fake_step(struct fake_server *s, const char *line, size_t n)
{
	const int on = 1;

	if (strncmp(line, "accept", 6) == 0) {
		s->fd = accept(s->listener, NULL, NULL);
		(void)setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	} else if (*line == '<') {
		fake_expect(s, "\r\n", line + 1, n - 1);
	} else if (*line == '>' || *line == '~') {
		fake_send(s, line + 1, n - 1, *line == '>');
	} else if (strncmp(line, "text", 4) == 0) {
		fake_expect(s, "\r\n.\r\n", "", 0);
	} else if (strncmp(line, "dribble", 7) == 0) {
		fake_flood(s, "2", 20);
	} else if (strncmp(line, "endless", 7) == 0) {
		fake_flood(s, "250-x\r\n", 0);
	} else if (strncmp(line, "long", 4) == 0) {
		fake_flood(s, "250 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0);
	} else if (strncmp(line, "gone", 4) == 0) {
		while (fake_more(s))
			;
	} else if (strncmp(line, "close", 5) == 0) {
		(void)close(s->fd);
		s->fd = -1;
		buf_clear(&s->in);
	}
}

static inline void *
fake_run(void *arg)
{
	struct fake_server *s = arg;

	for (const char *line = s->script; *line; line = strchr(line, '\n') + 1)
		fake_step(s, line, strcspn(line, "\n"));
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
	return NULL;
}

/* Start it; place is set on return. */
static inline void
fake_start(struct fake_server *s, const char *script)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;

	*s = (struct fake_server){ .script = script, .fd = -1 };
	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(s->listener, (struct sockaddr *)&at, n) != 0 || listen(s->listener, 5) != 0 ||
	    getsockname(s->listener, (struct sockaddr *)&at, &n) != 0)
		abort();
	(void)snprintf(s->place, sizeof s->place, "inet:127.0.0.1:%d", ntohs(at.sin_port));
	if (pthread_create(&s->thread, NULL, fake_run, s) != 0)
		abort();
}

/* Wait for the end of the script. Gives  "" or what surprised it */
static inline const char *
fake_end(struct fake_server *s)
{
	(void)pthread_join(s->thread, NULL);
	(void)close(s->listener);
	buf_text(&s->seen, "");
	return s->surprise;
}

static inline void
fake_free(struct fake_server *s)
{
	buf_free(&s->in);
	buf_free(&s->seen);
}
#endif

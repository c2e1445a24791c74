/* src/base/talk.c - one frame to a child and one back, within a deadline */
#include "talk.h"
#include "arena.h"
#include "clock.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

void
talk_put_length(unsigned char head_r[TALK_HEAD_OCTETS], size_t n)
{
	for (int i = TALK_HEAD_OCTETS - 1; i >= 0; i--, n >>= 8)
		head_r[i] = (unsigned char)(n & 0xff);
}

size_t
talk_length(const unsigned char head[TALK_HEAD_OCTETS])
{
	size_t n = 0;

	for (int i = 0; i < TALK_HEAD_OCTETS; i++)
		n = n << 8 | head[i];
	return n;
}

bool
talk_is_quiet(int fd)
{
	char octet;
	ssize_t got = recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);

	return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static bool
speaks_on(int fd)
{
	char octet;

	return recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static bool
is_sent(const struct talk *t)
{
	return t->is_hello || t->n_sent == TALK_HEAD_OCTETS + t->request.n;
}

int
talk_rest(struct iovec parts_r[2], unsigned char *head, struct child_octets body, size_t n)
{
	int k = 0;
	size_t n_body = n > TALK_HEAD_OCTETS ? n - TALK_HEAD_OCTETS : 0;

	if (n < TALK_HEAD_OCTETS)
		parts_r[k++] = (struct iovec){head + n, TALK_HEAD_OCTETS - n};
	if (n_body < body.n)
		parts_r[k++] = (struct iovec){(void *)(uintptr_t)(body.octets + n_body),
		                              body.n - n_body};
	return k;
}

static enum child_err
send_some(struct talk *t)
{
	unsigned char head[TALK_HEAD_OCTETS];
	struct iovec parts[2];
	struct msghdr msg = {.msg_iov = parts};

	talk_put_length(head, t->request.n);
	msg.msg_iovlen = (size_t)talk_rest(parts, head, t->request, t->n_sent);
	ssize_t n = sendmsg(t->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return CHILD_DIED;
	t->n_sent += n > 0 ? (size_t)n : 0;
	return CHILD_OK;
}

static enum child_err
take_head(struct talk *t)
{
	if (t->n_got < TALK_HEAD_OCTETS)
		return CHILD_OK;
	t->n_reply = talk_length(t->head);
	if (t->n_reply > t->max_octets)
		return CHILD_BAD_REPLY;
	t->reply = arena_alloc(t->arena, t->n_reply + 1);
	return CHILD_OK;
}

static enum child_err
read_some(struct talk *t)
{
	bool in_head = t->n_got < TALK_HEAD_OCTETS;
	char *at = in_head ? (char *)t->head + t->n_got : t->reply + t->n_got - TALK_HEAD_OCTETS;
	size_t room = in_head ? TALK_HEAD_OCTETS - t->n_got
	                      : t->n_reply + TALK_HEAD_OCTETS - t->n_got;
	ssize_t n = recv(t->fd, at, room, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return CHILD_OK;
	if (n <= 0)
		return CHILD_DIED;
	t->n_got += (size_t)n;
	return in_head ? take_head(t) : CHILD_OK;
}

static bool
is_read(const struct talk *t)
{
	return t->reply != NULL && t->n_got == TALK_HEAD_OCTETS + t->n_reply;
}

enum child_err
talk_run(struct talk *t, int64_t deadline_ms)
{
	enum child_err e = CHILD_OK;

	while (e == CHILD_OK && !is_read(t)) {
		struct pollfd ready = {.fd = t->fd, .events = POLLIN};
		if (!is_sent(t))
			ready.events |= POLLOUT;
		int left_ms = clock_left_ms(deadline_ms);
		/* Also when something is ready each time: a child that dribbles. */
		int n = left_ms == 0 ? 0 : poll(&ready, 1, left_ms);
		if (n == 0)
			e = CHILD_TIMEOUT;
		if (n > 0 && ready.revents & POLLOUT)
			e = send_some(t);
		if (e == CHILD_OK && n > 0 && ready.revents & (POLLIN | POLLHUP | POLLERR))
			e = read_some(t);
	}
	/* An answer to half a question, or one that goes on, is none. */
	if (e == CHILD_OK && (!is_sent(t) || speaks_on(t->fd)))
		e = CHILD_BAD_REPLY;
	return e;
}

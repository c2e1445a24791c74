/* src/base/serve.c - accept connections, a thread for each, up to a limit; stop cleanly
 *
 * The thread of serve_run accepts; a connection's thread owns its row until it marks it free. A
 * descriptor is closed under the lock, so that shutting down what is left never meets a descriptor
 * that was given out again. */
#include "serve.h"
#include "clock.h"
#include "log.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

enum {
	PAUSE_MS = 200,       /* after accept ran out of descriptors or memory */
	LAST_WORD_MS = 1000,  /* for handlers whose connection was shut down */
	N_ACCEPT_AT_ONCE = 64 /* of one listener before the others get their turn */
};

struct connection {
	struct serve *serve;
	const struct serve_listener *listener;
	size_t listener_at;
	int fd; /* -1: free row */
	struct serve_peer peer;
	struct connection *next_free;
};

struct serve {
	struct serve_listener listeners[SERVE_LISTENERS_MOST];
	size_t n_listeners;
	int stop_fd;
	atomic_bool stopping;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	/* under lock: */
	struct connection *rows;
	size_t n_rows;
	struct connection *free_rows;
	size_t n_now[SERVE_LISTENERS_MOST];
	size_t n_all;
	uint64_t n_accepted, n_refused;
	/* the accepting thread's own, to log a state once and not each time: */
	bool is_full[SERVE_LISTENERS_MOST];
	bool is_short;
};

struct serve *
serve_new(const struct serve_listener *listeners, size_t n, struct why *why)
{
	struct serve *s = calloc(1, sizeof *s);
	pthread_condattr_t attr;

	if (s == NULL || n == 0 || n > SERVE_LISTENERS_MOST)
		abort();
	memcpy(s->listeners, listeners, n * sizeof *listeners);
	s->n_listeners = n;
	for (size_t i = 0; i < n; i++) {
		if (listeners[i].n_most == 0 || listeners[i].n_most > SERVE_CONNECTIONS_MOST)
			abort();
		s->n_rows += listeners[i].n_most;
	}
	s->rows = calloc(s->n_rows, sizeof *s->rows);
	if (s->rows == NULL)
		abort();
	for (size_t i = s->n_rows; i-- > 0;) {
		s->rows[i] = (struct connection){.serve = s, .fd = -1, .next_free = s->free_rows};
		s->free_rows = &s->rows[i];
	}
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&s->ended, &attr);
	(void)pthread_condattr_destroy(&attr);
	s->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->stop_fd < 0) {
		why_errno(why, errno, "cannot make the stop descriptor of the service");
		serve_free(&s);
	}
	return s;
}

/* ---- rows ---- */

/* Gives  a row, or NULL when the listener has as many connections as it may */
static struct connection *
take_row(struct serve *s, size_t at)
{
	struct connection *c = NULL;

	(void)pthread_mutex_lock(&s->lock);
	if (s->n_now[at] < s->listeners[at].n_most) {
		c = s->free_rows;
		s->free_rows = c->next_free;
		s->n_now[at]++;
		s->n_all++;
		c->peer.number = ++s->n_accepted;
	} else {
		s->n_refused++;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return c;
}

static void
give_row(struct connection *c)
{
	struct serve *s = c->serve;

	(void)pthread_mutex_lock(&s->lock);
	(void)close(c->fd);
	c->fd = -1;
	c->next_free = s->free_rows;
	s->free_rows = c;
	s->n_now[c->listener_at]--;
	s->n_all--;
	/* Under the lock: after the last signal the serve may be gone. */
	(void)pthread_cond_signal(&s->ended);
	(void)pthread_mutex_unlock(&s->lock);
}

/* ---- connections ---- */

static void *
run_connection(void *arg)
{
	struct connection *c = arg;

	c->listener->handle(c->listener->self, c->fd, &c->peer);
	log_subject(NULL);
	give_row(c);
	return NULL;
}

/* One line if it fits into the socket's buffer; then the end. */
static void
turn_away(int fd, const char *line)
{
	if (line != NULL)
		(void)send(fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_WR);
	(void)close(fd);
}

static void
note_full(struct serve *s, size_t at, bool is_full)
{
	if (is_full && !s->is_full[at])
		log_event(LOG_WARNINGS, "connections-full", "listener=%s most=%zu",
		          s->listeners[at].name, s->listeners[at].n_most);
	s->is_full[at] = is_full;
}

static int
start_thread(struct connection *c)
{
	pthread_attr_t attr;
	pthread_t thread;

	int e = pthread_attr_init(&attr);
	if (e != 0)
		return e;
	(void)pthread_attr_setstacksize(&attr, SERVE_STACK_OCTETS);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	e = pthread_create(&thread, &attr, run_connection, c);
	(void)pthread_attr_destroy(&attr);
	return e;
}

static void
begin(struct serve *s, size_t at, int fd)
{
	const struct serve_listener *l = &s->listeners[at];
	struct connection *c = take_row(s, at);
	int on = 1;

	note_full(s, at, c == NULL);
	if (c == NULL) {
		turn_away(fd, l->full_line);
		return;
	}
	c->listener = l;
	c->listener_at = at;
	c->peer.serve = s;
	/* A peer that is gone already: the handler's first read will tell. */
	if (net_peer_of(fd, &c->peer.net) != NET_OK)
		c->peer.net = (struct net_peer){.text = "unknown"};
	if (!c->peer.net.is_unix)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	(void)pthread_mutex_lock(&s->lock);
	c->fd = fd;
	(void)pthread_mutex_unlock(&s->lock);
	int e = start_thread(c);
	if (e != 0) {
		log_event(LOG_ERRORS, "no-thread", "listener=%s error=%d", l->name, e);
		if (l->full_line != NULL)
			(void)send(fd, l->full_line, strlen(l->full_line),
			           MSG_DONTWAIT | MSG_NOSIGNAL);
		give_row(c);
	}
}

/* ---- accepting ---- */

/* accept(2): what went wrong on the way of that one connection; the next may be well. */
static bool
is_of_one(int error)
{
	static const int errors[] = {EINTR,     ECONNABORTED, EPROTO,       EPERM,       ENETDOWN,
	                             EHOSTDOWN, ENONET,       EHOSTUNREACH, ENETUNREACH, EOPNOTSUPP,
	                             ENOPROTOOPT};

	for (size_t i = 0; i < N_ELEMENTS(errors); i++)
		if (error == errors[i])
			return true;
	return false;
}

/* Gives  false when there is nothing left to accept with: descriptors, memory */
static bool
accept_some(struct serve *s, size_t at)
{
	for (int i = 0; i < N_ACCEPT_AT_ONCE; i++) {
		int fd = accept4(s->listeners[at].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		int error = errno;
		if (fd >= 0) {
			s->is_short = false;
			begin(s, at, fd);
		} else if (error == EAGAIN) {
			return true;
		} else if (!is_of_one(error)) {
			if (!s->is_short)
				log_event(LOG_ERRORS, "cannot-accept", "listener=%s error=%s",
				          s->listeners[at].name, strerrorname_np(error));
			s->is_short = true;
			return false;
		}
	}
	return true;
}

/* Signals go to the threads that main chose; a thread's own faults must stay deliverable. */
static void
block_signals(sigset_t *before_r)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
	sigset_t most;

	(void)sigfillset(&most);
	for (size_t i = 0; i < N_ELEMENTS(faults); i++)
		(void)sigdelset(&most, faults[i]);
	(void)pthread_sigmask(SIG_BLOCK, &most, before_r);
}

/* A thread inherits the mask of its maker: signals are let in only while poll waits. */
static void
accept_all(struct serve *s, const sigset_t *while_waiting)
{
	struct pollfd ready[SERVE_LISTENERS_MOST + 1] = {{.fd = s->stop_fd, .events = POLLIN}};
	bool enough = true;

	for (size_t i = 0; i < s->n_listeners; i++)
		ready[i + 1] = (struct pollfd){.fd = s->listeners[i].fd, .events = POLLIN};
	while (!serve_stopping(s)) {
		struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
		/* Out of descriptors: the listeners would be ready all the time. */
		nfds_t n = enough ? (nfds_t)s->n_listeners + 1 : 1;
		int got = ppoll(ready, n, enough ? NULL : &pause, while_waiting);
		if (!enough) {
			enough = true;
			continue;
		}
		for (size_t i = 0; got > 0 && i < s->n_listeners; i++)
			if (ready[i + 1].revents != 0)
				enough = accept_some(s, i) && enough;
	}
}

/* ---- stopping ---- */

/* Gives  how many connections are left at the deadline */
static size_t
wait_for_end(struct serve *s, int64_t deadline_ms)
{
	struct timespec until = {.tv_sec = (time_t)(deadline_ms / 1000),
	                         .tv_nsec = (long)(deadline_ms % 1000) * 1000000};
	int late = 0;

	(void)pthread_mutex_lock(&s->lock);
	while (s->n_all > 0 && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&s->ended, &s->lock, &until);
	size_t n = s->n_all;
	(void)pthread_mutex_unlock(&s->lock);
	return n;
}

static void
shut_all(struct serve *s)
{
	(void)pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n_rows; i++)
		if (s->rows[i].fd >= 0)
			(void)shutdown(s->rows[i].fd, SHUT_RDWR);
	(void)pthread_mutex_unlock(&s->lock);
}

static void
close_listeners(struct serve *s)
{
	for (size_t i = 0; i < s->n_listeners; i++) {
		if (s->listeners[i].fd >= 0)
			(void)close(s->listeners[i].fd);
		s->listeners[i].fd = -1;
	}
}

size_t
serve_run(struct serve *s, int64_t drain_ms)
{
	sigset_t before;

	for (size_t i = 0; i < s->n_listeners; i++)
		(void)fcntl(s->listeners[i].fd, F_SETFL,
		            fcntl(s->listeners[i].fd, F_GETFL) | O_NONBLOCK);
	block_signals(&before);
	accept_all(s, &before);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	close_listeners(s);

	size_t n = wait_for_end(s, clock_mono_ms() + drain_ms);
	if (n > 0) {
		log_event(LOG_WARNINGS, "connections-cut", "n=%zu after_ms=%lld", n,
		          (long long)drain_ms);
		shut_all(s);
		n = wait_for_end(s, clock_mono_ms() + LAST_WORD_MS);
	}
	return n;
}

void
serve_stop(struct serve *s)
{
	const uint64_t one = 1;
	int saved = errno;

	atomic_store(&s->stopping, true);
	(void)!write(s->stop_fd, &one, sizeof one);
	errno = saved;
}

bool
serve_stopping(const struct serve *s)
{
	return atomic_load(&s->stopping);
}

int
serve_stop_fd(const struct serve *s)
{
	return s->stop_fd;
}

enum serve_wait
serve_wait(const struct serve_peer *peer, int fd, int64_t deadline_ms)
{
	struct pollfd ready[2] = {{.fd = fd, .events = POLLIN},
	                          {.fd = peer->serve->stop_fd, .events = POLLIN}};
	int n;

	do
		n = poll(ready, 2, clock_left_ms(deadline_ms));
	while (n < 0 && errno == EINTR);
	if (ready[0].revents != 0)
		return SERVE_READABLE;
	return n > 0 ? SERVE_STOPPING : SERVE_TIMEOUT;
}

void
serve_stats(struct serve *s, struct serve_stats *stats_r)
{
	(void)pthread_mutex_lock(&s->lock);
	*stats_r = (struct serve_stats){s->n_accepted, s->n_refused, s->n_all};
	(void)pthread_mutex_unlock(&s->lock);
}

void
serve_free(struct serve **s)
{
	if (*s == NULL)
		return;
	close_listeners(*s);
	if ((*s)->stop_fd >= 0)
		(void)close((*s)->stop_fd);
	(void)pthread_cond_destroy(&(*s)->ended);
	(void)pthread_mutex_destroy(&(*s)->lock);
	free((*s)->rows);
	free(*s);
	*s = NULL;
}

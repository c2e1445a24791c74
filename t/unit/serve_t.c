/* t/unit/serve_t.c - many connections, one too many, out of descriptors, and the end of it all */
#include "clock.h"
#include "log.h"
#include "serve.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

enum { N_MOST = 4, STEP_MS = 5000 };

static struct serve *current; /* for the signal handler */
static atomic_int n_signals_seen, n_stopping_seen;

static void
on_term(int sig)
{
	(void)sig;
	serve_stop(current);
}

/* Answer each octet with the same; "s" asks for signals; 'h' hangs until the connection is cut. */
static void
talk(void *self, int fd, const struct serve_peer *peer)
{
	char octet;
	size_t n;
	sigset_t mask;

	(void)self;
	for (;;) {
		enum serve_wait w = serve_wait(peer, fd, clock_mono_ms() + STEP_MS);
		if (w == SERVE_STOPPING) {
			atomic_fetch_add(&n_stopping_seen, 1);
			(void)!net_write(fd, "bye", 3, clock_mono_ms() + STEP_MS);
		}
		if (w != SERVE_READABLE || net_read(fd, &octet, 1, clock_mono_ms() + STEP_MS, &n))
			return;
		(void)pthread_sigmask(SIG_BLOCK, NULL, &mask);
		if (!sigismember(&mask, SIGTERM) || sigismember(&mask, SIGSEGV))
			atomic_fetch_add(&n_signals_seen, 1);
		while (octet == 'h' && net_read(fd, &octet, 1, INT64_MAX / 2, &n) == NET_OK)
			;
		(void)!net_write(fd, &octet, 1, clock_mono_ms() + STEP_MS);
	}
}

static void *
run(void *serve)
{
	return (void *)(uintptr_t)serve_run(serve, 300);
}

struct fixture {
	struct serve *serve;
	struct net_place lmtp, control;
	pthread_t thread;
};

static int
listen_here(struct net_place *place)
{
	const struct net_socket how = {.setting = "listen"};
	struct net_listeners l = {{-1}, 0};

	*place = (struct net_place){.host = "127.0.0.1"};
	if (net_listen(place, &how, &l, NULL) != NET_OK)
		return -1;
	place->port = net_port_of(l.fds[0]);
	return l.fds[0];
}

static void
begin(struct fixture *f)
{
	struct serve_listener listeners[] = {
		{.fd = listen_here(&f->lmtp), .name = "lmtp", .n_most = N_MOST,
		 .full_line = "421 full\r\n", .handle = talk},
		{.fd = listen_here(&f->control), .name = "control", .n_most = 1, .handle = talk},
	};
	f->serve = serve_new(listeners, N_ELEMENTS(listeners), NULL);
	current = f->serve;
	(void)pthread_create(&f->thread, NULL, run, f->serve);
}

static size_t
end(struct fixture *f)
{
	void *left = NULL;

	(void)pthread_join(f->thread, &left);
	if (left == NULL)
		serve_free(&f->serve);
	return (size_t)(uintptr_t)left;
}

static int
call(const struct net_place *place)
{
	int fd = -1;

	if (net_connect(place, STEP_MS, &fd, NULL) != NET_OK)
		return -1;
	return fd;
}

/* What comes until `n` octets or the end. */
static const char *
hear(int fd, size_t n)
{
	static char octets[100];
	size_t at = 0, got = 0;

	int64_t until_ms = clock_mono_ms() + STEP_MS;
	while (at < n && net_read(fd, octets + at, n - at, until_ms, &got) == NET_OK)
		at += got;
	octets[at] = '\0';
	return octets;
}

static const char *
ask(int fd, const char *octet)
{
	(void)!net_write(fd, octet, 1, clock_mono_ms() + STEP_MS);
	return hear(fd, 1);
}

static void
test_limit(void)
{
	struct fixture f;
	struct serve_stats stats;
	int fds[N_MOST];
	const struct timespec step = {.tv_nsec = 10000000};

	begin(&f);
	for (int i = 0; i < N_MOST; i++)
		fds[i] = call(&f.lmtp);
	for (int i = 0; i < N_MOST; i++)
		IS_STR(ask(fds[i], "a"), "a", "served");
	int more = call(&f.lmtp);
	IS_STR(hear(more, 50), "421 full\r\n", "one too many is told, and closed");
	(void)close(more);
	int control = call(&f.control);
	IS_STR(ask(control, "c"), "c", "another listener has its own limit");
	int second = call(&f.control);
	IS_STR(hear(second, 50), "", "one too many there, without a line");
	(void)close(second);
	serve_stats(f.serve, &stats);
	IS_INT(stats.n_now, N_MOST + 1, "connections now");
	IS_INT(stats.n_refused, 2, "refused");
	(void)close(fds[0]);
	for (int i = 0; i < 500 && stats.n_now > N_MOST; i++) {
		(void)nanosleep(&step, NULL);
		serve_stats(f.serve, &stats);
	}
	fds[0] = call(&f.lmtp);
	IS_STR(ask(fds[0], "d"), "d", "one that left makes room");
	int64_t from_ms = clock_mono_ms();
	(void)pthread_kill(f.thread, SIGTERM);
	for (int i = 0; i < N_MOST; i++)
		IS_STR(hear(fds[i], 50), "bye", "an idle connection is told of the end");
	IS_INT(end(&f), 0, "a signal ends it, no handler is left");
	OK(clock_mono_ms() - from_ms < 300, "... before the time for busy ones");
	IS_INT(atomic_load(&n_stopping_seen), N_MOST + 1, "each handler saw it");
	IS_INT(call(&f.lmtp), -1, "nobody listens any more");
	IS_INT(atomic_load(&n_signals_seen), 0, "signals are blocked in threads, faults are not");
	for (int i = 0; i < N_MOST; i++)
		(void)close(fds[i]);
	(void)close(control);
}

static void
test_cut(void)
{
	struct fixture f;

	begin(&f);
	int fd = call(&f.lmtp);
	IS_STR(ask(fd, "a"), "a", "served");
	(void)!net_write(fd, "h", 1, clock_mono_ms() + STEP_MS);
	(void)usleep(50000);
	int64_t from_ms = clock_mono_ms();
	serve_stop(f.serve);
	serve_stop(f.serve);
	IS_INT(end(&f), 0, "a handler that hangs in a read is cut off");
	int64_t took_ms = clock_mono_ms() - from_ms;
	OK(took_ms >= 300 && took_ms < 2000, "... after the time it was given");
	(void)close(fd);
}

static int64_t
cpu_ms(void)
{
	struct rusage used;

	(void)getrusage(RUSAGE_SELF, &used);
	return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

static void
test_descriptors(void)
{
	struct rlimit before, none;
	struct fixture f;

	begin(&f);
	int fd = call(&f.lmtp);
	IS_STR(ask(fd, "a"), "a", "served");
	int waiting = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(f.lmtp.port),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int next = dup(STDERR_FILENO);
	(void)close(next);
	(void)getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = (rlim_t)next;
	(void)setrlimit(RLIMIT_NOFILE, &none);
	int64_t from_ms = cpu_ms();
	OK(connect(waiting, (struct sockaddr *)&to, sizeof to) == 0, "no descriptor left");
	(void)usleep(1000000);
	OK(cpu_ms() - from_ms < 200, "... does not spin");
	IS_STR(ask(fd, "b"), "b", "... the others are served");
	(void)setrlimit(RLIMIT_NOFILE, &before);
	IS_STR(ask(waiting, "w"), "w", "... and the one that waited, afterwards");
	serve_stop(f.serve);
	IS_INT(end(&f), 0, "ended");
	(void)close(fd);
	(void)close(waiting);
}

static void *
visit(void *place)
{
	uintptr_t n = 0;

	for (int i = 0; i < 100; i++) {
		int fd = call(place);
		n += strcmp(ask(fd, "v"), "") != 0;
		(void)close(fd);
	}
	return (void *)n;
}

static void
test_storm(void)
{
	struct fixture f;
	struct serve_stats stats;
	void *n = NULL;

	begin(&f);
	n = visit(&f.lmtp);
	serve_stats(f.serve, &stats);
	IS_INT(stats.n_accepted + stats.n_refused, 100, "a hundred came, one after the other");
	IS_INT((uintptr_t)n, 100, "... and each heard something");
	serve_stop(f.serve);
	IS_INT(end(&f), 0, "ended");
}

int
main(void)
{
	struct sigaction act = {.sa_handler = on_term};

	log_open("serve_t", "/dev/null", LOG_ERRORS);
	(void)sigaction(SIGTERM, &act, NULL);
	test_limit();
	test_cut();
	test_descriptors();
	test_storm();
	return tap_done();
}

/* t/unit/child_t.c - launcher and pool, with children that crash, hang, dribble and lie */
#include "arena.h"
#include "child.h"
#include "clock.h"
#include "launcher.h"
#include "log.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { FREE, BROKEN, MUTE, MISSING, N_PROGRAMS };

enum { DEADLINE_MS = 1000, MORE_MS = 2500, N_THREADS = 8, N_EACH = 50 };

static const struct child_limits usual = {.n_children = 1, .deadline_ms = DEADLINE_MS,
                                          .max_reply_octets = 1 << 20};

static struct launcher *
launch(void)
{
	/* Beside this program: the build directory, whatever the working directory is. */
	char peer[PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", peer, PATH_MAX);
	peer[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(peer, '/');
	(void)strcpy(slash + 1, "child_peer");
	const char *const free_argv[] = {peer, "free", NULL};
	const char *const broken[] = {peer, "broken", NULL};
	const char *const mute[] = {peer, "mute", NULL};
	const char *const missing[] = {"/nonexistent/program", NULL};
	const char *const *const programs[] = {free_argv, broken, mute, missing};
	struct launcher *l = NULL;
	struct why why = {""};

	OK(launcher_start(programs, N_PROGRAMS, &l, &why) == LAUNCHER_OK, "the launcher starts");
	return l;
}

static enum child_err
say(struct child_pool *p, struct arena *a, const char *word, const char **reply_r, struct why *why)
{
	struct child_octets reply = {"", 0};
	enum child_err e = child_call(p, a, (struct child_octets){word, strlen(word)}, &reply, why);

	*reply_r = reply.octets;
	return e;
}

/* One word, its outcome, a part of the cause, and then a child that serves again. */
static void
check_bad(struct child_pool *p, const char *word, enum child_err want, const char *cause)
{
	AUTO(arena) struct arena *a = arena_new();
	struct why why = {""};
	const char *reply;
	int64_t from_ms = clock_mono_ms();

	IS_INT(say(p, a, word, &reply, &why), want, word);
	OK(clock_mono_ms() - from_ms < DEADLINE_MS + MORE_MS, "... and in time");
	OK(strstr(why.text, cause) != NULL, cause);
	if (strstr(why.text, cause) == NULL)
		printf("# got %s\n", why.text);
	IS_INT(say(p, a, "hello", &reply, &why), CHILD_OK, "... the next request is served");
	IS_STR(reply, "hello", "... with its own answer");
}

static void
test_good(struct launcher *l)
{
	struct child_pool *p = child_pool_new(l, FREE, &usual);
	AUTO(arena) struct arena *a = arena_new();
	struct child_octets big = {arena_alloc(a, 900000), 900000}, reply;
	struct child_stats stats;
	struct why why = {""};
	const char *text;

	IS_INT(child_pool_warm(p, &why), CHILD_OK, "warm");
	child_pool_stats(p, &stats);
	IS_STR(stats.hello, "free", "the child's hello is kept");
	IS_INT(stats.n_running, 1, "one child runs");
	memset((char *)(uintptr_t)big.octets, 'b', big.n);
	IS_INT(child_call(p, a, big, &reply, &why), CHILD_OK, "900,000 octets there and back");
	OK(reply.n == big.n && memcmp(reply.octets, big.octets, big.n) == 0, "... the same");
	IS_INT(child_call(p, a, (struct child_octets){"", 0}, &reply, &why), CHILD_OK, "none");
	IS_INT(reply.n, 0, "... none back");
	IS_INT(child_call(p, a, (struct child_octets){"a\0b", 3}, &reply, &why), CHILD_OK, "NUL");
	OK(reply.n == 3 && memcmp(reply.octets, "a\0b", 4) == 0, "... back, with one behind it");
	IS_INT(say(p, a, "state", &text, &why), CHILD_OK, "state");
	IS_STR(text, "ignores clean", "nothing but 0 to 3 is open, SIGTERM ignored, no variables");
	child_pool_stats(p, &stats);
	IS_INT(stats.n_calls, 4, "calls are counted");
	IS_INT(stats.n_started, 1, "one child did it all");
	child_pool_free(&p);
	OK(p == NULL, "the pool is gone");
}

static void
test_bad(struct launcher *l)
{
	struct child_pool *p = child_pool_new(l, FREE, &usual);
	struct child_stats stats;

	check_bad(p, "segv", CHILD_DIED, "e");
	check_bad(p, "abort", CHILD_DIED, "SIGABRT");
	check_bad(p, "exit", CHILD_DIED, "status 7");
	check_bad(p, "hang", CHILD_TIMEOUT, "1000 ms");
	check_bad(p, "dribble", CHILD_TIMEOUT, "1000 ms");
	check_bad(p, "huge", CHILD_BAD_REPLY, "too long");
	check_bad(p, "twice", CHILD_BAD_REPLY, "not asked");
	check_bad(p, "close", CHILD_DIED, "SIGKILL");
	child_pool_stats(p, &stats);
	IS_INT(stats.n_calls, 16, "calls");
	IS_INT(stats.n_died, 4, "deaths");
	IS_INT(stats.n_timeouts, 2, "time-outs");
	IS_INT(stats.n_bad_replies, 2, "bad replies");
	IS_INT(stats.n_running, 1, "one is left");
	child_pool_free(&p);
}

static void
test_cpu(struct launcher *l)
{
	struct child_limits limits = usual;

	limits.cpu_s = 1;
	limits.deadline_ms = 20000;
	struct child_pool *p = child_pool_new(l, FREE, &limits);
	AUTO(arena) struct arena *a = arena_new();
	struct why why = {""};
	const char *text;
	int64_t from_ms = clock_mono_ms();

	IS_INT(say(p, a, "x", &text, &why), CHILD_OK, "little work");
	IS_INT(say(p, a, "spin", &text, &why), CHILD_TIMEOUT, "too much work");
	OK(strstr(why.text, "CPU") != NULL, "... says so");
	OK(clock_mono_ms() - from_ms < 15000, "... before the deadline");
	child_pool_free(&p);
}

static pid_t
pid_of(struct child_pool *p)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *text = "";

	(void)!say(p, a, "pid", &text, NULL);
	return (pid_t)atoi(text);
}

static void
test_idle(struct launcher *l)
{
	struct child_limits limits = usual;

	limits.recycle_after = 3;
	struct child_pool *p = child_pool_new(l, FREE, &limits);
	struct child_stats stats;
	pid_t first = pid_of(p);

	OK(first > 0 && pid_of(p) == first, "the same child serves again");
	(void)kill(first, SIGTERM);
	IS_INT(pid_of(p), first, "a signal to the group does not end it");
	OK(kill(first, 0) != 0 && errno == ESRCH, "after three requests it is gone");
	pid_t second = pid_of(p);
	OK(second > 0 && second != first, "another follows");
	(void)kill(second, SIGKILL);
	(void)usleep(100000);
	OK(pid_of(p) > 0, "a death between two requests harms none");
	child_pool_stats(p, &stats);
	IS_INT(stats.n_died, 0, "... and is not counted as one of a request");
	child_pool_free(&p);
}

static void
test_start(struct launcher *l, size_t program, const char *cause)
{
	struct child_pool *p = child_pool_new(l, program, &usual);
	AUTO(arena) struct arena *a = arena_new();
	struct child_stats stats;
	struct why why = {""};
	const char *text;

	IS_INT(say(p, a, "x", &text, &why), CHILD_UNAVAILABLE, "a program that cannot start");
	OK(strstr(why.text, cause) != NULL, cause);
	for (int i = 0; i < 1000; i++)
		(void)!say(p, a, "x", &text, &why);
	child_pool_stats(p, &stats);
	OK(stats.n_started < 8, "... is not started a thousand times");
	IS_INT(stats.n_unavailable, 1001, "... each request could not be asked");
	IS_INT(stats.n_died, 0, "... and none is blamed");
	(void)usleep(150000);
	if (program != MUTE) /* that one takes its ten seconds */
		OK(child_pool_warm(p, &why) == CHILD_UNAVAILABLE, "... later neither");
	IS_INT(stats.n_running, 0, "none runs");
	child_pool_free(&p);
}

struct worker {
	struct child_pool *pool;
	unsigned n_ok, n_lost, n_wrong;
	unsigned seed;
};

static void *
work(void *arg)
{
	struct worker *w = arg;

	for (unsigned i = 0; i < N_EACH; i++) {
		AUTO(arena) struct arena *a = arena_new();
		char word[32];
		const char *text = "";
		bool is_bad = (i + w->seed) % 10 == 0;
		(void)snprintf(word, sizeof word, "%u-%u", w->seed, i);
		enum child_err e = say(w->pool, a, is_bad ? "exit" : word, &text, NULL);
		w->n_ok += e == CHILD_OK;
		w->n_lost += e == CHILD_DIED && is_bad;
		w->n_wrong += (e == CHILD_OK && strcmp(text, word) != 0) ||
		              (e != CHILD_OK && !is_bad);
	}
	return NULL;
}

static void
test_threads(struct launcher *l)
{
	struct child_limits limits = usual;
	struct worker workers[N_THREADS] = {{0}};
	pthread_t threads[N_THREADS];
	unsigned n_ok = 0, n_lost = 0, n_wrong = 0;

	limits.n_children = 3;
	limits.deadline_ms = 60000;
	limits.recycle_after = 20;
	struct child_pool *p = child_pool_new(l, FREE, &limits);
	for (unsigned i = 0; i < N_THREADS; i++) {
		workers[i] = (struct worker){.pool = p, .seed = i};
		(void)pthread_create(&threads[i], NULL, work, &workers[i]);
	}
	for (unsigned i = 0; i < N_THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		n_ok += workers[i].n_ok;
		n_lost += workers[i].n_lost;
		n_wrong += workers[i].n_wrong;
	}
	IS_INT(n_ok, N_THREADS * N_EACH * 9 / 10, "8 threads, 3 children: nine in ten answered");
	IS_INT(n_lost, N_THREADS * N_EACH / 10, "... one in ten was made to die");
	IS_INT(n_wrong, 0, "... nobody got another's answer");
	child_pool_free(&p);
}

static void *
hang(void *pool)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *text;

	(void)!say(pool, a, "hang", &text, NULL);
	return NULL;
}

static void
test_busy(struct launcher *l)
{
	struct child_limits limits = usual;

	limits.deadline_ms = 1000;
	struct child_pool *p = child_pool_new(l, FREE, &limits);
	AUTO(arena) struct arena *a = arena_new();
	struct why why = {""};
	const char *text;
	pthread_t first, second;

	(void)pthread_create(&first, NULL, hang, p);
	(void)usleep(50000);
	(void)pthread_create(&second, NULL, hang, p);
	(void)usleep(50000);
	enum child_err e = say(p, a, "x", &text, &why);
	OK(e == CHILD_UNAVAILABLE || e == CHILD_OK, "behind two that hang: no blame");
	(void)pthread_join(first, NULL);
	(void)pthread_join(second, NULL);
	IS_INT(say(p, a, "x", &text, &why), CHILD_OK, "afterwards it is served");
	child_pool_free(&p);
}

/* No room for the descriptors of a new child: an error, and no child is left behind. */
static void
test_descriptors(struct launcher *l)
{
	struct child_pool *p = child_pool_new(l, FREE, &usual);
	AUTO(arena) struct arena *a = arena_new();
	struct rlimit before, none;
	struct why why = {""};
	const char *text;
	int next = dup(STDERR_FILENO);

	(void)close(next);
	(void)getrlimit(RLIMIT_NOFILE, &before);
	for (rlim_t room = 0; room < 2; room++) {
		none = before;
		none.rlim_cur = (rlim_t)next + room;
		(void)setrlimit(RLIMIT_NOFILE, &none);
		enum child_err e = say(p, a, "x", &text, &why);
		(void)setrlimit(RLIMIT_NOFILE, &before);
		IS_INT(e, CHILD_UNAVAILABLE, "no descriptors left: could not ask");
		int again = dup(STDERR_FILENO);
		IS_INT(again, next, "... and none was lost");
		(void)close(again);
		(void)usleep(250000);
	}
	IS_INT(say(p, a, "x", &text, &why), CHILD_OK, "afterwards it is served");
	child_pool_free(&p);
}

static void *
kill_launcher_soon(void *l)
{
	(void)usleep(200000);
	(void)kill(launcher_pid(l), SIGKILL);
	return NULL;
}

static void
test_launcher_dies(struct launcher *l)
{
	struct child_limits limits = usual;
	pthread_t killer;

	limits.deadline_ms = 30000;
	struct child_pool *p = child_pool_new(l, FREE, &limits);
	AUTO(arena) struct arena *a = arena_new();
	struct launcher_child child = {-1, -1, 0};
	struct why why = {""};
	const char *text;
	int status;

	OK(launcher_spawn(l, FREE, &child, &why) == LAUNCHER_OK, "one more child");
	OK(launcher_reap(l, child.pid, &status, &why) == LAUNCHER_ALIVE, "it lives");
	OK(launcher_reap(l, 1, &status, &why) == LAUNCHER_FAILED, "no other process is waited for");
	OK(launcher_alive(l), "the launcher lives");
	(void)pthread_create(&killer, NULL, kill_launcher_soon, l);
	IS_INT(say(p, a, "hang", &text, &why), CHILD_UNAVAILABLE, "it dies: no request is blamed");
	OK(strstr(why.text, "launcher") != NULL, "... but the launcher");
	(void)pthread_join(killer, NULL);
	struct pollfd end = {.fd = child.pidfd, .events = POLLIN};
	IS_INT(poll(&end, 1, 5000), 1, "its children end with it");
	for (int i = 0; i < 100 && launcher_alive(l); i++)
		(void)usleep(10000);
	OK(!launcher_alive(l), "the launcher is known to be dead");
	IS_INT(say(p, a, "x", &text, &why), CHILD_UNAVAILABLE, "nothing can be asked any more");
	OK(strstr(why.text, "launcher") != NULL, "... and why says it");
	(void)close(child.fd);
	(void)close(child.pidfd);
	child_pool_free(&p);
}

int
main(void)
{
	log_open("child_t", "/dev/null", LOG_ERRORS);
	(void)setenv("NOTIFY_SOCKET", "/nowhere", 1);
	struct launcher *l = launch();

	test_good(l);
	test_bad(l);
	test_cpu(l);
	test_idle(l);
	test_start(l, BROKEN, "status 9");
	test_start(l, MISSING, "No such file");
	test_start(l, MUTE, "hello");
	test_threads(l);
	test_busy(l);
	test_descriptors(l);
	test_launcher_dies(l);
	launcher_stop(&l);
	OK(l == NULL && waitpid(-1, NULL, 0) < 0 && errno == ECHILD, "no process is left");
	return tap_done();
}

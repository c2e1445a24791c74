/* src/base/child.c - a pool of children for questions that may kill them */
#include "child.h"
#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "launcher.h"
#include "log.h"
#include "talk.h"
#include "text.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum {
	START_MS = 10000,   /* exec to hello at start: dynamic linking, charsets, the jail */
	GOODBYE_MS = 500,   /* for a child that ends by itself */
	KILL_MS = 2000,     /* for SIGKILL to take effect */
	PAUSE_MS = 100,     /* after the first start that failed, then doubled */
	PAUSE_MOST_MS = 30000,
	PAUSE_DOUBLINGS = 9
};

struct slot {
	struct launcher_child child;
	bool running;
	bool busy; /* a thread owns this slot; all else in it is that thread's */
	unsigned n_served;
};

struct child_pool {
	struct launcher *launcher;
	size_t program;
	struct child_limits limits;
	pthread_mutex_t lock;
	pthread_cond_t freed;
	/* under lock: */
	struct slot slots[CHILD_MOST];
	unsigned n_bad_starts; /* in a row */
	int64_t start_after_ms;
	struct child_stats stats;
};

struct child_pool *
child_pool_new(struct launcher *l, size_t program, const struct child_limits *limits)
{
	pthread_condattr_t attr;
	struct child_pool *p = calloc(1, sizeof *p);

	if (p == NULL || limits->n_children == 0 || limits->n_children > CHILD_MOST ||
	    limits->max_reply_octets > CHILD_FRAME_MOST_OCTETS)
		abort();
	p->launcher = l;
	p->program = program;
	p->limits = *limits;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->freed, &attr);
	(void)pthread_condattr_destroy(&attr);
	return p;
}

/* ---- slots ---- */

/* A warm one first. Call with the lock held. */
static struct slot *
find_free(struct child_pool *p)
{
	struct slot *cold = NULL;

	for (size_t i = 0; i < p->limits.n_children; i++) {
		struct slot *s = &p->slots[i];
		if (!s->busy && s->running)
			return s;
		if (!s->busy && cold == NULL)
			cold = s;
	}
	return cold;
}

static struct slot *
take_slot(struct child_pool *p, int64_t deadline_ms)
{
	struct timespec until = {.tv_sec = (time_t)(deadline_ms / 1000),
	                         .tv_nsec = (long)(deadline_ms % 1000) * 1000000};
	struct slot *s = NULL;
	int late = 0;

	(void)pthread_mutex_lock(&p->lock);
	while ((s = find_free(p)) == NULL && late != ETIMEDOUT)
		late = pthread_cond_timedwait(&p->freed, &p->lock, &until);
	if (s != NULL)
		s->busy = true;
	(void)pthread_mutex_unlock(&p->lock);
	return s;
}

static void
give_slot(struct child_pool *p, struct slot *s)
{
	(void)pthread_mutex_lock(&p->lock);
	s->busy = false;
	(void)pthread_cond_signal(&p->freed);
	(void)pthread_mutex_unlock(&p->lock);
}

static void
count(struct child_pool *p, enum child_err e)
{
	(void)pthread_mutex_lock(&p->lock);
	p->stats.n_calls++;
	p->stats.n_died += e == CHILD_DIED;
	p->stats.n_timeouts += e == CHILD_TIMEOUT;
	p->stats.n_bad_replies += e == CHILD_BAD_REPLY;
	p->stats.n_unavailable += e == CHILD_UNAVAILABLE;
	(void)pthread_mutex_unlock(&p->lock);
}

/* ---- one child ---- */

static bool
has_ended(const struct launcher_child *child, int wait_ms)
{
	struct pollfd end = {.fd = child->pidfd, .events = POLLIN};
	int64_t deadline_ms = clock_mono_ms() + wait_ms;
	int n;

	do
		n = poll(&end, 1, clock_left_ms(deadline_ms));
	while (n < 0 && errno == EINTR);
	return n == 1;
}

/* End a child that still runs, or is about to end by itself.
 * Gives  its status, or -1 when nobody can tell */
static int
end_child(struct child_pool *p, struct slot *s, int grace_ms)
{
	int status = -1;

	if (s->child.fd >= 0)
		(void)close(s->child.fd);
	if (grace_ms == 0 || !has_ended(&s->child, grace_ms)) {
		(void)syscall(SYS_pidfd_send_signal, s->child.pidfd, SIGKILL, NULL, 0);
		(void)has_ended(&s->child, KILL_MS);
	}
	if (launcher_reap(p->launcher, s->child.pid, &status, NULL) != LAUNCHER_OK)
		status = -1;
	(void)close(s->child.pidfd);
	s->n_served = 0;
	(void)pthread_mutex_lock(&p->lock);
	s->running = false;
	p->stats.n_running--;
	(void)pthread_mutex_unlock(&p->lock);
	return status;
}

static void
describe_end(int status, struct why *why)
{
	const char *name = status != -1 && WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status))
	                                                       : NULL;

	if (status == -1)
		why_set(why, "the child ended, nobody can tell how");
	else if (WIFSIGNALED(status))
		why_set(why, "the child was ended by signal %d (SIG%s)", WTERMSIG(status),
		        name != NULL ? name : "?");
	else
		why_set(why, "the child ended with status %d", WEXITSTATUS(status));
}

/* Bury a child after a failed exchange, and say the cause.
 * Gives  CHILD_TIMEOUT instead of CHILD_DIED where its CPU seconds were used up, CHILD_UNAVAILABLE
 *        where the launcher died, whose children die with it whatever they were asked */
static enum child_err
bury(struct child_pool *p, struct slot *s, enum child_err e, struct why *why)
{
	pid_t pid = s->child.pid;
	int status = end_child(p, s, e == CHILD_DIED ? GOODBYE_MS : 0);
	bool is_cpu = status != -1 && WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU;

	if (e == CHILD_DIED && is_cpu) {
		e = CHILD_TIMEOUT;
		why_set(why, "the child used more than %u CPU seconds", p->limits.cpu_s);
	} else if (e == CHILD_DIED && status == -1 && !launcher_alive(p->launcher)) {
		e = CHILD_UNAVAILABLE;
		why_set(why, "the launcher process died, and this child with it");
	} else if (e == CHILD_DIED) {
		describe_end(status, why);
	} else if (e == CHILD_TIMEOUT) {
		why_set(why, "the child did not answer within %lld ms",
		        (long long)p->limits.deadline_ms);
	} else {
		why_set(why, "the child gave a reply that is too long or was not asked for");
	}
	log_event(LOG_WARNINGS, "child-lost", "program=%zu pid=%d why=%s", p->program, (int)pid,
	          log_value(why->text));
	return e;
}

/* ---- starting ---- */

static int64_t
pause_after(unsigned n_bad)
{
	unsigned doublings = n_bad - 1 < PAUSE_DOUBLINGS ? n_bad - 1 : PAUSE_DOUBLINGS;
	int64_t pause_ms = (int64_t)PAUSE_MS << doublings;

	return pause_ms < PAUSE_MOST_MS ? pause_ms : PAUSE_MOST_MS;
}

static enum child_err
note_bad_start(struct child_pool *p, struct why *why)
{
	(void)pthread_mutex_lock(&p->lock);
	int64_t pause_ms = pause_after(++p->n_bad_starts);
	p->start_after_ms = clock_mono_ms() + pause_ms;
	(void)pthread_mutex_unlock(&p->lock);
	log_event(LOG_ERRORS, "child-cannot-start", "program=%zu pause_ms=%lld why=%s", p->program,
	          (long long)pause_ms, log_value(why->text));
	return CHILD_UNAVAILABLE;
}

static void
note_start(struct child_pool *p, const struct talk *hello)
{
	(void)pthread_mutex_lock(&p->lock);
	p->n_bad_starts = 0;
	(void)snprintf(p->stats.hello, sizeof p->stats.hello, "%s", hello->reply);
	text_clean_line(p->stats.hello);
	(void)pthread_mutex_unlock(&p->lock);
}

static bool
may_start(struct child_pool *p, struct why *why)
{
	(void)pthread_mutex_lock(&p->lock);
	int64_t wait_ms = p->start_after_ms - clock_mono_ms();
	bool may = p->n_bad_starts == 0 || wait_ms <= 0;
	(void)pthread_mutex_unlock(&p->lock);
	if (!may)
		why_set(why, "children of program %zu did not start; next try in %lld ms",
		        p->program, (long long)wait_ms);
	return may;
}

static enum child_err
start(struct child_pool *p, struct slot *s, int64_t most_ms, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();

	if (!may_start(p, why))
		return CHILD_UNAVAILABLE;
	if (launcher_spawn(p->launcher, p->program, &s->child, why) != LAUNCHER_OK)
		return note_bad_start(p, why);
	(void)pthread_mutex_lock(&p->lock);
	s->running = true;
	p->stats.n_running++;
	p->stats.n_started++;
	(void)pthread_mutex_unlock(&p->lock);

	struct talk hello = {.fd = s->child.fd, .arena = a, .is_hello = true,
	                     .max_octets = CHILD_HELLO_OCTETS - 1};
	enum child_err e = talk_run(&hello, clock_mono_ms() + most_ms);
	if (e != CHILD_OK) {
		int status = end_child(p, s, e == CHILD_DIED ? GOODBYE_MS : 0);
		if (e == CHILD_DIED)
			describe_end(status, why);
		else
			why_set(why, "the child did not say hello within %lld ms",
			        (long long)most_ms);
		return note_bad_start(p, why);
	}
	note_start(p, &hello);
	return CHILD_OK;
}

/* A child that ended while it was idle, or spoke unasked (its next words would be taken for the
 * answer to another mail), is replaced. */
static enum child_err
make_ready(struct child_pool *p, struct slot *s, int64_t most_ms, struct why *why)
{
	if (s->running && !talk_is_quiet(s->child.fd)) {
		describe_end(end_child(p, s, 0), why);
		log_event(LOG_WARNINGS, "child-lost-idle", "program=%zu why=%s", p->program,
		          log_value(why->text));
	}
	return s->running ? CHILD_OK : start(p, s, most_ms, why);
}

enum child_err
child_pool_warm(struct child_pool *p, struct why *why)
{
	struct why own = {""};
	struct slot *s = take_slot(p, clock_mono_ms() + START_MS);
	enum child_err e = CHILD_UNAVAILABLE;

	if (s != NULL) {
		e = make_ready(p, s, START_MS, &own);
		give_slot(p, s);
	}
	if (e != CHILD_OK)
		why_set(why, "%s", own.text);
	return e;
}

/* ---- requests ---- */

/* RLIMIT_CPU counts from birth, so the limit moves with what was used before. Where the kernel
 * refuses, the deadline still holds. The pid cannot be another's: launcher_reap was not called. */
static void
limit_cpu(pid_t pid, unsigned cpu_s)
{
	int64_t used_s = clock_cpu_s(pid);
	struct rlimit limit;

	if (used_s >= 0 && prlimit(pid, RLIMIT_CPU, NULL, &limit) == 0) {
		rlim_t want = (rlim_t)used_s + cpu_s;
		limit.rlim_cur = want < limit.rlim_max ? want : limit.rlim_max;
		(void)prlimit(pid, RLIMIT_CPU, &limit, NULL);
	}
}

static enum child_err
ask(struct child_pool *p, struct slot *s, struct talk *t, struct why *why)
{
	if (p->limits.cpu_s > 0)
		limit_cpu(s->child.pid, p->limits.cpu_s);
	t->fd = s->child.fd;
	enum child_err e = talk_run(t, clock_mono_ms() + p->limits.deadline_ms);
	if (e != CHILD_OK)
		return bury(p, s, e, why);
	s->n_served++;
	if (p->limits.recycle_after > 0 && s->n_served >= p->limits.recycle_after)
		(void)end_child(p, s, GOODBYE_MS);
	return CHILD_OK;
}

enum child_err
child_call(struct child_pool *p, struct arena *a, struct child_octets request,
           struct child_octets *reply_r, struct why *why)
{
	struct why own = {""};
	struct talk t = {.arena = a, .request = request, .max_octets = p->limits.max_reply_octets};
	enum child_err e = CHILD_UNAVAILABLE;
	struct slot *s = NULL;

	if (request.n > CHILD_FRAME_MOST_OCTETS)
		why_set(&own, "a request of %zu octets is too long for a child", request.n);
	else if ((s = take_slot(p, clock_mono_ms() + p->limits.deadline_ms)) == NULL)
		why_set(&own, "all %zu children were busy", p->limits.n_children);
	if (s != NULL) {
		e = make_ready(p, s, p->limits.deadline_ms, &own);
		if (e == CHILD_OK)
			e = ask(p, s, &t, &own);
		give_slot(p, s);
	}
	count(p, e);
	if (e == CHILD_OK)
		*reply_r = (struct child_octets){t.reply, t.n_reply};
	else
		why_set(why, "%s", own.text);
	return e;
}

void
child_pool_stats(struct child_pool *p, struct child_stats *stats_r)
{
	(void)pthread_mutex_lock(&p->lock);
	*stats_r = p->stats;
	(void)pthread_mutex_unlock(&p->lock);
}

void
child_pool_free(struct child_pool **p)
{
	if (*p == NULL)
		return;
	/* All get their end of file first, so that they end side by side. */
	for (size_t i = 0; i < (*p)->limits.n_children; i++)
		if ((*p)->slots[i].running) {
			(void)close((*p)->slots[i].child.fd);
			(*p)->slots[i].child.fd = -1;
		}
	for (size_t i = 0; i < (*p)->limits.n_children; i++)
		if ((*p)->slots[i].running)
			(void)end_child(*p, &(*p)->slots[i], GOODBYE_MS);
	(void)pthread_cond_destroy(&(*p)->freed);
	(void)pthread_mutex_destroy(&(*p)->lock);
	free(*p);
	*p = NULL;
}

/* ---- the child's side: read and writev only, for nothing else may pass its jail ---- */

/* Gives  1 when all n octets came, 0 at end of file before the first, -1 else */
static int
read_all(int fd, void *octets, size_t n)
{
	size_t n_got = 0;

	while (n_got < n) {
		ssize_t got = read(fd, (char *)octets + n_got, n - n_got);
		if (got == 0)
			return n_got == 0 ? 0 : -1;
		if (got < 0 && errno != EINTR)
			return -1;
		n_got += got > 0 ? (size_t)got : 0;
	}
	return 1;
}

static int
write_frame(int fd, struct child_octets body)
{
	unsigned char head[TALK_HEAD_OCTETS];
	struct iovec parts[2];
	size_t n_sent = 0;
	int k;

	talk_put_length(head, body.n);
	while ((k = talk_rest(parts, head, body, n_sent)) > 0) {
		ssize_t n = writev(fd, parts, k);
		if (n < 0 && errno != EINTR)
			return -1;
		n_sent += n > 0 ? (size_t)n : 0;
	}
	return 1;
}

/* Gives  1 when a request was answered, 0 at the end, -1 when it cannot go on */
static int
serve_one(int fd, const struct child_service *service)
{
	unsigned char head[TALK_HEAD_OCTETS];
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf reply = {0};

	int more = read_all(fd, head, sizeof head);
	if (more <= 0)
		return more;
	size_t n = talk_length(head);
	if (n > service->max_request_octets)
		return -1;
	char *octets = arena_alloc(a, n + 1);
	if (n > 0 && read_all(fd, octets, n) != 1)
		return -1;
	service->handle(service->arg, a, (struct child_octets){octets, n}, &reply);
	return write_frame(fd, (struct child_octets){reply.octets, reply.n});
}

int
child_serve(int fd, const struct child_service *service)
{
	int more = write_frame(fd, (struct child_octets){service->hello, strlen(service->hello)});

	while (more > 0)
		more = serve_one(fd, service);
	return more;
}

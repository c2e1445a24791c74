/* src/spf/resolver.c - a process of its own that asks the DNS, for one that may not */
#include "resolver.h"
#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "dns_cache.h"
#include "dns_name.h"
#include "jail.h"
#include "strict.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>

enum {
	FRAME_MOST_OCTETS = 256 * 1024, /* 256 records of one message of 64 KiB, and their heads */
	HEAD_OCTETS = 4,
	START_MS = 5000,
	GRACE_MS = 1000, /* over the deadline of a question, for the process to notice it */
	WAIT_MOST_MS = 60 * 1000,
	FILES = 8,
	READY = 'r'
};

struct resolver {
	int fd;
	pid_t pid;
	bool is_gone;
	struct arena *a; /* holds the struct itself */
};

/* ---- frames: read, write and poll only, for nothing else passes the jails ---- */

static bool
read_all(int fd, void *octets, size_t n, int64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	for (size_t n_got = 0; n_got < n;) {
		int ready = poll(&p, 1, deadline_ms < 0 ? -1 : clock_left_ms(deadline_ms));
		if (ready == 0 || (ready < 0 && errno != EINTR))
			return false;
		ssize_t got = ready < 0 ? -1 : read(fd, (char *)octets + n_got, n - n_got);
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		n_got += got > 0 ? (size_t)got : 0;
	}
	return true;
}

static bool
write_all(int fd, const char *octets, size_t n)
{
	while (n > 0) {
		ssize_t got = write(fd, octets, n);
		if (got < 0 && errno != EINTR)
			return false;
		octets += got > 0 ? got : 0;
		n -= got > 0 ? (size_t)got : 0;
	}
	return true;
}

/* Takes  deadline_ms  -1: wait for ever */
static bool
read_frame(int fd, struct buf *frame, int64_t deadline_ms)
{
	unsigned char head[HEAD_OCTETS];

	if (!read_all(fd, head, sizeof head, deadline_ms))
		return false;
	struct strict s = strict_begin(head, sizeof head);
	size_t n = strict_u32(&s);
	if (n > FRAME_MOST_OCTETS || !read_all(fd, buf_reserve(frame, n + 1), n, deadline_ms))
		return false;
	frame->n += n;
	return true;
}

static bool
write_frame(int fd, const struct buf *body)
{
	AUTO(buf) struct buf frame = {0};

	strict_put_u32(&frame, (uint32_t)body->n);
	buf_add(&frame, body->octets, body->n);
	return write_all(fd, frame.octets, frame.n);
}

/* ---- what the frames say ---- */

static void
put_answer(struct buf *b, enum dns_err e, const struct dns_answer *answer, const struct why *why)
{
	strict_put_u8(b, e);
	strict_put_text(b, e == DNS_FAILED ? why->text : "");
	strict_put_u32(b, answer->ttl_s);
	strict_put_u16(b, e == DNS_OK ? (unsigned)answer->n : 0);
	for (size_t i = 0; e == DNS_OK && i < answer->n; i++)
		strict_put_octets(b, answer->record[i].octets, answer->record[i].n);
}

static bool
read_answer(struct arena *a, const struct buf *b, enum dns_err *e_r, struct dns_answer *answer_r,
            struct why *why)
{
	struct strict s = strict_begin(b->octets, b->n);
	unsigned e = strict_u8(&s);
	const char *words = strict_text(&s, a, WHY_OCTETS);
	uint32_t ttl_s = strict_u32(&s);
	size_t n = strict_u16(&s);

	if (e > DNS_FAILED || n > DNS_RECORDS_MOST)
		return false;
	struct dns_record *record = arena_array(a, n + 1, sizeof *record);
	for (size_t i = 0; i < n; i++)
		record[i].octets = strict_octets(&s, a, DNS_ANSWER_OCTETS_MOST, &record[i].n);
	if (!strict_end(&s) || (e == DNS_OK) != (n > 0))
		return false;
	if (e == DNS_FAILED)
		why_set(why, "%s", words);
	*e_r = (enum dns_err)e;
	*answer_r = (struct dns_answer){record, n, ttl_s};
	return true;
}

/* ---- the process ---- */

static bool
read_question(struct arena *a, const struct buf *b, struct dns_question *q_r)
{
	struct strict s = strict_begin(b->octets, b->n);
	unsigned type = strict_u16(&s);
	uint32_t left_ms = strict_u32(&s);

	q_r->name = strict_text(&s, a, DNS_NAME_TEXT_MOST);
	q_r->type = (enum dns_type)type;
	q_r->deadline_ms = clock_mono_ms() + (left_ms < WAIT_MOST_MS ? left_ms : WAIT_MOST_MS);
	return strict_end(&s) && (type == DNS_A || type == DNS_AAAA || type == DNS_MX ||
	                          type == DNS_PTR || type == DNS_TXT);
}

static bool
serve_one(int fd, struct dns_client *client, struct dns_cache *cache)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf request = {0}, reply = {0};
	struct dns_question q;
	struct dns_answer answer = {0};
	struct why why = {""};
	size_t n;

	if (!read_frame(fd, &request, -1) || !read_question(a, &request, &q))
		return false;
	const char *kept = dns_cache_find(cache, &q, clock_mono_ms(), &n);
	if (kept != NULL) {
		buf_add(&reply, kept, n);
		return write_frame(fd, &reply);
	}
	enum dns_err e = dns_client_ask(client, a, &q, &answer, &why);
	put_answer(&reply, e, &answer, &why);
	dns_cache_put(cache, &q, reply.octets, reply.n,
	              e == DNS_FAILED ? DNS_CACHE_FAILED_S : answer.ttl_s, clock_mono_ms());
	return write_frame(fd, &reply);
}

/* Never returns. */
static void
run(int fd, const struct resolver_setup *setup, pid_t parent)
{
	struct jail_limits limits = {.memory_octets = setup->memory_octets, .n_files = FILES,
	                             .connect_port = setup->client.server[0].port};
	struct dns_client client = setup->client;
	struct dns_cache *cache = dns_cache_new();
	struct why why = {""};
	char ready = READY;

	if (setup->close_fd >= 0)
		(void)close(setup->close_fd);
	(void)signal(SIGPIPE, SIG_IGN);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
	    jail_child(&limits, &why) != JAIL_OK) {
		why.text[WHY_OCTETS - 1] = '\0';
		(void)write_all(STDERR_FILENO, why.text, strlen(why.text));
		_exit(EX_OSERR);
	}
	if (write_all(fd, &ready, 1))
		while (serve_one(fd, &client, cache))
			;
	_exit(EX_OK);
}

/* ---- the other end ---- */

enum resolver_err
resolver_start(const struct resolver_setup *setup, struct resolver **r_r, struct why *why)
{
	pid_t parent = getpid();
	int pair[2];
	char ready = '\0';

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		why_errno(why, errno, "cannot make a pipe to the resolver");
		return RESOLVER_FAILED;
	}
	pid_t pid = fork();
	if (pid == 0) {
		(void)close(pair[0]);
		run(pair[1], setup, parent);
	}
	(void)close(pair[1]);
	if (pid < 0 || !read_all(pair[0], &ready, 1, clock_mono_ms() + START_MS) ||
	    ready != READY) {
		why_set(why, "the resolver process did not start");
		(void)close(pair[0]);
		return RESOLVER_FAILED;
	}
	struct arena *a = arena_new();
	struct resolver *r = arena_alloc(a, sizeof *r);
	*r = (struct resolver){.fd = pair[0], .pid = pid, .a = a};
	*r_r = r;
	return RESOLVER_OK;
}

static enum dns_err
ask(void *arg, struct arena *a, const struct dns_question *q, struct dns_answer *answer_r,
    struct why *why)
{
	AUTO(buf) struct buf request = {0}, reply = {0};
	struct resolver *r = arg;
	enum dns_err e = DNS_FAILED;
	int left_ms = clock_left_ms(q->deadline_ms);

	strict_put_u16(&request, q->type);
	strict_put_u32(&request, (uint32_t)left_ms);
	strict_put_text(&request, q->name);
	/* Once out of step, an answer would be taken for that of another question. */
	if (!r->is_gone && write_frame(r->fd, &request) &&
	    read_frame(r->fd, &reply, clock_mono_ms() + left_ms + GRACE_MS) &&
	    read_answer(a, &reply, &e, answer_r, why))
		return e;
	r->is_gone = true;
	why_set(why, "the resolver process is gone");
	return DNS_FAILED;
}

struct dns_source
resolver_source(struct resolver *r)
{
	return (struct dns_source){.ask = ask, .arg = r};
}

bool
resolver_is_gone(const struct resolver *r)
{
	return r->is_gone;
}

void
resolver_stop(struct resolver **r)
{
	if (*r == NULL)
		return;
	(void)close((*r)->fd);
	(void)kill((*r)->pid, SIGKILL);
	(void)waitpid((*r)->pid, NULL, 0);
	struct arena *a = (*r)->a;
	*r = NULL;
	arena_free(&a);
}

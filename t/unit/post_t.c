/* t/unit/post_t.c - the outbox threads: what is lost stops nobody, one wake wakes all, a reload counts */
#include "post.h"
#include "clock.h"
#include "filter.h"
#include "outbox.h"
#include "sign.h"
#include "store_fix.h"
#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { THREADS = 3, SOON_MS = 10 * 1000, LATER_MS = 300, OVERRIDES = 7, DUE_S = 1000 };

struct bench {
	struct desk desk;
	struct arena *arena;
	const char *said[OVERRIDES];
	int server, other_server; /* listening, saying nothing */
};

/* A socket that takes connections. Gives  its port */
static int
listen_somewhere(int *fd_r)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;

	*fd_r = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(*fd_r, (struct sockaddr *)&at, n) != 0 || listen(*fd_r, 8) != 0 ||
	    getsockname(*fd_r, (struct sockaddr *)&at, &n) != 0)
		abort();
	return ntohs(at.sin_port);
}

/* One who connects in time. Gives  the descriptor, or -1 */
static int
visitor(int server, int wait_ms)
{
	struct pollfd p = {.fd = server, .events = POLLIN};

	return poll(&p, 1, wait_ms) == 1 ? accept(server, NULL, NULL) : -1;
}

struct promise {
	uint64_t id, ticket;
	bool creates;
};

static enum store_err
put(struct store_txn *txn, void *arg)
{
	const struct promise *p = arg;
	struct ticket t = fix_ticket(p->ticket);
	struct outbox_row row = {.id = p->id, .due_s = DUE_S + (int64_t)p->id, .promised_s = clock_now_s(),
	                         .kind = NOTICE_ACKNOWLEDGEMENT, .ticket = p->ticket, .count = 1,
	                         .to_address = "ann@example.net", .to_name = "", .language = "en",
	                         .message_id = "m@example.org", .in_reply_to = "", .last_error = ""};
	enum store_err e = p->creates ? ticket_create(txn, &t, &fix_why) : STORE_OK;

	return e == STORE_OK ? outbox_promise(txn, &row, &fix_why) : e;
}

static void
promise(struct bench *b, uint64_t id, uint64_t ticket, bool creates)
{
	struct promise p = {id, ticket, creates};

	IS_INT(store_run(b->desk.store, put, &p, &fix_why), STORE_OK, "a mail is promised");
}

static void
open_bench(struct bench *b)
{
	const struct conf *conf = NULL;
	struct store_options options = fix_options();
	const char *source = getenv("srcdir");
	char top[PATH_MAX];

	if (realpath(source != NULL ? source : ".", top) == NULL)
		abort();
	b->arena = arena_new();
	b->said[0] = "instance=tickets.example.org";
	b->said[1] = "queue.support.address=support@example.org";
	b->said[2] = "queue.support.prefix=ACM";
	b->said[3] = arena_printf(b->arena, "template_dir=%s/templates", top);
	b->said[4] = arena_printf(b->arena, "smtp_connections=%d", THREADS);
	b->said[5] = arena_printf(b->arena, "smtp_port=%d", listen_somewhere(&b->server));
	b->said[6] = "outbox_retry_first_s=4h";
	b->desk = (struct desk){.overrides = b->said, .n_overrides = OVERRIDES};
	if (!conf_load(NULL, b->said, OVERRIDES, &conf, &fix_why) ||
	    sign_open(fix_dir, &b->desk.sign, &fix_why) != SIGN_OK) {
		printf("Bail out! %s\n", fix_why.text);
		exit(1);
	}
	desk_conf_start(&b->desk, conf);
	b->desk.store = fix_open(&options);
	b->desk.post = post_new(&b->desk);
}

static void
close_bench(struct bench *b)
{
	post_stop(b->desk.post);
	post_free(&b->desk.post);
	store_close(&b->desk.store);
	sign_close(&b->desk.sign);
	desk_conf_end(&b->desk);
	(void)close(b->server);
	arena_free(&b->arena);
}

static uint64_t
n_owed(struct bench *b)
{
	struct store_stats s;

	store_stats(b->desk.store, &s);
	return s.n_outbox;
}

/* A mail about a ticket that is not there is given up, and the next one goes. */
static void
test_lost(struct bench *b)
{
	promise(b, 1, 999, false);
	promise(b, 2, 100, true);
	OK(post_start(b->desk.post, &fix_why), "the threads run");
	int fd = visitor(b->server, SOON_MS);
	OK(fd >= 0, "the mail behind the lost one is sent");
	(void)close(fd);
	for (int i = 0; i < SOON_MS / 10 && n_owed(b) > 1; i++)
		(void)poll(NULL, 0, 10);
	IS_INT(n_owed(b), 1, "the lost one is owed no more");
	IS_INT(atomic_load(&b->desk.counts.given_up), 1, "it was given up");
	fd = visitor(b->server, LATER_MS);
	OK(fd < 0, "and now they sleep");
}

/* All threads work on what one wake brought. */
static void
test_wake(struct bench *b)
{
	int fd[THREADS], n = 0;

	for (uint64_t i = 0; i < THREADS; i++)
		promise(b, 10 + i, 101 + i, true);
	post_wake(b->desk.post);
	while (n < THREADS && (fd[n] = visitor(b->server, SOON_MS)) >= 0)
		n++;
	IS_INT(n, THREADS, "one wake sends on all connections at a time");
	while (n > 0)
		(void)close(fd[--n]);
}

static void
test_reload(struct bench *b)
{
	b->said[5] = arena_printf(b->arena, "smtp_port=%d", listen_somewhere(&b->other_server));
	OK(desk_reload(&b->desk, &fix_why), "a reload");
	promise(b, 20, 110, true);
	post_wake(b->desk.post);
	int fd = visitor(b->other_server, SOON_MS);
	OK(fd >= 0, "the next mail goes to the new server");
	(void)close(fd);
	(void)close(b->other_server);

	b->said[6] = arena_printf(b->arena, "smtp_password_file=%s/absent", fix_dir);
	OK(!desk_reload(&b->desk, &fix_why), "a password that cannot be read is no configuration");
	OK(strstr(fix_why.text, "smtp_password_file") != NULL, "and the setting is named");
}

int
main(void)
{
	struct bench b = {.server = -1};

	fix_make_dir();
	open_bench(&b);
	test_lost(&b);
	test_wake(&b);
	test_reload(&b);
	close_bench(&b);
	fix_remove(fix_dir);
	return tap_done();
}

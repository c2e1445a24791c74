/* t/unit/store_t.c - many threads, crashes, damaged and missing files, a full disk, shared flushes
 * */
#include "config.h"
#include "backup.h"
#include "blob.h"
#include "kv.h"
#include "message.h"
#include "store_fix.h"
#include "audit.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { THREADS = 16, EACH = 25 };

static struct store *store;

/* Add a message and an audit entry to a ticket, as a reply does. */
struct reply {
	uint64_t ticket;
	struct why why;
};

static enum store_err
append_reply(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct reply *r = arg;
	struct ticket before, after;
	enum store_err e = ticket_lock(txn, a, r->ticket, &before, &r->why);

	if (e != STORE_OK)
		return e;
	after = before;
	after.updated_s++;
	struct message m = {.ticket = r->ticket, .seq = ++after.n_messages, .message_id = "same@id"};
	struct audit_entry entry = {.at_s = 5, .who = "a@b", .how = "mail", .what = "comment"};
	e = message_append(txn, &m, &r->why);
	if (e == STORE_OK)
		e = audit_add(txn, &after, &entry, &r->why);
	return e == STORE_OK ? ticket_update(txn, &before, &after, &r->why) : e;
}

static enum store_err
create_ticket(struct store_txn *txn, void *arg)
{
	struct reply *r = arg;
	struct ticket t = fix_ticket(r->ticket);

	return ticket_create(txn, &t, &r->why);
}

static uint64_t
make_ticket(void)
{
	struct reply r = {0};
	enum store_err e = store_number(store, STORE_TICKETS, &r.ticket, &fix_why);

	if (e == STORE_OK)
		e = store_run(store, create_ticket, &r, &fix_why);
	return e == STORE_OK ? r.ticket : 0;
}

static uint64_t shared_ticket; /* 0: each thread has its own */
static atomic_int n_failed;

static void *
reply_often(void *arg)
{
	struct reply r = {.ticket = shared_ticket};

	(void)arg;
	if (r.ticket == 0)
		r.ticket = make_ticket();
	for (int i = 0; i < EACH; i++) {
		enum store_err e = store_run(store, append_reply, &r, &fix_why);
		/* What the answer BUSY asks for: a later attempt. */
		for (int again = 0; e == STORE_BUSY && again < 20; again++)
			e = store_run(store, append_reply, &r, &fix_why);
		if (e == STORE_OK)
			e = store_flush(store, &fix_why);
		if (e != STORE_OK)
			atomic_fetch_add(&n_failed, 1);
	}
	return NULL;
}

static void
run_threads(int n, void *(*work)(void *))
{
	pthread_t thread[THREADS];

	for (int i = 0; i < n; i++)
		(void)pthread_create(&thread[i], NULL, work, NULL);
	for (int i = 0; i < n; i++)
		(void)pthread_join(thread[i], NULL);
}

struct count {
	uint64_t ticket;
	size_t n;
	bool contiguous;
	struct ticket t;
};

static enum store_err
count_messages(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct count *c = arg;
	struct store_range range = {.ticket = c->ticket, .first = 0, .max = 10000};
	struct message *m;
	enum store_err e = message_list(txn, a, &range, &m, &c->n, &fix_why);

	c->contiguous = true;
	for (size_t i = 0; e == STORE_OK && i < c->n; i++)
		c->contiguous = c->contiguous && m[i].seq == i + 1;
	return e == STORE_OK ? ticket_find(txn, a, c->ticket, &c->t, &fix_why) : e;
}

static void
test_one_ticket(void)
{
	struct count c = {0};

	n_failed = 0;
	c.ticket = shared_ticket = make_ticket();
	run_threads(THREADS, reply_often);
	IS_INT(n_failed, 0, "16 threads on one ticket: none failed");
	IS_INT(store_peek(store, count_messages, &c, &fix_why), STORE_OK, "read it");
	IS_INT(c.n, THREADS * EACH, "each reply is there once");
	OK(c.contiguous, "in order, without a gap");
	IS_INT(c.t.n_messages, THREADS * EACH, "the ticket counts them");
	IS_INT(c.t.n_audit, THREADS * EACH, "and its audit entries");
}

static void
test_many_tickets(void)
{
	struct store_stats before, after;

	n_failed = 0;
	shared_ticket = 0;
	store_stats(store, &before);
	run_threads(THREADS, reply_often);
	store_stats(store, &after);
	IS_INT(n_failed, 0, "16 threads on a ticket each: none failed");
	IS_INT(after.n_messages - before.n_messages, THREADS * EACH, "the store counts messages");
	IS_INT(after.n_tickets - before.n_tickets, THREADS, "and tickets");
	printf("# retries %" PRIu64 "\n", after.n_retries - before.n_retries);
}

/* Commits per flush with so many threads. */
static double
share(int n_threads)
{
	struct store_stats before, after;
	struct timespec from, to;

	shared_ticket = 0;
	store_stats(store, &before);
	(void)clock_gettime(CLOCK_MONOTONIC, &from);
	run_threads(n_threads, reply_often);
	(void)clock_gettime(CLOCK_MONOTONIC, &to);
	store_stats(store, &after);
	double s = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	uint64_t n = after.n_commits - before.n_commits;
	printf("# %d threads: %" PRIu64 " commits, %" PRIu64 " flushes, %.0f commits/s\n", n_threads, n,
	       after.n_flushes - before.n_flushes, (double)n / s);
	return (double)n / (double)(after.n_flushes - before.n_flushes);
}

static void
test_shared_flush(void)
{
	struct store_options o = fix_options();

	store_close(&store);
	o.flush_delay_ms = 4;
	store = fix_open(&o);
	double one = share(1), many = share(THREADS);
	/* A machine busy with other things may spoil a round, not three. */
	for (int again = 0; many < 5 * one && again < 2; again++)
		many = share(THREADS);
	printf("# commits per flush: 1 thread %.2f, 16 threads %.2f\n", one, many);
	OK(one < 1.5, "alone, each commit has its flush");
	OK(many >= 5 * one, "16 threads share flushes, 5 times or more");
}

static void
test_numbers(void)
{
	struct store_options o = fix_options();
	uint64_t first = 0, second = 0, other = 0;

	IS_INT(store_number(store, STORE_TICKETS, &first, &fix_why), STORE_OK, "a number");
	store_close(&store);
	store = fix_open(&o);
	IS_INT(store_number(store, STORE_TICKETS, &second, &fix_why), STORE_OK, "one after a clean close");
	IS_INT(second, first + 1, "nothing was lost");
	IS_INT(store_number(store, STORE_ROWS, &other, &fix_why), STORE_OK, "another series");
	OK(other != second, "counts by itself");
}

/* In a child: file tickets and tell each one that was flushed. Dies by SIGKILL. */
static void
file_until_killed(int to)
{
	struct store_options o = fix_options();

	store = fix_open(&o);
	for (;;) {
		uint64_t id = make_ticket();
		struct reply r = {.ticket = id};
		if (id == 0 || store_run(store, append_reply, &r, &fix_why) != STORE_OK ||
		    store_flush(store, &fix_why) != STORE_OK)
			_exit(1);
		if (write(to, &id, sizeof id) != sizeof id)
			_exit(2);
	}
}

struct ledger {
	uint64_t id[100000];
	size_t n;
};

static enum store_err
count_missing(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	const struct ledger *l = arg;
	struct ticket t;
	enum store_err e = STORE_OK;

	for (size_t i = 0; e == STORE_OK && i < l->n; i++)
		e = ticket_find(txn, a, l->id[i], &t, &fix_why);
	return e;
}

static void
kill_once(struct ledger *l, unsigned after_ms)
{
	int fd[2];
	uint64_t id;

	if (pipe(fd) != 0)
		return;
	pid_t child = fork();
	if (child == 0) {
		(void)close(fd[0]);
		file_until_killed(fd[1]);
	}
	(void)close(fd[1]);
	/* The time counts from the first acknowledgement: opening takes its own. */
	if (read(fd[0], &id, sizeof id) == sizeof id)
		l->id[l->n++] = id;
	(void)nanosleep(&(struct timespec){.tv_nsec = after_ms * 1000000L}, NULL);
	(void)kill(child, SIGKILL);
	while (read(fd[0], &id, sizeof id) == sizeof id && l->n < N_ELEMENTS(l->id))
		l->id[l->n++] = id;
	(void)close(fd[0]);
	(void)waitpid(child, NULL, 0);
}

static void
test_crashes(void)
{
	static struct ledger l;
	struct store_options o = fix_options();
	int lost = 0, reused = 0;

	store_close(&store);
	srand(42);
	for (int i = 0; i < 50; i++) {
		size_t n_before = l.n;
		kill_once(&l, (unsigned)rand() % 30);
		for (size_t j = n_before; j < l.n; j++)
			reused += n_before > 0 && l.id[j] <= l.id[n_before - 1];
		if (i % 10 != 9)
			continue;
		store = fix_open(&o);
		lost += store_peek(store, count_missing, &l, &fix_why) != STORE_OK;
		store_close(&store);
	}
	printf("# 50 kills, %zu acknowledged\n", l.n);
	OK(l.n > 100, "work was done between the kills");
	IS_INT(lost, 0, "nothing that was acknowledged is lost");
	IS_INT(reused, 0, "no number is given twice");
	store = fix_open(&o);
}

/* Die at a named point in the midst of filing; then nothing that was acknowledged is lost, and the
 * store goes on. Only in a build with kill points. */
static void
test_kill_points(void)
{
	static struct ledger l;
	struct store_options o = fix_options();
	const char *const point[] = {"store-before-commit", "store-after-commit", "store-before-flush",
				     "store-after-flush"};

#ifdef WITH_KILL_POINTS
	const bool built_in = true;
#else
	const bool built_in = false;
#endif
	for (size_t i = 0; built_in && i < N_ELEMENTS(point); i++) {
		store_close(&store);
		(void)setenv("POSTERN_KILL_AT", point[i], 1);
		kill_once(&l, 500);
		(void)unsetenv("POSTERN_KILL_AT");
		store = fix_open(&o);
		OK(store_peek(store, count_missing, &l, &fix_why) == STORE_OK && make_ticket() != 0,
		   point[i]);
	}
}

static void
test_owner(void)
{
	struct store_options o = fix_options();
	struct store *second = NULL;

	IS_INT(store_open(&o, &second, &fix_why), STORE_BUSY, "one owner");
	OK(strstr(fix_why.text, "another posternd (pid ") != NULL, "the message names it");
}

/* Damage made to a copy of the store, and what opening says. */
static enum store_err
try_damaged(const char *command, const char *what)
{
	char copy[300], line[1000];
	struct store_options o = fix_options();
	struct store *s = NULL;
	struct why why = {""};

	(void)snprintf(copy, sizeof copy, "%s.bad", fix_dir);
	fix_remove(copy);
	(void)snprintf(line, sizeof line, "cp -a %s %s && cd %s && %s", fix_dir, copy, copy, command);
	if (system(line) != 0)
		printf("# %s failed\n", line);
	o.state_dir = copy;
	o.recovery_deadline_s = 3;
	enum store_err e = store_open(&o, &s, &why);
	printf("# %s: %d %s\n", what, (int)e, why.text);
	store_close(&s);
	fix_remove(copy);
	return e;
}

static void
test_damage(void)
{
	struct store_options o = fix_options();

	store_close(&store);
	IS_INT(try_damaged("true", "nothing"), STORE_OK, "an undamaged copy opens");
	IS_INT(try_damaged("rm db/ticket.db", "deleted table"), STORE_BROKEN, "a deleted table is refused");
	IS_INT(try_damaged("rm db/*.db", "no tables"), STORE_BROKEN, "all deleted: refused");
	IS_INT(try_damaged("rm -r db", "no database"), STORE_BROKEN, "no database beside STORE: refused");
	IS_INT(try_damaged("rm STORE", "no STORE"), STORE_BROKEN, "no STORE beside a database: refused");
	IS_INT(try_damaged("rm db/log.*", "no log"), STORE_BROKEN, "a database without its log: refused");
	IS_INT(try_damaged("truncate -s 9000 db/message.db", "truncated table"), STORE_BROKEN,
	       "a truncated table is refused");
	IS_INT(try_damaged("truncate -s 8192 db/message.db", "table cut at a page"), STORE_BROKEN,
	       "a table cut at a page is refused");
	IS_INT(try_damaged("truncate -s 0 db/message.db", "emptied table"), STORE_BROKEN,
	       "an emptied table is refused");
	IS_INT(try_damaged("dd if=/dev/zero of=db/message.db bs=4096 seek=3 count=1 conv=notrunc 2>/dev/null",
			   "zeroed page"), STORE_BROKEN, "a zeroed page is refused");
	IS_INT(try_damaged("dd if=db/message.db of=db/message.db bs=4096 skip=3 seek=4 count=1 conv=notrunc "
			   "2>/dev/null", "page in another's place"), STORE_BROKEN,
	       "a page in another's place is refused");
	IS_INT(try_damaged("sed -i 's/^id ...../id 00000/' STORE", "another's STORE"), STORE_BROKEN,
	       "the database of another store is refused");
	IS_INT(try_damaged("echo set_cachesize 0 1 1 > db/DB_CONFIG", "DB_CONFIG"), STORE_BROKEN,
	       "a DB_CONFIG is refused");
	IS_INT(try_damaged("chmod o+w .", "writable by all"), STORE_BROKEN, "unsafe permissions are refused");
	store = fix_open(&o);
}

static enum store_err
write_much(struct store_txn *txn, void *arg)
{
	static char octets[16000];
	struct blob_ref ref = {.n_octets = sizeof octets};
	enum store_err e = STORE_OK;

	for (uint64_t i = 0; e == STORE_OK && i < 64; i++) {
		ref.id = *(uint64_t *)arg + i;
		e = blob_put(txn, &ref, octets, &fix_why);
	}
	return e;
}

/* In a child, where no file may grow over 16 MiB: writing must end with an error, never a lie. */
static int
fill_up(void)
{
	struct rlimit most = {16 << 20, 16 << 20};
	struct store_options o = fix_options();
	uint64_t id = 1u << 30;
	enum store_err e = STORE_OK;

	(void)signal(SIGXFSZ, SIG_IGN);
	store = fix_open(&o);
	(void)setrlimit(RLIMIT_FSIZE, &most);
	for (int i = 0; e == STORE_OK && i < 40; i++, id += 64) {
		e = store_run(store, write_much, &id, &fix_why);
		if (e == STORE_OK)
			e = store_flush(store, &fix_why);
		if (e == STORE_OK)
			e = store_keep(store, &fix_why);
	}
	printf("# file limit: %d %s\n", (int)e, fix_why.text);
	return e == STORE_FULL || e == STORE_BROKEN ? 0 : 1;
}

static void
test_full(void)
{
	struct store_options o = fix_options();
	int status = 0;

	store_close(&store);
	(void)fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		_exit(fill_up());
	(void)waitpid(child, &status, 0);
	OK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "no room: an error, and no crash");
	store = fix_open(&o);
	OK(make_ticket() != 0, "with room again it opens and goes on");
	o.free_min_octets = UINT64_MAX / 2;
	store_close(&store);
	store = fix_open(&o);
	IS_INT(store_room(store, &fix_why), STORE_FULL, "less free than asked for: full");
	store_close(&store);
	o = fix_options();
	store = fix_open(&o);
	IS_INT(store_room(store, &fix_why), STORE_OK, "enough: there is room");
}

static void
test_logs(void)
{
	struct store_options o = fix_options();
	struct store_stats st;
	uint64_t id = 1u << 20;
	enum store_err e = STORE_OK;

	for (int i = 0; e == STORE_OK && i < 40; i++, id += 64)
		e = store_run(store, write_much, &id, &fix_why);
	IS_INT(e, STORE_OK, "40 MB of log");
	IS_INT(store_flush(store, &fix_why), STORE_OK, "flush");
	IS_INT(store_keep(store, &fix_why), STORE_OK, "keep");
	store_stats(store, &st);
	OK(st.n_log_files <= 2, "logs that recovery does not need are removed");
	store_close(&store);
	o.keep_logs = true;
	store = fix_open(&o);
	e = STORE_OK;
	for (int i = 0; e == STORE_OK && i < 40; i++, id += 64)
		e = store_run(store, write_much, &id, &fix_why);
	OK(e == STORE_OK && store_keep(store, &fix_why) == STORE_OK, "40 MB more, and keep");
	store_stats(store, &st);
	OK(st.n_log_files >= 4, "with keep_logs they stay until a backup holds them");
	char copy[300];
	uint32_t log = 0;
	(void)snprintf(copy, sizeof copy, "%s/copy", fix_dir);
	IS_INT(backup_store(store, copy, &log, &fix_why), STORE_OK, "back up");
	IS_INT(backup_note(store, log, &fix_why), STORE_OK, "and note it");
	IS_INT(store_keep(store, &fix_why), STORE_OK, "keep");
	store_stats(store, &st);
	OK(st.n_log_files <= 2, "now they are removed");
}

int
main(void)
{
	fix_make_dir();
	struct store_options o = fix_options();
	store = fix_open(&o);
	test_owner();
	test_numbers();
	test_one_ticket();
	test_many_tickets();
	test_shared_flush();
	test_crashes();
	test_kill_points();
	test_damage();
	test_full();
	test_logs();
	store_close(&store);
	fix_remove(fix_dir);
	return tap_done();
}

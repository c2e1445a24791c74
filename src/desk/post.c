/* src/desk/post.c - the outbox threads: send what is due, settle it, try again, give up */
#include "post.h"
#include "arena.h"
#include "audit.h"
#include "clock.h"
#include "killpoint.h"
#include "log.h"
#include "message.h"
#include "notice.h"
#include "outbox.h"
#include "outlet.h"
#include "ref.h"
#include "smtp_out.h"
#include "store.h"
#include "summary.h"
#include "ticket.h"
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

enum {
	POST_THREADS_MAX = 100,
	POST_WAIT_MAX_MS = 30 * 1000, /* a clock that was set must not keep mail waiting */
	POST_PAUSE_MS = 1000,         /* after trouble with the store */
	POST_BACKOFF_STEPS_MAX = 30
};

struct post {
	struct arena *arena; /* holds this struct too */
	struct desk *desk;
	pthread_mutex_t lock;
	pthread_cond_t woken;
	bool stopping, more; /* more: somebody woke us since the last look */
	pthread_t thread[POST_THREADS_MAX];
	size_t n_threads;
	uint64_t in_flight[POST_THREADS_MAX]; /* by thread; 0: none */
	size_t n_started;
};

/* One row on its way. */
struct sending {
	struct post *post;
	struct arena *arena;
	struct arena *scratch; /* of one attempt to write down how it went */
	const struct conf *conf;
	struct outbox_row row;
	struct ticket ticket;
	struct summary summary; /* where the row is of no ticket */
	enum smtp_out_result result;
	struct smtp_out_reply reply;
	int64_t now_s;
	bool lost; /* its ticket is not there: nothing can be sent or noted */
	bool shows_subject;
	bool given_up;
	uint64_t next_id; /* of a row for comments that came while this one was sent */
	struct why *why;
};

struct post *
post_new(struct desk *d)
{
	struct arena *a = arena_new();
	struct post *p = arena_alloc(a, sizeof *p);
	pthread_condattr_t attr;

	p->arena = a;
	p->desk = d;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&p->woken, &attr);
	(void)pthread_condattr_destroy(&attr);
	return p;
}

void
post_wake(struct post *p)
{
	(void)pthread_mutex_lock(&p->lock);
	p->more = true;
	(void)pthread_cond_broadcast(&p->woken);
	(void)pthread_mutex_unlock(&p->lock);
}

struct due {
	struct post *post;
	struct arena *arena;
	int64_t now_s, next_due_s;
	struct outbox_row *row;
	size_t n;
	struct ticket ticket;
	struct summary summary; /* where the row is of no ticket */
	bool lost;              /* the row's ticket is not there */
	bool shows_subject;
	const struct conf *conf;
	struct why *why;
};

/* The row's ticket, and whether its mails may repeat its subject: a stranger's words must not go
 * out under our name to whomever he names as sender. */
static enum store_err
find_ticket(struct store_txn *txn, struct due *due)
{
	const struct outbox_row *row = &due->row[0];
	struct message first = {.auth = AUTH_UNVERIFIED};
	enum store_err e = ticket_find(txn, due->arena, row->ticket, &due->ticket, due->why);

	due->lost = e == STORE_ABSENT;
	if (e == STORE_OK) {
		const struct set_queue *q = conf_queue(due->conf, due->ticket.queue);

		if (q != NULL && q->subject_in_notices)
			e = message_find(txn, due->arena, row->ticket, 1, &first, due->why);
		due->shows_subject = first.auth == AUTH_VERIFIED;
	}
	return e == STORE_ABSENT ? STORE_OK : e;
}

static enum store_err
find_due(struct store_txn *txn, void *arg)
{
	struct due *due = arg;
	uint64_t busy[POST_THREADS_MAX];
	size_t n_busy = 0;

	for (size_t i = 0; i < due->post->n_started; i++)
		if (due->post->in_flight[i] != 0)
			busy[n_busy++] = due->post->in_flight[i];
	struct outbox_question q = {
		.now_s = due->now_s, .max = 1, .in_flight = busy, .n_flight = n_busy};
	struct outbox_answer answer = {0};
	enum store_err e = outbox_due(txn, due->arena, &q, &answer, due->why);
	due->row = answer.row;
	due->n = answer.n;
	due->next_due_s = answer.next_due_s;
	if (e == STORE_OK && due->n > 0 && due->row[0].ticket == 0) {
		struct summary_in in = {due->conf, due->post->desk->sign, &due->row[0], due->now_s};

		e = summary_read(txn, due->arena, &in, &due->summary, due->why);
	} else if (e == STORE_OK && due->n > 0) {
		e = find_ticket(txn, due);
	}
	return e;
}

/* Take one row that is due; the lock is held, so that no two threads take the same. */
static enum store_err
claim(struct post *p, size_t me, struct sending *s, int64_t *next_due_s)
{
	struct due due = {
		.post = p, .arena = s->arena, .now_s = s->now_s, .conf = s->conf, .why = s->why};
	enum store_err e = store_peek(p->desk->store, find_due, &due, s->why);

	*next_due_s = due.next_due_s;
	if (e == STORE_OK && due.n == 0)
		e = STORE_ABSENT;
	if (e == STORE_OK) {
		s->row = due.row[0];
		s->ticket = due.ticket;
		s->summary = due.summary;
		s->lost = due.lost;
		s->shows_subject = due.shows_subject;
		p->in_flight[me] = s->row.id;
		/* One wake, one look: whoever found something sends the next one looking. */
		p->more = true;
		(void)pthread_cond_broadcast(&p->woken);
	}
	return e;
}

static void
wait_for_work(struct post *p, int64_t next_due_s, int64_t now_s, bool trouble)
{
	int64_t wait_ms = POST_WAIT_MAX_MS;
	struct timespec until;

	if (trouble)
		wait_ms = POST_PAUSE_MS;
	else if (next_due_s > 0 && next_due_s - now_s < POST_WAIT_MAX_MS / 1000)
		wait_ms = next_due_s > now_s ? (next_due_s - now_s) * 1000 : 1;
	clock_mono_at(clock_mono_ms() + wait_ms, &until);
	int timed_out = 0;
	while (!p->stopping && (trouble || !p->more) && timed_out == 0)
		timed_out = pthread_cond_timedwait(&p->woken, &p->lock, &until);
	/* Whoever waits out a trouble takes nothing on, and leaves the wake to the others. */
	p->more = p->more && trouble;
}

static int64_t
retry_delay_s(const struct settings *set, uint32_t n_attempts)
{
	int64_t delay_s = set->outbox_retry_first_s;

	for (uint32_t i = 1; i < n_attempts && i < POST_BACKOFF_STEPS_MAX; i++)
		if (delay_s < set->outbox_retry_max_s)
			delay_s *= 2;
	return delay_s < set->outbox_retry_max_s ? delay_s : set->outbox_retry_max_s;
}

static enum store_err
note(struct store_txn *txn, struct sending *s, const char *what, const char *detail)
{
	/* A mail about held mail is of no ticket; those that it told of may now expire. */
	if (s->row.ticket == 0 || s->lost)
		return s->given_up ? STORE_OK
		                   : summary_told(txn, s->scratch, &s->summary, s->now_s, s->why);
	struct ticket before = {0};
	enum store_err e = ticket_lock(txn, s->scratch, s->row.ticket, &before, s->why);
	struct ticket after = before;
	struct audit_entry entry = {.ticket = s->row.ticket,
	                            .at_s = s->now_s,
	                            .who = "postern",
	                            .how = "postern",
	                            .what = what,
	                            .message = s->row.last_seq,
	                            .detail = detail};

	if (e == STORE_OK)
		e = audit_add(txn, &after, &entry, s->why);
	if (e == STORE_OK)
		e = ticket_update(txn, &before, &after, s->why);
	return e;
}

/* Comments that came after the mail was written are told by one of their own. */
static enum store_err
go_on(struct store_txn *txn, struct sending *s, const struct outbox_row *now)
{
	struct outbox_row next = *now;

	next.id = s->next_id;
	next.first_seq = s->row.last_seq + 1;
	next.count = now->count - s->row.count;
	next.due_s = s->now_s + s->conf->settings->notice_delay_s;
	next.promised_s = s->now_s;
	next.n_attempts = 0;
	next.last_error = "";
	next.message_id = ref_make(s->scratch, s->post->desk->sign, s->ticket.prefix, s->ticket.id,
	                           next.id, s->conf->settings->instance);
	return outbox_promise(txn, &next, s->why);
}

/* The ticket is locked before the row, as filing does: the other way round they would wait for each
 * other. */
static enum store_err
settle(struct store_txn *txn, void *arg)
{
	struct sending *s = arg;
	struct outbox_row now = {0};
	const char *name = notice_kind_name[s->row.kind];
	enum store_err e = s->given_up
	                           ? note(txn, s, "given-up",
	                                  arena_printf(s->scratch, "%s to %s after %u attempts: %s",
	                                               name, s->row.to_address,
	                                               s->row.n_attempts + 1, s->row.last_error))
	                           : note(txn, s, "sent",
	                                  arena_printf(s->scratch, "%s to %s as <%s>: %s", name,
	                                               s->row.to_address, s->row.message_id,
	                                               s->reply.text));

	if (e == STORE_OK)
		e = outbox_find(txn, s->scratch, s->row.id, s->row.due_s, &now, s->why);
	if (e == STORE_OK)
		e = outbox_settle(txn, s->row.id, s->row.due_s, s->why);
	if (e == STORE_OK && !s->lost && now.count > s->row.count)
		e = go_on(txn, s, &now);
	return e;
}

static enum store_err
put_off(struct store_txn *txn, void *arg)
{
	struct sending *s = arg;
	struct outbox_row now = {0};
	enum store_err e = outbox_find(txn, s->scratch, s->row.id, s->row.due_s, &now, s->why);
	struct outbox_row later = now;

	later.n_attempts = s->row.n_attempts + 1;
	later.due_s = s->now_s + retry_delay_s(s->conf->settings, later.n_attempts);
	later.last_error = s->row.last_error;
	return e == STORE_OK ? outbox_change(txn, &now, &later, s->why) : e;
}

static void
log_sending(const struct sending *s, const char *event)
{
	log_event(s->given_up || s->result != SMTP_OUT_SENT ? LOG_WARNINGS : LOG_EVENTS, event,
	          "notice=%s outbox=%" PRIu64 " ticket=%" PRIu64
	          " to=%s message-id=%s attempts=%u reply=%s",
	          notice_kind_name[s->row.kind], s->row.id, s->row.ticket,
	          log_value(s->row.to_address), log_value(s->row.message_id), s->row.n_attempts + 1,
	          log_value(s->result == SMTP_OUT_SENT ? s->reply.text : s->row.last_error));
}

static bool
is_hopeless(const struct sending *s)
{
	return s->lost || s->result == SMTP_OUT_PERMANENT || s->result == SMTP_OUT_BAD_ADDRESS ||
	       s->now_s - s->row.promised_s >= s->conf->settings->outbox_give_up_s;
}

/* Write down how it went, and wait until that is on disk: should it be lost, the same mail goes out
 * again, with the same Message-ID. The flush is shared with all others that wait for one. */
static enum store_err
write_down(struct sending *s)
{
	AUTO(arena) struct arena *scratch = arena_new();
	struct store *store = s->post->desk->store;
	bool done = s->result == SMTP_OUT_SENT || s->given_up;
	enum store_err e = s->next_id != 0 ? STORE_OK
	                                   : store_number(store, STORE_ROWS, &s->next_id, s->why);

	s->scratch = scratch;
	if (e == STORE_OK)
		e = store_run(store, done ? settle : put_off, s, s->why);
	s->scratch = NULL;
	if (e == STORE_OK && done)
		e = store_flush(store, s->why);
	return e == STORE_ABSENT ? STORE_OK : e;
}

static void
conclude(struct sending *s)
{
	struct desk *d = s->post->desk;
	bool sent = s->result == SMTP_OUT_SENT;

	s->now_s = clock_now_s();
	s->given_up = !sent && is_hopeless(s);
	atomic_fetch_add(sent          ? &d->counts.sent
	                 : s->given_up ? &d->counts.given_up
	                               : &d->counts.send_failures,
	                 1);
	log_sending(s, sent ? "sent" : s->given_up ? "given-up" : "put-off");
}

static bool
make_mail(struct sending *s, struct notice_mail *mail_r, struct why *why)
{
	struct summary_in in = {s->conf, s->post->desk->sign, &s->row, s->now_s};
	struct notice_source from = {s->conf, &s->ticket, &s->row, s->post->desk->sign, s->now_s,
	                             s->shows_subject};

	return s->row.ticket == 0 ? summary_make(s->arena, &in, &s->summary, mail_r, why)
	                          : notice_make(s->arena, &from, mail_r, why);
}

static void
send_one(struct sending *s, struct outlet *o)
{
	struct notice_mail mail;
	struct smtp_out *out = NULL;
	struct why why = {""};

	if (s->lost) {
		s->result = SMTP_OUT_PERMANENT;
		why_set(&why, "its ticket is not in the store");
	} else if (s->row.ticket == 0 && s->summary.n == 0) {
		/* All that it would tell of was released or dropped in the meantime. */
		s->result = SMTP_OUT_SENT;
	} else if (outlet_open(o, s->conf, &out, &why) && make_mail(s, &mail, &why)) {
		struct smtp_out_mail m = {mail.sender, mail.rcpt, mail.octets, mail.n,
		                          mail.smtputf8};

		KILL_POINT("post-before-send");
		s->result = smtp_out_send(out, &m, &s->reply, &why);
		KILL_POINT("post-between-send-and-settle");
	} else {
		/* A template, a queue or a password file that the operator can mend: try again
		 * until it is given up. */
		s->result = SMTP_OUT_TEMPORARY;
	}
	if (s->result != SMTP_OUT_SENT)
		s->row.last_error = arena_strdup(s->arena, s->reply.text[0] != '\0' ? s->reply.text
		                                                                    : why.text);
}

static void
complain(const struct why *why)
{
	log_event(LOG_ERRORS, "outbox-trouble", "why=%s", log_value(why->text));
}

/* Send one row and see it written down. A store that takes nothing (a full disk) must not make the
 * row due at once, or its mail would go out every second: the row stays in flight until it is
 * written. The lock is held before and after, not while sending or writing. */
static void
carry_out(struct post *p, struct sending *s, struct outlet *o)
{
	(void)pthread_mutex_unlock(&p->lock);
	send_one(s, o);
	conclude(s);
	enum store_err e = write_down(s);
	(void)pthread_mutex_lock(&p->lock);
	while (e != STORE_OK && !p->stopping) {
		complain(s->why);
		wait_for_work(p, 0, 0, true);
		(void)pthread_mutex_unlock(&p->lock);
		e = write_down(s);
		(void)pthread_mutex_lock(&p->lock);
	}
}

/* One look: claim and carry out. Gives false when there was nothing to do. The lock is held before
 * and after. */
static bool
work(struct post *p, size_t me, struct outlet *o)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(conf) const struct conf *conf = desk_conf(p->desk);
	struct why why = {""};
	struct sending s = {
		.post = p, .arena = a, .conf = conf, .now_s = clock_now_s(), .why = &why};
	int64_t next_due_s = 0;
	enum store_err e = claim(p, me, &s, &next_due_s);

	if (e == STORE_OK) {
		carry_out(p, &s, o);
		p->in_flight[me] = 0;
	} else {
		if (e != STORE_ABSENT)
			complain(&why);
		wait_for_work(p, next_due_s, s.now_s, e != STORE_ABSENT);
	}
	return e == STORE_OK;
}

static void *
run(void *arg)
{
	struct post *p = arg;
	AUTO(outlet) struct outlet *o = outlet_new();

	(void)pthread_mutex_lock(&p->lock);
	size_t me = p->n_started++;
	while (!p->stopping)
		if (!work(p, me, o)) {
			/* Saying goodbye may take as long as the server likes: not while others
			 * wait. */
			(void)pthread_mutex_unlock(&p->lock);
			outlet_rest(o, POST_WAIT_MAX_MS / 1000);
			(void)pthread_mutex_lock(&p->lock);
		}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

bool
post_start(struct post *p, struct why *why)
{
	AUTO(conf) const struct conf *conf = desk_conf(p->desk);
	size_t n = conf->settings->smtp_connections;
	int error = 0;

	if (!outlet_check(conf->settings, why))
		return false;
	for (size_t i = 0; error == 0 && i < n && i < POST_THREADS_MAX; i++) {
		error = pthread_create(&p->thread[i], NULL, run, p);
		if (error == 0)
			p->n_threads++;
	}
	if (error != 0)
		why_errno(why, error, "cannot start a thread for the outbox");
	return error == 0;
}

void
post_stop(struct post *p)
{
	(void)pthread_mutex_lock(&p->lock);
	p->stopping = true;
	(void)pthread_cond_broadcast(&p->woken);
	(void)pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->n_threads; i++)
		(void)pthread_join(p->thread[i], NULL);
	p->n_threads = 0;
}

void
post_free(struct post **p)
{
	struct arena *a = (*p)->arena;

	(void)pthread_cond_destroy(&(*p)->woken);
	(void)pthread_mutex_destroy(&(*p)->lock);
	*p = NULL;
	arena_free(&a);
}

/* src/desk/intake.c - the way of a mail: octets in, filed or held, durable, answered */
#include "intake.h"
#include "arena.h"
#include "blob.h"
#include "child.h"
#include "clock.h"
#include "content.h"
#include "facts.h"
#include "filing.h"
#include "gate.h"
#include "killpoint.h"
#include "log.h"
#include "order.h"
#include "post.h"
#include <stdio.h>
#include <string.h>

enum {
	INTAKE_PARSE_ATTEMPTS = 2
}; /* a child that died may have been short of memory, not poisoned */

enum outcome
intake_recipient(struct desk *d, const char *address)
{
	AUTO(conf) const struct conf *conf = desk_conf(d);
	struct gate g = {conf, d->sign, d->store, clock_now_s()};
	enum gate_answer answer = gate_ask(&g, address, NULL);

	if (answer == GATE_INVALID || answer == GATE_UNASKED)
		log_event(LOG_EVENTS, "came-in", "to=%s answer=%s", log_value(address),
		          gate_row(answer)->name);
	return gate_row(answer)->lmtp;
}

static void
hold(struct intake_reading *r, struct arena *a, enum held_cause cause, const char *detail)
{
	r->held = true;
	r->cause = cause;
	r->held_detail = arena_strdup(a, detail);
}

/* Ask the parser. A mail that kills it or runs over is kept whole (promise P6); a parser that
 * cannot be asked says nothing about the mail: the peer tries again. */
static void
ask_parser(struct desk *d, struct arena *a, const struct intake_mail *in, struct intake_reading *r,
           struct why *why)
{
	struct child_octets request = {in->octets, in->n}, reply = {NULL, 0};
	enum child_err e = CHILD_DIED;

	for (int i = 0; e == CHILD_DIED && i < INTAKE_PARSE_ATTEMPTS; i++)
		e = child_call(d->parser, a, request, &reply, why);
	switch (e) {
	case CHILD_OK:
		if (reply.n == 0 || reply.octets[0] != FACTS_ANSWER_FACTS)
			hold(r, a, HELD_NOT_MAIL, reply.n > 1 ? reply.octets + 1 : "not a mail");
		else if (facts_get(a, reply.octets + 1, reply.n - 1, &r->mail, why) != FACTS_OK)
			hold(r, a, HELD_PARSER_DIED, why->text);
		break;
	case CHILD_DIED:
	case CHILD_BAD_REPLY:
		hold(r, a, HELD_PARSER_DIED, why->text);
		break;
	case CHILD_TIMEOUT:
		hold(r, a, HELD_PARSER_TIMEOUT, why->text);
		break;
	case CHILD_UNAVAILABLE:
		r->retry = true;
		break;
	}
}

struct intake_reading
intake_read(struct desk *d, struct arena *a, const struct conf *conf, const struct intake_mail *in,
            struct why *why)
{
	struct intake_reading r = {.held_detail = "", .sender = {.because = ""}};

	content_digest(in->octets, in->n, r.digest);
	if (in->too_long)
		hold(&r, a, HELD_TOO_BIG, "the header or a line is longer than allowed");
	else
		ask_parser(d, a, in, &r, why);
	if (r.mail != NULL) {
		struct filter_in look = {.arena = a,
		                         .mail = r.mail,
		                         .envelope = &in->envelope,
		                         .conf = conf,
		                         .now_s = in->now_s,
		                         .octets = {in->octets, in->n},
		                         .exec = d->exec,
		                         .programs = &d->programs};

		r.chain = chain_ask(conf->filters, &look);
		r.retry = r.chain.deferred;
		r.sender = sender_check(a,
		                        &(struct sender_in){conf, r.mail, &in->envelope, d->spf});
		if (r.chain.held)
			hold(&r, a, r.chain.cause, r.chain.row[r.chain.n_rows - 1].finding.why);
	}
	return r;
}

/* What one transaction needs; it may run several times and keeps nothing but the plan. */
struct work {
	struct plan_in in;
	const void *octets;
	struct arena *arena;
	struct plan plan;
	struct why *why;
};

static enum store_err
file_it(struct store_txn *txn, void *arg)
{
	struct work *w = arg;
	enum store_err e = plan_make(txn, w->arena, &w->in, &w->plan, w->why);

	if (e == STORE_OK)
		e = filing_write(txn, &w->in, &w->plan, w->octets, w->why);
	KILL_POINT("intake-before-commit");
	return e;
}

static enum outcome
outcome_of(enum store_err e, const struct plan *p)
{
	enum outcome o = OUT_RETRY;

	switch (e) {
	case STORE_OK:
		o = p->duplicate ? OUT_DUPLICATE : p->to == ROUTE_HOLD ? OUT_HELD : OUT_FILED;
		break;
	case STORE_FULL:
		o = OUT_FULL;
		break;
	case STORE_ABSENT:
	case STORE_EXISTS:
	case STORE_BUSY:
	case STORE_BROKEN:
		break;
	}
	return o;
}

static void
say(struct intake_answer *answer, const struct plan *p)
{
	const char *text = outcome_row(answer->outcome)->text;

	if ((answer->outcome == OUT_FILED || answer->outcome == OUT_DUPLICATE) &&
	    p->token[0] != '\0')
		(void)snprintf(answer->text, sizeof answer->text, "%s as %s", text, p->token);
	else if (answer->outcome == OUT_HELD)
		(void)snprintf(answer->text, sizeof answer->text, "%s (%s)", text,
		               held_cause_name[p->held.cause]);
	else
		(void)snprintf(answer->text, sizeof answer->text, "%s", text);
}

static void
log_filing(const struct plan_in *in, const struct intake_answer *answer, const struct plan *p,
           const struct why *why)
{
	const struct outcome_row *row = outcome_row(answer->outcome);

	if (row->lmtp >= 400)
		log_event(LOG_WARNINGS, "deferred", "to=%s why=%s",
		          log_value(in->envelope.recipient), log_value(why->text));
	else if (answer->outcome == OUT_HELD)
		log_event(LOG_EVENTS, "held", "id=%llu cause=%s to=%s from=%s why=%s",
		          (unsigned long long)p->held.id, held_cause_name[p->held.cause],
		          log_value(in->envelope.recipient), log_value(in->envelope.sender),
		          log_value(p->held.detail));
	else if (answer->outcome == OUT_DUPLICATE)
		log_event(LOG_EVENTS, "duplicate", "ticket=%s to=%s", log_value(p->token),
		          log_value(in->envelope.recipient));
	else
		log_event(
			LOG_EVENTS, "filed",
			"ticket=%s message=%u route=%s row=%zu evidence=%s class=%s to=%s from=%s "
			"message-id=%s octets=%llu notices=%zu",
			p->token, p->message.seq, route_to_name[p->to], route_number(p->row),
			evidence_name[p->found.evidence], p->message.class_name,
			log_value(in->envelope.recipient), log_value(in->envelope.sender),
			log_value(p->message.message_id), (unsigned long long)in->blob.n_octets,
			p->n_outbox);
}

static void
count(struct desk *d, enum outcome o)
{
	switch (o) {
	case OUT_FILED:
		atomic_fetch_add(&d->counts.filed, 1);
		break;
	case OUT_DUPLICATE:
		atomic_fetch_add(&d->counts.duplicates, 1);
		break;
	case OUT_HELD:
		atomic_fetch_add(&d->counts.held, 1);
		break;
	case OUT_RETRY:
	case OUT_FULL:
		atomic_fetch_add(&d->counts.deferred, 1);
		break;
	case OUT_NOQUEUE:
		atomic_fetch_add(&d->counts.unknown_recipients, 1);
		break;
	case OUT_COUNT:
		break;
	}
}

/* Why a mail was held, and whom it told nothing. */
static void
count_plan(struct desk *d, enum outcome o, const struct plan *p)
{
	if (o == OUT_HELD)
		atomic_fetch_add(&d->counts.held_by[p->held.cause], 1);
	for (size_t i = 0; o == OUT_FILED && i < p->n_notices; i++)
		if (p->notice[i].suppressed != NULL)
			atomic_fetch_add(&d->counts.suppressed_by[p->notice[i].kind], 1);
	if (o == OUT_FILED)
		atomic_fetch_add(&d->counts.limited, p->meter.n_limited);
}

/* What is the same for all recipients of one mail. */
struct taking {
	struct desk *d;
	struct arena *arena;
	const struct conf *conf;
	const struct intake_mail *in;
	struct intake_reading reading;
};

static struct plan_in
plan_for(const struct taking *t, const char *rcpt, struct plan_numbers *numbers)
{
	struct plan_in in = {.conf = t->conf,
	                     .sign = t->d->sign,
	                     .store = t->d->store,
	                     .queue = conf_queue_for(t->conf, t->arena, rcpt, NULL),
	                     .mail = t->reading.mail,
	                     .chain = &t->reading.chain,
	                     .sender = t->reading.sender,
	                     .held = t->reading.held,
	                     .cause = t->reading.cause,
	                     .held_detail = t->reading.held_detail,
	                     .envelope = t->in->envelope,
	                     .now_s = t->in->now_s,
	                     .numbers = numbers};

	in.envelope.recipient = rcpt;
	memcpy(in.digest, t->reading.digest, sizeof in.digest);
	return in;
}

static void
take_one(const struct taking *t, const char *rcpt, struct intake_answer *answer)
{
	struct plan_numbers numbers = {0};
	struct why why = {""};
	struct work w = {.in = plan_for(t, rcpt, &numbers),
	                 .octets = t->in->octets,
	                 .arena = t->arena,
	                 .why = &why};
	struct order order = order_read(t->arena, t->conf, t->d->sign, rcpt, t->in, &t->reading);
	enum store_err e = STORE_BUSY;

	w.plan.token = "";
	if (order.state == ORDER_BAD) {
		w.in.held = true;
		w.in.cause = HELD_FORGED;
		w.in.held_detail = order.why;
	}
	if (w.in.queue == NULL) {
		answer->outcome = OUT_NOQUEUE;
	} else if (t->reading.retry) {
		answer->outcome = OUT_RETRY;
	} else if (order.state == ORDER_GOOD) {
		order_obey(t->d, t->conf, &order, w.in.digest, answer);
		return;
	} else {
		e = blob_prepare(t->d->store, t->in->octets, t->in->n, &w.in.blob, &why);
		if (e == STORE_OK)
			e = store_run(t->d->store, file_it, &w, &why);
		/* A broken store may have kept the transaction all the same: the sweep sorts that
		 * out. */
		if (w.in.blob.id != 0 && e != STORE_BROKEN && (e != STORE_OK || w.plan.duplicate))
			blob_forget(t->d->store, &w.in.blob);
		answer->outcome = outcome_of(e, &w.plan);
	}
	say(answer, &w.plan);
	log_filing(&w.in, answer, &w.plan, &why);
	count(t->d, answer->outcome);
	count_plan(t->d, answer->outcome, &w.plan);
}

/* No 250 before durable. Should the flush fail, what was committed may or may not be there after
 * the next recovery: the peer keeps the mail, and the duplicate claim sorts it out. */
static void
make_durable(struct desk *d, size_t n, struct intake_answer answer[])
{
	struct why why = {""};

	KILL_POINT("intake-before-flush");
	if (store_flush(d->store, &why) != STORE_OK) {
		log_event(LOG_ERRORS, "flush-failed", "why=%s", log_value(why.text));
		for (size_t i = 0; i < n; i++)
			if (outcome_row(answer[i].outcome)->lmtp == 250) {
				answer[i].outcome = OUT_RETRY;
				say(&answer[i], &(struct plan){.token = ""});
			}
	}
	KILL_POINT("intake-after-flush");
}

void
intake_take(struct desk *d, const struct intake_mail *in, const char *const rcpt[], size_t n_rcpt,
            struct intake_answer answer_r[])
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(conf) const struct conf *conf = desk_conf(d);
	struct why why = {""};
	enum store_err room = store_room(d->store, &why);

	if (room != STORE_OK) {
		log_event(LOG_WARNINGS, "store-full", "why=%s", log_value(why.text));
		for (size_t i = 0; i < n_rcpt; i++) {
			answer_r[i].outcome = outcome_of(room, NULL);
			say(&answer_r[i], &(struct plan){.token = ""});
			count(d, answer_r[i].outcome);
		}
	} else {
		struct taking t = {d, a, conf, in, intake_read(d, a, conf, in, &why)};

		if (t.reading.sender.spf_temperror)
			atomic_fetch_add(&d->counts.spf_temperrors, 1);
		if (t.reading.retry)
			log_event(LOG_WARNINGS, "could-not-read", "why=%s", log_value(why.text));
		for (size_t i = 0; i < n_rcpt; i++)
			take_one(&t, rcpt[i], &answer_r[i]);
		make_durable(d, n_rcpt, answer_r);
		post_wake(d->post);
	}
}

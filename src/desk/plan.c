/* src/desk/plan.c - all that filing one mail will change, decided in its transaction */
#include "plan.h"
#include "addr.h"
#include "admit.h"
#include "arena.h"
#include "message.h"
#include "outbox.h"
#include "party.h"
#include "people.h"
#include "ref.h"
#include "settings.h"
#include "ticket.h"
#include "token.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PLAN_SUBJECT_MAX_OCTETS = 500, PLAN_DETAIL_MAX_OCTETS = 300, DAY_S = 24 * 60 * 60 };

static const char *
author(const struct plan_in *in)
{
	return in->mail != NULL && in->mail->from_state == MAIL_FROM_ONE ? in->mail->from_address
	                                                                 : "";
}

static enum store_err
take_number(const struct plan_in *in, enum store_series series, uint64_t *kept, struct why *why)
{
	return *kept != 0 ? STORE_OK : store_number(in->store, series, kept, why);
}

static bool
is_agent(const struct set_queue *q, const char *address)
{
	bool found = false;

	for (size_t i = 0; address[0] != '\0' && i < q->agents.n; i++)
		found |= strcasecmp(q->agents.texts[i], address) == 0;
	return found;
}

/* A ticket is its own queue's business, whichever of our addresses a reply came to: that queue's
 * agents and no others work on it and are told. */
static const struct set_queue *
queue_of(const struct plan_in *in, const struct ticket *t)
{
	const struct set_queue *q = t == NULL ? NULL : conf_queue(in->conf, t->queue);

	return q != NULL ? q : in->queue;
}

static enum party_role
role_in(struct arena *a, const struct plan_in *in, const struct ticket *t)
{
	const char *address = author(in);
	enum party_role role = ROLE_STRANGER;

	if (is_agent(queue_of(in, t), address))
		return ROLE_AGENT;
	for (size_t i = 0; address[0] != '\0' && t != NULL && i < t->n_participants; i++)
		if (strcmp(t->participant[i].address, address) == 0)
			role = t->participant[i].role;
	if (role == ROLE_STRANGER && t != NULL && in->sender.auth == AUTH_VERIFIED &&
	    t->organisation[0] != '\0' &&
	    strcmp(t->organisation, people_organisation(a, in->conf, address)) == 0)
		role = ROLE_COLLEAGUE;
	return role;
}

static bool
waives(const struct plan_in *in, enum held_cause cause)
{
	return in->again != NULL && in->again->waives && in->again->waived == cause;
}

/* A signed reply address proves the one whom we gave it, and nobody else. */
static bool
holds_address(const struct plan_in *in, const struct thread_found *found)
{
	return found->evidence == EVIDENCE_SIGNED_ADDRESS && author(in)[0] != '\0' &&
	       strcasecmp(found->holder, author(in)) == 0;
}

/* An agent's word changes tickets: SPF alone, which every sender of a shared server passes, is not
 * enough for it without something that we signed; a customer's reply address is none of his. */
static enum sender_auth
auth_of(const struct plan_in *in, const struct thread_found *found, enum party_role role)
{
	const char *address = author(in);
	enum sender_auth auth = in->sender.auth;
	bool has_signed = found->evidence == EVIDENCE_SIGNED_ID || holds_address(in, found);

	if (address[0] == '\0')
		auth = AUTH_UNVERIFIED;
	else if (waives(in, HELD_FORGED))
		auth = AUTH_VERIFIED;
	else if (auth == AUTH_UNVERIFIED && holds_address(in, found))
		auth = AUTH_VERIFIED;
	else if (auth == AUTH_VERIFIED && role == ROLE_AGENT && !in->sender.strong && !has_signed)
		auth = AUTH_UNVERIFIED;
	return auth;
}

static enum ticket_window
window_of(const struct plan_in *in, const struct ticket *t)
{
	int64_t window_s = queue_of(in, t)->reopen_window_s;

	if (t->state == TICKET_MERGED)
		return WINDOW_MERGED;
	if (t->state != TICKET_CLOSED)
		return WINDOW_OPEN;
	/* Never means never, also when the clock was set back behind the closing. */
	if (window_s == SET_NEVER)
		return WINDOW_LONG_CLOSED;
	return window_s == SET_ALWAYS || in->now_s - t->closed_s <= window_s ? WINDOW_CLOSED
	                                                                     : WINDOW_LONG_CLOSED;
}

static void
add_audit(struct plan *p, const struct plan_in *in, const char *what, const char *detail)
{
	const char *who = author(in);
	struct audit_entry entry = {.at_s = in->now_s,
	                            .who = who[0] != '\0' ? who : "unknown",
	                            .how = "mail",
	                            .what = what,
	                            .detail = detail};

	plan_audit_add(p, &entry);
}

/* What the people of a ticket are decided by. */
static struct people_mail
people_mail(const struct plan_in *in, const struct plan *p)
{
	return (struct people_mail){.conf = in->conf,
	                            .queue = queue_of(in, &p->after),
	                            .mail = in->mail,
	                            .author = author(in),
	                            .role = p->facts.role,
	                            .auth = p->facts.auth};
}

/* In which a ticket of its own is opened: a filter may have chosen. */
static const struct set_queue *
opening_queue(const struct plan_in *in)
{
	const struct set_queue *q =
		in->chain->queue != NULL ? conf_queue(in->conf, in->chain->queue) : NULL;

	return q != NULL ? q : in->queue;
}

static enum store_err
open_ticket(struct arena *a, const struct plan_in *in, struct plan *p, struct why *why)
{
	enum store_err e = take_number(in, STORE_TICKETS, &in->numbers->ticket, why);
	const struct set_queue *queue = opening_queue(in);
	char subject[PLAN_SUBJECT_MAX_OCTETS];

	token_strip(in->mail->subject, in->conf->prefixes, subject, sizeof subject);
	p->creates = true;
	p->after = (struct ticket){
		.id = in->numbers->ticket,
		.prefix = queue->prefix,
		.queue = queue->key,
		.state = TICKET_NEW,
		.subject = arena_strdup(a, subject),
		.language = conf_language(in->conf, in->mail->language, queue),
		.tag = in->chain->tag,
		.n_tags = in->chain->n_tags,
		.created_s = in->now_s,
		.linked = p->to == ROUTE_NEW ? 0 : p->found.ticket,
		.assignee = ""};
	struct people_mail m = people_mail(in, p);

	people_open(a, &m, &p->after);
	return e;
}

static void
touch_ticket(const struct plan_in *in, struct plan *p)
{
	struct ticket *t = &p->after;

	if (p->to == ROUTE_REOPEN || (p->to == ROUTE_COMMENT && t->state == TICKET_WAITING)) {
		t->state = TICKET_OPEN;
		t->closed_s = 0;
	}
	if (p->to == ROUTE_COMMENT && p->facts.role == ROLE_AGENT) {
		if (t->state == TICKET_NEW)
			t->state = TICKET_OPEN;
		if (t->first_response_s == 0)
			t->first_response_s = in->now_s;
	}
}

static enum message_kind
kind_of(const struct plan *p)
{
	if (p->to == ROUTE_NOTE)
		return MESSAGE_BOUNCE;
	return p->facts.class == CLASS_HUMAN ? MESSAGE_COMMENT : MESSAGE_AUTO;
}

static void
add_message(struct arena *a, const struct plan_in *in, struct plan *p)
{
	const struct mail *m = in->mail;
	size_t n_attachments = 0;

	for (size_t i = 0; i < m->n_parts; i++)
		n_attachments += !m->part[i].is_text;
	p->after.updated_s = in->now_s;
	p->message = (struct message){
		.ticket = p->ticket,
		.seq = ++p->after.n_messages,
		.kind = kind_of(p),
		.received_s = in->now_s,
		.date_s = m->date_s,
		.from_address = author(in),
		.from_name = m->from_name,
		.subject = m->subject,
		.message_id = m->message_id,
		.role = p->creates ? ROLE_REQUESTER : p->facts.role,
		.auth = p->facts.auth,
		.because = arena_printf(a, "row %zu: %s; evidence %s%s%s; sender %s: %s",
	                                route_number(p->row), p->row->because,
	                                evidence_name[p->found.evidence],
	                                p->found.by[0] != '\0' ? " " : "", p->found.by,
	                                sender_auth_name[p->facts.auth], p->sender_because),
		.envelope = in->envelope,
		.blob = in->blob,
		.n_attachments = (uint32_t)n_attachments,
		.class_name = mail_class_name[p->facts.class]};
	memcpy(p->message.content_digest, in->digest, sizeof in->digest);
}

/* One mail more: a comment that a pending notice tells of, too, is none. */
static enum store_err
ask_limits(struct store_txn *txn, struct arena *a, struct plan *p, struct notify_notice *n,
           struct why *why)
{
	struct meter_notice one = {.kind = n->kind,
	                           .ticket = p->ticket,
	                           .address = n->address,
	                           .subject = p->after.subject,
	                           .verified = p->facts.auth == AUTH_VERIFIED};

	return meter_notice(txn, a, &p->meter, &one, &n->suppressed, why);
}

static enum store_err
promise(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *p,
        struct notify_notice *n, struct why *why)
{
	struct plan_outbox *o = &p->outbox[p->n_outbox];
	struct outbox_row *row = &o->row;
	const struct settings *set = in->conf->settings;
	struct outbox_row like = {.ticket = p->ticket, .to_address = n->address, .kind = n->kind};
	enum store_err e = outbox_pending(txn, a, &like, &o->before, why);
	bool grows = n->kind == NOTICE_COMMENT && e == STORE_OK;

	if (!grows && (e == STORE_OK || e == STORE_ABSENT))
		e = ask_limits(txn, a, p, n, why);
	if (e != STORE_OK || n->suppressed != NULL)
		return e;
	if (grows) {
		o->grows = true;
		*row = o->before;
		row->last_seq = p->message.seq;
		row->count++;
	} else {
		uint64_t *number = &in->numbers->row[p->n_outbox];
		struct party known = {.language = ""};

		e = take_number(in, STORE_ROWS, number, why);
		if (e == STORE_OK)
			e = party_find(txn, a, n->address, &known, why);
		*row = (struct outbox_row){
			.id = *number,
			.due_s = in->now_s + (n->kind == NOTICE_COMMENT ? set->notice_delay_s : 0),
			.promised_s = in->now_s,
			.kind = n->kind,
			.ticket = p->ticket,
			.first_seq = p->message.seq,
			.last_seq = p->message.seq,
			.count = 1,
			.to_address = n->address,
			.to_name = n->name,
			.language = known.language[0] != '\0' ? known.language : p->after.language,
			.message_id = ref_make(a, in->sign, p->after.prefix, p->ticket, *number,
		                               set->instance),
			.in_reply_to = n->kind == NOTICE_ACKNOWLEDGEMENT ? p->message.message_id
		                                                         : "",
			.last_error = ""};
	}
	if (e == STORE_OK || e == STORE_ABSENT)
		p->n_outbox++;
	return e == STORE_ABSENT ? STORE_OK : e;
}

static enum store_err
add_notices(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *p,
            struct why *why)
{
	const struct set_queue *queue = queue_of(in, &p->after);
	struct notify_facts f = {
		.to = p->to,
		.class = p->facts.class,
		.auth = p->facts.auth,
		.quiet = in->chain->quiet,
		.null_sender = in->envelope.sender[0] == '\0',
		.acknowledge = queue->acknowledge,
		.acknowledge_unverified = in->conf->settings->acknowledge_unverified,
		.author = author(in),
		.author_name = in->mail->from_name,
		.ticket = &p->after,
		.agents = queue->agents.texts,
		.n_agents = queue->agents.n};
	enum store_err e = STORE_OK;

	notify_decide(a, &f, &p->notice, &p->n_notices);
	p->outbox = arena_array(a, p->n_notices + 1, sizeof *p->outbox);
	for (size_t i = 0; e == STORE_OK && i < p->n_notices; i++) {
		struct notify_notice *n = &p->notice[i];

		if (n->suppressed == NULL)
			e = promise(txn, a, in, p, n, why);
		if (e == STORE_OK && n->suppressed != NULL)
			add_audit(p, in, "not-told",
			          arena_printf(a, "%s to %s: %s", notice_kind_name[n->kind],
			                       n->address[0] != '\0' ? n->address : "nobody",
			                       n->suppressed));
	}
	return e;
}

/* A person's language and first sight are worth a write; each mail of theirs is not. */
static enum store_err
meet(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *p,
     struct why *why)
{
	const char *address = author(in);
	/* What was guessed of one mail holds for its ticket, not for the person. */
	bool said = in->mail->language[0] != '\0' && !in->mail->language_guessed;
	enum store_err e = STORE_OK;

	if (address[0] != '\0' && p->facts.class == CLASS_HUMAN) {
		e = party_find(txn, a, address, &p->party, why);
		p->writes_party = e == STORE_ABSENT || in->now_s - p->party.last_seen_s > DAY_S;
		if (e == STORE_ABSENT)
			p->party = (struct party){
				.address = address,
				.name = in->mail->from_name,
				.language = said ? p->after.language : "",
				.first_seen_s = in->now_s};
		p->party.last_seen_s = in->now_s;
		p->party.n_received++;
	}
	return e == STORE_ABSENT ? STORE_OK : e;
}

/* Whoever answers may bring others in, and it is on record who did, or who tried. */
static void
join_people(struct arena *a, const struct plan_in *in, struct plan *p)
{
	struct people_mail m = people_mail(in, p);

	if (p->to != ROUTE_COMMENT && p->to != ROUTE_REOPEN)
		return;
	struct people_added added = people_join(a, &m, p->message.seq, &p->after);

	for (size_t i = 0; i < added.n; i++)
		add_audit(p, in, "participant-added", added.address[i]);
	if (added.n_refused > 0)
		add_audit(p, in, "participants-refused",
		          arena_printf(a, "%zu in To and Cc: %s", added.n_refused, added.why));
}

static const char *
audit_word(enum route_to to)
{
	static const char *const word[ROUTE_COUNT] = {
		[ROUTE_NEW] = "opened",       [ROUTE_NEW_LINKED] = "opened",
		[ROUTE_NEW_QUIET] = "opened", [ROUTE_COMMENT] = "comment",
		[ROUTE_REOPEN] = "reopened",  [ROUTE_STORE] = "stored",
		[ROUTE_NOTE] = "bounce",
	};

	return word[to] != NULL ? word[to] : "held";
}

static bool
opens(const struct plan *p)
{
	return p->to == ROUTE_NEW || p->to == ROUTE_NEW_LINKED || p->to == ROUTE_NEW_QUIET;
}

static enum store_err
plan_filing(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *p,
            struct why *why)
{
	enum store_err e = STORE_OK;

	if (opens(p)) {
		e = open_ticket(a, in, p, why);
	} else {
		p->after = p->before;
		touch_ticket(in, p);
	}
	p->ticket = p->after.id;
	p->token = ref_text(a, p->after.prefix, p->after.id);
	add_message(a, in, p);
	plan_audit_room(a, p->after.n_participants + 2 * in->conf->settings->participants_max +
	                           queue_of(in, &p->after)->agents.n, p);
	add_audit(p, in, audit_word(p->to), p->message.because);
	join_people(a, in, p);
	if (e == STORE_OK)
		e = add_notices(txn, a, in, p, why);
	if (e == STORE_OK)
		e = meet(txn, a, in, p, why);
	return e;
}

static enum store_err
plan_holding(struct arena *a, const struct plan_in *in, struct plan *p, enum held_cause cause,
             const char *detail, struct why *why)
{
	const struct mail *m = in->mail;
	enum store_err e = take_number(in, STORE_ROWS, &in->numbers->row[NOTIFY_MAX], why);

	p->to = ROUTE_HOLD;
	p->held = (struct held_entry){.id = in->numbers->row[NOTIFY_MAX],
	                              .at_s = in->now_s,
	                              .cause = cause,
	                              .detail = arena_strndup(a, detail, PLAN_DETAIL_MAX_OCTETS),
	                              .queue = in->queue->key,
	                              .subject = m != NULL ? m->subject : "",
	                              .from_address = author(in),
	                              .message_id = m != NULL ? m->message_id : "",
	                              .envelope = in->envelope,
	                              .blob = in->blob};
	memcpy(p->held.content_digest, in->digest, sizeof in->digest);
	return e;
}

/* Whether it may do what the table decided. Gives  p->to: ROUTE_HOLD, or ROUTE_STORE where nobody
 * is told */
static enum store_err
admit(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *p,
      struct why *why)
{
	struct admit_result r = {.held = false};
	enum store_err e = admit_ask(txn, a, in, p, &r, why);

	if (e == STORE_OK && r.held)
		e = plan_holding(a, in, p, r.cause, r.detail, why);
	if (e == STORE_OK && r.held && r.cause == HELD_FLOOD)
		e = admit_tell(txn, a, in, p, why);
	if (e == STORE_OK && r.quiet) {
		p->to = ROUTE_STORE;
		p->sender_because = arena_printf(a, "%s; nobody is told: %s", p->sender_because,
		                                 r.detail);
	}
	return e;
}

/* A person chose among tickets that contradict each other: that says no more than which one is
 * meant. */
static void
choose(const struct plan_in *in, struct thread_found *found)
{
	if (waives(in, HELD_CONFLICT) && in->again->to != 0)
		*found = (struct thread_found){EVIDENCE_SIGNED_ID, in->again->to,
		                               "a person's choice", false, ""};
	else if (waives(in, HELD_CONFLICT))
		*found = (struct thread_found){EVIDENCE_NONE, 0, "", false, ""};
}

/* What was found of the sender, and what this ticket makes of it. */
static const char *
say_sender(struct arena *a, const struct plan_in *in, const struct plan *p)
{
	const char *more = "";

	if (p->facts.auth != in->sender.auth && waives(in, HELD_FORGED))
		more = "; a person vouches for it";
	else if (p->facts.auth != in->sender.auth && p->facts.auth == AUTH_VERIFIED)
		more = "; it came to the reply address that only this sender was given";
	else if (p->facts.auth != in->sender.auth)
		more = "; not enough for an agent, without something that we signed";
	return more[0] == '\0' ? in->sender.because
	                       : arena_printf(a, "%s%s", in->sender.because, more);
}

/* Lock the ticket that the evidence names, and ask the table. */
static enum store_err
decide(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *p,
       struct why *why)
{
	struct thread_in look = {
		in->mail,           in->chain->class, in->sign, in->conf->settings->instance,
		in->conf->prefixes, in->now_s,        in->conf, in->envelope.recipient};
	enum store_err e = thread_find(txn, a, &look, &p->found, why);

	choose(in, &p->found);
	p->facts = (struct route_facts){.class = in->chain->class,
	                                .evidence = p->found.evidence,
	                                .role = role_in(a, in, NULL)};
	if (e == STORE_OK && p->found.ticket != 0 && p->found.evidence != EVIDENCE_CONFLICT) {
		e = ticket_lock(txn, a, p->found.ticket, &p->before, why);
		p->facts.role = e == STORE_OK ? role_in(a, in, &p->before) : p->facts.role;
		p->facts.window = e == STORE_OK ? window_of(in, &p->before) : WINDOW_NONE;
	}
	p->facts.auth = auth_of(in, &p->found, p->facts.role);
	p->sender_because = say_sender(a, in, p);
	if (e == STORE_OK) {
		p->row = route_decide(&p->facts);
		p->to = p->row->to;
	}
	return e;
}

static enum store_err
find_duplicate(struct store_txn *txn, struct arena *a, const struct plan_in *in, const char *queue,
               struct plan *p, struct why *why)
{
	struct ticket t = {0};
	uint32_t seq = 0;
	enum store_err e = duplicate_find(txn, queue, in->digest, &p->ticket, &seq, why);

	/* A held mail's own claim names no ticket. */
	p->duplicate = e == STORE_OK &&
	               (in->again == NULL || (!in->again->only_looks && p->ticket != 0));
	if (!p->duplicate)
		p->ticket = 0;
	if (p->duplicate && p->ticket != 0) {
		e = ticket_find(txn, a, p->ticket, &t, why);
		p->token = e == STORE_OK ? ref_text(a, t.prefix, t.id) : "";
	}
	return e == STORE_ABSENT ? STORE_OK : e;
}

/* To two queues at once, and the token names a ticket of the other one, or a filter chose the other
 * one: it is there already. */
static enum store_err
find_elsewhere(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *p,
               struct why *why)
{
	enum store_err e = STORE_OK;

	if (p->before.id != 0 && strcmp(p->before.queue, in->queue->key) != 0)
		e = find_duplicate(txn, a, in, p->before.queue, p, why);
	if (e == STORE_OK && !p->duplicate && opens(p) && opening_queue(in) != in->queue)
		e = find_duplicate(txn, a, in, opening_queue(in)->key, p, why);
	return e;
}

enum store_err
plan_make(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *plan_r,
          struct why *why)
{
	struct plan *p = plan_r;
	enum store_err e = STORE_OK;

	*p = (struct plan){.token = "", .found = {.by = ""}, .sender_because = "",
	                   .meter = {.conf = in->conf, .now_s = in->now_s}};
	e = find_duplicate(txn, a, in, in->queue->key, p, why);
	if (e != STORE_OK || p->duplicate)
		return e;
	if (in->held)
		return plan_holding(a, in, p, in->cause, in->held_detail, why);
	e = decide(txn, a, in, p, why);
	if (e != STORE_OK)
		return e;
	if (p->to == ROUTE_HOLD || p->to == ROUTE_HEIR)
		return plan_holding(a, in, p, p->to == ROUTE_HOLD ? p->row->cause : HELD_CONFLICT,
		                    p->row->because, why);
	e = find_elsewhere(txn, a, in, p, why);
	if (e == STORE_OK && !p->duplicate)
		e = admit(txn, a, in, p, why);
	if (e == STORE_OK && !p->duplicate && p->to != ROUTE_HOLD)
		e = plan_filing(txn, a, in, p, why);
	return e;
}

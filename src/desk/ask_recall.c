/* src/desk/ask_recall.c - the answers about mail that is here already: explain and replay */
#include "arena.h"
#include "ask.h"
#include "call.h"
#include "held.h"
#include "message.h"
#include "queue_id.h"
#include "recall.h"
#include "ref.h"
#include "ticket.h"
#include "tojson.h"
#include <string.h>
#include <sysexits.h>

enum { ASK_RECALL_PAGE = 200, ASK_RECALL_TELL_EVERY = 20 };

struct look {
	struct call *call;
	const char *prefix;
	uint64_t number;
	struct ticket ticket;
	const char *queue_id;
	struct queue_id_place place[QUEUE_ID_PLACES_MAX];
	size_t n;
};

static enum store_err
find_ticket(struct store_txn *txn, void *arg)
{
	struct look *l = arg;
	struct call *c = l->call;

	return ticket_by_token(txn, c->arena, l->prefix, l->number, &l->ticket, &c->why);
}

static enum store_err
find_places(struct store_txn *txn, void *arg)
{
	struct look *l = arg;

	return queue_id_find(txn, l->queue_id, l->place, &l->n, &l->call->why);
}

/* Where the mail is, by "ref" and "message" or by "queue_id". Gives  false: the failure is sent */
static bool
find(struct call *c, struct look *l)
{
	const char *ref = json_get_str(c->request, "ref", NULL);
	enum store_err e = STORE_OK;

	l->queue_id = json_get_str(c->request, "queue_id", "");
	if (ref != NULL) {
		if (!call_ref(c, &l->prefix, &l->number))
			return false;
		e = store_peek(c->desk->store, find_ticket, l, &c->why);
		l->place[0].ticket = l->ticket.id;
		l->place[0].seq = (uint32_t)json_get_int(c->request, "message", 1);
		l->n = 1;
	} else {
		e = store_peek(c->desk->store, find_places, l, &c->why);
		if (e == STORE_OK && l->n == 0)
			e = STORE_ABSENT;
	}
	if (e != STORE_OK)
		call_fail_store(c, e, ref != NULL ? ref : l->queue_id);
	return e == STORE_OK;
}

static enum store_err
recall(struct call *c, struct arena *a, const struct queue_id_place *place, struct recall *r)
{
	return place->held != 0 ? recall_held(c->desk, a, place->held, r, &c->why)
	                        : recall_message(c->desk, a, place->ticket, place->seq, r, &c->why);
}

static struct json *
tojson_recall(struct arena *a, const struct recall *r)
{
	struct json *o = r->is_held ? tojson_held(&r->held) : tojson_message(&r->message);

	if (r->ticket.id != 0)
		json_set_str(o, "ref", ref_text(a, r->ticket.prefix, r->ticket.id));
	json_set_str(o, "then", r->then);
	json_set_str(o, "now", r->now);
	json_set_bool(o, "differs", r->differs);
	return o;
}

/* The same with the whole of today's plan. */
static struct json *
tojson_today(struct call *c, struct recall *r)
{
	bool judged = recall_today(c->desk, c->arena, c->conf, r, &c->why);
	const struct mail *m = r->again.in.mail;
	const struct chain_result *chain = m != NULL ? &r->again.reading.chain : NULL;
	struct json *o = tojson_recall(c->arena, r);

	if (judged)
		json_set_child(o, "today", tojson_plan(m, chain, &r->plan));
	else
		json_set_str(o, "not_judged", c->why.text);
	return o;
}

void
ask_recall(struct call *c)
{
	struct look l = {.call = c};
	struct json *o = json_new_object(), *all = json_new_array();
	bool found = find(c, &l);
	enum store_err e = STORE_OK;

	for (size_t i = 0; found && e == STORE_OK && i < l.n; i++) {
		struct recall *r = arena_array(c->arena, 1, sizeof *r);

		e = recall(c, c->arena, &l.place[i], r);
		if (e == STORE_OK) {
			json_append(all, tojson_today(c, r));
		}
	}
	json_set_child(o, "mails", all);
	if (found && e != STORE_OK)
		call_fail_store(c, e, "that mail");
	else if (found)
		call_say(c, GIVE(o), false);
	json_free(&o);
}

/* A replay under way. */
struct replay {
	struct call *call;
	int64_t since_s;
	uint64_t n, n_differ, n_failed, total; /* total 0: not known */
	struct arena *page;                    /* of the list that is being worked on */
	struct held_entry *held;
	struct message *messages;
	struct ticket_query query;
	struct ticket_page tickets;
	uint64_t first, ticket;
	size_t n_page;
	char *octets;
};

static void
tell(struct replay *p, struct json *mail, bool more)
{
	struct json *o = json_new_object();

	json_set_int(o, "n", (int64_t)p->n);
	json_set_int(o, "differ", (int64_t)p->n_differ);
	json_set_int(o, "failed", (int64_t)p->n_failed);
	json_set_int(o, "total", (int64_t)p->total);
	if (mail != NULL)
		json_set_child(o, "mail", mail);
	call_say(p->call, o, more);
}

/* One mail; its memory ends with it. */
static void
replay_one(struct replay *p, const struct queue_id_place *place)
{
	AUTO(arena) struct arena *a = arena_new();
	struct call *c = p->call;
	struct recall *r = arena_array(a, 1, sizeof *r);
	bool judged = recall(c, a, place, r) == STORE_OK &&
	              recall_today(c->desk, a, c->conf, r, &c->why);

	p->n++;
	p->n_failed += !judged;
	p->n_differ += judged && r->differs;
	if (judged && r->differs)
		tell(p, tojson_recall(a, r), true);
	else if (p->n % ASK_RECALL_TELL_EVERY == 0)
		tell(p, NULL, true);
}

static enum store_err
list_held(struct store_txn *txn, void *arg)
{
	struct replay *p = arg;
	struct store_range page = {.first = p->first, .max = ASK_RECALL_PAGE};

	return held_list(txn, p->page, &page, &p->held, &p->n_page, &p->call->why);
}

static enum store_err
list_messages(struct store_txn *txn, void *arg)
{
	struct replay *p = arg;
	struct store_range page = {p->ticket, p->first, ASK_RECALL_PAGE};

	return message_list(txn, p->page, &page, &p->messages, &p->n_page, &p->call->why);
}

static enum store_err
list_tickets(struct store_txn *txn, void *arg)
{
	struct replay *p = arg;

	return ticket_list(txn, p->page, &p->query, &p->tickets, &p->call->why);
}

static enum store_err
replay_held(struct replay *p)
{
	struct store_stats stats;
	enum store_err e = STORE_OK;

	store_stats(p->call->desk->store, &stats);
	p->total = stats.n_held;
	p->n_page = ASK_RECALL_PAGE;
	while (e == STORE_OK && p->n_page == ASK_RECALL_PAGE && !p->call->cut) {
		AUTO(arena) struct arena *a = arena_new();

		p->page = a;
		e = store_peek(p->call->desk->store, list_held, p, &p->call->why);
		for (size_t i = 0; e == STORE_OK && i < p->n_page && !p->call->cut; i++) {
			p->first = p->held[i].id + 1;
			replay_one(p, &(struct queue_id_place){.held = p->held[i].id});
		}
	}
	return e;
}

static enum store_err
replay_ticket(struct replay *p, uint64_t ticket)
{
	enum store_err e = STORE_OK;

	p->ticket = ticket;
	p->first = 1;
	p->n_page = ASK_RECALL_PAGE;
	while (e == STORE_OK && p->n_page == ASK_RECALL_PAGE && !p->call->cut) {
		AUTO(arena) struct arena *a = arena_new();

		p->page = a;
		e = store_peek(p->call->desk->store, list_messages, p, &p->call->why);
		for (size_t i = 0; e == STORE_OK && i < p->n_page && !p->call->cut; i++) {
			const struct message *m = &p->messages[i];

			p->first = (uint64_t)m->seq + 1;
			if (m->received_s >= p->since_s)
				replay_one(p, &(struct queue_id_place){.ticket = m->ticket,
				                                       .seq = m->seq});
		}
	}
	return e;
}

/* Tickets, the newest change first, until none can have a mail that is new enough. */
static enum store_err
replay_since(struct replay *p)
{
	enum store_err e = STORE_OK;
	bool more = true;

	p->query = (struct ticket_query){.state = -1, .max = ASK_RECALL_PAGE};
	while (e == STORE_OK && more && !p->call->cut) {
		AUTO(arena) struct arena *a = arena_new();

		p->page = a;
		e = store_peek(p->call->desk->store, list_tickets, p, &p->call->why);
		struct ticket_page page = p->tickets;
		more = e == STORE_OK && page.after != NULL;
		for (size_t i = 0; e == STORE_OK && i < page.n && !p->call->cut; i++) {
			more = more && page.ticket[i].updated_s >= p->since_s;
			if (page.ticket[i].updated_s >= p->since_s)
				e = replay_ticket(p, page.ticket[i].id);
		}
		p->query.after = more ? arena_strdup(p->call->arena, page.after) : NULL;
	}
	return e;
}

void
ask_replay(struct call *c)
{
	struct replay p = {.call = c, .since_s = json_get_int(c->request, "since", 0)};
	struct look l = {.call = c};
	enum store_err e = STORE_OK;

	if (json_get_bool(c->request, "held", false)) {
		e = replay_held(&p);
	} else if (json_get_str(c->request, "ref", NULL) != NULL) {
		if (!find(c, &l))
			return;
		p.total = l.ticket.n_messages;
		e = replay_ticket(&p, l.ticket.id);
	} else {
		e = replay_since(&p);
	}
	if (e == STORE_OK)
		tell(&p, NULL, false);
	else
		call_fail_store(c, e, "replay");
}

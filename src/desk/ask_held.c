/* src/desk/ask_held.c - the answers about held mail */
#include "arena.h"
#include "ask.h"
#include "blob.h"
#include "call.h"
#include "clock.h"
#include "held.h"
#include "ref.h"
#include "release.h"
#include "ticket.h"
#include "tojson.h"
#include <stdio.h>
#include <sysexits.h>

enum { ASK_HELD_PAGE = 500 };

struct look {
	struct call *call;
	uint64_t id;
	struct held_entry *entries, entry;
	size_t n;
	char *octets;
	const char *token;
	bool with_octets;
};

static enum store_err
read_list(struct store_txn *txn, void *arg)
{
	struct look *l = arg;
	struct store_range page = {.first = l->id, .max = ASK_HELD_PAGE};

	return held_list(txn, l->call->arena, &page, &l->entries, &l->n, &l->call->why);
}

void
ask_held_list(struct call *c)
{
	struct look l = {.call = c};
	enum store_err e = STORE_OK;

	do {
		struct json *o = json_new_object(), *all = json_new_array();

		e = store_peek(c->desk->store, read_list, &l, &c->why);
		for (size_t i = 0; e == STORE_OK && i < l.n; i++) {
			json_append(all, tojson_held(&l.entries[i]));
			l.id = l.entries[i].id + 1;
		}
		json_set_child(o, "held", all);
		if (e == STORE_OK)
			call_say(c, o, l.n == ASK_HELD_PAGE);
		else
			json_free(&o);
	} while (e == STORE_OK && l.n == ASK_HELD_PAGE && !c->cut);
	if (e != STORE_OK)
		call_fail_store(c, e, "held");
}

/* One that waits, or what is known of one that waits no more, with the ticket that it went to. */
static enum store_err
read_one(struct store_txn *txn, void *arg)
{
	struct look *l = arg;
	struct call *c = l->call;
	struct ticket t = {0};
	enum store_err e = held_find(txn, c->arena, l->id, &l->entry, &c->why);

	if (e == STORE_ABSENT)
		e = held_find_done(txn, c->arena, l->id, &l->entry, &c->why);
	if (e == STORE_OK && l->with_octets)
		e = blob_read(txn, c->arena, &l->entry.blob, &l->octets, &l->n, &c->why);
	if (e == STORE_OK && l->entry.ticket != 0) {
		e = ticket_find(txn, c->arena, l->entry.ticket, &t, &c->why);
		l->token = e == STORE_OK ? ref_text(c->arena, t.prefix, t.id) : NULL;
	}
	return e;
}

static bool
find(struct call *c, struct look *l)
{
	char what[60];

	l->call = c;
	l->id = (uint64_t)json_get_int(c->request, "id", 0);
	enum store_err e = store_peek(c->desk->store, read_one, l, &c->why);
	(void)snprintf(what, sizeof what, "held %llu", (unsigned long long)l->id);
	if (e != STORE_OK)
		call_fail_store(c, e, what);
	return e == STORE_OK;
}

static void
say_entry(struct call *c, const struct held_entry *h, const char *token)
{
	struct json *o = tojson_held(h);

	json_set_str(o, "ref", token);
	if (h->seq != 0)
		json_set_int(o, "message", h->seq);
	call_say(c, o, false);
}

void
ask_held_show(struct call *c)
{
	struct look l = {.with_octets = false};

	if (find(c, &l))
		say_entry(c, &l.entry, l.token);
}

/* The answer to an order; the words of a failure are in c->why. */
static void
say_order(struct call *c, enum release_err e, const struct release_result *result)
{
	switch (e) {
	case RELEASE_OK:
		say_entry(c, &result->entry, result->token[0] != '\0' ? result->token : NULL);
		break;
	case RELEASE_ABSENT:
		call_fail(c, EX_NOINPUT, "%s", c->why.text);
		break;
	case RELEASE_CHOICE:
		call_fail(c, EX_USAGE, "%s", c->why.text);
		break;
	case RELEASE_AGAIN:
		call_fail(c, EX_DATAERR, "%s", c->why.text);
		break;
	case RELEASE_RETRY:
		call_fail(c, EX_TEMPFAIL, "%s", c->why.text);
		break;
	}
}

static struct release_order
order_of(const struct call *c)
{
	return (struct release_order){.id = (uint64_t)json_get_int(c->request, "id", 0),
	                              .as_new = json_get_bool(c->request, "as_new", false),
	                              .who = c->who,
	                              .how = "shell",
	                              .now_s = clock_now_s()};
}

struct place {
	struct call *call;
	const char *prefix;
	uint64_t number;
	struct ticket ticket;
};

static enum store_err
find_ticket(struct store_txn *txn, void *arg)
{
	struct place *p = arg;
	struct call *c = p->call;

	return ticket_by_token(txn, c->arena, p->prefix, p->number, &p->ticket, &c->why);
}

void
ask_held_release(struct call *c)
{
	struct release_order order = order_of(c);
	struct release_result result;
	struct place p = {.call = c};

	if (json_get_str(c->request, "ref", NULL) != NULL) {
		if (!call_ref(c, &p.prefix, &p.number))
			return;
		enum store_err e = store_peek(c->desk->store, find_ticket, &p, &c->why);
		if (e != STORE_OK) {
			call_fail_store(c, e, json_get_str(c->request, "ref", ""));
			return;
		}
		order.to = p.ticket.id;
	}
	say_order(c, release_run(c->desk, c->arena, c->conf, &order, &result, &c->why), &result);
}

void
ask_held_drop(struct call *c)
{
	struct release_order order = order_of(c);
	struct release_result result;

	say_order(c, release_drop(c->desk, c->arena, &order, &result, &c->why), &result);
}

void
ask_held_export(struct call *c)
{
	struct look l = {.with_octets = true};

	if (find(c, &l))
		call_say_octets(c, l.octets, l.n);
}

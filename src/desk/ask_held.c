/* src/desk/ask_held.c - the answers about held mail */
#include "arena.h"
#include "ask.h"
#include "blob.h"
#include "call.h"
#include "held.h"
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

static enum store_err
read_one(struct store_txn *txn, void *arg)
{
	struct look *l = arg;
	struct call *c = l->call;
	enum store_err e = held_find(txn, c->arena, l->id, &l->entry, &c->why);

	if (e == STORE_OK && l->with_octets)
		e = blob_read(txn, c->arena, &l->entry.blob, &l->octets, &l->n, &c->why);
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

void
ask_held_show(struct call *c)
{
	struct look l = {.with_octets = false};

	if (find(c, &l))
		call_say(c, tojson_held(&l.entry), false);
}

void
ask_held_export(struct call *c)
{
	struct look l = {.with_octets = true};

	if (find(c, &l))
		call_say_octets(c, l.octets, l.n);
}

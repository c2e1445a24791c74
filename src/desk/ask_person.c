/* src/desk/ask_person.c - the answers about persons: which addresses are one's */
#include "addr.h"
#include "arena.h"
#include "ask.h"
#include "call.h"
#include "clock.h"
#include "log.h"
#include "party.h"
#include <string.h>
#include <sysexits.h>

struct work {
	struct call *call;
	const char *verb, *address, *other;
	const char *const *names;
	struct party *parties;
	size_t n;
};

static enum store_err
read_person(struct store_txn *txn, struct work *w)
{
	struct call *c = w->call;
	enum store_err e = party_names(txn, c->arena, w->address, &w->names, &w->n, &c->why);

	w->parties = arena_array(c->arena, PARTY_ALIASES_MAX + 1, sizeof *w->parties);
	for (size_t i = 0; e == STORE_OK && i < w->n; i++) {
		e = party_find(txn, c->arena, w->names[i], &w->parties[i], &c->why);
		if (e == STORE_ABSENT) {
			w->parties[i] = (struct party){
				.address = w->names[i], .name = "", .person_who = ""};
			e = STORE_OK;
		}
	}
	return e;
}

/* An address with others of its own is a person: making it an alias in passing would move them
 * too. */
static enum store_err
add_alias(struct store_txn *txn, struct work *w, const struct party_note *note)
{
	struct call *c = w->call;
	const char *const *names = NULL;
	size_t n = 0;
	enum store_err e = party_names(txn, c->arena, w->other, &names, &n, &c->why);

	if (e == STORE_OK && n > 1) {
		why_set(&c->why, "%s belongs to a person with %zu addresses: merge or split",
		        w->other, n);
		return STORE_EXISTS;
	}
	return e == STORE_OK ? party_merge(txn, w->address, w->other, note, &c->why) : e;
}

static enum store_err
change_person(struct store_txn *txn, void *arg)
{
	struct work *w = arg;
	struct call *c = w->call;
	struct party_note note = {c->who, clock_now_s()};
	enum store_err e = STORE_OK;

	if (strcmp(w->verb, "alias") == 0)
		e = add_alias(txn, w, &note);
	else if (strcmp(w->verb, "merge") == 0)
		e = party_merge(txn, w->address, w->other, &note, &c->why);
	else if (strcmp(w->verb, "split") == 0)
		e = party_split(txn, w->address, &note, &c->why);
	return e == STORE_OK ? read_person(txn, w) : e;
}

static void
set_time(struct json *o, const char *name, int64_t at_s)
{
	char text[32] = "";

	clock_rfc3339(at_s, text);
	json_set_str(o, name, at_s != 0 ? text : NULL);
}

static struct json *
tojson_person(const struct work *w)
{
	struct json *o = json_new_object(), *all = json_new_array();

	for (size_t i = 0; i < w->n; i++) {
		struct json *one = json_new_object();

		json_set_str(one, "address", w->parties[i].address);
		json_set_str(one, "name", w->parties[i].name);
		json_set_int(one, "mails", (int64_t)w->parties[i].n_received);
		set_time(one, "last_seen", w->parties[i].last_seen_s);
		json_append(all, one);
	}
	json_set_child(o, "addresses", all);
	json_set_str(o, "who", w->parties[0].person_who);
	set_time(o, "at", w->parties[0].person_s);
	return o;
}

void
ask_person(struct call *c)
{
	const char *address = json_get_str(c->request, "address", "");
	const char *other = json_get_str(c->request, "other", NULL);
	struct work w = {.call = c,
	                 .verb = json_get_str(c->request, "verb", "show"),
	                 .address = addr_canonical(c->arena, address)};
	bool changes = strcmp(w.verb, "show") != 0;

	w.other = other != NULL ? addr_canonical(c->arena, other) : NULL;
	if (w.address == NULL || (other != NULL && w.other == NULL) ||
	    (other == NULL && (strcmp(w.verb, "alias") == 0 || strcmp(w.verb, "merge") == 0))) {
		call_fail(c, EX_USAGE, "person: that is no mail address");
		return;
	}
	enum store_err e = changes ? store_run(c->desk->store, change_person, &w, &c->why)
	                           : store_peek(c->desk->store, change_person, &w, &c->why);
	if (e == STORE_OK && changes)
		e = store_flush(c->desk->store, &c->why);
	if (e == STORE_OK && changes)
		log_event(LOG_EVENTS, "person", "verb=%s address=%s other=%s who=%s", w.verb,
		          log_value(w.address), log_value(w.other), log_value(c->who));
	if (e == STORE_OK)
		call_say(c, tojson_person(&w), false);
	else if (e == STORE_ABSENT || e == STORE_EXISTS || e == STORE_FULL)
		call_fail(c, EX_DATAERR, "%s", c->why.text);
	else
		call_fail_store(c, e, "person");
}

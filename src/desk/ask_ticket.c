/* src/desk/ask_ticket.c - the answers about tickets: list, show, log, octets, outbox */
#include "arena.h"
#include "ask.h"
#include "audit.h"
#include "blob.h"
#include "call.h"
#include "child.h"
#include "facts.h"
#include "message.h"
#include "outbox.h"
#include "ref.h"
#include "ticket.h"
#include "tojson.h"
#include <string.h>
#include <sysexits.h>

enum {
	ASK_PAGE_MAX = 500,
	ASK_TEXTS_MAX = 100,
	ASK_MESSAGES_MAX = 1000,
	ASK_TEXT_OCTETS = 256 * 1024
};

struct look {
	struct call *call;
	struct ticket_query query;
	struct ticket_page page;
	struct tojson_links *links; /* one for each ticket of the page, or for the ticket */
	struct ticket ticket;
	struct message *messages, message;
	struct audit_entry *entries;
	struct outbox_row *rows;
	size_t n;
	uint32_t seq;
	char *octets;
	const char *prefix;
	uint64_t number;
};

static enum store_err
name_ticket(struct store_txn *txn, struct call *c, uint64_t id, const char **token)
{
	struct ticket t = {0};
	enum store_err e = id == 0 ? STORE_ABSENT : ticket_find(txn, c->arena, id, &t, &c->why);

	if (e == STORE_OK)
		*token = ref_text(c->arena, t.prefix, t.id);
	return e == STORE_ABSENT ? STORE_OK : e;
}

static enum store_err
find_links(struct store_txn *txn, struct call *c, const struct ticket *t,
           struct tojson_links *links)
{
	enum store_err e = name_ticket(txn, c, t->linked, &links->linked);

	return e == STORE_OK ? name_ticket(txn, c, t->heir, &links->heir) : e;
}

static enum store_err
read_page(struct store_txn *txn, void *arg)
{
	struct look *l = arg;
	struct call *c = l->call;
	enum store_err e = ticket_list(txn, c->arena, &l->query, &l->page, &c->why);
	size_t n = e == STORE_OK ? l->page.n : 0;

	l->links = arena_array(c->arena, n + 1, sizeof *l->links);
	for (size_t i = 0; e == STORE_OK && i < n; i++)
		e = find_links(txn, c, &l->page.ticket[i], &l->links[i]);
	return e;
}

static bool
state_of(struct call *c, int *state_r)
{
	const char *name = json_get_str(c->request, "state", NULL);
	bool fine = name == NULL;

	*state_r = -1;
	for (int i = 0; !fine && i < TICKET_STATE_COUNT; i++)
		if (strcmp(ticket_state_name[i], name) == 0) {
			*state_r = i;
			fine = true;
		}
	if (!fine)
		call_fail(c, EX_USAGE,
		          "\"%s\" is no state: new, open, waiting, pending, closed, merged", name);
	return fine;
}

static size_t
most(const struct call *c, size_t bound)
{
	int64_t max = json_get_int(c->request, "max", (int64_t)bound);

	return max < 1 ? 1 : (uint64_t)max > bound ? bound : (size_t)max;
}

void
ask_list(struct call *c)
{
	struct look l = {.call = c};
	const char *queue = json_get_str(c->request, "queue", NULL);

	l.query = (struct ticket_query){
		.queue = queue,
		.participant = json_get_str(c->request, "participant", NULL),
		.updated_before_s = json_get_int(c->request, "updated_before", 0),
		.after = json_get_str(c->request, "after", NULL),
		.max = most(c, ASK_PAGE_MAX),
		.oldest_first = json_get_bool(c->request, "oldest_first", false)};
	if (queue != NULL && conf_queue(c->conf, queue) == NULL) {
		call_fail(c, EX_USAGE, "there is no queue \"%s\"; see postern conf", queue);
	} else if (state_of(c, &l.query.state)) {
		enum store_err e = store_peek(c->desk->store, read_page, &l, &c->why);

		if (e == STORE_OK) {
			struct json *o = json_new_object(), *all = json_new_array();

			for (size_t i = 0; i < l.page.n; i++)
				json_append(all, tojson_ticket(c->arena, &l.page.ticket[i],
				                               &l.links[i]));
			json_set_child(o, "tickets", all);
			json_set_str(o, "after", l.page.after);
			call_say(c, o, false);
		} else {
			call_fail_store(c, e, "list");
		}
	}
}

static enum store_err
read_ticket(struct store_txn *txn, void *arg)
{
	struct look *l = arg;
	struct call *c = l->call;
	enum store_err e = ticket_by_token(txn, c->arena, l->prefix, l->number, &l->ticket,
	                                   &c->why);
	struct store_range all = {l->ticket.id, 1, ASK_MESSAGES_MAX};

	l->links = arena_array(c->arena, 1, sizeof *l->links);
	if (e == STORE_OK)
		e = find_links(txn, c, &l->ticket, l->links);
	if (e == STORE_OK)
		e = message_list(txn, c->arena, &all, &l->messages, &l->n, &c->why);
	return e;
}

static enum store_err
read_octets(struct store_txn *txn, void *arg)
{
	struct look *l = arg;

	return blob_read(txn, l->call->arena, &l->message.blob, &l->octets, &l->n, &l->call->why);
}

/* The text is read again from the octets: the parser of today, in its jail, not a copy of then.
 * Each mail has an arena of its own: a hundred large ones together are more than we have. */
static void
add_text(const struct call *call, const struct message *m, struct json *o)
{
	AUTO(arena) struct arena *a = arena_new();
	struct call mine = *call, *c = &mine;
	struct look l = {.call = c, .message = *m};
	struct child_octets reply = {NULL, 0};
	const struct mail *mail = NULL;

	mine.arena = a;
	if (store_peek(c->desk->store, read_octets, &l, &c->why) == STORE_OK &&
	    child_call(c->desk->parser, a, (struct child_octets){l.octets, l.n}, &reply, &c->why) ==
	            CHILD_OK &&
	    reply.n > 0 && reply.octets[0] == FACTS_ANSWER_FACTS &&
	    facts_get(a, reply.octets + 1, reply.n - 1, &mail, &c->why) == FACTS_OK) {
		struct json *files = json_new_array();

		json_set_str(o, "text", arena_strndup(a, mail->text, ASK_TEXT_OCTETS));
		for (size_t i = 0; i < mail->n_parts; i++)
			if (!mail->part[i].is_text) {
				struct json *file = json_new_object();

				json_set_str(file, "name", mail->part[i].file_name);
				json_set_str(file, "type", mail->part[i].type);
				json_set_int(file, "octets", (int64_t)mail->part[i].n_octets);
				json_append(files, file);
			}
		json_set_child(o, "files", files);
	} else {
		json_set_str(o, "text_missing", c->why.text);
	}
}

/* One frame for the ticket, one for each mail: a long ticket must not be one long frame. */
void
ask_show(struct call *c)
{
	struct look l = {.call = c};
	bool with_text = json_get_bool(c->request, "text", true);
	enum store_err e = STORE_OK;

	if (!call_ref(c, &l.prefix, &l.number))
		return;
	e = store_peek(c->desk->store, read_ticket, &l, &c->why);
	if (e != STORE_OK) {
		call_fail_store(c, e, json_get_str(c->request, "ref", ""));
		return;
	}
	struct json *o = json_new_object();
	json_set_child(o, "ticket", tojson_ticket(c->arena, &l.ticket, l.links));
	call_say(c, o, l.n > 0);
	for (size_t i = 0; i < l.n && !c->cut; i++) {
		struct json *m = tojson_message(&l.messages[i]);
		struct json *frame = json_new_object();

		if (with_text && l.n - i <= ASK_TEXTS_MAX)
			add_text(c, &l.messages[i], m);
		json_set_child(frame, "message", m);
		call_say(c, frame, i + 1 < l.n);
	}
}

static enum store_err
read_log(struct store_txn *txn, void *arg)
{
	struct look *l = arg;
	struct call *c = l->call;
	enum store_err e = STORE_OK;

	if (l->ticket.id == 0)
		e = ticket_by_token(txn, c->arena, l->prefix, l->number, &l->ticket, &c->why);
	struct store_range page = {l->ticket.id, l->seq, ASK_PAGE_MAX};

	if (e == STORE_OK)
		e = audit_list(txn, c->arena, &page, &l->entries, &l->n, &c->why);
	return e;
}

void
ask_log(struct call *c)
{
	struct look l = {.call = c, .seq = 1};
	enum store_err e = STORE_OK;
	bool more = true;

	if (!call_ref(c, &l.prefix, &l.number))
		return;
	while (more && e == STORE_OK && !c->cut) {
		struct json *all = json_new_array(), *o = json_new_object();

		e = store_peek(c->desk->store, read_log, &l, &c->why);
		for (size_t i = 0; e == STORE_OK && i < l.n; i++) {
			json_append(all, tojson_audit(&l.entries[i]));
			l.seq = l.entries[i].seq + 1;
		}
		more = l.n == ASK_PAGE_MAX;
		json_set_child(o, "audit", all);
		if (e == STORE_OK)
			call_say(c, o, more);
		else
			json_free(&o);
	}
	if (e != STORE_OK)
		call_fail_store(c, e, json_get_str(c->request, "ref", ""));
}

static enum store_err
read_message(struct store_txn *txn, void *arg)
{
	struct look *l = arg;
	struct call *c = l->call;
	enum store_err e = ticket_by_token(txn, c->arena, l->prefix, l->number, &l->ticket,
	                                   &c->why);

	if (e == STORE_OK)
		e = message_find(txn, c->arena, l->ticket.id, l->seq, &l->message, &c->why);
	if (e == STORE_OK)
		e = blob_read(txn, c->arena, &l->message.blob, &l->octets, &l->n, &c->why);
	return e;
}

void
ask_octets(struct call *c)
{
	struct look l = {.call = c, .seq = (uint32_t)json_get_int(c->request, "message", 1)};

	if (call_ref(c, &l.prefix, &l.number)) {
		enum store_err e = store_peek(c->desk->store, read_message, &l, &c->why);

		if (e == STORE_OK)
			call_say_octets(c, l.octets, l.n);
		else
			call_fail_store(c, e, "that message");
	}
}

static enum store_err
read_outbox(struct store_txn *txn, void *arg)
{
	struct look *l = arg;
	struct outbox_range page = {.after = l->n > 0 ? &l->rows[l->n - 1] : NULL,
	                            .max = ASK_PAGE_MAX};

	return outbox_list(txn, l->call->arena, &page, &l->rows, &l->n, &l->call->why);
}

void
ask_outbox(struct call *c)
{
	struct look l = {.call = c};
	enum store_err e = STORE_OK;

	do {
		struct json *o = json_new_object(), *all = json_new_array();

		e = store_peek(c->desk->store, read_outbox, &l, &c->why);
		for (size_t i = 0; e == STORE_OK && i < l.n; i++)
			json_append(all, tojson_outbox(c->arena, &l.rows[i]));
		json_set_child(o, "outbox", all);
		if (e == STORE_OK)
			call_say(c, o, l.n == ASK_PAGE_MAX);
		else
			json_free(&o);
	} while (e == STORE_OK && l.n == ASK_PAGE_MAX && !c->cut);
	if (e != STORE_OK)
		call_fail_store(c, e, "outbox");
}

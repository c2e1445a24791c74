/* src/desk/recall.c - a mail of the store: what was decided about it then, and what would be
 * today */
#include "recall.h"
#include "arena.h"
#include "blob.h"
#include "held.h"
#include "message.h"
#include "ref.h"
#include "ticket.h"
#include "tojson.h"
#include <inttypes.h>

struct looking {
	struct arena *arena;
	uint64_t id;
	uint32_t seq;
	struct recall *recall;
	struct why *why;
};

static enum store_err
find_message(struct store_txn *txn, void *arg)
{
	struct looking *l = arg;
	struct recall *r = l->recall;
	enum store_err e = ticket_find(txn, l->arena, l->id, &r->ticket, l->why);

	if (e == STORE_OK)
		e = message_find(txn, l->arena, l->id, l->seq, &r->message, l->why);
	if (e == STORE_OK)
		e = blob_read(txn, l->arena, &r->message.blob, &r->octets, &r->n, l->why);
	return e;
}

static enum store_err
find_held(struct store_txn *txn, void *arg)
{
	struct looking *l = arg;
	struct recall *r = l->recall;
	enum store_err e = held_find(txn, l->arena, l->id, &r->held, l->why);

	if (e == STORE_ABSENT)
		e = held_find_done(txn, l->arena, l->id, &r->held, l->why);
	if (e == STORE_OK && r->held.ticket != 0)
		e = ticket_find(txn, l->arena, r->held.ticket, &r->ticket, l->why);
	if (e == STORE_OK && r->held.blob.id != 0)
		e = blob_read(txn, l->arena, &r->held.blob, &r->octets, &r->n, l->why);
	return e;
}

enum store_err
recall_message(struct desk *d, struct arena *a, uint64_t ticket, uint32_t seq,
               struct recall *recall_r, struct why *why)
{
	struct looking l = {a, ticket, seq, recall_r, why};

	*recall_r = (struct recall){.is_held = false};
	return store_peek(d->store, find_message, &l, why);
}

enum store_err
recall_held(struct desk *d, struct arena *a, uint64_t id, struct recall *recall_r, struct why *why)
{
	struct looking l = {a, id, 0, recall_r, why};

	*recall_r = (struct recall){.is_held = true};
	return store_peek(d->store, find_held, &l, why);
}

static const char *
then_text(struct arena *a, const struct recall *r)
{
	const char *token = ref_text(a, r->ticket.prefix, r->ticket.id);

	if (r->is_held && r->held.fate == HELD_WAITING)
		return arena_printf(a, "held as %s", held_cause_name[r->held.cause]);
	if (r->is_held)
		return arena_printf(a, "held as %s, then %s", held_cause_name[r->held.cause],
		                    held_fate_name[r->held.fate]);
	if (r->message.held != 0)
		return arena_printf(a, "released from held %" PRIu64 " to %s", r->message.held,
		                    token);
	if (r->message.seq == 1)
		return arena_printf(a, "a new ticket, %s", token);
	return arena_printf(a, "added to %s as %s", token, message_kind_name[r->message.kind]);
}

static const char *
now_text(struct arena *a, const struct plan *p)
{
	if (p->to == ROUTE_HOLD)
		return arena_printf(a, "held as %s", held_cause_name[p->held.cause]);
	if (p->creates)
		return "a new ticket";
	return arena_printf(a, "added to %s as %s", p->token, message_kind_name[p->message.kind]);
}

static bool
differs(const struct recall *r)
{
	const struct plan *p = &r->plan;
	uint64_t home = r->ticket.state == TICKET_MERGED ? r->ticket.heir : r->ticket.id;

	if (r->is_held)
		return r->held.fate == HELD_WAITING &&
		       (p->to != ROUTE_HOLD || p->held.cause != r->held.cause);
	if (r->message.held != 0)
		return false;
	if (p->to == ROUTE_HOLD || p->creates != (r->message.seq == 1))
		return true;
	return p->message.kind != r->message.kind || (!p->creates && p->ticket != home);
}

bool
recall_today(struct desk *d, struct arena *a, const struct conf *conf, struct recall *recall,
             struct why *why)
{
	struct recall *r = recall;
	struct again_mail mail = {
		.octets = r->octets,
		.n = r->n,
		.envelope = r->is_held ? r->held.envelope : r->message.envelope,
		.queue = r->is_held ? r->held.queue : r->ticket.queue,
		.now_s = r->is_held ? r->held.at_s : r->message.received_s,
	};

	r->then = then_text(a, r);
	r->now = "";
	if (r->octets == NULL) {
		why_set(why, "its octets are gone: it was %s", held_fate_name[r->held.fate]);
		return false;
	}
	if (!again_read(d, a, conf, &mail, &r->again, why) ||
	    again_look(d, a, &r->again, &r->plan, why) != STORE_OK)
		return false;
	r->now = now_text(a, &r->plan);
	r->differs = differs(r);
	return true;
}

/* src/desk/release.c - let a held mail through, or drop it: an order by shell or by mail */
#include "release.h"
#include "again.h"
#include "arena.h"
#include "blob.h"
#include "clock.h"
#include "filing.h"
#include "held.h"
#include "killpoint.h"
#include "log.h"
#include "message.h"
#include "post.h"
#include "ticket.h"
#include <inttypes.h>
#include <string.h>

/* What is not made when a mail is released, for people. */
static const char *const waived[HELD_CAUSE_COUNT] = {
	[HELD_PARSER_DIED] = "read again",
	[HELD_PARSER_TIMEOUT] = "read again",
	[HELD_NOT_MAIL] = "read again",
	[HELD_LOOP] = "the loop check waived",
	[HELD_FORGED] = "the check of its sender waived",
	[HELD_CONFLICT] = "its evidence chosen",
	[HELD_FLOOD] = "the flood check waived",
	[HELD_TOO_BIG] = "read in spite of its size",
	[HELD_BOUNCE] = "taken for a person's mail",
	[HELD_UNVERIFIED] = "let through without proof of its sender",
	[HELD_FILTER] = "the filter that held it waived",
};

struct work {
	struct desk *desk;
	struct arena *arena;
	const struct release_order *order;
	struct held_entry entry;
	char *octets;
	size_t n;
	struct again again;
	struct plan_again how;
	struct plan plan;
	struct ticket chosen;
	bool held_again;
	struct why *why;
};

static bool
could_not_be_read(enum held_cause cause)
{
	return cause == HELD_PARSER_DIED || cause == HELD_PARSER_TIMEOUT || cause == HELD_NOT_MAIL
		||
	       cause == HELD_TOO_BIG;
}

/* Say what became of an entry that waits no more. */
static void
say_done(const struct held_entry *h, struct why *why)
{
	char at[32] = "";

	clock_rfc3339(h->fate_s, at);
	why_set(why, "held %" PRIu64 " was %s at %s by %s", h->id, held_fate_name[h->fate], at,
	        h->fate_who);
}

static enum store_err
find(struct store_txn *txn, void *arg)
{
	struct work *w = arg;
	enum store_err e = held_find(txn, w->arena, w->order->id, &w->entry, w->why);

	if (e == STORE_OK)
		return blob_read(txn, w->arena, &w->entry.blob, &w->octets, &w->n, w->why);
	if (e == STORE_ABSENT) {
		why_set(w->why, "held %" PRIu64 ": there is none", w->order->id);
		if (held_find_done(txn, w->arena, w->order->id, &w->entry, w->why) == STORE_OK)
			say_done(&w->entry, w->why);
	}
	return e;
}

/* The ticket that was chosen, or its heir. */
static enum store_err
find_chosen(struct store_txn *txn, void *arg)
{
	struct work *w = arg;
	enum store_err e = ticket_find(txn, w->arena, w->order->to, &w->chosen, w->why);

	for (int i = 0; e == STORE_OK && w->chosen.state == TICKET_MERGED
	     && i < THREAD_HEIRS_MAX; i++)
		e = ticket_find(txn, w->arena, w->chosen.heir, &w->chosen, w->why);
	return e;
}

/* Whether the order says what this cause needs said, and nothing else. */
static bool
is_choice_right(const struct work *w)
{
	const struct release_order *o = w->order;
	enum held_cause cause = w->entry.cause;
	bool choosing = o->as_new || o->to != 0, fine = true;

	if (cause == HELD_CONFLICT && (!choosing || (o->as_new && o->to != 0))) {
		why_set(w->why, "it names several tickets (%s): say to which one, or as a new one",
		        w->entry.detail);
		fine = false;
	} else if (o->to != 0 && cause != HELD_CONFLICT) {
		why_set(w->why, "it is held as %s: only with conflict is a ticket chosen",
		        held_cause_name[cause]);
		fine = false;
	} else if (o->as_new && cause != HELD_CONFLICT && !could_not_be_read(cause)) {
		why_set(w->why, "it is held as %s: it finds its ticket by itself",
		        held_cause_name[cause]);
		fine = false;
	}
	return fine;
}

/* A mail of which nothing is known but its octets. */
static void
take_unread(struct work *w)
{
	struct mail *m = arena_array(w->arena, 1, sizeof *m);
	struct mail_part *part = arena_array(w->arena, 1, sizeof *part);
	struct intake_reading *r = &w->again.reading;

	*part = (struct mail_part){.path = "1",
	                           .type = "message/rfc822",
	                           .charset = "",
	                           .file_name = "",
	                           .disposition = "attachment",
	                           .content_id = "",
	                           .n_octets = w->n};
	*m = (struct mail){.subject_raw = "",
	                   .message_id = "",
	                   .from_state = MAIL_FROM_NONE,
	                   .from_address = "",
	                   .from_name = "",
	                   .from_raw = "",
	                   .text = "",
	                   .type = "message/rfc822",
	                   .report_type = "",
	                   .part = part,
	                   .n_parts = 1,
	                   .language = ""};
	m->subject =
		arena_printf(w->arena, "Held mail %" PRIu64 ", which cannot be read", w->entry.id);
	r->chain = (struct chain_result){.class = CLASS_HUMAN, .quiet = true};
	w->again.in.mail = m;
	w->again.in.held = false;
	memcpy(w->again.in.digest, w->entry.content_digest, sizeof w->entry.content_digest);
}

/* Do without the check that held it; the plan does without its own two. */
static void
waive(struct work *w)
{
	struct chain_result *chain = &w->again.reading.chain;
	enum held_cause cause = w->entry.cause;

	if (w->again.in.mail == NULL && w->order->as_new)
		take_unread(w);
	else if (w->again.in.held && chain->held && w->again.in.cause == cause)
		again_waive_filter(w->arena, &w->again);
	if ((cause == HELD_LOOP && chain->class == CLASS_OWN) ||
	    (cause == HELD_BOUNCE &&
	     (chain->class == CLASS_BOUNCE || chain->class == CLASS_DELAY))) {
		/* Whoever reads it, its sender may be a machine: it is not answered (promise P5).
		 * */
		chain->class = CLASS_HUMAN;
		chain->quiet = true;
	}
	w->how = (struct plan_again){.waives = true, .waived = cause, .to = w->chosen.id};
	w->again.in.again = &w->how;
	w->again.in.blob = w->entry.blob;
}

/* The new message and the ticket's history name the entry. */
static void
link_up(struct work *w)
{
	struct plan *p = &w->plan;
	const struct release_order *o = w->order;
	const char *detail = arena_printf(w->arena, "held %" PRIu64 ", cause %s: %s", w->entry.id,
	                                  held_cause_name[w->entry.cause], waived[w->entry.cause]);

	p->message.held = w->entry.id;
	p->message.received_s = w->entry.at_s;
	p->message.because = arena_printf(w->arena, "%s; released by %s (%s): %s",
	                                  p->message.because,
	                                  o->who, o->how, detail);
	plan_audit_add(p, &(struct audit_entry){.at_s = o->now_s,
	                                        .who = o->who,
	                                        .how = o->how,
	                                        .what = "released",
	                                        .detail = detail});
}

static enum store_err
end_entry(struct store_txn *txn, struct work *w, enum held_fate fate)
{
	struct message_place place = {w->plan.ticket, w->plan.message.seq};
	enum store_err e = STORE_OK;

	w->entry.fate = fate;
	w->entry.fate_s = w->order->now_s;
	w->entry.fate_who = w->order->who;
	w->entry.fate_how = w->order->how;
	w->entry.ticket = place.ticket;
	w->entry.seq = place.seq;
	/* What could not be read then had the digest of its octets. */
	if (fate == HELD_RELEASED)
		e = duplicate_move(txn, w->entry.queue, w->entry.content_digest, &place, w->why);
	return e == STORE_OK ? held_end(txn, &w->entry, w->why) : e;
}

static enum store_err
release_it(struct store_txn *txn, void *arg)
{
	struct work *w = arg;
	enum store_err e = held_lock(txn, w->arena, w->order->id, &w->entry, w->why);

	if (e == STORE_OK)
		e = plan_make(txn, w->arena, &w->again.in, &w->plan, w->why);
	w->held_again = e == STORE_OK && !w->plan.duplicate && w->plan.to == ROUTE_HOLD;
	if (w->held_again)
		return STORE_EXISTS; /* nothing is written */
	if (e == STORE_OK && !w->plan.duplicate) {
		link_up(w);
		e = filing_write(txn, &w->again.in, &w->plan, NULL, w->why);
	}
	if (e == STORE_OK)
		e = end_entry(txn, w, w->plan.duplicate ? HELD_DROPPED : HELD_RELEASED);
	KILL_POINT("release-before-commit");
	return e;
}

static enum store_err
drop_it(struct store_txn *txn, void *arg)
{
	struct work *w = arg;
	enum store_err e = held_lock(txn, w->arena, w->order->id, &w->entry, w->why);

	return e == STORE_OK ? end_entry(txn, w, HELD_DROPPED) : e;
}

static void
log_done(const struct work *w)
{
	log_event(LOG_EVENTS, held_fate_name[w->entry.fate],
	          "id=%" PRIu64 " cause=%s ticket=%s duplicate=%d who=%s how=%s", w->entry.id,
	          held_cause_name[w->entry.cause],
		log_value(w->plan.token != NULL ? w->plan.token : ""),
	          w->plan.duplicate, log_value(w->order->who), log_value(w->order->how));
}

/* Make it durable, count it, tell. */
static enum release_err
conclude(struct work *w, enum store_err e, struct release_result *result_r)
{
	struct desk *d = w->desk;
	enum release_err err = e == STORE_ABSENT ? RELEASE_ABSENT
	                       : w->held_again   ? RELEASE_AGAIN
	                                         : RELEASE_RETRY;

	if (e == STORE_OK && store_flush(d->store, w->why) == STORE_OK) {
		err = RELEASE_OK;
		atomic_fetch_add(
			w->entry.fate == HELD_RELEASED ? &d->counts.released : &d->counts.dropped,
				1);
		log_done(w);
		*result_r = (struct release_result){
			w->entry, w->plan.token != NULL ? w->plan.token : "", w->plan.duplicate};
		post_wake(d->post);
	} else if (err == RELEASE_AGAIN) {
		why_set(w->why, "it would be held again, as %s: %s",
		        held_cause_name[w->plan.held.cause],
		        w->plan.held.detail);
	}
	return err;
}

enum release_err
release_run(struct desk *d, struct arena *a, const struct conf *conf,
            const struct release_order *order, struct release_result *result_r, struct why *why)
{
	struct work w = {.desk = d, .arena = a, .order = order, .why = why};
	enum store_err e = store_peek(d->store, find, &w, why);

	if (e != STORE_OK)
		return e == STORE_ABSENT ? RELEASE_ABSENT : RELEASE_RETRY;
	if (!is_choice_right(&w))
		return RELEASE_CHOICE;
	if (order->to != 0 && store_peek(d->store, find_chosen, &w, why) != STORE_OK)
		return RELEASE_RETRY;
	struct again_mail mail = {w.octets, w.n, w.entry.envelope, w.entry.queue, order->now_s};
	if (!again_read(d, a, conf, &mail, &w.again, why))
		return RELEASE_RETRY;
	waive(&w);
	return conclude(&w, store_run(d->store, release_it, &w, why), result_r);
}

enum release_err
release_drop(struct desk *d, struct arena *a, const struct release_order *order,
             struct release_result *result_r, struct why *why)
{
	struct work w = {.desk = d, .arena = a, .order = order, .why = why};
	enum store_err e = store_peek(d->store, find, &w, why);

	/* Damaged octets are no reason to keep an entry that nobody wants. */
	if (e == STORE_ABSENT)
		return RELEASE_ABSENT;
	return conclude(&w, store_run(d->store, drop_it, &w, why), result_r);
}

/* src/desk/filing.c - carry out a plan: everything about one mail, or nothing */
#include "filing.h"
#include "audit.h"
#include "blob.h"
#include "held.h"
#include "killpoint.h"
#include "message.h"
#include "outbox.h"
#include "party.h"
#include "ticket.h"
#include "settings.h"
#include <string.h>

static enum store_err
claim(struct store_txn *txn, const struct plan_in *in, const char *queue, uint64_t ticket,
      uint32_t seq, struct why *why)
{
	struct message_place place = {ticket, seq}, first;
	enum store_err e = STORE_OK;

	if (in->again != NULL)
		return duplicate_move(txn, queue, in->digest, &place, why);
	e = duplicate_claim(txn, queue, in->digest, &place, &first, why);
	/* The plan saw no claim, so somebody filed the same mail since: run again, it is a
	 * duplicate. */
	return e == STORE_EXISTS ? STORE_BUSY : e;
}

static enum store_err
write_outbox(struct store_txn *txn, const struct plan *p, struct why *why)
{
	enum store_err e = STORE_OK;

	for (size_t i = 0; e == STORE_OK && i < p->n_outbox; i++) {
		const struct plan_outbox *o = &p->outbox[i];

		e = o->grows ? outbox_change(txn, &o->before, &o->row, why)
		             : outbox_promise(txn, &o->row, why);
	}
	return e;
}

static enum store_err
write_held(struct store_txn *txn, const struct plan_in *in, const struct plan *p, struct why *why)
{
	enum store_err e = held_put(txn, &p->held, why);

	if (e == STORE_OK)
		e = claim(txn, in, in->queue->key, 0, 0, why);
	if (e == STORE_OK)
		e = write_outbox(txn, p, why);
	return e == STORE_OK ? meter_write(txn, &p->meter, why) : e;
}

static enum store_err
write_ticket(struct store_txn *txn, const struct plan *p, struct why *why)
{
	struct ticket t = p->after;
	enum store_err e = STORE_OK;

	for (size_t i = 0; e == STORE_OK && i < p->n_audit; i++)
		e = audit_add(txn, &t, &p->audit[i], why);
	if (e == STORE_OK)
		e = p->creates ? ticket_create(txn, &t, why)
		               : ticket_update(txn, &p->before, &t, why);
	if (e == STORE_OK)
		e = message_append(txn, &p->message, why);
	if (e == STORE_OK && p->writes_party)
		e = party_put(txn, &p->party, why);
	return e;
}

enum store_err
filing_write(struct store_txn *txn, const struct plan_in *in, const struct plan *plan,
             const void *octets, struct why *why)
{
	enum store_err e = STORE_OK;

	if (plan->duplicate)
		return STORE_OK;
	/* A released mail's octets are there. */
	if (in->again == NULL)
		e = blob_put(txn, &in->blob, octets, why);
	if (e == STORE_OK && plan->to == ROUTE_HOLD)
		return write_held(txn, in, plan, why);
	if (e == STORE_OK)
		e = write_ticket(txn, plan, why);
	KILL_POINT("filing-between-ticket-and-outbox");
	if (e == STORE_OK)
		e = write_outbox(txn, plan, why);
	if (e == STORE_OK)
		e = meter_write(txn, &plan->meter, why);
	if (e == STORE_OK)
		e = claim(txn, in, in->queue->key, plan->ticket, plan->message.seq, why);
	if (e == STORE_OK && strcmp(plan->after.queue, in->queue->key) != 0)
		e = claim(txn, in, plan->after.queue, plan->ticket, plan->message.seq, why);
	return e;
}

/* src/desk/admit.c - may a mail do what the table decided */
#include "admit.h"
#include "arena.h"
#include "meter.h"
#include "settings.h"
#include <inttypes.h>

static bool
waives(const struct plan_in *in, enum held_cause cause)
{
	return in->again != NULL && in->again->waives && in->again->waived == cause;
}

static bool
opens(enum route_to to)
{
	return to == ROUTE_NEW || to == ROUTE_NEW_LINKED || to == ROUTE_NEW_QUIET;
}

static bool
is_our_agent(const struct route_facts *f)
{
	return f->role == ROLE_AGENT && f->auth == AUTH_VERIFIED;
}

static enum store_err
ask_opening(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *p,
            struct admit_result *r, struct why *why)
{
	const struct mail *m = in->mail;
	enum store_err e = STORE_OK;

	if (in->queue->require_verified && p->facts.auth != AUTH_VERIFIED &&
	    !waives(in, HELD_UNVERIFIED)) {
		r->cause = HELD_UNVERIFIED;
		r->detail = "the queue takes new requests of verified senders only";
	} else if (!waives(in, HELD_FLOOD) && !is_our_agent(&p->facts)) {
		r->cause = HELD_FLOOD;
		e = meter_open(txn, a, &p->meter,
		               m->from_state == MAIL_FROM_ONE ? m->from_address : "", &r->detail,
		               why);
	}
	r->held = r->detail != NULL;
	return e;
}

enum store_err
admit_ask(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *plan,
          struct admit_result *result_r, struct why *why)
{
	struct admit_result r = {.detail = NULL};
	enum store_err e = STORE_OK;

	if (opens(plan->to)) {
		e = ask_opening(txn, a, in, plan, &r, why);
	} else if (plan->to == ROUTE_COMMENT || plan->to == ROUTE_REOPEN) {
		struct meter_said said = {in->mail, plan->before.id};

		e = meter_words(txn, a, &plan->meter, &said, &r.detail, why);
		r.quiet = r.detail != NULL;
	}
	if (e == STORE_OK)
		*result_r = r;
	return e;
}

static struct outbox_row
tell_one(struct arena *a, const struct plan_in *in, const struct plan *p, const char *address,
         uint64_t number)
{
	return (struct outbox_row){
		.id = number,
		.due_s = in->now_s,
		.promised_s = in->now_s,
		.kind = NOTICE_FLOOD,
		.held = p->held.id,
		.count = 1,
		.to_address = address,
		.to_name = "",
		.language = in->queue->language,
		.message_id = arena_printf(a, "flood.%" PRIu64 ".%" PRId64 "@%s", number, in->now_s,
	                                   in->conf->settings->instance),
		.in_reply_to = "",
		.last_error = ""};
}

enum store_err
admit_tell(struct store_txn *txn, struct arena *a, const struct plan_in *in, struct plan *plan,
           struct why *why)
{
	const struct set_list *agents = &in->queue->agents;
	size_t n = agents->n < NOTIFY_MAX ? agents->n : NOTIFY_MAX;
	const char *full = NULL;
	enum store_err e = STORE_OK;

	if (n == 0)
		return STORE_OK;
	e = meter_flood(txn, a, &plan->meter, in->queue->key, &full, why);
	plan->outbox = arena_array(a, n, sizeof *plan->outbox);
	for (size_t i = 0; e == STORE_OK && full == NULL && i < n; i++) {
		uint64_t *number = &in->numbers->row[i];

		if (*number == 0)
			e = store_number(in->store, STORE_ROWS, number, why);
		if (e == STORE_OK)
			plan->outbox[plan->n_outbox++].row =
				tell_one(a, in, plan, agents->texts[i], *number);
	}
	return e;
}

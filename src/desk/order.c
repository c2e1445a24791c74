/* src/desk/order.c - the postmaster's orders by mail about held mail */
#include "order.h"
#include "addr.h"
#include "arena.h"
#include "clock.h"
#include "held.h"
#include "log.h"
#include "message.h"
#include "post.h"
#include "release.h"
#include "summary.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Stands for a queue in the claims of orders; no queue can have this name. */
static const char orders[] = ":orders";

/* Whether an address of a queue is one for orders. */
static bool
find_mark(struct arena *a, const struct set_queue *q, const char *rcpt, struct reply_found *found_r)
{
	bool found = false;

	for (size_t i = 0; !found && i < q->address.n; i++) {
		struct reply_place place = {q->address.texts[i], q->recipient_delimiter};
		const char *extension = reply_extension(a, &place, rcpt);

		found = extension != NULL && reply_read(extension, found_r, NULL) &&
		        (found_r->mark.kind == REPLY_RELEASE || found_r->mark.kind == REPLY_DROP);
	}
	return found;
}

struct order
order_read(struct arena *a, const struct conf *conf, const struct sign *sign, const char *rcpt,
           const struct intake_mail *in, const struct intake_reading *reading)
{
	const struct set_queue *q = conf_queue_for(conf, a, rcpt, NULL);
	const struct mail *m = reading->mail;
	const char *boss = addr_canonical(a, conf->settings->postmaster);
	struct reply_found found;
	struct order o = {.state = ORDER_NONE, .why = ""};

	if (q == NULL || !find_mark(a, q, rcpt, &found))
		return o;
	o.state = ORDER_BAD;
	o.drops = found.mark.kind == REPLY_DROP;
	o.id = found.mark.about.number;
	if (boss == NULL || !reply_check(sign, &found, boss, in->now_s))
		o.why = "an order about held mail to an address that we did not give out";
	else if (m == NULL || m->from_state != MAIL_FROM_ONE || strcmp(m->from_address, boss) != 0)
		o.why = "an order about held mail that is not the postmaster's";
	else if (reading->sender.auth == AUTH_FAILED)
		o.why = "an order about held mail whose sender is forged";
	else if (reading->held || reading->chain.class != CLASS_HUMAN)
		o.why = "an order about held mail that no person sent";
	else
		o.state = ORDER_GOOD;
	return o;
}

struct work {
	const struct conf *conf;
	const struct order *order;
	const uint8_t *digest;
	uint64_t row_id;
	struct why *why;
};

static enum store_err
promise(struct store_txn *txn, void *arg)
{
	struct work *w = arg;
	struct message_place place = {0, 0};
	enum store_err e = duplicate_claim(txn, orders, w->digest, &place, &place, w->why);

	if (e == STORE_OK)
		e = summary_promise(txn, w->conf, w->row_id, NOTICE_HELD_DONE, w->order->id,
		                    w->why);
	return e;
}

/* Do what it says. Gives  false when it could not be asked for: the peer tries again */
static bool
carry_out(struct desk *d, struct arena *a, const struct conf *conf, const struct order *order,
          struct why *why)
{
	struct release_order o = {.id = order->id,
	                          .who = conf->settings->postmaster,
	                          .how = "mail",
	                          .now_s = clock_now_s()};
	struct release_result result;
	enum release_err e = order->drops ? release_drop(d, a, &o, &result, why)
	                                  : release_run(d, a, conf, &o, &result, why);

	if (!order->drops && (e == RELEASE_CHOICE || e == RELEASE_AGAIN)) {
		o.as_new = true;
		e = release_run(d, a, conf, &o, &result, why);
	}
	log_event(e == RELEASE_OK ? LOG_EVENTS : LOG_WARNINGS, "ordered",
	          "held=%" PRIu64 " order=%s done=%d why=%s", order->id,
	          order->drops ? "drop" : "release", e == RELEASE_OK, log_value(why->text));
	return e != RELEASE_RETRY;
}

void
order_obey(struct desk *d, const struct conf *conf, const struct order *order,
           const uint8_t digest[32], struct intake_answer *answer_r)
{
	AUTO(arena) struct arena *a = arena_new();
	struct why why = {""};
	struct work w = {.conf = conf, .order = order, .digest = digest, .why = &why};
	bool fine = carry_out(d, a, conf, order, &why) &&
	            store_number(d->store, STORE_ROWS, &w.row_id, &why) == STORE_OK;
	enum store_err e = fine ? store_run(d->store, promise, &w, &why) : STORE_BUSY;

	fine = fine && (e == STORE_OK || e == STORE_EXISTS) &&
	       store_flush(d->store, &why) == STORE_OK;
	answer_r->outcome = fine ? OUT_FILED : OUT_RETRY;
	(void)snprintf(answer_r->text, sizeof answer_r->text, "%s",
	               fine ? "taken as an order about held mail" : outcome_row(OUT_RETRY)->text);
	if (fine)
		post_wake(d->post);
}

/* src/desk/ask_explain.c - what would be done with a mail, and why; changes nothing (promise P7) */
#include "arena.h"
#include "ask.h"
#include "call.h"
#include "clock.h"
#include "intake.h"
#include "tojson.h"
#include <sysexits.h>

struct work {
	struct call *call;
	struct plan_in in;
	struct plan plan;
};

static enum store_err
plan_it(struct store_txn *txn, void *arg)
{
	struct work *w = arg;

	return plan_make(txn, w->call->arena, &w->in, &w->plan, &w->call->why);
}

static const char *
recipient(const struct call *c)
{
	return json_get_str(c->request, "to", c->conf->settings->queues[0].address.texts[0]);
}

static void
explain_mail(struct call *c)
{
	/* Any numbers do: nothing of this is written, and none must be used up. */
	struct plan_numbers numbers = {.ticket = 1};
	struct intake_mail in = {.octets = c->raw->octets, .n = c->raw->n, .now_s = clock_now_s()};
	struct work w = {.call = c};

	for (size_t i = 0; i < NOTIFY_MAX + 1; i++)
		numbers.row[i] = 1;
	in.envelope = (struct envelope_record){
		.sender = json_get_str(c->request, "from", ""),
		.recipient = recipient(c),
		.client_address = json_get_str(c->request, "client_address", ""),
		.client_name = "",
		.helo = json_get_str(c->request, "helo", ""),
		.queue_id = "",
		.login = json_get_str(c->request, "login", "")};
	struct intake_reading r = intake_read(c->desk, c->arena, c->conf, &in, &c->why);
	w.in = (struct plan_in){.conf = c->conf,
	                        .sign = c->desk->sign,
	                        .store = c->desk->store,
	                        .queue = conf_queue_for(c->conf, c->arena, recipient(c), NULL),
	                        .mail = r.mail,
	                        .chain = &r.chain,
	                        .sender = r.sender,
	                        .held = r.held,
	                        .cause = r.cause,
	                        .held_detail = r.held_detail,
	                        .envelope = in.envelope,
	                        .now_s = in.now_s,
	                        .numbers = &numbers};
	for (size_t i = 0; i < sizeof r.digest; i++)
		w.in.digest[i] = r.digest[i];
	if (w.in.queue == NULL) {
		call_fail(c, EX_NOUSER, "%s is no address of a queue; give --to", recipient(c));
	} else if (r.retry) {
		call_fail(c, EX_TEMPFAIL, "the mail could not be read now: %s", c->why.text);
	} else {
		enum store_err e = store_peek(c->desk->store, plan_it, &w, &c->why);

		if (e == STORE_OK)
			call_say(c, tojson_plan(r.mail, r.mail != NULL ? &r.chain : NULL, &w.plan),
			         false);
		else
			call_fail_store(c, e, "explain");
	}
}

void
ask_explain(struct call *c)
{
	if (json_get_bool(c->request, "table", false)) {
		AUTO(buf) struct buf text = {0};
		struct json *o = json_new_object();

		route_print(&text);
		json_set_str(o, "text", text.octets);
		call_say(c, o, false);
	} else if (c->raw->n == 0) {
		call_fail(c, EX_USAGE, "explain: no mail came with the request");
	} else {
		explain_mail(c);
	}
}

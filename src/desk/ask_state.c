/* src/desk/ask_state.c - the answers about the daemon itself: stats, conf, reload */
#include "arena.h"
#include "ask.h"
#include "call.h"
#include "child.h"
#include "clock.h"
#include "log.h"
#include "metrics.h"
#include <stdatomic.h>
#include <stdio.h>
#include <sysexits.h>

static void
set_store(struct json *o, const struct store_stats *s)
{
	char ratio[32];

	json_set_int(o, "tickets", (int64_t)s->n_tickets);
	json_set_int(o, "messages", (int64_t)s->n_messages);
	json_set_int(o, "held_now", (int64_t)s->n_held);
	json_set_int(o, "outbox_now", (int64_t)s->n_outbox);
	json_set_int(o, "commits", (int64_t)s->n_commits);
	json_set_int(o, "flushes", (int64_t)s->n_flushes);
	(void)snprintf(ratio, sizeof ratio, "%.2f",
	               s->n_flushes > 0 ? (double)s->n_commits / (double)s->n_flushes : 0.0);
	json_set_str(o, "commits_per_flush", ratio);
	json_set_int(o, "deadlock_retries", (int64_t)s->n_retries);
	json_set_int(o, "aborts", (int64_t)s->n_aborts);
	json_set_int(o, "log_files", (int64_t)s->n_log_files);
	json_set_int(o, "free_octets", (int64_t)s->n_free_octets);
}

static void
set_counts(struct json *o, struct desk_counts *n)
{
	json_set_int(o, "filed", (int64_t)atomic_load(&n->filed));
	json_set_int(o, "duplicates", (int64_t)atomic_load(&n->duplicates));
	json_set_int(o, "held", (int64_t)atomic_load(&n->held));
	json_set_int(o, "limited", (int64_t)atomic_load(&n->limited));
	json_set_int(o, "deferred", (int64_t)atomic_load(&n->deferred));
	json_set_int(o, "unknown_recipients", (int64_t)atomic_load(&n->unknown_recipients));
	json_set_int(o, "sent", (int64_t)atomic_load(&n->sent));
	json_set_int(o, "send_failures", (int64_t)atomic_load(&n->send_failures));
	json_set_int(o, "released", (int64_t)atomic_load(&n->released));
	json_set_int(o, "dropped", (int64_t)atomic_load(&n->dropped));
	json_set_int(o, "expired", (int64_t)atomic_load(&n->expired));
	json_set_int(o, "given_up", (int64_t)atomic_load(&n->given_up));
	json_set_int(o, "gate_asked", (int64_t)atomic_load(&n->gate_asked));
	json_set_int(o, "gate_refused", (int64_t)atomic_load(&n->gate_refused));
	json_set_int(o, "gate_unasked", (int64_t)atomic_load(&n->gate_unasked));
}

static void
say_metrics(struct call *c)
{
	AUTO(buf) struct buf text = {0};
	struct json *o = json_new_object();

	metrics_print(c->desk, &text);
	json_set_str(o, "text", text.octets);
	call_say(c, o, false);
}

static void
say_stats(struct call *c)
{
	struct json *o = json_new_object(), *store = json_new_object(), *parser = json_new_object();
	struct store_stats s;
	struct child_stats p;

	store_stats(c->desk->store, &s);
	child_pool_stats(c->desk->parser, &p);
	json_set_str(o, "instance", c->conf->settings->instance);
	json_set_int(o, "up_s", clock_now_s() - c->desk->started_s);
	set_counts(o, &c->desk->counts);
	set_store(store, &s);
	json_set_child(o, "store", store);
	json_set_int(parser, "running", (int64_t)p.n_running);
	json_set_int(parser, "asked", (int64_t)p.n_calls);
	json_set_int(parser, "died", (int64_t)p.n_died);
	json_set_int(parser, "timeouts", (int64_t)p.n_timeouts);
	json_set_int(parser, "bad_replies", (int64_t)p.n_bad_replies);
	json_set_int(parser, "unavailable", (int64_t)p.n_unavailable);
	json_set_str(parser, "jail", p.hello);
	json_set_child(o, "parser", parser);
	call_say(c, o, false);
}

void
ask_stats(struct call *c)
{
	if (json_get_bool(c->request, "prometheus", false))
		say_metrics(c);
	else
		say_stats(c);
}

void
ask_conf(struct call *c)
{
	const char *name = json_get_str(c->request, "name", NULL);
	AUTO(buf) struct buf text = {0};
	bool fine = true;

	if (name == NULL)
		settings_write(c->conf->settings, &text);
	else
		fine = settings_get(c->conf->settings, name, &text, &c->why) == SETTINGS_OK;
	if (fine) {
		struct json *o = json_new_object();

		json_set_str(o, "text", text.octets);
		call_say(c, o, false);
	} else {
		call_fail(c, EX_USAGE, "%s", c->why.text);
	}
}

void
ask_reload(struct call *c)
{
	if (desk_reload(c->desk, &c->why)) {
		log_event(LOG_EVENTS, "reloaded", "who=%s", log_value(c->who));
		call_say(c, json_new_object(), false);
	} else {
		log_event(LOG_ERRORS, "reload-refused", "why=%s", log_value(c->why.text));
		call_fail(c, EX_CONFIG, "the old configuration stays: %s", c->why.text);
	}
}

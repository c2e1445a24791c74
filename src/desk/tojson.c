/* src/desk/tojson.c - records as JSON, for the control socket */
#include "tojson.h"
#include "arena.h"
#include "clock.h"
#include "ref.h"
#include <stdio.h>

static void
set_time(struct json *o, const char *name, int64_t at_s)
{
	char text[32] = "";

	if (at_s != 0)
		clock_rfc3339(at_s, text);
	json_set_str(o, name, at_s != 0 ? text : NULL);
}

static struct json *
tojson_participants(const struct ticket *t)
{
	struct json *all = json_new_array();

	for (size_t i = 0; i < t->n_participants; i++) {
		const struct participant *p = &t->participant[i];
		struct json *o = json_new_object();

		json_set_str(o, "address", p->address);
		json_set_str(o, "name", p->name);
		json_set_str(o, "role", party_role_name[p->role]);
		json_set_int(o, "since_message", p->since_seq);
		json_set_bool(o, "muted", p->muted);
		json_append(all, o);
	}
	return all;
}

struct json *
tojson_ticket(struct arena *a, const struct ticket *t, const struct tojson_links *links)
{
	struct json *o = json_new_object();
	struct json *tags = json_new_array();

	json_set_str(o, "ref", ref_text(a, t->prefix, t->id));
	json_set_int(o, "id", (int64_t)t->id);
	json_set_str(o, "queue", t->queue);
	json_set_str(o, "state", ticket_state_name[t->state]);
	json_set_str(o, "subject", t->subject);
	json_set_str(o, "language", t->language);
	set_time(o, "created", t->created_s);
	set_time(o, "updated", t->updated_s);
	set_time(o, "closed", t->closed_s);
	json_set_int(o, "n_messages", t->n_messages);
	json_set_str(o, "requester",
	             t->n_participants > 0 && t->participant[0].role == ROLE_REQUESTER
	                     ? t->participant[0].address
	                     : NULL);
	json_set_str(o, "organisation", t->organisation[0] != '\0' ? t->organisation : NULL);
	json_set_child(o, "participants", tojson_participants(t));
	json_set_str(o, "assignee", t->assignee[0] != '\0' ? t->assignee : NULL);
	for (size_t i = 0; i < t->n_tags; i++)
		json_append_str(tags, t->tag[i]);
	json_set_child(o, "tags", tags);
	json_set_str(o, "linked", links->linked);
	json_set_str(o, "heir", links->heir);
	return o;
}

static struct json *
tojson_envelope(const struct envelope_record *e)
{
	struct json *o = json_new_object();

	json_set_str(o, "sender", e->sender);
	json_set_str(o, "recipient", e->recipient);
	json_set_str(o, "client_address", e->client_address);
	json_set_str(o, "client_name", e->client_name);
	json_set_str(o, "helo", e->helo);
	json_set_str(o, "queue_id", e->queue_id);
	json_set_str(o, "login", e->login);
	return o;
}

struct json *
tojson_message(const struct message *m)
{
	struct json *o = json_new_object();

	json_set_int(o, "message", m->seq);
	json_set_str(o, "kind", message_kind_name[m->kind]);
	json_set_str(o, "class", m->class_name);
	set_time(o, "received", m->received_s);
	set_time(o, "date", m->date_s);
	json_set_str(o, "from", m->from_address);
	json_set_str(o, "from_name", m->from_name);
	json_set_str(o, "role", party_role_name[m->role]);
	json_set_str(o, "sender", sender_auth_name[m->auth]);
	json_set_str(o, "subject", m->subject);
	json_set_str(o, "message_id", m->message_id);
	json_set_int(o, "octets", (int64_t)m->blob.n_octets);
	json_set_int(o, "attachments", m->n_attachments);
	json_set_str(o, "because", m->because);
	if (m->held != 0)
		json_set_int(o, "held", (int64_t)m->held);
	json_set_child(o, "envelope", tojson_envelope(&m->envelope));
	return o;
}

struct json *
tojson_audit(const struct audit_entry *e)
{
	struct json *o = json_new_object();

	set_time(o, "at", e->at_s);
	json_set_str(o, "who", e->who);
	json_set_str(o, "how", e->how);
	json_set_str(o, "what", e->what);
	json_set_int(o, "message", e->message);
	json_set_str(o, "detail", e->detail);
	return o;
}

struct json *
tojson_held(const struct held_entry *h)
{
	struct json *o = json_new_object();

	json_set_int(o, "held", (int64_t)h->id);
	set_time(o, "at", h->at_s);
	json_set_str(o, "cause", held_cause_name[h->cause]);
	json_set_str(o, "detail", h->detail);
	json_set_str(o, "queue", h->queue);
	json_set_str(o, "from", h->from_address);
	json_set_str(o, "subject", h->subject);
	json_set_str(o, "message_id", h->message_id);
	json_set_int(o, "octets", (int64_t)h->blob.n_octets);
	set_time(o, "told", h->told_s);
	json_set_str(o, "fate", held_fate_name[h->fate]);
	if (h->fate != HELD_WAITING) {
		set_time(o, "fate_at", h->fate_s);
		json_set_str(o, "fate_who", h->fate_who);
		json_set_str(o, "fate_how", h->fate_how);
	}
	json_set_child(o, "envelope", tojson_envelope(&h->envelope));
	return o;
}

struct json *
tojson_outbox(struct arena *a, const struct outbox_row *row)
{
	struct json *o = json_new_object();

	json_set_int(o, "outbox", (int64_t)row->id);
	json_set_str(o, "notice", notice_kind_name[row->kind]);
	json_set_int(o, "ticket_id", (int64_t)row->ticket);
	json_set_str(o, "to", row->to_address);
	json_set_str(o, "language", row->language);
	json_set_str(o, "message_id", arena_printf(a, "<%s>", row->message_id));
	set_time(o, "due", row->due_s);
	json_set_int(o, "attempts", row->n_attempts);
	json_set_int(o, "comments", row->count);
	json_set_str(o, "last_error", row->last_error);
	return o;
}

static struct json *
tojson_facts(const struct mail *m)
{
	static const char *const from_state[] = {"one", "none", "several", "odd"};
	static const char *const text_source[] = {"none", "plain", "html"};
	struct json *o = json_new_object();
	struct json *warnings = json_new_array();

	json_set_str(o, "subject", m->subject);
	json_set_str(o, "from", m->from_address);
	json_set_str(o, "from_name", m->from_name);
	json_set_str(o, "from_reads_as", from_state[m->from_state]);
	json_set_str(o, "message_id", m->message_id);
	json_set_int(o, "in_reply_to", (int64_t)m->n_in_reply_to);
	json_set_int(o, "references", (int64_t)m->n_references);
	json_set_str(o, "type", m->type);
	json_set_str(o, "text", text_source[m->text_source]);
	json_set_int(o, "parts", (int64_t)m->n_parts);
	json_set_int(o, "fields", (int64_t)m->n_fields);
	json_set_str(o, "language", m->language);
	json_set_bool(o, "language_guessed", m->language_guessed);
	json_set_bool(o, "delivery_report", m->dsn.present);
	for (size_t i = 0; i < m->n_warnings; i++)
		json_append_str(warnings, m->warning[i]);
	json_set_child(o, "warnings", warnings);
	return o;
}

static struct json *
tojson_findings(const struct chain_result *chain)
{
	struct json *all = json_new_array();

	for (size_t i = 0; i < chain->n_rows; i++) {
		struct json *o = json_new_object();
		const struct finding *f = &chain->row[i].finding;

		json_set_str(o, "filter", chain->row[i].filter->name);
		json_set_str(o, "verdict", verdict_name[f->verdict]);
		if (f->verdict == VERDICT_CLASS || f->verdict == VERDICT_HINT)
			json_set_str(o, "class", mail_class_name[f->class]);
		if (f->verdict == VERDICT_HINT)
			json_set_int(o, "confidence", f->confidence);
		json_set_str(o, "why", f->why);
		json_append(all, o);
	}
	return all;
}

static struct json *
tojson_decision(const struct plan *p)
{
	struct json *o = json_new_object();

	json_set_str(o, "class", mail_class_name[p->facts.class]);
	json_set_str(o, "evidence", evidence_name[p->facts.evidence]);
	json_set_str(o, "evidence_by", p->found.by);
	json_set_bool(o, "mistyped_token", p->found.mistyped);
	json_set_str(o, "role", party_role_name[p->facts.role]);
	json_set_str(o, "sender", sender_auth_name[p->facts.auth]);
	json_set_str(o, "sender_because", p->sender_because);
	json_set_str(o, "ticket", ticket_window_name[p->facts.window]);
	json_set_int(o, "row", (int64_t)route_number(p->row));
	json_set_str(o, "because", p->row->because);
	return o;
}

static struct json *
tojson_notices(const struct plan *p)
{
	struct json *all = json_new_array();

	for (size_t i = 0; i < p->n_notices; i++) {
		struct json *o = json_new_object();

		json_set_str(o, "notice", notice_kind_name[p->notice[i].kind]);
		json_set_str(o, "to", p->notice[i].address);
		json_set_bool(o, "sent", p->notice[i].suppressed == NULL);
		json_set_str(o, "why_not", p->notice[i].suppressed);
		json_append(all, o);
	}
	return all;
}

struct json *
tojson_plan(const struct mail *m, const struct chain_result *chain, const struct plan *p)
{
	struct json *o = json_new_object();

	if (m != NULL) {
		json_set_child(o, "facts", tojson_facts(m));
		json_set_child(o, "findings", tojson_findings(chain));
	}
	if (p->row != NULL)
		json_set_child(o, "decision", tojson_decision(p));
	json_set_str(o, "outcome", p->duplicate ? "duplicate" : route_to_name[p->to]);
	if (!p->duplicate && p->to == ROUTE_HOLD) {
		json_set_str(o, "cause", held_cause_name[p->held.cause]);
		json_set_str(o, "detail", p->held.detail);
	}
	json_set_str(o, "ticket", p->creates ? NULL : p->token);
	json_set_child(o, "notices", tojson_notices(p));
	return o;
}

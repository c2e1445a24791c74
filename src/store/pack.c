/* src/store/pack.c - records to octets and back; the only place that sees protobuf-c */
#include "pack.h"
#include "arena.h"
#include "buf.h"
#include "form.h"
#include "record.pb-c.h"
#include <string.h>

/* protobuf-c wants char *; it only reads while packing. */
static char *
text(const char *value)
{
	return (char *)(uintptr_t)(value ? value : "");
}

static char **
texts(struct arena *a, const char *const values[], size_t n)
{
	char **to = arena_array(a, n, sizeof *to);

	for (size_t i = 0; i < n; i++)
		to[i] = text(values[i]);
	return to;
}

static ProtobufCBinaryData
binary(const uint8_t *octets, size_t n)
{
	return (ProtobufCBinaryData){n, (uint8_t *)(uintptr_t)octets};
}

static bool
add(struct buf *b, const ProtobufCMessage *m)
{
	size_t n = protobuf_c_message_get_packed_size(m);

	if (n > PACK_OCTETS_MAX)
		return false;
	(void)protobuf_c_message_pack(m, (uint8_t *)buf_reserve(b, n));
	b->n += n;
	return true;
}

static void *
take(void *arena, size_t n)
{
	return arena_alloc(arena, n);
}

static void
leave(void *arena, void *memory)
{
	(void)arena;
	(void)memory; /* the arena's end releases it */
}

static ProtobufCMessage *
open_message(const ProtobufCMessageDescriptor *form, struct arena *a, const void *octets, size_t n)
{
	ProtobufCAllocator memory = {take, leave, a};

	return n > PACK_OCTETS_MAX ? NULL : protobuf_c_message_unpack(form, &memory, n, octets);
}

/* A digest is whole, or was never set. */
static bool
read_digest(ProtobufCBinaryData from, uint8_t digest_r[32])
{
	if (from.len != 32 && from.len != 0)
		return false;
	memset(digest_r, 0, 32);
	if (from.len == 32)
		memcpy(digest_r, from.data, 32);
	return true;
}

static void
write_envelope(const struct envelope_record *e, Record__Envelope *to)
{
	record__envelope__init(to);
	to->sender = text(e->sender);
	to->recipient = text(e->recipient);
	to->client_address = text(e->client_address);
	to->client_name = text(e->client_name);
	to->helo = text(e->helo);
	to->queue_id = text(e->queue_id);
	to->login = text(e->login);
}

static struct envelope_record
read_envelope(const Record__Envelope *from)
{
	if (from == NULL)
		return (struct envelope_record){"", "", "", "", "", "", ""};
	return (struct envelope_record){
		.sender = from->sender,
		.recipient = from->recipient,
		.client_address = from->client_address,
		.client_name = from->client_name,
		.helo = from->helo,
		.queue_id = from->queue_id,
		.login = from->login,
	};
}

static void
write_blob(const struct blob_ref *b, Record__Blob *to)
{
	record__blob__init(to);
	to->id = b->id;
	to->n_octets = b->n_octets;
	to->digest = binary(b->digest, sizeof b->digest);
}

static bool
read_blob(const Record__Blob *from, struct blob_ref *b_r)
{
	memset(b_r, 0, sizeof *b_r);
	if (from == NULL)
		return true;
	b_r->id = from->id;
	b_r->n_octets = from->n_octets;
	return read_digest(from->digest, b_r->digest);
}

static Record__Participant **
write_participants(struct arena *a, const struct ticket *t)
{
	Record__Participant **to = arena_array(a, t->n_participants, sizeof *to);

	for (size_t i = 0; i < t->n_participants; i++) {
		const struct participant *p = &t->participant[i];
		to[i] = arena_alloc(a, sizeof **to);
		record__participant__init(to[i]);
		to[i]->address = text(p->address);
		to[i]->name = text(p->name);
		to[i]->role = p->role;
		to[i]->since_seq = p->since_seq;
		to[i]->muted = p->muted;
	}
	return to;
}

static bool
read_participants(struct arena *a, const Record__Ticket *from, struct ticket *t_r)
{
	struct participant *to = arena_array(a, from->n_participant, sizeof *to);

	for (size_t i = 0; i < from->n_participant; i++) {
		const Record__Participant *p = from->participant[i];
		if (p->role >= ROLE_COUNT)
			return false;
		to[i] = (struct participant){
			.address = p->address,
			.name = p->name,
			.role = (enum party_role)p->role,
			.since_seq = p->since_seq,
			.muted = p->muted,
		};
	}
	t_r->participant = to;
	t_r->n_participants = from->n_participant;
	return true;
}

bool
pack_ticket(struct buf *b, const struct ticket *t)
{
	AUTO(arena) struct arena *a = arena_new();
	Record__Ticket to = RECORD__TICKET__INIT;

	to.id = t->id;
	to.prefix = text(t->prefix);
	to.queue = text(t->queue);
	to.state = t->state;
	to.subject = text(t->subject);
	to.language = text(t->language);
	to.created_s = t->created_s;
	to.updated_s = t->updated_s;
	to.closed_s = t->closed_s;
	to.heir = t->heir;
	to.linked = t->linked;
	to.n_messages = t->n_messages;
	to.n_audit = t->n_audit;
	to.participant = write_participants(a, t);
	to.n_participant = t->n_participants;
	to.assignee = text(t->assignee);
	to.priority = t->priority;
	to.tag = texts(a, t->tag, t->n_tags);
	to.n_tag = t->n_tags;
	to.first_response_s = t->first_response_s;
	to.due_s = t->due_s;
	to.organisation = text(t->organisation);
	return add(b, &to.base);
}

bool
unpack_ticket(struct arena *a, const void *octets, size_t n, struct ticket *t_r)
{
	const ProtobufCMessage *m = open_message(&record__ticket__descriptor, a, octets, n);
	const Record__Ticket *from = (const void *)m;
	struct ticket t;

	if (from == NULL || from->id == 0 || from->state >= TICKET_STATE_COUNT)
		return false;
	t = (struct ticket){
		.id = from->id,
		.prefix = from->prefix,
		.queue = from->queue,
		.state = (enum ticket_state)from->state,
		.subject = from->subject,
		.language = from->language,
		.created_s = from->created_s,
		.updated_s = from->updated_s,
		.closed_s = from->closed_s,
		.heir = from->heir,
		.linked = from->linked,
		.n_messages = from->n_messages,
		.n_audit = from->n_audit,
		.assignee = from->assignee,
		.priority = from->priority,
		.tag = (const char *const *)from->tag,
		.n_tags = from->n_tag,
		.first_response_s = from->first_response_s,
		.due_s = from->due_s,
		.organisation = from->organisation,
	};
	if (!read_participants(a, from, &t))
		return false;
	*t_r = t;
	return true;
}

bool
pack_message(struct buf *b, const struct message *m)
{
	Record__Message to = RECORD__MESSAGE__INIT;
	Record__Envelope envelope;
	Record__Blob blob;

	write_envelope(&m->envelope, &envelope);
	write_blob(&m->blob, &blob);
	to.ticket = m->ticket;
	to.seq = m->seq;
	to.kind = m->kind;
	to.received_s = m->received_s;
	to.date_s = m->date_s;
	to.from_address = text(m->from_address);
	to.from_name = text(m->from_name);
	to.subject = text(m->subject);
	to.message_id = text(m->message_id);
	to.role = m->role;
	to.auth = m->auth;
	to.because = text(m->because);
	to.envelope = &envelope;
	to.blob = &blob;
	to.content_digest = binary(m->content_digest, sizeof m->content_digest);
	to.n_attachments = m->n_attachments;
	to.class_name = text(m->class_name);
	to.held = m->held;
	return add(b, &to.base);
}

bool
unpack_message(struct arena *a, const void *octets, size_t n, struct message *m_r)
{
	const ProtobufCMessage *form = open_message(&record__message__descriptor, a, octets, n);
	const Record__Message *from = (const void *)form;
	struct message m;

	if (from == NULL || from->ticket == 0 || from->seq == 0 ||
	    from->kind >= MESSAGE_KIND_COUNT || from->role >= ROLE_COUNT ||
	    from->auth >= AUTH_COUNT)
		return false;
	m = (struct message){
		.ticket = from->ticket,
		.seq = from->seq,
		.kind = (enum message_kind)from->kind,
		.received_s = from->received_s,
		.date_s = from->date_s,
		.from_address = from->from_address,
		.from_name = from->from_name,
		.subject = from->subject,
		.message_id = from->message_id,
		.role = (enum party_role)from->role,
		.auth = (enum sender_auth)from->auth,
		.because = from->because,
		.envelope = read_envelope(from->envelope),
		.n_attachments = from->n_attachments,
		.class_name = from->class_name,
		.held = from->held,
	};
	if (!read_blob(from->blob, &m.blob) || !read_digest(from->content_digest, m.content_digest))
		return false;
	*m_r = m;
	return true;
}

bool
pack_outbox(struct buf *b, const struct outbox_row *o)
{
	Record__Outbox to = RECORD__OUTBOX__INIT;

	to.id = o->id;
	to.due_s = o->due_s;
	to.promised_s = o->promised_s;
	to.kind = o->kind;
	to.ticket = o->ticket;
	to.first_seq = o->first_seq;
	to.last_seq = o->last_seq;
	to.count = o->count;
	to.to_address = text(o->to_address);
	to.to_name = text(o->to_name);
	to.language = text(o->language);
	to.message_id = text(o->message_id);
	to.in_reply_to = text(o->in_reply_to);
	to.n_attempts = o->n_attempts;
	to.last_error = text(o->last_error);
	to.held = o->held;
	return add(b, &to.base);
}

bool
unpack_outbox(struct arena *a, const void *octets, size_t n, struct outbox_row *o_r)
{
	const ProtobufCMessage *form = open_message(&record__outbox__descriptor, a, octets, n);
	const Record__Outbox *from = (const void *)form;

	if (from == NULL || from->id == 0 || from->kind >= NOTICE_KIND_COUNT)
		return false;
	*o_r = (struct outbox_row){
		.id = from->id,
		.due_s = from->due_s,
		.promised_s = from->promised_s,
		.kind = (enum notice_kind)from->kind,
		.ticket = from->ticket,
		.first_seq = from->first_seq,
		.last_seq = from->last_seq,
		.count = from->count,
		.to_address = from->to_address,
		.to_name = from->to_name,
		.language = from->language,
		.message_id = from->message_id,
		.in_reply_to = from->in_reply_to,
		.n_attempts = from->n_attempts,
		.last_error = from->last_error,
		.held = from->held,
	};
	return true;
}

bool
pack_audit(struct buf *b, const struct audit_entry *e)
{
	Record__Audit to = RECORD__AUDIT__INIT;

	to.ticket = e->ticket;
	to.seq = e->seq;
	to.at_s = e->at_s;
	to.who = text(e->who);
	to.how = text(e->how);
	to.what = text(e->what);
	to.message = e->message;
	to.detail = text(e->detail);
	return add(b, &to.base);
}

bool
unpack_audit(struct arena *a, const void *octets, size_t n, struct audit_entry *e_r)
{
	const ProtobufCMessage *form = open_message(&record__audit__descriptor, a, octets, n);
	const Record__Audit *from = (const void *)form;

	if (from == NULL || from->ticket == 0)
		return false;
	*e_r = (struct audit_entry){
		.ticket = from->ticket,
		.seq = from->seq,
		.at_s = from->at_s,
		.who = from->who,
		.how = from->how,
		.what = from->what,
		.message = from->message,
		.detail = from->detail,
	};
	return true;
}

bool
pack_held(struct buf *b, const struct held_entry *h)
{
	Record__Held to = RECORD__HELD__INIT;
	Record__Envelope envelope;
	Record__Blob blob;

	write_envelope(&h->envelope, &envelope);
	write_blob(&h->blob, &blob);
	to.id = h->id;
	to.at_s = h->at_s;
	to.cause = h->cause;
	to.detail = text(h->detail);
	to.queue = text(h->queue);
	to.subject = text(h->subject);
	to.from_address = text(h->from_address);
	to.message_id = text(h->message_id);
	to.envelope = &envelope;
	to.blob = &blob;
	to.content_digest = binary(h->content_digest, sizeof h->content_digest);
	to.told_s = h->told_s;
	to.fate = h->fate;
	to.fate_s = h->fate_s;
	to.fate_who = text(h->fate_who);
	to.fate_how = text(h->fate_how);
	to.ticket = h->ticket;
	to.seq = h->seq;
	return add(b, &to.base);
}

bool
unpack_held(struct arena *a, const void *octets, size_t n, struct held_entry *h_r)
{
	const ProtobufCMessage *form = open_message(&record__held__descriptor, a, octets, n);
	const Record__Held *from = (const void *)form;
	struct held_entry h;

	if (from == NULL || from->id == 0 || from->cause >= HELD_CAUSE_COUNT ||
	    from->fate >= HELD_FATE_COUNT)
		return false;
	h = (struct held_entry){
		.id = from->id,
		.at_s = from->at_s,
		.cause = (enum held_cause)from->cause,
		.detail = from->detail,
		.queue = from->queue,
		.subject = from->subject,
		.from_address = from->from_address,
		.message_id = from->message_id,
		.envelope = read_envelope(from->envelope),
		.told_s = from->told_s,
		.fate = (enum held_fate)from->fate,
		.fate_s = from->fate_s,
		.fate_who = from->fate_who,
		.fate_how = from->fate_how,
		.ticket = from->ticket,
		.seq = from->seq,
	};
	if (!read_blob(from->blob, &h.blob) || !read_digest(from->content_digest, h.content_digest))
		return false;
	*h_r = h;
	return true;
}

bool
pack_party(struct buf *b, const struct party *p)
{
	AUTO(arena) struct arena *a = arena_new();
	Record__Party to = RECORD__PARTY__INIT;

	to.address = text(p->address);
	to.name = text(p->name);
	to.language = text(p->language);
	to.first_seen_s = p->first_seen_s;
	to.last_seen_s = p->last_seen_s;
	to.undeliverable_until_s = p->undeliverable_until_s;
	to.n_received = p->n_received;
	to.n_sent = p->n_sent;
	to.agent = p->agent;
	to.person = text(p->person);
	to.alias = texts(a, p->alias, p->n_aliases);
	to.n_alias = p->n_aliases;
	to.person_who = text(p->person_who);
	to.person_s = p->person_s;
	return add(b, &to.base);
}

bool
unpack_party(struct arena *a, const void *octets, size_t n, struct party *p_r)
{
	const ProtobufCMessage *form = open_message(&record__party__descriptor, a, octets, n);
	const Record__Party *from = (const void *)form;

	if (from == NULL || from->address[0] == '\0')
		return false;
	*p_r = (struct party){
		.address = from->address,
		.name = from->name,
		.language = from->language,
		.first_seen_s = from->first_seen_s,
		.last_seen_s = from->last_seen_s,
		.undeliverable_until_s = from->undeliverable_until_s,
		.n_received = from->n_received,
		.n_sent = from->n_sent,
		.agent = from->agent,
		.person = from->person,
		.alias = (const char *const *)from->alias,
		.n_aliases = from->n_alias,
		.person_who = from->person_who,
		.person_s = from->person_s,
	};
	return true;
}

static const ProtobufCMessageDescriptor *const form_of[PACK_KIND_COUNT] = {
	[PACK_TICKET] = &record__ticket__descriptor, [PACK_MESSAGE] = &record__message__descriptor,
	[PACK_OUTBOX] = &record__outbox__descriptor, [PACK_AUDIT] = &record__audit__descriptor,
	[PACK_HELD] = &record__held__descriptor,     [PACK_PARTY] = &record__party__descriptor,
};

bool
pack_to_json(enum pack_kind kind, const void *octets, size_t n, struct json *object)
{
	AUTO(arena) struct arena *a = arena_new();
	const ProtobufCMessage *m = open_message(form_of[kind], a, octets, n);

	if (m != NULL)
		form_to_json(m, object);
	return m != NULL;
}

bool
pack_from_json(enum pack_kind kind, const struct json *object, struct buf *b)
{
	AUTO(arena) struct arena *a = arena_new();
	const ProtobufCMessage *m = form_from_json(a, form_of[kind], object);

	return m != NULL && add(b, m);
}

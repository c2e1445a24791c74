/* src/mail/facts.c - facts from the child to posternd: struct mail <-> octets */
#include "facts.h"
#include "addr.h"
#include "arena.h"
#include "buf.h"
#include "facts.pb-c.h"
#include "text.h"
#include <string.h>

enum {
	UNPACK_MAX_OCTETS = 64 * 1024 * 1024, /* memory that one unpacking may take */
	UNPACK_MAX_BLOCKS = 100 * 1000,
	TYPE_MAX_OCTETS = 200
};

/* ---- writing: the generated structures borrow the texts of struct mail ---- */

/* protobuf-c has no const; it does not write to what it packs. */
static char *
borrow(const char *text)
{
	return (char *)(uintptr_t)text;
}

static char **
borrow_list(struct arena *a, const char *const *list, size_t n)
{
	char **copy = arena_array(a, n, sizeof *copy);

	for (size_t i = 0; i < n; i++)
		copy[i] = borrow(list[i]);
	return copy;
}

static Facts__Mailbox **
put_boxes(struct arena *a, const struct mail_mailboxes *boxes)
{
	Facts__Mailbox **list = arena_array(a, boxes->n, sizeof *list);

	for (size_t i = 0; i < boxes->n; i++) {
		list[i] = arena_alloc(a, sizeof **list);
		facts__mailbox__init(list[i]);
		list[i]->name = borrow(boxes->box[i].name);
		list[i]->address = borrow(boxes->box[i].address);
	}
	return list;
}

static void
put_fields(struct arena *a, const struct mail *m, Facts__Mail *out)
{
	out->n_field = m->n_fields;
	out->field = arena_array(a, m->n_fields, sizeof *out->field);
	for (size_t i = 0; i < m->n_fields; i++) {
		Facts__Field *f = arena_alloc(a, sizeof *f);
		facts__field__init(f);
		f->name = borrow(m->field[i].name);
		f->value = borrow(m->field[i].value);
		out->field[i] = f;
	}
}

static void
put_spans(struct arena *a, const struct mail *m, Facts__Mail *out)
{
	out->n_span = m->n_spans;
	out->span = arena_array(a, m->n_spans, sizeof *out->span);
	for (size_t i = 0; i < m->n_spans; i++) {
		Facts__Span *s = arena_alloc(a, sizeof *s);
		facts__span__init(s);
		s->mark = m->span[i].mark;
		s->first = m->span[i].first;
		s->last = m->span[i].last;
		out->span[i] = s;
	}
}

static void
put_parts(struct arena *a, const struct mail *m, Facts__Mail *out)
{
	out->n_part = m->n_parts;
	out->part = arena_array(a, m->n_parts, sizeof *out->part);
	for (size_t i = 0; i < m->n_parts; i++) {
		Facts__Part *p = arena_alloc(a, sizeof *p);
		facts__part__init(p);
		p->path = borrow(m->part[i].path);
		p->type = borrow(m->part[i].type);
		p->charset = borrow(m->part[i].charset);
		p->file_name = borrow(m->part[i].file_name);
		p->disposition = borrow(m->part[i].disposition);
		p->content_id = borrow(m->part[i].content_id);
		p->n_octets = m->part[i].n_octets;
		p->is_text = m->part[i].is_text;
		out->part[i] = p;
	}
}

static Facts__Dsn *
put_dsn(struct arena *a, const struct mail_dsn *dsn)
{
	Facts__Dsn *out = arena_alloc(a, sizeof *out);

	facts__dsn__init(out);
	out->present = dsn->present;
	out->reporting_mta = borrow(dsn->reporting_mta);
	out->n_rcpt = dsn->n_rcpt;
	out->rcpt = arena_array(a, dsn->n_rcpt, sizeof *out->rcpt);
	for (size_t i = 0; i < dsn->n_rcpt; i++) {
		Facts__Rcpt *r = arena_alloc(a, sizeof *r);
		facts__rcpt__init(r);
		r->recipient = borrow(dsn->rcpt[i].recipient);
		r->original = borrow(dsn->rcpt[i].original);
		r->action = borrow(dsn->rcpt[i].action);
		r->status = borrow(dsn->rcpt[i].status);
		r->diagnostic = borrow(dsn->rcpt[i].diagnostic);
		out->rcpt[i] = r;
	}
	out->n_returned_ids = dsn->n_returned_ids;
	out->returned_ids = borrow_list(a, dsn->returned_ids, dsn->n_returned_ids);
	return out;
}

static void
put_texts(const struct mail *m, Facts__Mail *out)
{
	out->subject = borrow(m->subject);
	out->subject_raw = borrow(m->subject_raw);
	out->message_id = borrow(m->message_id);
	out->date_s = m->date_s;
	out->from_state = m->from_state;
	out->from_address = borrow(m->from_address);
	out->from_name = borrow(m->from_name);
	out->from_raw = borrow(m->from_raw);
	out->text_source = m->text_source;
	out->text = borrow(m->text);
	out->type = borrow(m->type);
	out->report_type = borrow(m->report_type);
	out->language = borrow(m->language);
	out->language_guessed = m->language_guessed;
}

void
facts_put(const struct mail *m, struct buf *out)
{
	AUTO(arena) struct arena *a = arena_new();
	Facts__Mail facts = FACTS__MAIL__INIT;

	put_texts(m, &facts);
	put_fields(a, m, &facts);
	put_spans(a, m, &facts);
	put_parts(a, m, &facts);
	facts.n_in_reply_to = m->n_in_reply_to;
	facts.in_reply_to = borrow_list(a, m->in_reply_to, m->n_in_reply_to);
	facts.n_references = m->n_references;
	facts.references = borrow_list(a, m->references, m->n_references);
	facts.n_to = m->to.n;
	facts.to = put_boxes(a, &m->to);
	facts.n_cc = m->cc.n;
	facts.cc = put_boxes(a, &m->cc);
	facts.n_reply_to = m->reply_to.n;
	facts.reply_to = put_boxes(a, &m->reply_to);
	facts.dsn = put_dsn(a, &m->dsn);
	facts.n_warning = m->n_warnings;
	facts.warning = borrow_list(a, m->warning, m->n_warnings);

	size_t n = facts__mail__get_packed_size(&facts);
	out->n += facts__mail__pack(&facts, (uint8_t *)buf_reserve(out, n));
	out->octets[out->n] = '\0';
}

/* ---- reading: nothing is believed ---- */

/* What is being read; the first complaint stays. */
struct reader {
	struct arena *arena;
	const char *wrong; /* NULL while all is well */
};

/* protobuf-c asks for memory as the octets tell it; this many blocks and octets and no more. */
struct purse {
	struct arena *arena;
	size_t n_octets, n_blocks;
};

static void *
purse_alloc(void *self, size_t n)
{
	struct purse *purse = self;

	if (n > purse->n_octets || purse->n_blocks == 0)
		return NULL;
	purse->n_octets -= n;
	purse->n_blocks--;
	return arena_alloc(purse->arena, n);
}

static void
purse_free(void *self, void *block)
{
	(void)self;
	(void)block; /* goes with the arena */
}

static void
complain(struct reader *r, const char *what)
{
	if (r->wrong == NULL)
		r->wrong = what;
}

/* A text of one line, as text_line would give it. protobuf-c ends a string at its length, not at a
 * NUL inside, so a NUL only makes it shorter here. */
static const char *
get_line(struct reader *r, const char *text, size_t max_octets, const char *what)
{
	size_t n = text == NULL ? 0 : strlen(text);

	if (n > max_octets)
		complain(r, what);
	if (n == 0 || n > max_octets)
		return "";
	char *clean = text_line(r->arena, text, n, max_octets);
	if (strcmp(clean, text) != 0)
		complain(r, what);
	return clean;
}

static const char *
get_text(struct reader *r, const char *text)
{
	size_t n = text == NULL ? 0 : strlen(text);

	if (n > MAIL_TEXT_MAX_OCTETS)
		complain(r, "text too long");
	if (n == 0 || n > MAIL_TEXT_MAX_OCTETS)
		return "";
	char *clean = text_lines(r->arena, text, n, MAIL_TEXT_MAX_OCTETS);
	if (strcmp(clean, text) != 0)
		complain(r, "text not clean");
	return clean;
}

static const char *
get_address(struct reader *r, const char *text, const char *what)
{
	const char *address = get_line(r, text, MAIL_ADDRESS_MAX_OCTETS, what);

	if (!addr_ok(address))
		complain(r, what);
	return address;
}

static const char *const *
get_list(struct reader *r, char **list, size_t n, size_t max, const char *what)
{
	if (n > max) {
		complain(r, what);
		return NULL;
	}
	const char **copy = arena_array(r->arena, n, sizeof *copy);
	for (size_t i = 0; i < n; i++) {
		copy[i] = get_line(r, list[i], MAIL_ID_MAX_OCTETS, what);
		if (*copy[i] == '\0')
			complain(r, what);
	}
	return copy;
}

static void
get_boxes(struct reader *r, Facts__Mailbox **list, size_t n, struct mail_mailboxes *out)
{
	if (n > MAIL_ADDRESSES_MAX) {
		complain(r, "too many addresses");
		return;
	}
	struct mail_mailbox *box = arena_array(r->arena, n, sizeof *box);
	for (size_t i = 0; i < n; i++) {
		box[i].name = get_line(r, list[i]->name, MAIL_NAME_MAX_OCTETS, "name");
		box[i].address = get_address(r, list[i]->address, "address");
	}
	*out = (struct mail_mailboxes){box, n};
}

static bool
is_field_name(const char *name)
{
	for (const char *c = name; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7F || *c == ':')
			return false;
	}
	return *name != '\0';
}

static void
get_fields(struct reader *r, const Facts__Mail *in, struct mail *m)
{
	if (in->n_field > MAIL_FIELDS_MAX) {
		complain(r, "too many fields");
		return;
	}
	struct mail_field *field = arena_array(r->arena, in->n_field, sizeof *field);
	for (size_t i = 0; i < in->n_field; i++) {
		field[i].name =
			get_line(r, in->field[i]->name, MAIL_FIELD_MAX_OCTETS, "field name");
		field[i].value =
			get_line(r, in->field[i]->value, MAIL_FIELD_MAX_OCTETS, "field value");
		if (!is_field_name(field[i].name))
			complain(r, "field name");
	}
	m->field = field;
	m->n_fields = in->n_field;
}

/* What stands behind the last LF is a line too, also when it is empty. */
static size_t
count_lines(const char *text)
{
	size_t n = 1;

	for (const char *lf = text; (lf = strchr(lf, '\n')) != NULL; lf++)
		n++;
	return n;
}

static void
get_spans(struct reader *r, const Facts__Mail *in, struct mail *m)
{
	size_t n_lines = count_lines(m->text);
	uint64_t next = 0;

	if (in->n_span > MAIL_MARKS_MAX) {
		complain(r, "too many marks");
		return;
	}
	struct mail_span *span = arena_array(r->arena, in->n_span, sizeof *span);
	for (size_t i = 0; i < in->n_span; i++) {
		const Facts__Span *s = in->span[i];
		if (s->mark > MAIL_MARK_FORWARD || s->first < next || s->last < s->first ||
		    s->last >= n_lines)
			complain(r, "marks out of order");
		span[i] = (struct mail_span){(enum mail_mark)s->mark, s->first, s->last};
		next = s->last + 1;
	}
	m->span = span;
	m->n_spans = in->n_span;
}

static void
get_parts(struct reader *r, const Facts__Mail *in, struct mail *m)
{
	if (in->n_part > MAIL_PARTS_MAX) {
		complain(r, "too many parts");
		return;
	}
	struct mail_part *part = arena_array(r->arena, in->n_part, sizeof *part);
	for (size_t i = 0; i < in->n_part; i++) {
		const Facts__Part *p = in->part[i];
		part[i] = (struct mail_part){
			.path = get_line(r, p->path, TYPE_MAX_OCTETS, "part path"),
			.type = get_line(r, p->type, TYPE_MAX_OCTETS, "part type"),
			.charset = get_line(r, p->charset, TYPE_MAX_OCTETS, "part charset"),
			.file_name =
				get_line(r, p->file_name, MAIL_FILE_NAME_MAX_OCTETS, "file name"),
			.disposition = get_line(r, p->disposition, TYPE_MAX_OCTETS, "disposition"),
			.content_id = get_line(r, p->content_id, MAIL_ID_MAX_OCTETS, "content id"),
			.n_octets = p->n_octets,
			.is_text = p->is_text,
		};
		if (strpbrk(part[i].file_name, "/\\") != NULL || part[i].file_name[0] == '.')
			complain(r, "file name");
	}
	m->part = part;
	m->n_parts = in->n_part;
}

static void
get_dsn(struct reader *r, const Facts__Dsn *in, struct mail_dsn *out)
{
	if (in == NULL || in->n_rcpt > MAIL_ADDRESSES_MAX) {
		complain(r, "delivery status");
		return;
	}
	struct mail_dsn_rcpt *rcpt = arena_array(r->arena, in->n_rcpt, sizeof *rcpt);
	for (size_t i = 0; i < in->n_rcpt; i++) {
		const Facts__Rcpt *p = in->rcpt[i];
		rcpt[i] = (struct mail_dsn_rcpt){
			.recipient =
				get_line(r, p->recipient, MAIL_ADDRESS_MAX_OCTETS, "recipient"),
			.original = get_line(r, p->original, MAIL_ADDRESS_MAX_OCTETS, "recipient"),
			.action = get_line(r, p->action, TYPE_MAX_OCTETS, "action"),
			.status = get_line(r, p->status, TYPE_MAX_OCTETS, "status"),
			.diagnostic = get_line(r, p->diagnostic, MAIL_ID_MAX_OCTETS, "diagnostic"),
		};
	}
	*out = (struct mail_dsn){
		.present = in->present,
		.reporting_mta =
			get_line(r, in->reporting_mta, TYPE_MAX_OCTETS * 2, "reporting MTA"),
		.rcpt = rcpt,
		.n_rcpt = in->n_rcpt,
		.returned_ids = get_list(r, in->returned_ids, in->n_returned_ids,
	                                 MAIL_REFERENCES_MAX, "returned ids"),
		.n_returned_ids = in->n_returned_ids,
	};
}

static void
get_sender(struct reader *r, const Facts__Mail *in, struct mail *m)
{
	if (in->from_state > MAIL_FROM_ODD)
		complain(r, "from state");
	m->from_state = (enum mail_from)(in->from_state & 3);
	m->from_name = get_line(r, in->from_name, MAIL_NAME_MAX_OCTETS, "from name");
	m->from_raw = get_line(r, in->from_raw, MAIL_FIELD_MAX_OCTETS, "from");
	m->from_address = "";
	if (m->from_state == MAIL_FROM_ONE) {
		m->from_address = get_address(r, in->from_address, "from address");
		/* Must be in the form that everything is compared in. */
		const char *canonical = addr_canonical(r->arena, m->from_address);
		if (canonical == NULL || strcmp(canonical, m->from_address) != 0)
			complain(r, "from address");
	} else if (in->from_address != NULL && *in->from_address != '\0') {
		complain(r, "from address without an identity");
	}
}

static void
get_rest(struct reader *r, const Facts__Mail *in, struct mail *m)
{
	m->subject = get_line(r, in->subject, MAIL_SUBJECT_MAX_OCTETS, "subject");
	m->subject_raw = get_line(r, in->subject_raw, MAIL_FIELD_MAX_OCTETS, "raw subject");
	m->message_id = get_line(r, in->message_id, MAIL_ID_MAX_OCTETS, "message id");
	m->n_in_reply_to = in->n_in_reply_to;
	m->in_reply_to = get_list(r, in->in_reply_to, in->n_in_reply_to, MAIL_REFERENCES_MAX,
	                          "in-reply-to");
	m->n_references = in->n_references;
	m->references =
		get_list(r, in->references, in->n_references, MAIL_REFERENCES_MAX, "references");
	m->date_s = in->date_s;
	if (in->date_s < 0 || in->date_s > MAIL_DATE_MAX_S)
		complain(r, "date");
	get_boxes(r, in->to, in->n_to, &m->to);
	get_boxes(r, in->cc, in->n_cc, &m->cc);
	get_boxes(r, in->reply_to, in->n_reply_to, &m->reply_to);
	if (in->text_source > MAIL_TEXT_HTML)
		complain(r, "text source");
	m->text_source = (enum mail_text)(in->text_source & 3);
	m->text = get_text(r, in->text);
	m->type = get_line(r, in->type, TYPE_MAX_OCTETS, "type");
	m->report_type = get_line(r, in->report_type, TYPE_MAX_OCTETS, "report type");
	m->language = get_line(r, in->language, TYPE_MAX_OCTETS, "language");
	m->language_guessed = in->language_guessed;
	m->n_warnings = in->n_warning;
	m->warning = get_list(r, in->warning, in->n_warning, MAIL_WARNINGS_MAX, "warnings");
}

enum facts_err
facts_get(struct arena *a, const void *octets, size_t n, const struct mail **m_r, struct why *why)
{
	struct purse purse = {a, UNPACK_MAX_OCTETS, UNPACK_MAX_BLOCKS};
	ProtobufCAllocator allocator = {purse_alloc, purse_free, &purse};
	struct reader r = {a, NULL};
	Facts__Mail *in = facts__mail__unpack(&allocator, n, octets);
	struct mail *m = arena_alloc(a, sizeof *m);

	if (in == NULL) {
		why_set(why, "the facts of the mail are no facts");
		return FACTS_MALFORMED;
	}
	get_rest(&r, in, m);
	get_sender(&r, in, m);
	get_fields(&r, in, m);
	get_spans(&r, in, m);
	get_parts(&r, in, m);
	get_dsn(&r, in->dsn, &m->dsn);
	if (r.wrong != NULL) {
		why_set(why, "the facts of the mail are wrong: %s", r.wrong);
		return FACTS_MALFORMED;
	}
	*m_r = m;
	return FACTS_OK;
}

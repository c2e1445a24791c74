/* src/mail/parse.c - octets of a stranger into facts, with GMime */
#include "parse.h"
#include "addr.h"
#include "addresses.h"
#include "arena.h"
#include "body.h"
#include "buf.h"
#include "charset.h"
#include "head.h"
#include "html.h"
#include "ids.h"
#include "language.h"
#include "notes.h"
#include "parts.h"
#include "text.h"
#include "view.h"
#include "words.h"
#include <string.h>

enum {
	ID_FIELD_MAX_OCTETS = 64 * 1024, /* of one References field */
	LANGUAGE_MAX_OCTETS = 35,        /* RFC 5646 4.4.1 */
	DATE_MAX_OCTETS = 100
};

/* A mail while it is read. */
struct reading {
	struct arena *arena;
	struct notes notes;
	const char *octets;
	size_t n;
	struct head_field *field;
	size_t n_fields;
	size_t body_at;
	const char *fallback; /* charset of the whole mail, for raw octets in its header */
	struct mail *m;
};

/* Fields that stand once in a mail (RFC 5322 3.6, RFC 2045). */
static const char *const single_fields[] = {
	"From",        "Sender",     "Reply-To",     "To",
	"Cc",          "Date",       "Subject",      "Message-ID",
	"In-Reply-To", "References", "Content-Type", "Content-Transfer-Encoding",
	"MIME-Version"};

size_t
parse_warm_up(void)
{
	static const char mail[] =
		"From: a@b.example\nDate: Thu, 1 Jan 2026 00:00:00 +0545\n"
		"Content-Type: multipart/alternative; boundary=b\n\n"
		"--b\n\n\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n"
		"PHA+Jmxhbmc7PC9wPg==\n--b--\n";
	AUTO(arena) struct arena *a = arena_new();
	struct parse_limits limits = {4096, 10, 10, 10};
	const struct mail *m;
	size_t n = charset_warm_up();

	(void)language_warm_up(NULL);
	g_mime_init();
	(void)html_to_text(a, "<p>warm</p>", 11, 100);
	if (parse_mail(a, mail, sizeof mail - 1, &limits, &m, NULL) != PARSE_OK)
		n = 0;
	return n;
}

static const struct head_field *
find(const struct reading *r, const char *name)
{
	for (size_t i = 0; i < r->n_fields; i++) {
		if (head_is(&r->field[i], name))
			return &r->field[i];
	}
	return NULL;
}

/* Old Macintosh mail ends its lines with a CR alone. */
static void
mend_line_ends(struct reading *r)
{
	if (memchr(r->octets, '\n', r->n) != NULL || memchr(r->octets, '\r', r->n) == NULL)
		return;
	char *copy = arena_memdup(r->arena, r->octets, r->n);
	for (size_t i = 0; i < r->n; i++)
		copy[i] = copy[i] == '\r' ? '\n' : copy[i];
	r->octets = copy;
	notes_add(&r->notes, "lines ended with a bare CR");
}

static void
note_oddities(struct reading *r, unsigned odd)
{
	if (odd & HEAD_JUNK_FIRST)
		notes_add(&r->notes, "lines in front of the header are no header");
	if (odd & HEAD_NO_BLANK)
		notes_add(&r->notes, "no blank line behind the header");
	if (odd & HEAD_CUT)
		notes_add(&r->notes, "the header is longer than the limits and was cut");
	for (size_t i = 0; i < N_ELEMENTS(single_fields); i++) {
		size_t n = 0;
		for (size_t k = 0; k < r->n_fields; k++)
			n += head_is(&r->field[k], single_fields[i]);
		if (n > 1)
			notes_add(&r->notes, "%zu fields %s", n, single_fields[i]);
	}
	for (size_t i = 0; i < r->n_fields; i++) {
		if (r->field[i].spaced)
			notes_add(&r->notes, "space between a field name and its colon");
		if (memchr(r->field[i].value, '\0', r->field[i].n_value) != NULL)
			notes_add(&r->notes, "NUL in the header");
	}
}

static void
scan_header(struct reading *r, const struct parse_limits *limits)
{
	size_t max = limits->fields_max < MAIL_FIELDS_MAX ? limits->fields_max : MAIL_FIELDS_MAX;
	struct head h;

	r->field = arena_array(r->arena, max + 1, sizeof *r->field);
	head_start(&h, r->octets, r->n, limits->header_max_octets, max);
	while (head_next(&h, &r->field[r->n_fields]))
		r->n_fields++;
	note_oddities(r, h.odd);
	/* Where the limits cut a header, what is behind it still begins at the first blank line. */
	r->body_at = h.at;
	if (h.odd & HEAD_CUT) {
		const char *blank = memmem(r->octets + h.at, r->n - h.at, "\n\n", 2);
		const char *crlf = memmem(r->octets + h.at, r->n - h.at, "\n\r\n", 3);
		if (crlf != NULL && (blank == NULL || crlf < blank))
			r->body_at = (size_t)(crlf - r->octets) + 3;
		else
			r->body_at = blank == NULL ? r->n : (size_t)(blank - r->octets) + 2;
	}
}

/* The charset parameter of the top Content-Type, as a hint for raw octets in the header. */
static const char *
find_fallback(struct reading *r)
{
	const struct head_field *f = find(r, "Content-Type");
	const char *at;

	if (f == NULL)
		return "";
	at = text_find(words_plain(r->arena, f->value, f->n_value, "", 1000), "charset=");
	if (at == NULL)
		return "";
	at += strlen("charset=");
	at += *at == '"';
	return arena_strndup(r->arena, at, strcspn(at, "\"; "));
}

/* A value as one line, encoded words as they are. */
static char *
plain_value(struct reading *r, const struct head_field *f)
{
	size_t n = f->n_value;

	if (n > MAIL_FIELD_MAX_OCTETS) {
		n = MAIL_FIELD_MAX_OCTETS;
		notes_add(&r->notes, "a field of more than %zu octets was cut", n);
	}
	return words_plain(r->arena, f->value, n, r->fallback, MAIL_FIELD_MAX_OCTETS);
}

static void
read_fields(struct reading *r)
{
	struct mail_field *field = arena_array(r->arena, r->n_fields, sizeof *field);

	for (size_t i = 0; i < r->n_fields; i++) {
		const struct head_field *f = &r->field[i];
		size_t n_name =
			f->n_name < MAIL_FIELD_MAX_OCTETS ? f->n_name : MAIL_FIELD_MAX_OCTETS;

		field[i].name = arena_memdup(r->arena, f->name, n_name);
		field[i].value = plain_value(r, f);
	}
	r->m->field = field;
	r->m->n_fields = r->n_fields;
}

static void
read_subject(struct reading *r)
{
	const struct head_field *f = find(r, "Subject");
	size_t n = f == NULL ? 0 : f->n_value;

	if (n > MAIL_FIELD_MAX_OCTETS)
		n = MAIL_FIELD_MAX_OCTETS;
	r->m->subject = r->m->subject_raw = "";
	if (n > 0) {
		r->m->subject =
			words_decode(r->arena, f->value, n, r->fallback, MAIL_SUBJECT_MAX_OCTETS);
		r->m->subject_raw = plain_value(r, f);
	}
}

/* All ids of all fields with this name. */
static struct ids
read_ids(struct reading *r, const char *name)
{
	struct ids ids = {NULL, 0};

	for (size_t i = 0; i < r->n_fields; i++) {
		const struct head_field *f = &r->field[i];
		if (!head_is(f, name))
			continue;
		if (f->n_value > ID_FIELD_MAX_OCTETS)
			notes_add(&r->notes, "%s over %d octets was cut", name,
			          ID_FIELD_MAX_OCTETS);
		ids_add(r->arena, &ids, f->value,
		        f->n_value < ID_FIELD_MAX_OCTETS ? f->n_value : ID_FIELD_MAX_OCTETS,
		        &r->notes);
	}
	return ids;
}

static void
read_threading(struct reading *r)
{
	struct ids own = read_ids(r, "Message-ID"), parents = read_ids(r, "In-Reply-To");
	struct ids ancestors = read_ids(r, "References");

	r->m->message_id = own.n > 0 ? own.id[0] : "";
	r->m->in_reply_to = parents.id;
	r->m->n_in_reply_to = parents.n;
	r->m->references = ancestors.id;
	r->m->n_references = ancestors.n;
}

static void
read_date(struct reading *r)
{
	const struct head_field *f = find(r, "Date");
	GDateTime *date;
	int64_t at_s;

	if (f == NULL)
		return;
	size_t n = f->n_value < DATE_MAX_OCTETS ? f->n_value : DATE_MAX_OCTETS;
	date = g_mime_utils_header_decode_date(
		words_plain(r->arena, f->value, n, "", DATE_MAX_OCTETS));
	if (date == NULL)
		return;
	at_s = g_date_time_to_unix(date);
	g_date_time_unref(date);
	if (at_s > 0 && at_s <= MAIL_DATE_MAX_S)
		r->m->date_s = at_s;
}

static struct addresses
read_boxes(struct reading *r, const char *name)
{
	struct addresses list = {NULL, 0, NULL};

	for (size_t i = 0; i < r->n_fields && list.n < MAIL_ADDRESSES_MAX; i++) {
		if (head_is(&r->field[i], name))
			addresses_add(r->arena, &list, &r->field[i], r->fallback, &r->notes);
	}
	return list;
}

static void
read_addresses(struct reading *r, const void *octets, size_t n)
{
	const struct head_field *f = find(r, "From");
	struct addresses from = read_boxes(r, "From"), to = read_boxes(r, "To"),
			 cc = read_boxes(r, "Cc"), reply_to = read_boxes(r, "Reply-To");

	/* The identity comes from the octets as they arrived, not from what was mended here. */
	r->m->from_state = addr_identity(r->arena, octets, n, &r->m->from_address);
	r->m->from_name = from.first_name == NULL ? "" : from.first_name;
	r->m->from_raw = f == NULL ? "" : plain_value(r, f);
	r->m->to = (struct mail_mailboxes){to.box, to.n};
	r->m->cc = (struct mail_mailboxes){cc.box, cc.n};
	r->m->reply_to = (struct mail_mailboxes){reply_to.box, reply_to.n};
}

static void
read_language(struct reading *r)
{
	const struct head_field *f = find(r, "Content-Language");
	char *text;

	f = f != NULL ? f : find(r, "Accept-Language");
	r->m->language = "";
	if (f == NULL)
		return;
	text = words_plain(r->arena, f->value, f->n_value < 200 ? f->n_value : 200, "", 200);
	text += strspn(text, ", ");
	text[strcspn(text, ",; (")] = '\0';
	text_lower(text);
	if (strlen(text) <= LANGUAGE_MAX_OCTETS &&
	    text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0')
		r->m->language = text;
}

/* Where no field says it: the sender's own words, which are not those that he quotes. */
static void
guess_language(struct reading *r)
{
	struct mail *m = r->m;

	if (m->language[0] == '\0') {
		m->language = language_guess(
			r->arena, body_own_words(r->arena, m->text, m->span, m->n_spans));
		m->language_guessed = m->language[0] != '\0';
	}
}

/* GMime found no part in the body: it is a text, then. */
static void
read_plainly(struct reading *r, struct parts *parts)
{
	AUTO(buf) struct buf utf8 = {0};
	size_t n = r->n - r->body_at < MAIL_TEXT_MAX_OCTETS ? r->n - r->body_at
	                                                    : MAIL_TEXT_MAX_OCTETS;

	notes_add(&r->notes, "the structure of the mail could not be read");
	(void)charset_decode(&utf8, "", r->fallback, r->octets + r->body_at, n);
	*parts = (struct parts){.source = MAIL_TEXT_PLAIN, .dsn.reporting_mta = ""};
	parts->text = text_lines(r->arena, utf8.octets, utf8.n, MAIL_TEXT_MAX_OCTETS);
	if (*parts->text == '\0')
		parts->source = MAIL_TEXT_NONE;
	dsn_text(r->arena, &parts->dsn, parts->text);
}

static void
read_body(struct reading *r, const struct parse_limits *limits)
{
	static const char *const names[] = {"Content-Type", "Content-Transfer-Encoding",
	                                    "Content-Disposition", "Content-ID"};
	struct view *v = view_new(r->arena, r->octets + r->body_at, r->n - r->body_at);
	struct parts parts;
	GMimeObject *root;

	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		const struct head_field *f = find(r, names[i]);
		if (f != NULL && f->n_value <= MAIL_FIELD_MAX_OCTETS)
			view_field(v, f);
	}
	root = view_parse(r->arena, v);
	parts.n_parts = 0;
	r->m->type = "text/plain";
	r->m->report_type = "";
	if (root != NULL) {
		const char *report = g_mime_object_get_content_type_parameter(root, "report-type");
		char *text = report == NULL
		                     ? arena_strdup(r->arena, "")
		                     : words_plain(r->arena, report, strlen(report), "", 100);
		text_lower(text);
		r->m->type = view_type(r->arena, root);
		r->m->report_type = text;
		struct parts_input in = {v, root, r->fallback, limits, &r->notes};
		parts_read(r->arena, &in, &parts);
	}
	if (parts.n_parts == 0)
		read_plainly(r, &parts);
	r->m->text_source = parts.source;
	r->m->text = parts.text;
	body_mark(r->arena, parts.text, &r->m->span, &r->m->n_spans);
	r->m->part = parts.part;
	r->m->n_parts = parts.n_parts;
	r->m->dsn = (struct mail_dsn){parts.dsn.present, parts.dsn.reporting_mta, parts.dsn.rcpt,
	                              parts.dsn.n_rcpt, parts.dsn.ids.id, parts.dsn.ids.n};
}

enum parse_err
parse_mail(struct arena *a, const void *octets, size_t n, const struct parse_limits *limits,
           const struct mail **m_r, struct why *why)
{
	struct reading r = {.arena = a, .notes = {.arena = a}, .octets = octets, .n = n};

	mend_line_ends(&r);
	scan_header(&r, limits);
	if (r.n_fields == 0) {
		why_set(why, "no header field in the first lines: this is no mail");
		return PARSE_NOT_MAIL;
	}
	r.m = arena_alloc(a, sizeof *r.m);
	r.fallback = find_fallback(&r);
	read_fields(&r);
	read_subject(&r);
	read_threading(&r);
	read_date(&r);
	read_addresses(&r, octets, n);
	read_language(&r);
	read_body(&r, limits);
	guess_language(&r);
	r.m->warning = arena_memdup(a, r.notes.text, r.notes.n * sizeof *r.notes.text);
	r.m->n_warnings = r.notes.n;
	*m_r = r.m;
	return PARSE_OK;
}

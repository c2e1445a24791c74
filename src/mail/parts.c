/* src/mail/parts.c - the parts of a mail: list them, choose the text for reading, find what a
 * bounce says */
#include "parts.h"
#include "arena.h"
#include "body.h"
#include "buf.h"
#include "charset.h"
#include "html.h"
#include "notes.h"
#include "text.h"
#include "words.h"
#include <string.h>

enum {
	RAW_TEXT_MAX_OCTETS =
		4 * MAIL_TEXT_MAX_OCTETS, /* of a text part before it is made readable */
	STATUS_KEEP_OCTETS = 256 * 1024,
	STUB_MAX_OCTETS = 400, /* a plain alternative that short may only say "read the HTML" */
	NUMBER_OCTETS = 12,
	HTML_META_OCTETS = 2048
};

struct walk {
	struct arena *arena;
	const struct view *view;
	const char *fallback;
	const struct parse_limits *limits;
	struct notes *notes;
	struct parts *parts;
	GMimeObject **leaf; /* of each parts->part */
};

/* What a subtree gives for reading. */
struct choice {
	enum mail_text source;
	char *text; /* arena; "" when there is none */
};

static const char *
parameter(struct walk *w, GMimeObject *object, const char *name, size_t max_octets)
{
	const char *value = g_mime_object_get_content_type_parameter(object, name);

	return value == NULL ? "" : words_plain(w->arena, value, strlen(value), "", max_octets);
}

/* A base name that can be shown and offered for saving. */
static const char *
clean_name(struct walk *w, const char *name)
{
	char *text = words_decode(w->arena, name, strlen(name), w->fallback, 4096);
	char *slash = strrchr(text, '/'), *backslash;
	const char *dot;
	size_t n;

	text = slash == NULL ? text : slash + 1;
	backslash = strrchr(text, '\\');
	text = backslash == NULL ? text : backslash + 1;
	text += strspn(text, " .");
	dot = strrchr(text, '.');
	n = dot == NULL || strlen(dot) > 16 ? 0 : strlen(dot);
	if (strlen(text) > MAIL_FILE_NAME_MAX_OCTETS) {
		notes_add(w->notes, "a file name was cut");
		text = arena_printf(
			w->arena, "%s%s",
			text_line(w->arena, text, strlen(text), MAIL_FILE_NAME_MAX_OCTETS - n),
			n > 0 ? dot : "");
	}
	return text;
}

static const char *
disposition_of(struct walk *w, GMimeObject *object)
{
	const char *raw = g_mime_object_get_disposition(object);
	char *text;

	if (raw == NULL || *raw == '\0')
		return "";
	text = text_line(w->arena, raw, strlen(raw), 40);
	text_lower(text);
	/* RFC 2183 2.8: what is not known is an attachment. */
	return strcmp(text, "inline") == 0 ? "inline" : "attachment";
}

static void
describe(struct walk *w, GMimeObject *leaf, const char *path, struct mail_part *p_r)
{
	const char *name = GMIME_IS_PART(leaf) ? g_mime_part_get_filename(GMIME_PART(leaf)) : NULL;
	const char *id = g_mime_object_get_content_id(leaf);

	*p_r = (struct mail_part){
		.path = arena_strdup(w->arena, path),
		.type = view_type(w->arena, leaf),
		.charset = parameter(w, leaf, "charset", 60),
		.file_name = name == NULL ? "" : clean_name(w, name),
		.disposition = disposition_of(w, leaf),
		.content_id =
			id == NULL ? "" : text_line(w->arena, id, strlen(id), MAIL_ID_MAX_OCTETS),
		.n_octets = view_content(w->view, leaf, 0, NULL),
	};
}

/* Some mailers lose the blank line in front of the status fields: then they stand in the part's
 * header. */
static void
read_status(struct walk *w, GMimeObject *leaf)
{
	AUTO(buf) struct buf octets = {0};
	GMimeHeaderList *list = g_mime_object_get_header_list(leaf);

	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *value = g_mime_header_get_raw_value(header);
		buf_printf(&octets, "%s:%s\n", g_mime_header_get_name(header),
		           value == NULL ? "" : value);
	}
	buf_text(&octets, "\n");
	(void)view_content(w->view, leaf, octets.n + STATUS_KEEP_OCTETS, &octets);
	dsn_status(w->arena, &w->parts->dsn, octets.octets, octets.n, w->notes);
}

static void
read_returned(struct walk *w, GMimeObject *leaf)
{
	AUTO(buf) struct buf octets = {0};

	(void)view_content(w->view, leaf, STATUS_KEEP_OCTETS, &octets);
	dsn_returned(w->arena, &w->parts->dsn, octets.octets, octets.n);
}

static bool
is_full(struct walk *w)
{
	bool full =
		w->parts->n_parts >= w->limits->parts_max || w->parts->n_parts >= MAIL_PARTS_MAX;

	if (full)
		notes_add(w->notes, "more than %zu parts, the rest is not listed",
		          w->parts->n_parts);
	return full;
}

static void
add_leaf(struct walk *w, GMimeObject *leaf, const char *path)
{
	struct mail_part *p;

	if (is_full(w))
		return;
	p = &w->parts->part[w->parts->n_parts];
	w->leaf[w->parts->n_parts++] = leaf;
	describe(w, leaf, path, p);
	if (strcmp(p->type, "message/delivery-status") == 0 ||
	    strcmp(p->type, "message/global-delivery-status") == 0)
		read_status(w, leaf);
	else if (strcmp(p->type, "message/rfc822") == 0 ||
	         strcmp(p->type, "message/global") == 0 ||
	         strcmp(p->type, "text/rfc822-headers") == 0 ||
	         strcmp(p->type, "text/rfc822-header") == 0 ||
	         strcmp(p->type, "message/rfc822-headers") == 0 ||
	         strcmp(p->type, "message/global-headers") == 0)
		read_returned(w, leaf);
}

static bool
too_deep(const struct walk *w, size_t depth)
{
	bool deep = depth >= w->limits->nesting_max;

	if (deep)
		notes_add(w->notes, "parts nested deeper than %zu were not read",
		          w->limits->nesting_max);
	return deep;
}

/* List the leaves of a subtree (RFC 3501 6.4.5 for the numbers). */
static void
list(struct walk *w, GMimeObject *object, const char *path, size_t depth)
{
	if (!GMIME_IS_MULTIPART(object)) {
		add_leaf(w, object, *path == '\0' ? "1" : path);
	} else if (!too_deep(w, depth)) {
		int n = g_mime_multipart_get_count(GMIME_MULTIPART(object));
		for (int i = 0; i < n && !is_full(w); i++) {
			char *child = arena_printf(w->arena, "%s%s%d", path,
			                           *path == '\0' ? "" : ".", i + 1);
			list(w, g_mime_multipart_get_part(GMIME_MULTIPART(object), i), child,
			     depth + 1);
		}
	}
}

/* The charset that an HTML text names itself, for parts that do not. */
static const char *
meta_charset(struct walk *w, const char *html, size_t n)
{
	char *head = arena_memdup(w->arena, html, n < HTML_META_OCTETS ? n : HTML_META_OCTETS);
	const char *at = text_find(head, "charset=");

	if (at == NULL)
		return "";
	at += strlen("charset=");
	at += strspn(at, "\"' ");
	return arena_strndup(w->arena, at, strcspn(at, "\"'; />"));
}

/* Read a text leaf into UTF-8 with LF line ends. */
static struct choice
read_text(struct walk *w, GMimeObject *leaf, const struct mail_part *p)
{
	bool html = strcmp(p->type, "text/html") == 0;
	AUTO(buf) struct buf raw = {0};
	AUTO(buf) struct buf utf8 = {0};
	const char *label = p->charset;
	struct choice c = {html ? MAIL_TEXT_HTML : MAIL_TEXT_PLAIN, NULL};

	if (view_content(w->view, leaf, RAW_TEXT_MAX_OCTETS, &raw) > RAW_TEXT_MAX_OCTETS)
		notes_add(w->notes, "the text of part %s was cut", p->path);
	if (html && *label == '\0' && raw.n > 0)
		label = meta_charset(w, raw.octets, raw.n);
	enum charset_how how = charset_decode(&utf8, label, w->fallback, raw.octets, raw.n);
	if (how != CHARSET_AS_SAID)
		notes_add(w->notes,
		          how == CHARSET_GUESSED ? "charset of part %s guessed"
		                                 : "part %s has octets outside its charset",
		          p->path);
	words_drop_hidden(&utf8);
	if (html) {
		char *clean = text_lines(w->arena, utf8.octets, utf8.n, RAW_TEXT_MAX_OCTETS);
		c.text = html_to_text(w->arena, clean, strlen(clean), MAIL_TEXT_MAX_OCTETS);
	} else {
		if (utf8.n > MAIL_TEXT_MAX_OCTETS)
			notes_add(w->notes, "the text of part %s was cut", p->path);
		c.text = text_lines(w->arena, utf8.octets, utf8.n, MAIL_TEXT_MAX_OCTETS);
		if (text_same(parameter(w, leaf, "format", 20), "flowed"))
			c.text = body_unflow(w->arena, c.text,
			                     text_same(parameter(w, leaf, "delsp", 20), "yes"));
	}
	return c;
}

static bool
is_blank(const char *text)
{
	while (*text != '\0' && g_unichar_isspace(g_utf8_get_char(text)))
		text = g_utf8_next_char(text);
	return *text == '\0';
}

/* "Your mail program cannot show HTML" and the like. */
static bool
may_be_stub(const char *text)
{
	return strlen(text) <= STUB_MAX_OCTETS &&
	       (text_find(text, "html") != NULL || text_find(text, "browser") != NULL);
}

static struct choice select_text(struct walk *w, GMimeObject *object, size_t depth);

/* Forget that the leaves of a subtree were taken. */
static void
unmark(struct walk *w, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		w->parts->part[i].is_text = false;
}

static struct choice
select_leaf(struct walk *w, GMimeObject *leaf)
{
	struct choice none = {MAIL_TEXT_NONE, arena_strdup(w->arena, "")};
	struct mail_part *p = NULL;

	for (size_t i = 0; i < w->parts->n_parts && p == NULL; i++)
		p = w->leaf[i] == leaf ? &w->parts->part[i] : NULL;
	if (p == NULL || (strcmp(p->type, "text/plain") != 0 && strcmp(p->type, "text/html") != 0))
		return none;
	/* The only part is the mail, whatever it calls itself. */
	if (w->parts->n_parts > 1 && (strcmp(p->disposition, "attachment") == 0 ||
	                              (*p->file_name != '\0' && p != w->parts->part)))
		return none;
	struct choice c = read_text(w, leaf, p);
	p->is_text = !is_blank(c.text);
	return p->is_text ? c : none;
}

static size_t
first_leaf(const struct walk *w, GMimeObject *object)
{
	size_t i = 0;

	while (GMIME_IS_MULTIPART(object) &&
	       g_mime_multipart_get_count(GMIME_MULTIPART(object)) > 0)
		object = g_mime_multipart_get_part(GMIME_MULTIPART(object), 0);
	while (i < w->parts->n_parts && w->leaf[i] != object)
		i++;
	return i;
}

/* multipart/alternative: plain text, unless it is empty or only points to the HTML. */
static struct choice
select_alternative(struct walk *w, GMimeObject *object, size_t depth)
{
	struct choice best = {MAIL_TEXT_NONE, arena_strdup(w->arena, "")};
	int n = g_mime_multipart_get_count(GMIME_MULTIPART(object));
	size_t best_from = 0, best_to = 0;

	for (int i = 0; i < n; i++) {
		GMimeObject *child = g_mime_multipart_get_part(GMIME_MULTIPART(object), i);
		size_t from = first_leaf(w, child);
		size_t to = i + 1 < n ? first_leaf(w, g_mime_multipart_get_part(
							      GMIME_MULTIPART(object), i + 1))
		                      : w->parts->n_parts;
		struct choice c = select_text(w, child, depth);
		bool better = best.source == MAIL_TEXT_NONE ||
		              (best.source == MAIL_TEXT_PLAIN && c.source == MAIL_TEXT_HTML &&
		               strlen(c.text) > strlen(best.text)) ||
		              (best.source == MAIL_TEXT_HTML && c.source == MAIL_TEXT_PLAIN &&
		               !may_be_stub(c.text));

		better = better && c.source != MAIL_TEXT_NONE;
		unmark(w, better ? best_from : from, better ? best_to : to);
		if (better) {
			best = c;
			best_from = from;
			best_to = to;
		}
		if (best.source == MAIL_TEXT_PLAIN && !may_be_stub(best.text))
			break;
	}
	return best;
}

/* Add the text of one more part. */
static void
join(struct walk *w, struct choice c, enum mail_text *source, struct buf *text)
{
	if (c.source == MAIL_TEXT_NONE)
		return;
	if (text->n + strlen(c.text) + 2 > MAIL_TEXT_MAX_OCTETS) {
		notes_add(w->notes, "the text of all parts together was cut");
		return;
	}
	if (text->n > 0)
		buf_text(text, text->octets[text->n - 1] == '\n' ? "\n" : "\n\n");
	buf_text(text, c.text);
	*source = *source == MAIL_TEXT_NONE || *source == c.source ? c.source : MAIL_TEXT_PLAIN;
}

/* Choose the text of a subtree. */
static struct choice
select_text(struct walk *w, GMimeObject *object, size_t depth)
{
	struct choice c = {MAIL_TEXT_NONE, arena_strdup(w->arena, "")};

	if (!GMIME_IS_MULTIPART(object))
		return select_leaf(w, object);
	char *type = view_type(w->arena, object);
	if (too_deep(w, depth) || strcmp(type, "multipart/encrypted") == 0 ||
	    strcmp(type, "multipart/digest") == 0)
		return c;
	if (strcmp(type, "multipart/alternative") == 0)
		return select_alternative(w, object, depth + 1);
	bool first_only = strcmp(type, "multipart/related") == 0 ||
	                  strcmp(type, "multipart/signed") == 0 ||
	                  strcmp(type, "multipart/report") == 0;
	AUTO(buf) struct buf text = {0};
	int n = g_mime_multipart_get_count(GMIME_MULTIPART(object));
	for (int i = 0; i < n && !(first_only && c.source != MAIL_TEXT_NONE); i++) {
		GMimeObject *child = g_mime_multipart_get_part(GMIME_MULTIPART(object), i);
		join(w, select_text(w, child, depth + 1), &c.source, &text);
	}
	if (text.n > 0)
		c.text = arena_memdup(w->arena, text.octets, text.n);
	return c;
}

void
parts_read(struct arena *a, const struct parts_input *in, struct parts *parts_r)
{
	struct walk w = {.arena = a,
	                 .view = in->view,
	                 .fallback = in->fallback,
	                 .limits = in->limits,
	                 .notes = in->notes};

	*parts_r = (struct parts){.part = arena_array(a, MAIL_PARTS_MAX, sizeof *parts_r->part)};
	w.parts = parts_r;
	w.leaf = arena_array(a, MAIL_PARTS_MAX, sizeof *w.leaf);
	list(&w, in->root, "", 0);
	struct choice c = select_text(&w, in->root, 0);
	parts_r->source = c.source;
	parts_r->text = c.text;
	if (parts_r->dsn.reporting_mta == NULL)
		parts_r->dsn.reporting_mta = "";
	if (!parts_r->dsn.present && parts_r->dsn.ids.n == 0)
		dsn_text(a, &parts_r->dsn, c.text);
}

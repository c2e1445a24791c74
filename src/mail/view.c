/* src/mail/view.c - what GMime may see of a mail, and the way back to the original octets */
#include "view.h"
#include "arena.h"
#include "buf.h"
#include "charset.h"
#include "head.h"
#include "text.h"
#include <string.h>
#include <strings.h>

enum {
	LABEL_MAX_OCTETS = 64,
	DECODE_STEP_OCTETS = 32 * 1024
};

struct view {
	struct arena *arena;
	const char *body;
	size_t n_body;
	struct buf octets; /* the view: our header, a blank line, the body made harmless */
	size_t n_header;
};

static void
release_buf(void *view)
{
	buf_free(&((struct view *)view)->octets);
}

struct view *
view_new(struct arena *a, const char *body, size_t n_body)
{
	struct view *v = arena_alloc(a, sizeof *v);

	*v = (struct view){.arena = a, .body = body, .n_body = n_body};
	arena_defer(a, release_buf, v);
	buf_text(&v->octets, "MIME-Version: 1.0\n");
	return v;
}

void
view_field(struct view *v, const struct head_field *f)
{
	buf_add(&v->octets, f->name, f->n_name);
	buf_text(&v->octets, ":");
	for (size_t i = 0; i < f->n_value; i++)
		buf_octet(&v->octets, f->value[i] == '\0' ? ' ' : f->value[i]);
	buf_text(&v->octets, "\n");
}

/* Fields that GMime reads as soon as it sees them in a nested mail: addresses (on which it
 * recurses), texts (for which it loads charsets) and dates. */
static bool
is_read_at_once(const char *line, size_t n)
{
	static const char *const names[] = {"from", "sender", "reply-to", "to", "cc", "bcc", "date",
	                                    "subject", "content-description"};

	for (size_t i = 0; i < N_ELEMENTS(names); i++) {
		size_t n_name = strlen(names[i]);
		if (n > n_name && strncasecmp(line, names[i], n_name) == 0 &&
		    (line[n_name] == ':' || line[n_name] == ' ' || line[n_name] == '\t'))
			return true;
	}
	return false;
}

static void
hide_fields(char *octets, size_t n)
{
	for (size_t at = 0; at < n;) {
		const char *lf = memchr(octets + at, '\n', n - at);

		if (is_read_at_once(octets + at, n - at))
			octets[at] = 'X';
		at = lf == NULL ? n : (size_t)(lf - octets) + 1;
	}
}

/* "message/" becomes "messagX/", so that GMime takes nested mails for plain leaves. */
static void
hide_messages(char *octets, size_t n)
{
	for (char *at = octets, *slash;
	     (slash = memchr(at, '/', n - (size_t)(at - octets))) != NULL; at = slash + 1) {
		if (slash - octets >= 7 && strncasecmp(slash - 7, "message", 7) == 0)
			slash[-1] = 'X';
	}
}

/* Make "=?label?" and "name*=label''" harmless where the label is not one of the open charsets. */
static void
hide_labels(char *octets, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) {
		bool word = octets[i] == '=' && octets[i + 1] == '?';
		bool parameter = octets[i] == '*' && octets[i + 1] == '=';
		if (!word && !parameter)
			continue;
		const char *label = octets + i + 2;
		size_t n_left = n - i - 2, n_label = 0;
		if (parameter && n_left > 0 && *label == '"')
			label++, n_left--;
		while (n_label < n_left && n_label < LABEL_MAX_OCTETS &&
		       strchr("?'\r\n", label[n_label]) == NULL)
			n_label++;
		if (!charset_known(label, n_label) && (word || n_label > 0))
			octets[i] = '_';
	}
}

static void
release_object(void *object)
{
	g_object_unref(object);
}

static GMimeParserOptions *
make_options(void)
{
	static const char *const fallback[] = {"utf-8", "windows-1252", NULL};
	GMimeParserOptions *options = g_mime_parser_options_new();

	g_mime_parser_options_set_fallback_charsets(options, (const char **)(uintptr_t)fallback);
	return options;
}

GMimeObject *
view_parse(struct arena *a, struct view *v)
{
	buf_text(&v->octets, "\n");
	v->n_header = v->octets.n;
	buf_add(&v->octets, v->body, v->n_body);
	hide_fields(v->octets.octets + v->n_header, v->n_body);
	hide_messages(v->octets.octets, v->octets.n);
	hide_labels(v->octets.octets, v->octets.n);

	GByteArray *octets = g_byte_array_new_take((guint8 *)v->octets.octets, v->octets.n);
	v->octets = (struct buf){0};
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(octets);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeParserOptions *options = make_options();
	GMimeMessage *message = g_mime_parser_construct_message(parser, options);

	g_mime_parser_options_free(options);
	g_object_unref(parser);
	g_object_unref(stream);
	if (message == NULL)
		return NULL;
	arena_defer(a, release_object, message);
	return g_mime_message_get_mime_part(message);
}

char *
view_type(struct arena *a, GMimeObject *object)
{
	GMimeContentType *type = g_mime_object_get_content_type(object);
	const char *media = g_mime_content_type_get_media_type(type);
	const char *sub = g_mime_content_type_get_media_subtype(type);
	char *text = arena_printf(a, "%s/%s", media == NULL ? "text" : media,
	                          sub == NULL ? "plain" : sub);

	text_lower(text);
	if (text_begins(text, "messagx/"))
		text[6] = 'e';
	return text_line(a, text, strlen(text), 100);
}

/* Where the still encoded octets of a leaf stand in the original. */
static bool
find_octets(const struct view *v, GMimeObject *leaf, const char **octets_r, size_t *n_r)
{
	GMimeDataWrapper *content =
		GMIME_IS_PART(leaf) ? g_mime_part_get_content(GMIME_PART(leaf)) : NULL;
	GMimeStream *stream = content == NULL ? NULL : g_mime_data_wrapper_get_stream(content);

	if (stream == NULL || stream->bound_start < (gint64)v->n_header)
		return false;
	gint64 end = stream->bound_end < 0 ? (gint64)(v->n_header + v->n_body) : stream->bound_end;
	size_t from = (size_t)stream->bound_start - v->n_header;
	if (end < stream->bound_start || (size_t)end - v->n_header > v->n_body)
		return false;
	*octets_r = v->body + from;
	*n_r = (size_t)(end - stream->bound_start);
	return true;
}

static void
keep(struct buf *out, size_t keep_octets, const char *octets, size_t n)
{
	if (out != NULL && out->n < keep_octets)
		buf_add(out, octets, n < keep_octets - out->n ? n : keep_octets - out->n);
}

uint64_t
view_content(const struct view *v, GMimeObject *leaf, size_t keep_octets, struct buf *out)
{
	const char *octets;
	size_t n, n_out, n_pre;
	char *decoded;
	uint64_t n_total = 0;

	if (!find_octets(v, leaf, &octets, &n))
		return 0;
	GMimeFilter *filter =
		g_mime_filter_basic_new(g_mime_part_get_content_encoding(GMIME_PART(leaf)), FALSE);
	for (size_t at = 0, step; at < n; at += step) {
		step = n - at < DECODE_STEP_OCTETS ? n - at : DECODE_STEP_OCTETS;
		g_mime_filter_filter(filter, (char *)(uintptr_t)octets + at, step, 0, &decoded,
		                     &n_out, &n_pre);
		keep(out, keep_octets, decoded, n_out);
		n_total += n_out;
	}
	g_mime_filter_complete(filter, NULL, 0, 0, &decoded, &n_out, &n_pre);
	keep(out, keep_octets, decoded, n_out);
	g_object_unref(filter);
	return n_total + n_out;
}

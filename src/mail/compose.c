/* src/mail/compose.c - writes a mail of ours: values checked, header, body, and read again */
#include "compose.h"

#include "addr.h"
#include "arena.h"
#include "buf.h"
#include "field.h"
#include "mail.h"
#include "recheck.h"
#include "text.h"

#include <gmime/gmime.h>
#include <pthread.h>
#include <string.h>

enum {
	COMPOSE_SUBJECT_MAX_OCTETS = 8192,
	COMPOSE_VALUE_MAX_OCTETS = 4096,
	COMPOSE_TEXT_MAX_OCTETS = 256 * 1024,
	COMPOSE_FIELDS_MAX = 20,
	COMPOSE_OWN_FIELDS = 12,      /* that we write by name */
	COMPOSE_NAME_MAX_OCTETS = 60, /* of a field */
	COMPOSE_LANGUAGE_MAX_OCTETS = 35, /* RFC 5646 4.4.1 */
	COMPOSE_PLAIN_LINE_OCTETS = 998,
	REFERENCES_FIRST = 4,
	REFERENCES_LAST = 6,
	REFERENCES_MAX_OCTETS = 1500  /* some relays refuse header blocks over 4,096 */
};

/* Written here, and so not to be given as a field; with '-' at its end: all that begin so. */
static const char *const own_names[] = {
	"From", "To", "Cc", "Bcc", "Sender", "Reply-To", "Subject", "Date", "Message-ID",
	"In-Reply-To", "References", "MIME-Version", "Content-", "Resent-", "Received",
	"Return-Path"
};

/* A mail being written, and the fields that a reader must find in it. */
struct writer {
	struct arena *a;
	const struct compose_mail *what;
	struct buf *out;
	struct recheck_field field[COMPOSE_FIELDS_MAX + COMPOSE_OWN_FIELDS];
	size_t n_fields;
};

static void
start_gmime(void)
{
	/* g_mime_init counts its calls without a lock */
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, g_mime_init);
}

/* C0, DEL, C1, line and paragraph separators, bidirectional embeddings, overrides and isolates. */
static bool
is_control(gunichar c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E)
	       || (c >= 0x2066 && c <= 0x2069);
}

/* Whether a text can go out: valid, short enough, without controls but those allowed. */
static bool
is_clean(const char *text, size_t most_octets, const char *allowed)
{
	if (strlen(text) > most_octets || !g_utf8_validate(text, -1, NULL))
		return false;
	for (const char *c = text; *c != '\0'; c = g_utf8_next_char(c))
		if (is_control(g_utf8_get_char(c)) && strchr(allowed, *c) == NULL)
			return false;
	return true;
}

static bool
is_id(const char *id)
{
	const char *at = strchr(id, '@');
	size_t n = strlen(id);

	if (at == NULL || at == id || at[1] == '\0' || strchr(at + 1, '@') != NULL
	    || n > MAIL_ID_MAX_OCTETS)
		return false;
	for (size_t i = 0; i < n; i++)
		if (id[i] <= ' ' || id[i] >= 0x7F || strchr("<>()\",;\\", id[i]) != NULL)
			return false;
	return true;
}

static bool
is_field_name(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n > COMPOSE_NAME_MAX_OCTETS)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!g_ascii_isalnum(name[i]) && name[i] != '-')
			return false;
	for (size_t i = 0; i < N_ELEMENTS(own_names); i++) {
		bool all = own_names[i][strlen(own_names[i]) - 1] == '-';

		if (all ? text_begins(name, own_names[i]) : text_same(name, own_names[i]))
			return false;
	}
	return true;
}

static bool
is_name(const char *name)
{
	return name == NULL || is_clean(name, MAIL_NAME_MAX_OCTETS, "");
}

static bool
is_language(const char *language)
{
	size_t n = 0;

	while (g_ascii_isalnum(language[n]) || language[n] == '-')
		n++;
	return n > 0 && n <= COMPOSE_LANGUAGE_MAX_OCTETS && language[n] == '\0';
}

static const char *
find_bad_field(const struct compose_mail *what)
{
	for (size_t i = 0; i < what->n_fields && i < COMPOSE_FIELDS_MAX; i++) {
		const struct compose_field *field = &what->field[i];

		if (!is_field_name(field->name))
			return "the name of a field";
		if (*field->value == '\0' || !is_clean(field->value, COMPOSE_VALUE_MAX_OCTETS, ""))
			return field->name;
	}
	return what->n_fields > COMPOSE_FIELDS_MAX ? "the number of fields" : NULL;
}

/* The name of the first value that must not go out, or NULL. */
static const char *
find_bad_value(const struct compose_mail *what)
{
	if (!addr_ok(what->from_address) || !is_name(what->from_name))
		return "From";
	if (!addr_ok(what->to_address) || !is_name(what->to_name))
		return "To";
	if (what->reply_to != NULL && !addr_ok(what->reply_to))
		return "Reply-To";
	if (*what->subject == '\0' || !is_clean(what->subject, COMPOSE_SUBJECT_MAX_OCTETS, ""))
		return "Subject";
	if (!is_id(what->message_id))
		return "Message-ID";
	if (!is_language(what->language))
		return "Content-Language";
	if (!is_clean(what->text, COMPOSE_TEXT_MAX_OCTETS, "\n\t"))
		return "the text";
	return find_bad_field(what);
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0)
			return false;
	return true;
}

/* Remember what a reader must find. */
static void
expect(struct writer *w, const char *name, const char *value, bool raw)
{
	w->field[w->n_fields++] = (struct recheck_field){ name, value, raw };
}

static void
write_mailbox(struct writer *w, const char *field, const char *name, const char *address)
{
	struct field f = field_begin(w->out, field);

	field_name(&f, name);
	field_angle(&f, address);
	field_end(&f);
	expect(w, field, NULL, false);
}

static void
write_text(struct writer *w, const char *name, const char *value, size_t most_octets)
{
	struct field f = field_begin(w->out, name);

	field_text(&f, value, most_octets);
	field_end(&f);
	expect(w, name, value, false);
}

static void
write_angle(struct writer *w, const char *name, const char *text)
{
	struct field f = field_begin(w->out, name);

	field_angle(&f, text);
	field_end(&f);
	expect(w, name, arena_printf(w->a, "<%s>", text), true);
}

/* Drop ids in the middle until there are few, and short enough together: the first keep the
 * thread, the last its place in it. */
static size_t
shorten(const char **id, size_t n)
{
	size_t n_octets = 0;

	if (n > REFERENCES_FIRST + REFERENCES_LAST) {
		memmove(id + REFERENCES_FIRST, id + n - REFERENCES_LAST,
		        REFERENCES_LAST * sizeof *id);
		n = REFERENCES_FIRST + REFERENCES_LAST;
	}
	for (size_t i = 0; i < n; i++)
		n_octets += strlen(id[i]) + strlen("<> ");
	for (; n > 2 && n_octets > REFERENCES_MAX_OCTETS; n--) {
		size_t drop = n / 2;

		n_octets -= strlen(id[drop]) + strlen("<> ");
		memmove(id + drop, id + drop + 1, (n - drop - 1) * sizeof *id);
	}
	return n;
}

static void
write_references(struct writer *w)
{
	const char **id = arena_array(w->a, w->what->n_references, sizeof *id);
	AUTO(buf) struct buf value = { 0 };
	struct field f;
	size_t n = 0;

	for (size_t i = 0; i < w->what->n_references; i++)
		if (is_id(w->what->references[i]))
			id[n++] = w->what->references[i];
	n = shorten(id, n);
	if (n == 0)
		return;
	f = field_begin(w->out, "References");
	for (size_t i = 0; i < n; i++) {
		field_angle(&f, id[i]);
		buf_printf(&value, "%s<%s>", i > 0 ? " " : "", id[i]);
	}
	field_end(&f);
	expect(w, "References", arena_strndup(w->a, value.octets, value.n), true);
}

static void
write_date(struct writer *w, GDateTime *date)
{
	char *text = g_mime_utils_header_format_date(date);

	write_text(w, "Date", text, FIELD_TERM_OCTETS);
	w->field[w->n_fields - 1].value = NULL;
	g_free(text);
}

/* How a text travels: as it is, or encoded by what is shorter. */
static GMimeContentEncoding
choose_encoding(const char *text)
{
	size_t n_high = 0, n = strlen(text);
	bool long_line = false;

	for (const char *line = text; *line != '\0';) {
		size_t n_line = strcspn(line, "\n");

		long_line = long_line || n_line > COMPOSE_PLAIN_LINE_OCTETS;
		line += n_line + (line[n_line] == '\n');
	}
	for (const char *c = text; *c != '\0'; c++)
		n_high += *c < 0;
	if (n_high == 0 && !long_line)
		return GMIME_CONTENT_ENCODING_7BIT;
	return n_high > n / 6 ? GMIME_CONTENT_ENCODING_BASE64
	                      : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
}

/* A name without spaces at its ends or in a row, where readers differ. */
static const char *
tidy_name(struct arena *a, const char *name)
{
	char *tidy = arena_strdup(a, name != NULL ? name : ""), *to = tidy;

	for (const char *c = tidy; *c != '\0'; c++)
		if (*c != ' ' || (to > tidy && to[-1] != ' '))
			*to++ = *c;
	if (to > tidy && to[-1] == ' ')
		to--;
	*to = '\0';
	return tidy;
}

static const char *
end_last_line(struct arena *a, const char *text)
{
	size_t n = strlen(text);

	return n > 0 && text[n - 1] == '\n' ? text : arena_printf(a, "%s\n", text);
}

/* Add text with LF as text with CRLF. */
static void
add_crlf(struct buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n')
			buf_octet(out, '\r');
		buf_octet(out, text[i]);
	}
}

static void
write_encoded(struct buf *out, const char *text, size_t n, GMimeContentEncoding how)
{
	AUTO(buf) struct buf coded = { 0 };
	GMimeEncoding state;

	g_mime_encoding_init_encode(&state, how);
	(void)buf_reserve(&coded, g_mime_encoding_outlen(&state, n));
	coded.n = g_mime_encoding_flush(&state, text, n, coded.octets);
	add_crlf(out, coded.octets, coded.n);
}

static void
write_body(struct writer *w, GMimeContentEncoding how)
{
	const char *text = w->what->text;

	buf_text(w->out, "\r\n");
	if (how == GMIME_CONTENT_ENCODING_7BIT) {
		add_crlf(w->out, text, strlen(text));
	} else if (how == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE) {
		write_encoded(w->out, text, strlen(text), how);
	} else {
		AUTO(buf) struct buf lines = { 0 };

		add_crlf(&lines, text, strlen(text)); /* RFC 2045 6.8: base64 holds CRLF */
		write_encoded(w->out, lines.octets, lines.n, how);
	}
}

static void
write_header(struct writer *w, GDateTime *date, GMimeContentEncoding how)
{
	const struct compose_mail *what = w->what;

	write_mailbox(w, "From", what->from_name, what->from_address);
	write_mailbox(w, "To", what->to_name, what->to_address);
	if (what->reply_to != NULL)
		write_angle(w, "Reply-To", what->reply_to);
	write_text(w, "Subject", what->subject, FIELD_WORD_OCTETS);
	write_date(w, date);
	write_angle(w, "Message-ID", what->message_id);
	if (what->in_reply_to != NULL && is_id(what->in_reply_to))
		write_angle(w, "In-Reply-To", what->in_reply_to);
	write_references(w);
	for (size_t i = 0; i < what->n_fields; i++)
		write_text(w, what->field[i].name, what->field[i].value, FIELD_TERM_OCTETS);
	write_text(w, "MIME-Version", "1.0", FIELD_TERM_OCTETS);
	write_text(w, "Content-Type", "text/plain; charset=utf-8", FIELD_TERM_OCTETS);
	write_text(w, "Content-Transfer-Encoding", g_mime_content_encoding_to_string(how),
	           FIELD_TERM_OCTETS);
	write_text(w, "Content-Language", what->language, FIELD_TERM_OCTETS);
}

enum compose_err
compose_mail(struct arena *a, const struct compose_mail *what, char **octets_r, size_t *n_r,
             bool *smtputf8_r, struct why *why)
{
	AUTO(buf) struct buf out = { 0 };
	struct compose_mail ended = *what;
	struct writer w = { .a = a, .what = &ended, .out = &out };
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(what->date_s);
	const char *bad = date == NULL ? "Date" : find_bad_value(what);
	GMimeContentEncoding how;
	enum compose_err e;

	if (bad != NULL) {
		why_set(why, "a mail of ours cannot be written: %s must not go out", bad);
		return COMPOSE_REFUSED;
	}
	start_gmime();
	ended.text = end_last_line(a, what->text);
	ended.from_name = tidy_name(a, what->from_name);
	ended.to_name = tidy_name(a, what->to_name);
	how = choose_encoding(ended.text);
	write_header(&w, date, how);
	write_body(&w, how);
	e = recheck_mail(&ended, w.field, w.n_fields, out.octets, out.n, why);
	if (e == COMPOSE_OK) {
		*octets_r = arena_memdup(a, out.octets, out.n);
		*n_r = out.n;
		*smtputf8_r = !is_ascii(what->from_address) || !is_ascii(what->to_address)
		              || (what->reply_to != NULL && !is_ascii(what->reply_to));
	}
	return e;
}

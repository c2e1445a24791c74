/* src/mail/field.c - GMime's own encoder leaves words alone that look encoded ("=?x?q?y?="), so
 * that they decode to something else than was meant; this one encodes them, and cuts what has no
 * space. */
#include "field.h"

#include "buf.h"

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	NAME_QUOTED_OCTETS = 60,
	WRAPPER_OCTETS = 12, /* =?UTF-8?B??= */
	PAYLOAD_OCTETS = FIELD_ENCODED_OCTETS - WRAPPER_OCTETS,
	BASE64_OCTETS = PAYLOAD_OCTETS / 4 * 3
};

struct field
field_begin(struct buf *out, const char *name)
{
	buf_printf(out, "%s:", name);
	return (struct field){ .out = out, .column = strlen(name) + 1 };
}

/* Add one piece that stays whole, behind a space or a fold. The first piece of a field stays on
 * its line where it can: some programs lose what begins with a fold. */
static void
add_piece(struct field *f, const char *piece, size_t n)
{
	if (f->column + 1 + n > FIELD_LINE_OCTETS && n + 1 <= FIELD_LINE_OCTETS) {
		buf_text(f->out, "\r\n");
		f->column = 0;
	} else if (f->column + 1 + n > FIELD_LINE_OCTETS && f->out->octets[f->out->n - 1] != ':') {
		buf_text(f->out, "\r\n");
		f->column = 0;
	}
	buf_octet(f->out, ' ');
	buf_add(f->out, piece, n);
	f->column += n + 1;
}

static bool
is_plain_char(char c)
{
	return c > ' ' && c < 0x7F;
}

/* A word that reads the same encoded and not. */
static bool
is_plain_word(const char *word, size_t n, size_t most_octets)
{
	if (n > most_octets || memmem(word, n, "=?", 2) != NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_plain_char(word[i]))
			return false;
	return true;
}

/* What the Q encoding writes as it is, also in a phrase (RFC 2047 5 (3)). */
static bool
is_q_safe(char c)
{
	return g_ascii_isalnum(c) || (c != '\0' && strchr("!*+-/", c) != NULL);
}

static size_t
n_q_octets(const char *text, size_t n)
{
	size_t n_q = 0;

	for (size_t i = 0; i < n; i++)
		n_q += is_q_safe(text[i]) || text[i] == ' ' ? 1 : 3;
	return n_q;
}

static size_t
n_char_octets(const char *text, size_t n)
{
	size_t n_char = (size_t)(g_utf8_next_char(text) - text);

	return n_char < n ? n_char : n;
}

static void
add_q_word(struct field *f, const char *text, size_t n)
{
	AUTO(buf) struct buf word = { 0 };

	buf_text(&word, "=?UTF-8?Q?");
	for (size_t i = 0; i < n; i++) {
		if (text[i] == ' ')
			buf_octet(&word, '_');
		else if (is_q_safe(text[i]))
			buf_octet(&word, text[i]);
		else
			buf_printf(&word, "=%02X", (unsigned char)text[i]);
	}
	buf_text(&word, "?=");
	add_piece(f, word.octets, word.n);
}

static void
add_b_word(struct field *f, const char *text, size_t n)
{
	AUTO(buf) struct buf word = { 0 };
	char *base64 = g_base64_encode((const guchar *)text, n);

	buf_printf(&word, "=?UTF-8?B?%s?=", base64);
	g_free(base64);
	add_piece(f, word.octets, word.n);
}

/* How much of a text one Q word holds, in whole characters (RFC 2047 5). */
static size_t
n_for_q(const char *text, size_t n)
{
	size_t taken = 0, weight = 0;

	while (taken < n) {
		size_t n_char = n_char_octets(text + taken, n - taken);

		weight += n_q_octets(text + taken, n_char);
		if (weight > PAYLOAD_OCTETS)
			break;
		taken += n_char;
	}
	return taken;
}

/* The same for one B word that needs no padding, unless it is the last: GMime decodes neighbours
 * as one stream and stumbles over padding inside it. 0 when characters do not fall so. */
static size_t
n_for_b(const char *text, size_t n)
{
	size_t fits = 0;

	if (n <= BASE64_OCTETS)
		return n;
	for (size_t at = 0; at <= BASE64_OCTETS; at += n_char_octets(text + at, n - at))
		if (at % 3 == 0)
			fits = at;
	return fits;
}

/* Add a run as encoded words, in the shorter encoding where that is possible. */
static void
add_encoded(struct field *f, const char *text, size_t n)
{
	bool q = n_q_octets(text, n) <= (n + 2) / 3 * 4;

	while (n > 0) {
		size_t taken = q ? 0 : n_for_b(text, n);

		if (taken > 0) {
			add_b_word(f, text, taken);
		} else {
			taken = n_for_q(text, n);
			add_q_word(f, text, taken);
		}
		text += taken;
		n -= taken;
	}
}

/* Where the first and behind the last word stand that must be encoded: all of a text with spaces
 * at its ends or two in a row, which only encoded words keep. */
static bool
find_encoded(const char *text, size_t most_octets, size_t *first_r, size_t *end_r)
{
	bool found = false;
	size_t at = 0;

	for (;;) {
		size_t n = strcspn(text + at, " ");

		if (n == 0) {
			*first_r = 0;
			*end_r = strlen(text);
			return true;
		}
		if (!is_plain_word(text + at, n, most_octets)) {
			if (!found)
				*first_r = at;
			*end_r = at + n;
			found = true;
		}
		at += n;
		if (text[at++] == '\0')
			return found;
	}
}

static void
add_plain(struct field *f, const char *text, size_t n)
{
	while (n > 0) {
		const char *space = memchr(text, ' ', n);
		size_t n_word = space != NULL ? (size_t)(space - text) : n;

		if (n_word > 0)
			add_piece(f, text, n_word);
		n -= n_word + (space != NULL);
		text += n_word + (space != NULL);
	}
}

void
field_text(struct field *f, const char *text, size_t most_octets)
{
	size_t first = 0, end = 0;

	if (!find_encoded(text, most_octets, &first, &end)) {
		add_plain(f, text, strlen(text));
		return;
	}
	add_plain(f, text, first);
	add_encoded(f, text + first, end - first);
	end += text[end] == ' ';
	add_plain(f, text + end, strlen(text + end));
}

static bool
is_atom_text(const char *name)
{
	for (; *name != '\0'; name++)
		if (!g_ascii_isalnum(*name) && strchr(" !#$%&'*+-/=?^_`{|}~", *name) == NULL)
			return false;
	return true;
}

static void
add_quoted(struct field *f, const char *name)
{
	AUTO(buf) struct buf quoted = { 0 };

	buf_octet(&quoted, '"');
	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			buf_octet(&quoted, '\\');
		buf_octet(&quoted, *name);
	}
	buf_octet(&quoted, '"');
	add_piece(f, quoted.octets, quoted.n);
}

void
field_name(struct field *f, const char *name)
{
	size_t first, end;

	if (name == NULL || *name == '\0')
		return;
	if (strlen(name) > NAME_QUOTED_OCTETS
	    || find_encoded(name, FIELD_WORD_OCTETS, &first, &end))
		add_encoded(f, name, strlen(name));
	else if (is_atom_text(name))
		add_plain(f, name, strlen(name));
	else
		add_quoted(f, name);
}

void
field_angle(struct field *f, const char *text)
{
	AUTO(buf) struct buf angle = { 0 };

	buf_printf(&angle, "<%s>", text);
	add_piece(f, angle.octets, angle.n);
}

void
field_end(struct field *f)
{
	buf_text(f->out, "\r\n");
}

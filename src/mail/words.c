/* src/mail/words.c - header values into readable UTF-8: encoded words (RFC 2047), raw octets,
 * folding */
#include "words.h"
#include "arena.h"
#include "buf.h"
#include "charset.h"
#include "text.h"
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { LABEL_MAX = 64 };

/* One encoded word: =?label?encoding?text?= */
struct word {
	char label[LABEL_MAX];
	char encoding; /* 'B' or 'Q' */
	const char *text;
	size_t n_text;
	size_t n; /* octets of the whole word */
};

/* Base64 of several words is one stream for programs that cut it anywhere. */
struct base64 {
	uint32_t bits;
	unsigned n_bits;
};

void
words_unfold(struct buf *out, const void *value, size_t n)
{
	const char *octets = value;

	(void)buf_reserve(out, n);
	for (size_t i = 0; i < n; i++) {
		bool line_end = octets[i] == '\n' ||
		                (octets[i] == '\r' && i + 1 < n && octets[i + 1] == '\n');
		if (!line_end)
			buf_octet(out, octets[i]);
	}
}

static size_t
find_mark(const char *text, size_t n, const char mark[2])
{
	const char *found = n < 2 ? NULL : memmem(text, n, mark, 2);

	return found == NULL ? n : (size_t)(found - text);
}

/* Read the encoded word at text. Spaces inside, which RFC 2047 forbids, are taken. */
static bool
read_word(const char *text, size_t n, struct word *w_r)
{
	const char *label = text + 2, *mark;
	size_t n_label, at;

	if (n < 8 || text[0] != '=' || text[1] != '?')
		return false;
	mark = memchr(label, '?', n - 2 < LABEL_MAX ? n - 2 : LABEL_MAX - 1);
	if (mark == NULL || mark == label)
		return false;
	n_label = (size_t)(mark - label);
	at = 2 + n_label + 1;
	if (at + 4 > n || text[at + 1] != '?' || strchr("bBqQ", text[at]) == NULL)
		return false;
	w_r->encoding = g_ascii_toupper(text[at]);
	w_r->text = text + at + 2;
	w_r->n_text = find_mark(w_r->text, n - at - 2, "?=");
	if (w_r->n_text == n - at - 2)
		return false;
	w_r->n = at + 2 + w_r->n_text + 2;
	memcpy(w_r->label, label, n_label);
	w_r->label[n_label] = '\0';
	w_r->label[strcspn(w_r->label, "*")] = '\0'; /* RFC 2231 5: a language */
	return true;
}

static void
add_quoted(struct buf *raw, const struct word *w)
{
	for (size_t i = 0; i < w->n_text; i++) {
		char c = w->text[i];
		if (c == '=' && i + 2 < w->n_text && g_ascii_isxdigit(w->text[i + 1]) &&
		    g_ascii_isxdigit(w->text[i + 2])) {
			c = (char)(g_ascii_xdigit_value(w->text[i + 1]) * 16 +
			           g_ascii_xdigit_value(w->text[i + 2]));
			i += 2;
		} else if (c == '_') {
			c = ' ';
		} else if (c == '\t') {
			continue; /* folded inside the word */
		}
		buf_octet(raw, c);
	}
}

static void
add_base64(struct buf *raw, struct base64 *state, const struct word *w)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < w->n_text; i++) {
		const char *at = w->text[i] == '\0' ? NULL : strchr(alphabet, w->text[i]);
		if (w->text[i] == '=')
			*state = (struct base64){0, 0};
		if (at == NULL)
			continue;
		state->bits = state->bits << 6 | (uint32_t)(at - alphabet);
		state->n_bits += 6;
		if (state->n_bits >= 8) {
			state->n_bits -= 8;
			buf_octet(raw, (char)(state->bits >> state->n_bits & 0xFF));
		}
	}
}

size_t
words_run(struct buf *out, const char *text, size_t n)
{
	AUTO(buf) struct buf raw = {0};
	struct base64 state = {0, 0};
	struct word w;
	char label[LABEL_MAX] = "";
	size_t used = 0;

	for (size_t at = 0; read_word(text + at, n - at, &w);) {
		if (used > 0 && !text_same(label, w.label)) {
			(void)charset_decode(out, label, "", raw.octets, raw.n);
			buf_clear(&raw);
			state = (struct base64){0, 0};
		}
		memcpy(label, w.label, sizeof label);
		if (w.encoding == 'B')
			add_base64(&raw, &state, &w);
		else
			add_quoted(&raw, &w);
		used = at + w.n;
		for (at = used; at < n && (text[at] == ' ' || text[at] == '\t');)
			at++;
	}
	(void)charset_decode(out, label, "", raw.octets, raw.n);
	return used;
}

/* The length of the hidden character at p, 0 when it is another one. */
static size_t
hidden(const unsigned char *p, size_t n)
{
	bool found = false;

	if (n >= 3 && p[0] == 0xE2 && p[1] == 0x80) /* U+200B, U+200E, U+200F, U+202A..U+202E */
		found = p[2] == 0x8B || p[2] == 0x8E || p[2] == 0x8F ||
		        (p[2] >= 0xAA && p[2] <= 0xAE);
	else if (n >= 3 && p[0] == 0xE2 && p[1] == 0x81) /* U+2060..U+2069 */
		found = p[2] >= 0xA0 && p[2] <= 0xA9;
	else if (n >= 3)
		found = p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF; /* U+FEFF */
	return found ? 3 : n >= 2 && p[0] == 0xD8 && p[1] == 0x9C ? 2 : 0; /* U+061C */
}

void
words_drop_hidden(struct buf *text)
{
	size_t to = 0;

	for (size_t at = 0; at < text->n;) {
		size_t skip = hidden((const unsigned char *)text->octets + at, text->n - at);
		if (skip == 0)
			text->octets[to++] = text->octets[at++];
		at += skip;
	}
	text->n = to;
}

static char *
finish_line(struct arena *a, struct buf *text, size_t max_octets)
{
	char *line, *end;

	words_drop_hidden(text);
	line = text->n == 0 ? arena_strdup(a, "") : text_line(a, text->octets, text->n, max_octets);
	line += strspn(line, " ");
	for (end = line + strlen(line); end > line && end[-1] == ' '; end--)
		;
	*end = '\0';
	return line;
}

char *
words_decode(struct arena *a, const void *value, size_t n, const char *fallback, size_t max_octets)
{
	AUTO(buf) struct buf line = {0};
	AUTO(buf) struct buf out = {0};

	words_unfold(&line, value, n);
	for (size_t at = 0, used; at < line.n; at += used) {
		used = words_run(&out, line.octets + at, line.n - at);
		if (used > 0)
			continue;
		used = 1 + find_mark(line.octets + at + 1, line.n - at - 1, "=?");
		(void)charset_decode(&out, "", fallback, line.octets + at, used);
	}
	return finish_line(a, &out, max_octets);
}

char *
words_plain(struct arena *a, const void *value, size_t n, const char *fallback, size_t max_octets)
{
	AUTO(buf) struct buf line = {0};
	AUTO(buf) struct buf out = {0};

	words_unfold(&line, value, n);
	(void)charset_decode(&out, "", fallback, line.octets, line.n);
	return finish_line(a, &out, max_octets);
}

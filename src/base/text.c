/* src/base/text.c - octets of strangers made safe to show, log, compare */
#include "text.h"
#include "arena.h"
#include "buf.h"
#include <stdint.h>
#include <string.h>

enum {
	NEAREST_MAX_OCTETS = 64, /* names longer than this are not compared */
	NEAREST_DISTANCE = 2
};

/* What stands at one place of the input. */
enum kind {
	KIND_PLAIN,   /* shows as itself */
	KIND_CONTROL, /* C0 but tab and line ends, DEL, C1 */
	KIND_TAB,
	KIND_LINE_END, /* LF, CR, CR LF, U+2028, U+2029 */
	KIND_BIDI,     /* reorders what stands around it */
	KIND_HIDDEN,   /* shows as nothing */
	KIND_BROKEN    /* not UTF-8 */
};

struct piece {
	enum kind kind;
	size_t n; /* octets of input, 1 or more */
};

/* RFC 3629 4, as a table of what may follow the first octet.
 * Gives  the length of the character at p, or 0 when there is none */
static size_t
decode(const unsigned char *p, size_t n, uint32_t *point_r)
{
	static const struct {
		unsigned char first, last, low, high, n;
	} forms[] = {
		{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	size_t f = 0;

	while (f < N_ELEMENTS(forms) && (p[0] < forms[f].first || p[0] > forms[f].last))
		f++;
	if (f == N_ELEMENTS(forms) || forms[f].n > n)
		return 0;
	if (forms[f].n > 1 && (p[1] < forms[f].low || p[1] > forms[f].high))
		return 0;
	uint32_t point = p[0] & masks[forms[f].n];
	for (size_t i = 1; i < forms[f].n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (p[i] & 0x3f);
	}
	*point_r = point;
	return forms[f].n;
}

static enum kind
classify(uint32_t point)
{
	static const struct {
		uint32_t first, last;
		enum kind kind;
	} ranges[] = {
		{0x09, 0x09, KIND_TAB},         {0x0a, 0x0a, KIND_LINE_END},
		{0x0d, 0x0d, KIND_LINE_END},    {0x00, 0x1f, KIND_CONTROL},
		{0x7f, 0x9f, KIND_CONTROL},     {0x061c, 0x061c, KIND_BIDI},
		{0x180e, 0x180e, KIND_HIDDEN},  {0x200b, 0x200b, KIND_HIDDEN},
		{0x200e, 0x200f, KIND_BIDI},    {0x2028, 0x2029, KIND_LINE_END},
		{0x202a, 0x202e, KIND_BIDI},    {0x2060, 0x2065, KIND_HIDDEN},
		{0x2066, 0x2069, KIND_BIDI},    {0x206a, 0x206f, KIND_HIDDEN},
		{0xfeff, 0xfeff, KIND_HIDDEN},  {0xfff9, 0xfffb, KIND_HIDDEN},
		{0xfffe, 0xffff, KIND_HIDDEN},  {0xe0000, 0xe007f, KIND_HIDDEN},
	};
	size_t i = 0;

	if (point >= 0x20 && point < 0x7f)
		return KIND_PLAIN;
	while (i < N_ELEMENTS(ranges) && (point < ranges[i].first || point > ranges[i].last))
		i++;
	return i < N_ELEMENTS(ranges) ? ranges[i].kind : KIND_PLAIN;
}

static struct piece
look(const unsigned char *p, size_t n)
{
	uint32_t point = 0;
	size_t n_char = decode(p, n, &point);

	if (n_char == 0)
		return (struct piece){KIND_BROKEN, 1};
	if (point == '\r' && n > 1 && p[1] == '\n')
		n_char = 2;
	return (struct piece){classify(point), n_char};
}

/* Gives  what to write instead of a piece on a line; NULL: the piece itself */
static const char *
instead_in_line(enum kind kind)
{
	switch (kind) {
	case KIND_PLAIN:
		return NULL;
	case KIND_CONTROL:
	case KIND_TAB:
	case KIND_LINE_END:
		return " ";
	case KIND_BIDI:
	case KIND_HIDDEN:
	case KIND_BROKEN:
		return "?";
	}
	return "?";
}

/* Gives  what to write instead of a piece in a text of lines; NULL: the piece itself */
static const char *
instead_in_lines(enum kind kind)
{
	switch (kind) {
	case KIND_PLAIN:
	case KIND_TAB:
	case KIND_HIDDEN:
		return NULL;
	case KIND_LINE_END:
		return "\n";
	case KIND_CONTROL:
	case KIND_BIDI:
	case KIND_BROKEN:
		return "\xef\xbf\xbd";
	}
	return "?";
}

typedef const char *instead(enum kind kind);

/* Rewrite octets; out may be NULL (then only count) or the input itself when nothing grows.
 * Gives  the octets of the result, at most max_octets, whole characters */
static size_t
rewrite(const unsigned char *p, size_t n, size_t max_octets, instead *choose, char *out)
{
	size_t n_out = 0;

	for (size_t at = 0; at < n;) {
		struct piece piece = look(p + at, n - at);
		const char *other = choose(piece.kind);
		size_t n_piece = other == NULL ? piece.n : strlen(other);

		if (n_piece > max_octets - n_out)
			break;
		if (out != NULL)
			memmove(out + n_out, other == NULL ? (const char *)p + at : other, n_piece);
		n_out += n_piece;
		at += piece.n;
	}
	return n_out;
}

void
text_clean_line(char *text)
{
	size_t n = strlen(text);

	text[rewrite((unsigned char *)text, n, n, instead_in_line, text)] = '\0';
}

static char *
rewritten(struct arena *a, const void *octets, size_t n, size_t max_octets, instead *choose)
{
	size_t n_out = rewrite(octets, n, max_octets, choose, NULL);
	char *text = arena_alloc(a, n_out + 1);

	(void)rewrite(octets, n, n_out, choose, text);
	return text;
}

char *
text_line(struct arena *a, const void *octets, size_t n, size_t max_octets)
{
	return rewritten(a, octets, n, max_octets, instead_in_line);
}

char *
text_lines(struct arena *a, const void *octets, size_t n, size_t max_octets)
{
	return rewritten(a, octets, n, max_octets, instead_in_lines);
}

bool
text_is_utf8(const void *octets, size_t n)
{
	const unsigned char *p = octets;
	uint32_t point;
	size_t n_char = 1;

	for (size_t at = 0; at < n && n_char > 0; at += n_char)
		n_char = decode(p + at, n - at, &point);
	return n_char > 0;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
text_same(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) == lower(*b);
}

bool
text_begins(const char *text, const char *prefix)
{
	while (*prefix != '\0' && lower(*text) == lower(*prefix)) {
		text++;
		prefix++;
	}
	return *prefix == '\0';
}

const char *
text_find(const char *text, const char *needle)
{
	char first = lower(*needle);

	/* Most places differ in the first letter: a call for each of them was half the time for
	 * reading a mail. */
	while (*text != '\0' && first != '\0' &&
	       (lower(*text) != first || !text_begins(text, needle)))
		text++;
	return text_begins(text, needle) ? text : NULL;
}

void
text_lower(char *text)
{
	for (; *text != '\0'; text++)
		*text = lower(*text);
}

void
text_log(struct buf *b, const void *octets, size_t n, size_t max_octets)
{
	const unsigned char *p = octets;
	size_t at = 0;

	while (at < n) {
		struct piece piece = look(p + at, n - at);

		if (piece.n > max_octets - at)
			break;
		if (piece.kind == KIND_PLAIN && p[at] != '"' && p[at] != '\\') {
			buf_add(b, p + at, piece.n);
		} else {
			for (size_t i = 0; i < piece.n; i++)
				buf_printf(b, "\\x%02x", p[at + i]);
		}
		at += piece.n;
	}
	if (at < n)
		buf_text(b, "...");
}

void
text_html(struct buf *b, const char *text)
{
	static const char *const entities[] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
	};

	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p < N_ELEMENTS(entities) && entities[*p] != NULL)
			buf_text(b, entities[*p]);
		else
			buf_octet(b, (char)*p);
	}
}

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, lower(c));

	return at == NULL ? -1 : (int)(at - digits);
}

/* Octets that xtext writes as themselves (RFC 3461 4: xchar). */
static bool
is_xchar(unsigned char c)
{
	return c >= '!' && c <= '~' && c != '+' && c != '=';
}

/* One octet of xtext. Gives  its value and length, or -1 */
static int
xtext_octet(const char *p, size_t *n_r)
{
	*n_r = 1;
	if (*p != '+')
		return is_xchar((unsigned char)*p) ? *p : -1;
	int high = hex_value(p[1]);
	int low = high < 0 ? -1 : hex_value(p[2]);
	*n_r = 3;
	return low < 0 ? -1 : high * 16 + low;
}

bool
text_unxtext(struct buf *b, const char *xtext)
{
	size_t n_before = b->n, n = 0;
	bool good = true;

	buf_add(b, NULL, 0);
	for (const char *p = xtext; good && *p != '\0'; p += n) {
		int octet = xtext_octet(p, &n);

		good = octet > 0 && octet != '\r' && octet != '\n';
		if (good)
			buf_octet(b, (char)octet);
	}
	if (!good) {
		b->n = n_before;
		b->octets[b->n] = '\0';
	}
	return good;
}

void
text_xtext(struct buf *b, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (is_xchar(*p))
			buf_octet(b, (char)*p);
		else
			buf_printf(b, "+%02X", *p);
	}
}

bool
text_same_secret(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *p = a, *q = b;
	unsigned char differ = 0;

	for (size_t i = 0; i < n; i++)
		differ |= p[i] ^ q[i];
	return differ == 0;
}

/* Levenshtein's distance, ignoring ASCII case, over names of NEAREST_MAX_OCTETS at most. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[NEAREST_MAX_OCTETS + 1];
	size_t n_b = strlen(b);

	for (size_t j = 0; j <= n_b; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 1; j <= n_b; j++) {
			size_t best = corner + (lower(a[i]) != lower(b[j - 1]));

			best = row[j] + 1 < best ? row[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			corner = row[j];
			row[j] = best;
		}
	}
	return row[n_b];
}

const char *
text_nearest(const char *typed, const char *const names[])
{
	size_t n_typed = strlen(typed), least = NEAREST_DISTANCE + 1;
	const char *nearest = NULL;

	if (n_typed > NEAREST_MAX_OCTETS)
		return NULL;
	for (size_t i = 0; names[i] != NULL; i++) {
		if (strlen(names[i]) > NEAREST_MAX_OCTETS)
			continue;
		size_t d = distance(typed, names[i]);
		if (d < least && d <= n_typed / 3) {
			least = d;
			nearest = names[i];
		}
	}
	return nearest;
}

/* src/spf/spf_macro.c - macros of SPF records (RFC 7208 7): grammar and expansion */
#include "spf_macro.h"
#include "arena.h"
#include "buf.h"
#include "dns_name.h"
#include <string.h>

/* No limits that honest domains meet: a name is cut to 253 octets, and a value has fewer parts than
 * a sender has octets. */
enum { EXPANSION_MOST_OCTETS = 16 * 1024, PARTS_MOST = 512 };

static const char letters[] = "slodiphvSLODIPHV";
static const char delimiters[] = ".-+,/_=";

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One macro, taken apart. */
struct macro {
	char letter;
	size_t n_parts; /* to keep, from the right; 0: all */
	bool is_reversed;
	const char *delimiter; /* n_delimiters of them */
	size_t n_delimiters;
};

/* Read "{letter transformers delimiters}" behind a '%'.
 * Gives  the octets it takes, 0 when it is malformed */
static size_t
read_macro(const char *at, const char *end, struct macro *m_r)
{
	const char *p = at + 1;
	struct macro m = {0};

	if (p >= end || strchr(letters, *p) == NULL || *p == '\0')
		return 0;
	m.letter = *p++;
	const char *digits = p;
	for (; p < end && is_digit(*p); p++)
		if (m.n_parts <= PARTS_MOST) /* no name has more: as good as all */
			m.n_parts = m.n_parts * 10 + (size_t)(*p - '0');
	if (p > digits && m.n_parts == 0)
		return 0; /* RFC 7208 7.3: must be nonzero */
	if (p < end && (*p == 'r' || *p == 'R')) {
		m.is_reversed = true;
		p++;
	}
	m.delimiter = p;
	while (p < end && *p != '\0' && strchr(delimiters, *p) != NULL)
		p++;
	m.n_delimiters = (size_t)(p - m.delimiter);
	if (p >= end || *p != '}')
		return 0;
	*m_r = m;
	return (size_t)(p + 1 - at);
}

/* Read what follows a '%'.
 * Gives  the octets it takes, 0 when it is malformed; m_r->letter is '\0' for %%, %_ and %- */
static size_t
read_percent(const char *at, const char *end, struct macro *m_r)
{
	*m_r = (struct macro){0};
	if (at >= end)
		return 0;
	if (*at == '{')
		return read_macro(at, end, m_r);
	return *at == '%' || *at == '_' || *at == '-' ? 1 : 0;
}

/* Gives  where the last macro ends (the beginning when there is none), NULL when malformed */
static const char *
find_tail(const char *octets, size_t n)
{
	const char *end = octets + n, *tail = octets;
	struct macro m;

	for (const char *p = octets; p < end;) {
		if (*p < '!' || *p > '~')
			return NULL;
		if (*p++ != '%')
			continue;
		size_t n_macro = read_percent(p, end, &m);
		if (n_macro == 0)
			return NULL;
		p += n_macro;
		tail = p;
	}
	return tail;
}

bool
spf_macro_is_string(const char *octets, size_t n)
{
	return find_tail(octets, n) != NULL;
}

/* toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum ) */
static bool
is_top_label(const char *label, size_t n)
{
	bool has_letter = false, has_hyphen = false;

	for (size_t i = 0; i < n; i++) {
		has_letter = has_letter || is_alpha(label[i]);
		has_hyphen = has_hyphen || label[i] == '-';
		if (!is_alpha(label[i]) && !is_digit(label[i]) && label[i] != '-')
			return false;
	}
	return (has_letter || has_hyphen) && label[0] != '-' && label[n - 1] != '-';
}

bool
spf_macro_is_domain(const char *octets, size_t n)
{
	const char *tail = find_tail(octets, n);

	if (tail == NULL || n == 0)
		return false;
	size_t n_tail = n - (size_t)(tail - octets);
	if (n_tail == 0)
		return true;
	if (tail[n_tail - 1] == '.')
		n_tail--;
	const char *dot = memrchr(tail, '.', n_tail);
	return dot != NULL && is_top_label(dot + 1, n_tail - (size_t)(dot + 1 - tail));
}

/* ---- expansion ---- */

static const char *
value_of(const struct spf_macro_facts *f, char letter)
{
	switch (letter | 0x20) {
	case 's':
		return f->sender;
	case 'l':
		return f->local;
	case 'o':
		return f->sender_domain;
	case 'd':
		return f->domain;
	case 'i':
		return f->address;
	case 'v':
		return f->version;
	case 'h':
		return f->helo;
	default:
		return f->validated(f->arg, f->domain);
	}
}

static bool
is_delimiter(const struct macro *m, char c)
{
	if (m->n_delimiters == 0)
		return c == '.';
	return memchr(m->delimiter, c, m->n_delimiters) != NULL;
}

struct part {
	const char *at;
	size_t n;
};

/* Gives  the parts, the last one being what is left after PARTS_MOST */
static size_t
split(const struct macro *m, const char *value, struct part part_r[PARTS_MOST])
{
	size_t n_parts = 0;
	const char *begin = value;

	for (const char *p = value;; p++) {
		bool is_end = *p == '\0';
		if (!is_end && (!is_delimiter(m, *p) || n_parts + 1 == PARTS_MOST))
			continue;
		part_r[n_parts++] = (struct part){begin, (size_t)(p - begin)};
		if (is_end)
			return n_parts;
		begin = p + 1;
	}
}

/* RFC 7208 7.3: all but unreserved octets are escaped for an upper-case letter. */
static void
put_octet(struct buf *out, bool is_escaped, char c)
{
	if (is_escaped && !is_alpha(c) && !is_digit(c) && (c == '\0' || strchr("-._~", c) == NULL))
		buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
	else
		buf_octet(out, c);
}

static void
put_macro(struct buf *out, const struct macro *m, const char *value)
{
	struct part part[PARTS_MOST];
	size_t n = split(m, value, part);
	size_t n_kept = m->n_parts > 0 && m->n_parts < n ? m->n_parts : n;
	bool is_escaped = m->letter >= 'A' && m->letter <= 'Z';

	for (size_t i = n - n_kept; i < n; i++) {
		const struct part *p = &part[m->is_reversed ? n - 1 - i : i];
		if (i > n - n_kept)
			buf_octet(out, '.');
		for (size_t k = 0; k < p->n; k++)
			put_octet(out, is_escaped, p->at[k]);
	}
}

static void
put_percent(struct buf *out, char c)
{
	buf_text(out, c == '%' ? "%" : c == '_' ? " " : "%20");
}

static const char *
cut(struct arena *a, const struct buf *name)
{
	const char *text = arena_memdup(a, name->octets, name->n);

	while (strlen(text) > DNS_NAME_TEXT_MOST && strchr(text, '.') != NULL)
		text = strchr(text, '.') + 1;
	return text;
}

const char *
spf_macro_expand(struct arena *a, const char *spec, const struct spf_macro_facts *facts)
{
	AUTO(buf) struct buf name = {0};
	const char *end = spec + strlen(spec);
	struct macro m;

	for (const char *p = spec; p < end && name.n < EXPANSION_MOST_OCTETS;) {
		if (*p != '%') {
			buf_octet(&name, *p++);
			continue;
		}
		size_t n = read_percent(p + 1, end, &m);
		if (m.letter != '\0')
			put_macro(&name, &m, value_of(facts, m.letter));
		else
			put_percent(&name, p[1]);
		p += 1 + n;
	}
	if (name.n > 0 && name.octets[name.n - 1] == '.')
		name.n--;
	return cut(a, &name);
}

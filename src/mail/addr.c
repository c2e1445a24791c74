/* src/mail/addr.c - mail addresses: what is safe to use, and what identifies somebody */
#include "addr.h"
#include "arena.h"
#include "head.h"
#include <glib.h>
#include <string.h>

enum {
	LOCAL_MAX_OCTETS = 64,   /* RFC 5321 4.5.3.1.1 */
	DOMAIN_MAX_OCTETS = 255, /* RFC 5321 4.5.3.1.2 */
	LABEL_MAX_OCTETS = 63,   /* RFC 1035 2.3.4 */
	LABEL_MAX_OCTETS_U = 252, /* the same label as UTF-8 */
	COMMENT_DEPTH_MAX = 4
};

/* The From field that is being read. */
struct from {
	const char *value;
	size_t n, at;
};

static bool
is_atext(char c)
{
	return g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* What may stand in an address beside ASCII: letters, marks, digits and symbols that show
 * themselves. Private and compatibility forms (full-width "＠") are left out: others fold them
 * into ASCII. */
static bool
is_visible(gunichar c, bool in_domain)
{
	if (c < 0xA0 || (c >= 0xE000 && c <= 0xFFEF) || c >= 0xE0000)
		return false;
	if (g_unichar_isalnum(c) || g_unichar_ismark(c))
		return true;
	return !in_domain && g_unichar_isgraph(c) && g_unichar_type(c) != G_UNICODE_FORMAT;
}

static bool
local_ok(const char *text, size_t n)
{
	bool dot = true; /* a dot may not stand here (RFC 5322 3.2.3) */

	if (n == 0 || n > LOCAL_MAX_OCTETS)
		return false;
	for (size_t i = 0; i < n; i = (size_t)(g_utf8_next_char(text + i) - text)) {
		if (text[i] == '.'     ? dot
		    : (text[i] & 0x80) ? !is_visible(g_utf8_get_char(text + i), false)
		                       : !is_atext(text[i]))
			return false;
		/* An encoded word, which somebody behind us would decode. */
		if (text[i] == '=' && i + 1 < n && text[i + 1] == '?')
			return false;
		dot = text[i] == '.';
	}
	return !dot;
}

static bool
label_ok(const char *text, size_t n)
{
	bool ascii = true;

	for (size_t i = 0; i < n; i = (size_t)(g_utf8_next_char(text + i) - text)) {
		if (text[i] & 0x80)
			ascii = false;
		if (text[i] & 0x80 ? !is_visible(g_utf8_get_char(text + i), true)
		                   : !g_ascii_isalnum(text[i]) && text[i] != '-')
			return false;
	}
	return n > 0 && n <= (size_t)(ascii ? LABEL_MAX_OCTETS : LABEL_MAX_OCTETS_U) &&
	       text[0] != '-' && text[n - 1] != '-';
}

static bool
domain_ok(const char *text)
{
	size_t n = strlen(text);

	if (n > DOMAIN_MAX_OCTETS)
		return false;
	for (const char *dot; (dot = strchr(text, '.')) != NULL; text = dot + 1) {
		if (!label_ok(text, (size_t)(dot - text)))
			return false;
	}
	return label_ok(text, strlen(text));
}

bool
addr_ok(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL && g_utf8_validate(address, -1, NULL) &&
	       local_ok(address, (size_t)(at - address)) && domain_ok(at + 1);
}

char *
addr_canonical(struct arena *a, const char *address)
{
	char *copy = NULL;

	if (addr_ok(address)) {
		copy = arena_strdup(a, address);
		for (char *c = copy; *c != '\0'; c++)
			*c = g_ascii_tolower(*c);
	}
	return copy;
}

const char *
addr_domain(const char *address)
{
	return strrchr(address, '@') + 1;
}

void
addr_split(struct arena *a, const char *address, const char *delimiters, const char **base_r,
           const char **extension_r)
{
	const char *at = strrchr(address, '@');
	size_t n_local = at == NULL ? strlen(address) : (size_t)(at - address);
	size_t n = strcspn(address, delimiters);

	if (n > 0 && n < n_local) {
		*base_r = arena_printf(a, "%.*s%s", (int)n, address, address + n_local);
		*extension_r = arena_strndup(a, address + n + 1, n_local - n - 1);
	} else {
		*base_r = arena_strdup(a, address);
		*extension_r = "";
	}
}

/* NUL, a bare CR and other controls make readers disagree about where a field ends. */
static bool
has_controls(const struct from *f)
{
	for (size_t i = 0; i < f->n; i++) {
		unsigned char c = (unsigned char)f->value[i];
		bool fold = c == '\n' || (c == '\r' && i + 1 < f->n && f->value[i + 1] == '\n');

		if ((c < ' ' || c == 0x7F) && c != '\t' && !fold)
			return true;
	}
	return false;
}

static int
peek(const struct from *f)
{
	return f->at < f->n ? (unsigned char)f->value[f->at] : -1;
}

/* Step over a comment (RFC 5322 3.2.2). One that holds an address is refused: readers that take
 * comments for something else would see that address. */
static bool
skip_comment(struct from *f)
{
	size_t depth = 0;

	for (int c; (c = peek(f)) >= 0; f->at++) {
		if (strchr("@<>\"", c) != NULL || depth > COMMENT_DEPTH_MAX)
			return false;
		if (c == '\\')
			f->at++;
		depth += c == '(';
		depth -= c == ')';
		if (depth == 0) {
			f->at++;
			return true;
		}
	}
	return false;
}

static bool
skip_space(struct from *f)
{
	for (int c; (c = peek(f)) >= 0;) {
		if (c == '(' && !skip_comment(f))
			return false;
		if (c != '(' && c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return true;
		f->at += c != '(';
	}
	return true;
}

static bool
skip_quoted(struct from *f)
{
	for (f->at++; peek(f) >= 0; f->at++) {
		if (peek(f) == '"') {
			f->at++;
			return true;
		}
		if (peek(f) == '\\')
			f->at++;
	}
	return false;
}

/* Step over a word. Octets over 127 may stand anywhere in it: names are often not even UTF-8. */
static bool
skip_atom(struct from *f)
{
	size_t from = f->at;

	for (int c; (c = peek(f)) >= 0; f->at++) {
		if (c < 0x80 && !is_atext((char)c) && c != '.' && c != '@')
			break;
	}
	return f->at > from;
}

/* What the words in front of the address were. */
struct phrase {
	size_t n_words;
	const char *address; /* the last word, when it has an '@' outside quotes; arena */
	bool several;        /* a comma came */
};

static bool
read_phrase(struct arena *a, struct from *f, struct phrase *p_r)
{
	bool ok = skip_space(f);

	while (ok && peek(f) >= 0 && peek(f) != '<' && !p_r->several) {
		size_t from = f->at;
		bool quoted = peek(f) == '"';

		p_r->several = peek(f) == ',';
		if (!p_r->several)
			ok = quoted ? skip_quoted(f) : skip_atom(f);
		if (ok && !quoted && memchr(f->value + from, '@', f->at - from) != NULL) {
			ok = p_r->address == NULL;
			p_r->address = arena_memdup(a, f->value + from, f->at - from);
		}
		p_r->n_words++;
		ok = ok && skip_space(f);
	}
	return ok;
}

/* Read <addr> up to the end of the field. */
static char *
read_angle(struct arena *a, struct from *f, bool *several_r)
{
	const char *from = f->value + f->at + 1;
	const char *end = memchr(from, '>', f->n - f->at - 1);
	char *address;

	if (end == NULL)
		return NULL;
	address = addr_canonical(a, arena_memdup(a, from, (size_t)(end - from)));
	f->at = (size_t)(end - f->value) + 1;
	if (!skip_space(f))
		return NULL;
	*several_r = peek(f) == ',';
	return peek(f) < 0 ? address : NULL;
}

/* One mailbox: [display-name] <addr>, or addr alone. */
static enum mail_from
read_mailbox(struct arena *a, struct from *f, const char **address_r)
{
	struct phrase p = {.n_words = 0};
	bool several = false;
	const char *address = NULL;

	if (has_controls(f) || f->n > MAIL_FIELD_MAX_OCTETS || !read_phrase(a, f, &p))
		return MAIL_FROM_ODD;
	if (p.several)
		return MAIL_FROM_SEVERAL;
	if (peek(f) == '<') {
		address = read_angle(a, f, &several);
		/* "a@x <b@y>" is read both ways; "a@x <a@x>" only one way. */
		if (address != NULL && p.address != NULL &&
		    (p.n_words > 1 || g_ascii_strcasecmp(p.address, address) != 0))
			address = NULL;
	} else if (p.n_words == 1 && p.address != NULL) {
		address = addr_canonical(a, p.address);
	}
	if (address != NULL)
		*address_r = address;
	return address != NULL ? MAIL_FROM_ONE : several ? MAIL_FROM_SEVERAL : MAIL_FROM_ODD;
}

/* Lines behind the end of the header, up to the first blank one, that others could take for a From
 * field. */
static bool
has_late_from(const char *octets, size_t n)
{
	while (n > 0 && octets[0] != '\n' && octets[0] != '\r') {
		const char *lf = memchr(octets, '\n', n);
		size_t n_line = lf == NULL ? n : (size_t)(lf - octets) + 1;

		if (n_line > 5 && g_ascii_strncasecmp(octets, "from", 4) == 0 &&
		    memchr(octets, ':', n_line) != NULL)
			return true;
		octets += n_line;
		n -= n_line;
	}
	return false;
}

enum mail_from
addr_identity(struct arena *a, const void *octets, size_t n, const char **address_r)
{
	struct head h;
	struct head_field field;
	struct from from = {.n = 0};
	size_t n_from = 0;
	bool odd = false;
	enum mail_from state = MAIL_FROM_NONE;
	const char *address = "";

	head_start(&h, octets, n, n, SIZE_MAX);
	while (head_next(&h, &field)) {
		if (head_is(&field, "From")) {
			n_from++;
			odd = odd || field.spaced;
			from = (struct from){field.value, field.n_value, 0};
		}
	}
	odd = odd || (h.odd & HEAD_JUNK_FIRST);
	if (n_from > 1 || (n_from == 1 && (h.odd & HEAD_NO_BLANK) &&
	                   has_late_from(h.octets + h.at, h.n - h.at)))
		state = MAIL_FROM_SEVERAL;
	else if (n_from == 1)
		state = odd ? MAIL_FROM_ODD : read_mailbox(a, &from, &address);
	*address_r = address;
	return state;
}

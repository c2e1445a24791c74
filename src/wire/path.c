/* src/wire/path.c - envelope addresses (RFC 5321 4.1.2, RFC 6531 3.3), read and sent */
#include "path.h"
#include "buf.h"
#include "text.h"
#include <string.h>

enum { LABEL_MAX_OCTETS = 63, DOMAIN_MAX_OCTETS = 255 };

/* The rest of the input. */
struct scan {
	const char *at;
	const char *end;
};

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
is_over_127(char c)
{
	return (unsigned char)c > 127;
}

static bool
is_atext(char c)
{
	return is_alnum(c) || is_over_127(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool
take(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

/* A dot-string: atoms with single dots between them. */
static bool
is_dot_string(const char *text, size_t n)
{
	bool dot_allowed = false;

	for (size_t i = 0; i < n; i++) {
		if (text[i] == '.' ? !dot_allowed : !is_atext(text[i]))
			return false;
		dot_allowed = text[i] != '.';
	}
	return dot_allowed;
}

/* Underscores are let through: real senders have them, and a refusal here would be a bounce. */
static bool
read_domain(struct scan *s)
{
	const char *start = s->at;
	size_t n_label = 0;

	for (; s->at < s->end && *s->at != '>' && *s->at != ':' && *s->at != ','; s->at++) {
		if (*s->at == '.' && n_label == 0)
			return false;
		n_label = *s->at == '.' ? 0 : n_label + 1;
		if (*s->at != '.' && *s->at != '-' && *s->at != '_' && !is_alnum(*s->at) &&
		    !is_over_127(*s->at))
			return false;
		if (n_label > LABEL_MAX_OCTETS)
			return false;
	}
	return n_label > 0 && s->at - start <= DOMAIN_MAX_OCTETS;
}

/* "[" dcontent "]" (RFC 5321 4.1.3) */
static bool
read_literal(struct scan *s)
{
	const char *start = s->at;

	if (!take(s, '['))
		return false;
	while (s->at < s->end && (is_alnum(*s->at) || (*s->at && strchr(".:-", *s->at))))
		s->at++;
	return s->at - start > 1 && take(s, ']');
}

/* @one,@two:  - read and forgotten */
static bool
skip_route(struct scan *s)
{
	while (take(s, '@')) {
		if (!read_domain(s))
			return false;
		if (take(s, ':'))
			return true;
		if (!take(s, ','))
			return false;
	}
	return false;
}

static void
add_local(const char *plain, size_t n, struct buf *address_r)
{
	if (is_dot_string(plain, n)) {
		buf_add(address_r, plain, n);
		return;
	}
	buf_octet(address_r, '"');
	for (size_t i = 0; i < n; i++) {
		if (plain[i] == '"' || plain[i] == '\\')
			buf_octet(address_r, '\\');
		buf_octet(address_r, plain[i]);
	}
	buf_octet(address_r, '"');
}

static bool
is_control(char c)
{
	return (unsigned char)c < 32 || c == 127;
}

/* C1 controls, which UTF-8 writes as C2 80 to C2 9F */
static bool
has_c1(const char *octets, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if ((unsigned char)octets[i - 1] == 0xc2 && (unsigned char)octets[i] < 0xa0)
			return true;
	return false;
}

static bool
read_quoted(struct scan *s, struct buf *address_r)
{
	char plain[PATH_MAX_OCTETS] = "";
	size_t n = 0;

	if (!take(s, '"'))
		return false;
	while (s->at < s->end && *s->at != '"') {
		if (*s->at == '\\' && ++s->at == s->end)
			return false;
		if (is_control(*s->at) || n == sizeof plain)
			return false;
		plain[n++] = *s->at++;
	}
	add_local(plain, n, address_r);
	return take(s, '"');
}

static bool
read_local(struct scan *s, struct buf *address_r)
{
	const char *start = s->at;

	if (s->at < s->end && *s->at == '"')
		return read_quoted(s, address_r);
	while (s->at < s->end && (is_atext(*s->at) || *s->at == '.'))
		s->at++;
	buf_add(address_r, start, (size_t)(s->at - start));
	return is_dot_string(start, (size_t)(s->at - start));
}

static bool
read_mailbox(struct scan *s, struct path *path_r, struct buf *address_r)
{
	size_t n_before = address_r->n;

	if (s->at < s->end && *s->at == '@' && !skip_route(s))
		return false;
	if (!read_local(s, address_r))
		return false;
	if (!take(s, '@')) /* RFC 5321 4.5.1: this one name stands without a domain */
		return text_same(address_r->octets + n_before, "postmaster");
	path_r->is_domain = true;
	const char *domain = s->at;
	if (!(s->at < s->end && *s->at == '[' ? read_literal(s) : read_domain(s)))
		return false;
	buf_octet(address_r, '@');
	buf_add(address_r, domain, (size_t)(s->at - domain));
	return true;
}

enum path_err
path_read(const char *text, size_t n, struct path *path_r, struct buf *address_r)
{
	struct scan s = { text, text + n };
	size_t n_before = address_r->n;
	struct path path = { 0 };

	if (!take(&s, '<'))
		return PATH_SYNTAX;
	path.is_null = take(&s, '>');
	if (!path.is_null && !(read_mailbox(&s, &path, address_r) && take(&s, '>')))
		return PATH_SYNTAX;
	path.n_used = (size_t)(s.at - text);
	if (path.n_used > PATH_MAX_OCTETS)
		return PATH_TOO_LONG;
	if (!path.is_null) {
		const char *address = address_r->octets + n_before;
		size_t n_address = address_r->n - n_before;

		path.is_8bit = path_is_8bit(address);
		if (!text_is_utf8(address, n_address) || has_c1(address, n_address))
			return PATH_SYNTAX;
	}
	*path_r = path;
	return PATH_OK;
}

bool
path_is_safe(const char *address)
{
	size_t n = strlen(address);

	if (n == 0 || n > PATH_SEND_MAX_OCTETS || !text_is_utf8(address, n) || has_c1(address, n))
		return false;
	for (size_t i = 0; i < n; i++)
		if (is_control(address[i]) || strchr("<> ", address[i]))
			return false;
	return true;
}

bool
path_is_8bit(const char *text)
{
	for (; *text; text++)
		if (is_over_127(*text))
			return true;
	return false;
}

/* src/wire/xforward.c - what Postfix knows of the client (its XFORWARD_README), read and written */
#include "xforward.h"
#include "text.h"
#include <arpa/inet.h>
#include <string.h>

static const char *const keywords[XFORWARD_COUNT] = {
	[XFORWARD_NAME] = "NAME",     [XFORWARD_ADDR] = "ADDR",   [XFORWARD_PORT] = "PORT",
	[XFORWARD_PROTO] = "PROTO",   [XFORWARD_HELO] = "HELO",   [XFORWARD_IDENT] = "IDENT",
	[XFORWARD_SOURCE] = "SOURCE", [XFORWARD_LOGIN] = "LOGIN",
};

const char *
xforward_keyword(enum xforward_name name)
{
	return keywords[name];
}

const char *
xforward_value(const struct xforward *x, enum xforward_name name)
{
	return x->known[name] ? x->values[name].octets : NULL;
}

void
xforward_reset(struct xforward *x)
{
	for (size_t i = 0; i < XFORWARD_COUNT; i++) {
		buf_free(&x->values[i]);
		x->known[i] = false;
	}
}

/* Which attribute n octets name; XFORWARD_COUNT for none. */
static enum xforward_name
find_name(const char *keyword, size_t n)
{
	enum xforward_name name = XFORWARD_NAME;

	while (name < XFORWARD_COUNT &&
	       (strlen(keywords[name]) != n || strncasecmp(keywords[name], keyword, n) != 0))
		name++;
	return name;
}

/* A strange name that a client called itself is still a fact: shown with '?', not refused. */
static void
clean(struct buf *value)
{
	bool is_utf8 = text_is_utf8(value->octets, value->n);

	text_clean_line(value->octets);
	value->n = strlen(value->octets);
	for (size_t i = 0; i < value->n; i++) {
		unsigned char c = (unsigned char)value->octets[i];

		if (c <= ' ' || c == 127 || (c > 127 && !is_utf8))
			value->octets[i] = '?';
	}
}

static bool
read_address(struct buf *value)
{
	unsigned char binary[sizeof(struct in6_addr)];

	if (!text_begins(value->octets, "IPV6:"))
		return inet_pton(AF_INET, value->octets, binary) == 1;
	buf_consume(value, strlen("IPV6:"));
	return inet_pton(AF_INET6, value->octets, binary) == 1;
}

static bool
is_port(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n >= 1 && n <= 5 && text[n] == '\0';
}

static bool
read_value(struct xforward *x, enum xforward_name name, const char *xtext)
{
	struct buf *value = &x->values[name];

	buf_clear(value);
	x->known[name] = false;
	if (strlen(xtext) > 3 * XFORWARD_VALUE_MAX_OCTETS || !text_unxtext(value, xtext))
		return false;
	if (value->n == 0 || value->n > XFORWARD_VALUE_MAX_OCTETS)
		return false;
	if (text_same(value->octets, "[UNAVAILABLE]") || text_same(value->octets, "[TEMPUNAVAIL]"))
		return true;
	clean(value);
	x->known[name] = true;
	if (name == XFORWARD_ADDR)
		return read_address(value);
	return name != XFORWARD_PORT || is_port(value->octets);
}

/* One attribute=value; word has no space in it. */
static bool
read_word(struct xforward *x, const char *word, size_t n)
{
	const char *equals = memchr(word, '=', n);

	if (!equals)
		return false;
	enum xforward_name name = find_name(word, (size_t)(equals - word));
	if (name == XFORWARD_COUNT)
		return false;
	AUTO(buf) struct buf xtext = { 0 };
	buf_add(&xtext, equals + 1, n - (size_t)(equals + 1 - word));
	return xtext.n > 0 && read_value(x, name, xtext.octets);
}

bool
xforward_read(struct xforward *x, const char *args)
{
	bool good = *args != '\0';

	while (good && *args) {
		size_t n = strcspn(args, " ");

		good = n == 0 || read_word(x, args, n);
		args += n;
		args += *args == ' ';
	}
	if (!good)
		xforward_reset(x);
	return good;
}

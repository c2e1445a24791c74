/* src/base/set_kind.c - the kinds of values of settings: how each is read, bounded, printed */
#include "set_kind.h"
#include "arena.h"
#include "buf.h"
#include "net.h"
#include "number.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

enum {
	ADDRESS_MOST_OCTETS = 254, /* RFC 5321 4.5.3.1.3, without the angle brackets */
	LOCAL_MOST_OCTETS = 64,    /* RFC 5321 4.5.3.1.1 */
	DOMAIN_MOST_OCTETS = 253,
	LABEL_MOST_OCTETS = 63,
	NAME_MOST_OCTETS = 32,
	PATH_MOST_OCTETS = 1000,
	LANGUAGE_MOST_OCTETS = 35 /* RFC 5646 4.4.1 */
};

static bool
is_no(const struct set_row *row, const char *text, struct why *why)
{
	const struct set_kind *kind = row->kind;

	why_set(why, "%s: \"%s\" is not %s%s%s", row->name, text, kind->noun,
	        kind->example == NULL ? "" : ", such as ",
	        kind->example == NULL ? "" : kind->example);
	return false;
}

static bool
is_out(const struct set_row *row, const char *text, struct why *why)
{
	why_set(why, "%s: %s is out of range: %s to %s are allowed", row->name,
	        text[0] == '\0' ? "\"\"" : text, row->least, row->most);
	return false;
}

/* The bounds of the tables are ours: one that cannot be read is a bug. */
static uint64_t
bound(const char *text, enum number_err (*read)(const char *, uint64_t *))
{
	uint64_t n = 0;

	if (read(text, &n) != NUMBER_OK)
		abort();
	return n;
}

static enum number_err
read_time(const char *text, uint64_t *s_r)
{
	int64_t s = 0;
	enum number_err e = number_duration(text, &s);

	if (e == NUMBER_OK)
		*s_r = (uint64_t)s;
	return e;
}

/* Any of the number kinds: read it, hold it against the bounds. */
static bool
read_bounded(const struct set_row *row, const char *text, uint64_t *n_r, struct why *why,
             enum number_err (*read)(const char *, uint64_t *))
{
	uint64_t n = 0;
	enum number_err e = read(text, &n);

	if (e == NUMBER_GARBAGE)
		return is_no(row, text, why);
	if (e == NUMBER_TOO_BIG || n < bound(row->least, read) || n > bound(row->most, read))
		return is_out(row, text, why);
	*n_r = n;
	return true;
}

static bool
read_seconds(const struct set_row *row, struct arena *a, char *text, void *value_r,
             struct why *why)
{
	uint64_t s = 0;

	(void)a;
	if (!read_bounded(row, text, &s, why, read_time))
		return false;
	*(int64_t *)value_r = (int64_t)s;
	return true;
}

static void
print_seconds(const void *value, struct buf *b)
{
	number_put_duration(b, *(const int64_t *)value);
}

static bool
read_window(const struct set_row *row, struct arena *a, char *text, void *value_r,
            struct why *why)
{
	if (text_same(text, "always"))
		*(int64_t *)value_r = SET_ALWAYS;
	else if (text_same(text, "never"))
		*(int64_t *)value_r = SET_NEVER;
	else
		return read_seconds(row, a, text, value_r, why);
	return true;
}

static void
print_window(const void *value, struct buf *b)
{
	int64_t s = *(const int64_t *)value;

	if (s == SET_ALWAYS)
		buf_text(b, "always");
	else if (s == SET_NEVER)
		buf_text(b, "never");
	else
		number_put_duration(b, s);
}

static bool
read_octets(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	(void)a;
	return read_bounded(row, text, value_r, why, number_size);
}

static void
print_octets(const void *value, struct buf *b)
{
	number_put_size(b, *(const uint64_t *)value);
}

static bool
read_count(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	(void)a;
	return read_bounded(row, text, value_r, why, number_unsigned);
}

static void
print_count(const void *value, struct buf *b)
{
	buf_printf(b, "%" PRIu64, *(const uint64_t *)value);
}

static bool
read_yesno(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	(void)a;
	return number_yesno(text, value_r) == NUMBER_OK || is_no(row, text, why);
}

static void
print_yesno(const void *value, struct buf *b)
{
	buf_text(b, *(const bool *)value ? "yes" : "no");
}

static bool
read_mode(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	(void)a;
	return number_mode(text, value_r) == NUMBER_OK || is_no(row, text, why);
}

static void
print_mode(const void *value, struct buf *b)
{
	number_put_mode(b, *(const unsigned *)value);
}

static const char *const levels[] = {[LOG_ERRORS] = "errors",
                                     [LOG_WARNINGS] = "warnings",
                                     [LOG_EVENTS] = "events",
                                     [LOG_DETAILS] = "details",
                                     NULL};
static const char *const tls_names[] = {[SET_TLS_NONE] = "none",
                                        [SET_TLS_STARTTLS] = "starttls",
                                        [SET_TLS_TLS] = "tls",
                                        NULL};

/* Gives  the place of text in words, or the number of words */
static size_t
find_word(const char *text, const char *const words[])
{
	size_t i = 0;

	while (words[i] != NULL && !text_same(text, words[i]))
		i++;
	return i;
}

static bool
read_level(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	size_t i = find_word(text, levels);

	(void)a;
	if (levels[i] == NULL)
		return is_no(row, text, why);
	*(enum log_level *)value_r = (enum log_level)i;
	return true;
}

static void
print_level(const void *value, struct buf *b)
{
	buf_text(b, levels[*(const enum log_level *)value]);
}

static bool
read_tls(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	size_t i = find_word(text, tls_names);

	(void)a;
	if (tls_names[i] == NULL)
		return is_no(row, text, why);
	*(enum set_tls *)value_r = (enum set_tls)i;
	return true;
}

static void
print_tls(const void *value, struct buf *b)
{
	buf_text(b, tls_names[*(const enum set_tls *)value]);
}

static void
print_text(const void *value, struct buf *b)
{
	buf_text(b, *(const char *const *)value);
}

static bool
keep(char *text, void *value_r)
{
	*(const char **)value_r = text;
	return true;
}

static bool
read_text(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	size_t n = strlen(text);

	(void)a;
	if (n < bound(row->least, number_unsigned) || n > bound(row->most, number_unsigned)) {
		why_set(why, "%s: %zu octets long; %s to %s are allowed", row->name, n, row->least,
		        row->most);
		return false;
	}
	for (const char *p = text; *p != '\0'; p++) {
		if (((unsigned char)*p < ' ' && *p != '\n' && *p != '\t') || *p == 0x7f)
			return is_no(row, text, why);
	}
	return keep(text, value_r);
}

static bool
read_path(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	bool may_be_empty = row->least[0] == '0';

	(void)a;
	if (text[0] == '\0' ? !may_be_empty : text[0] != '/')
		return is_no(row, text, why);
	if (strlen(text) > PATH_MOST_OCTETS || strpbrk(text, "\r\n\t") != NULL)
		return is_no(row, text, why);
	return keep(text, value_r);
}

/* One window, as 10m:25. */
static bool
read_limit(char *text, struct set_limit *limit_r)
{
	char *colon = strchr(text, ':');

	if (colon == NULL)
		return false;
	*colon = '\0';
	return number_duration(text, &limit_r->within_s) == NUMBER_OK &&
	       number_unsigned(colon + 1, &limit_r->most) == NUMBER_OK && limit_r->within_s > 0 &&
	       limit_r->within_s <= SET_LIMIT_WITHIN_MOST_S && limit_r->most <= SET_LIMIT_MOST;
}

/* From the shortest to the longest window, each of which may let through more. */
static bool
read_limits(const struct set_row *row, struct arena *a, char *text, void *value_r,
            struct why *why)
{
	struct set_limits l = {.text = text, .n = 0};
	char *rest = arena_strdup(a, text), *word = NULL;

	while ((word = strsep(&rest, " ")) != NULL) {
		struct set_limit one = {0, 0}, *last = l.n > 0 ? &l.limit[l.n - 1] : NULL;

		if (word[0] == '\0')
			continue;
		if (l.n == SET_LIMITS_MAX || !read_limit(word, &one) ||
		    (last != NULL && (one.within_s <= last->within_s || one.most < last->most)))
			return is_no(row, text, why);
		l.limit[l.n++] = one;
	}
	*(struct set_limits *)value_r = l;
	return true;
}

static bool
read_sink(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	if (strcmp(text, "syslog") == 0 || strcmp(text, "stderr") == 0)
		return keep(text, value_r);
	if (strncmp(text, "syslog:/", 8) == 0 && strlen(text) <= PATH_MOST_OCTETS)
		return keep(text, value_r);
	return read_path(row, a, text, value_r, why);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters, digits, octets over ASCII (UTF-8 is checked for the whole file), and some more. */
static bool
is_made_of(const char *text, size_t n, const char *more)
{
	for (size_t i = 0; i < n; i++) {
		char c = text[i];

		if (!is_letter(c) && !is_digit(c) && (unsigned char)c < 0x80 &&
		    strchr(more, c) == NULL)
			return false;
	}
	return true;
}

static bool
read_name(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	size_t n = strlen(text);

	(void)a;
	if (n > NAME_MOST_OCTETS || !is_made_of(text, n, "_-.$") || text[0] == '-')
		return is_no(row, text, why);
	return keep(text, value_r);
}

/* RFC 1123 2.1 labels, or U-labels; or an address literal, its inside left to the resolver. */
static bool
is_domain(const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || n > DOMAIN_MOST_OCTETS)
		return false;
	if (text[0] == '[')
		return n > 2 && text[n - 1] == ']' && is_made_of(text + 1, n - 2, ".:");
	for (const char *label = text;; label++) {
		size_t n_label = strcspn(label, ".");

		if (n_label == 0 || n_label > LABEL_MOST_OCTETS || label[0] == '-' ||
		    label[n_label - 1] == '-' || !is_made_of(label, n_label, "-_"))
			return false;
		label += n_label;
		if (*label == '\0')
			return true;
	}
}

static bool
read_domain(const struct set_row *row, struct arena *a, char *text, void *value_r,
            struct why *why)
{
	struct net_address address;

	(void)a;
	if (!is_domain(text) && !net_address_parse(text, &address))
		return is_no(row, text, why);
	return keep(text, value_r);
}

static bool
read_word(const struct set_row *row, struct arena *a, char *text, void *value_r, struct why *why)
{
	(void)a;
	if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(text))
		return is_no(row, text, why);
	return keep(text, value_r);
}

/* A dot-atom at a domain (RFC 5322 3.4.1, RFC 6532): what can stand in a header unquoted. */
static bool
is_address(const char *text)
{
	const char *at = strchr(text, '@');
	size_t n_local = at == NULL ? 0 : (size_t)(at - text);

	if (n_local == 0 || n_local > LOCAL_MOST_OCTETS || strlen(text) > ADDRESS_MOST_OCTETS)
		return false;
	if (!is_made_of(text, n_local, "!#$%&'*+-/=?^_`{|}~."))
		return false;
	if (text[0] == '.' || at[-1] == '.' || strstr(text, "..") != NULL)
		return false;
	return is_domain(at + 1);
}

static bool
read_address(const struct set_row *row, struct arena *a, char *text, void *value_r,
             struct why *why)
{
	(void)a;
	return is_address(text) ? keep(text, value_r) : is_no(row, text, why);
}

static bool
read_networks(const struct set_row *row, struct arena *a, char *text, void *value_r,
              struct why *why)
{
	struct net_cidrs cidrs;
	struct why inner = {""};

	if (net_cidrs_parse(a, text, &cidrs, &inner) != NET_OK) {
		why_set(why, "%s: %s", row->name, inner.text);
		return false;
	}
	return keep(text, value_r);
}

static bool
read_listen(const struct set_row *row, struct arena *a, char *text, void *value_r,
            struct why *why)
{
	struct net_place place;
	struct why inner = {""};

	(void)a;
	if (net_parse(text, &place, &inner) != NET_OK) {
		why_set(why, "%s: %s", row->name, inner.text);
		return false;
	}
	return keep(text, value_r);
}

static bool
read_prefix(const struct set_row *row, struct arena *a, char *text, void *value_r,
            struct why *why)
{
	size_t n = strlen(text);

	(void)a;
	if (n < bound(row->least, number_unsigned) || n > bound(row->most, number_unsigned))
		return is_no(row, text, why);
	for (size_t i = 0; i < n; i++) {
		if (!is_letter(text[i]))
			return is_no(row, text, why);
	}
	for (size_t i = 0; i < n; i++)
		text[i] = (char)(text[i] & ~0x20);
	return keep(text, value_r);
}

static bool
read_language(const struct set_row *row, struct arena *a, char *text, void *value_r,
              struct why *why)
{
	size_t n = strlen(text), n_first = strcspn(text, "-");

	(void)a;
	if (n > LANGUAGE_MOST_OCTETS || n_first < 2 || n_first > 3 || text[n - 1] == '-')
		return is_no(row, text, why);
	for (const char *p = text; *p != '\0'; p++) {
		if (!is_letter(*p) && !is_digit(*p) && *p != '-')
			return is_no(row, text, why);
	}
	text_lower(text);
	return keep(text, value_r);
}

static bool
read_delimiter(const struct set_row *row, struct arena *a, char *text, void *value_r,
               struct why *why)
{
	(void)a;
	if (text[0] != '\0' && (strchr("+-_=#~", text[0]) == NULL || text[1] != '\0'))
		return is_no(row, text, why);
	return keep(text, value_r);
}

#define KIND_PLAIN(kind, noun, example)                                                            \
	const struct set_kind set_kind_##kind = {noun, example, false, false, false,               \
	                                         read_##kind, print_##kind}
#define KIND_TEXT(kind, expands, noun, example)                                                    \
	const struct set_kind set_kind_##kind = {noun, example, false, true, expands,              \
	                                         read_##kind, print_text}
#define KIND_LIST(kind, read, noun, example)                                                       \
	const struct set_kind set_kind_##kind = {noun, example, true, true, true, read, NULL}

KIND_TEXT(limits, false, "windows, the shortest first, or nothing for no limit",
          "10m:10 1h:25 for 10 in ten minutes and 25 in an hour");
KIND_PLAIN(seconds, "a duration", "90s, 15m, 4h or 14d");
KIND_PLAIN(window, "a duration, always or never", "14d");
KIND_PLAIN(octets, "a size", "64K, 25M or 1G");
KIND_PLAIN(count, "a whole number", NULL);
KIND_PLAIN(yesno, "yes or no", NULL);
KIND_PLAIN(mode, "octal permission bits", "0660");
KIND_PLAIN(level, "errors, warnings, events or details", NULL);
KIND_PLAIN(tls, "none, starttls or tls", NULL);
KIND_TEXT(text, false, "a text without control characters", NULL);
KIND_TEXT(path, true, "an absolute path", "/var/lib/postern");
KIND_TEXT(name, false, "the name of a user or group", "postern");
KIND_TEXT(domain, true, "a host or domain name", "example.org");
KIND_TEXT(address, true, "a mail address", "support@example.org");
KIND_TEXT(sink, true, "syslog, stderr or an absolute path", NULL);
KIND_TEXT(networks, false, "networks, separated by commas", "127.0.0.0/8, ::1/128");
KIND_TEXT(prefix, false, "2 to 8 letters", "ACM");
KIND_TEXT(language, false, "a language", "en or pt-br");
KIND_TEXT(delimiter, false, "one of + - _ = # ~, or empty", NULL);
KIND_LIST(listen, read_listen, "a socket", "\"unix:/run/postern/lmtp\" or \"inet:127.0.0.1:2400\"");
KIND_LIST(addresses, read_address, "a mail address", "\"support@example.org\"");
KIND_LIST(paths, read_path, "an absolute path", "\"/usr/local/lib/postern/spam-headers\"");
KIND_LIST(words, read_word, "a name of small letters, digits and '-'", "\"bounce\"");
KIND_LIST(domains, read_domain, "a host or domain name", "\"example.org\"");

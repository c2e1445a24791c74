/* src/spf/spf_record.c - an SPF record taken apart by the whole grammar of RFC 7208 12 */
#include "spf_record.h"
#include "arena.h"
#include "spf_macro.h"
#include "text.h"
#include <arpa/inet.h>
#include <string.h>

enum { SHOWN_OCTETS = 80, IP4_BITS = 32, IP6_BITS = 128 };

static const char version[] = "v=spf1";

/* Octets of the record. */
struct span {
	const char *at;
	size_t n;
};

static const struct {
	const char *name;
	enum spf_mechanism mechanism;
	bool takes_target, needs_target, takes_bits;
} mechanisms[] = {
	{"all", SPF_MECHANISM_ALL, false, false, false},
	{"include", SPF_MECHANISM_INCLUDE, true, true, false},
	{"a", SPF_MECHANISM_A, true, false, true},
	{"mx", SPF_MECHANISM_MX, true, false, true},
	{"ptr", SPF_MECHANISM_PTR, true, false, false},
	{"ip4", SPF_MECHANISM_IP4, true, true, false},
	{"ip6", SPF_MECHANISM_IP6, true, true, false},
	{"exists", SPF_MECHANISM_EXISTS, true, true, false},
};

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

static struct span
skip(struct span s, size_t n)
{
	return (struct span){s.at + n, s.n - n};
}

static bool
is_word(struct span s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.at, word, s.n) == 0;
}

bool
spf_record_is(const char *octets, size_t n)
{
	size_t n_version = sizeof version - 1;

	return n >= n_version && strncasecmp(octets, version, n_version) == 0 &&
	       (n == n_version || octets[n_version] == ' ');
}

/* ---- prefix lengths ---- */

/* Take "/digits", with so many slashes, from the end of s. Leading zeros are an error, as in
 * ip4-network.
 * Gives  false when there is one and it is wrong; bits_r stays when there is none */
static bool
take_bits(struct span *s, const char *slashes, unsigned most, unsigned *bits_r)
{
	size_t n_slashes = strlen(slashes), n = s->n;
	unsigned bits = 0;

	while (n > 0 && is_digit(s->at[n - 1]))
		n--;
	size_t n_digits = s->n - n;
	if (n_digits == 0 || n < n_slashes ||
	    memcmp(s->at + n - n_slashes, slashes, n_slashes) != 0)
		return true;
	if (n_digits > 3 || (n_digits > 1 && s->at[n] == '0'))
		return false;
	for (size_t i = n; i < s->n; i++)
		bits = bits * 10 + (unsigned)(s->at[i] - '0');
	s->n = n - n_slashes;
	*bits_r = bits;
	return bits <= most;
}

/* ---- mechanisms ---- */

static bool
read_ip4(struct span s, struct spf_term *t)
{
	char text[INET_ADDRSTRLEN];

	if (!take_bits(&s, "/", IP4_BITS, &t->bits4) || s.n == 0 || s.n >= sizeof text ||
	    memchr(s.at, '\0', s.n) != NULL)
		return false;
	memcpy(text, s.at, s.n);
	text[s.n] = '\0';
	/* glibc's inet_pton takes four numbers of one to three digits without leading zeros. */
	return inet_pton(AF_INET, text, t->octets) == 1;
}

static bool
read_ip6(struct span s, struct spf_term *t)
{
	char text[INET6_ADDRSTRLEN];

	if (!take_bits(&s, "/", IP6_BITS, &t->bits6) || s.n == 0 || s.n >= sizeof text ||
	    memchr(s.at, '\0', s.n) != NULL)
		return false;
	memcpy(text, s.at, s.n);
	text[s.n] = '\0';
	return inet_pton(AF_INET6, text, t->octets) == 1;
}

/* What stands behind the name of a mechanism. */
static bool
read_rest(struct arena *a, size_t row, struct span rest, struct spf_term *t)
{
	bool has_target = rest.n > 0 && *rest.at == ':';

	if (has_target ? !mechanisms[row].takes_target : mechanisms[row].needs_target)
		return false;
	if (has_target)
		rest = skip(rest, 1);
	if (t->mechanism == SPF_MECHANISM_IP4)
		return read_ip4(rest, t);
	if (t->mechanism == SPF_MECHANISM_IP6)
		return read_ip6(rest, t);
	if (mechanisms[row].takes_bits && (!take_bits(&rest, "//", IP6_BITS, &t->bits6) ||
	                                   !take_bits(&rest, "/", IP4_BITS, &t->bits4)))
		return false;
	if (!has_target)
		return rest.n == 0;
	t->target = arena_memdup(a, rest.at, rest.n);
	return spf_macro_is_domain(rest.at, rest.n);
}

static bool
read_mechanism(struct arena *a, struct span term, size_t n_name, struct spf_term *t)
{
	struct span name = {term.at, n_name};

	for (size_t i = 0; i < N_ELEMENTS(mechanisms); i++) {
		if (!is_word(name, mechanisms[i].name))
			continue;
		t->mechanism = mechanisms[i].mechanism;
		return read_rest(a, i, skip(term, n_name), t);
	}
	return false;
}

/* ---- modifiers ---- */

/* A record while it is taken apart. */
struct parsing {
	struct arena *a;
	struct spf_record *record;
	bool has_redirect, has_exp;
};

static bool
read_modifier(struct parsing *p, struct span name, struct span value)
{
	bool is_redirect = is_word(name, "redirect"), is_exp = is_word(name, "exp");

	if (!is_redirect && !is_exp)
		return spf_macro_is_string(value.at, value.n);
	bool *seen = is_redirect ? &p->has_redirect : &p->has_exp;
	if (*seen || !spf_macro_is_domain(value.at, value.n))
		return false;
	*seen = true;
	if (is_redirect)
		p->record->redirect = arena_memdup(p->a, value.at, value.n);
	return true;
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static size_t
name_length(struct span term)
{
	size_t n = 0;

	while (n < term.n &&
	       (is_alpha(term.at[n]) ||
	        (n > 0 && (is_digit(term.at[n]) || memchr("-_.", term.at[n], 3) != NULL))))
		n++;
	return n;
}

static bool
read_term(struct parsing *p, struct span term)
{
	struct spf_term t = {.qualifier = '+', .bits4 = IP4_BITS, .bits6 = IP6_BITS};
	bool is_qualified = memchr("+-~?", *term.at, 4) != NULL;

	if (is_qualified) {
		t.qualifier = *term.at;
		term = skip(term, 1);
	}
	size_t n_name = name_length(term);
	if (n_name > 0 && n_name < term.n && term.at[n_name] == '=')
		return !is_qualified && read_modifier(p, (struct span){term.at, n_name},
		                                      skip(term, n_name + 1));
	if (!read_mechanism(p->a, term, n_name, &t))
		return false;
	p->record->term[p->record->n++] = t;
	return true;
}

enum spf_record_err
spf_record_parse(struct arena *a, const char *octets, size_t n, struct spf_record *r_r,
                 struct why *why)
{
	struct spf_record record = {.term = arena_array(a, n / 2 + 1, sizeof *record.term)};
	struct parsing p = {.a = a, .record = &record};
	struct span left = skip((struct span){octets, n}, sizeof version - 1);

	if (n > SPF_RECORD_MOST_OCTETS) {
		why_set(why, "the record has %zu octets, over %d", n, SPF_RECORD_MOST_OCTETS);
		return SPF_RECORD_MALFORMED;
	}
	while (left.n > 0) {
		const char *space = memchr(left.at, ' ', left.n);
		struct span term = {left.at, space == NULL ? left.n : (size_t)(space - left.at)};
		if (term.n > 0 && !read_term(&p, term)) {
			why_set(why, "\"%s\" is no term of an SPF record",
			        text_line(a, term.at, term.n, SHOWN_OCTETS));
			return SPF_RECORD_MALFORMED;
		}
		left = skip(left, term.n + (space != NULL));
	}
	*r_r = record;
	return SPF_RECORD_OK;
}

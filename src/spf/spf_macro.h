/* src/spf/spf_macro.h - macros of SPF records (RFC 7208 7): grammar and expansion */
#ifndef SPF_MACRO_H
#define SPF_MACRO_H
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Whether octets are a macro-string, of records: %{c}, %{r} and %{t} are for explanations only. */
bool spf_macro_is_string(const char *octets, size_t n);

/* Whether octets are a domain-spec: a macro-string that ends in a macro or in a dot and a top
 * label, which may be followed by a dot. */
bool spf_macro_is_domain(const char *octets, size_t n);

/* What macros stand for. All texts are set. */
struct spf_macro_facts {
	const char *sender;        /* s: local@domain */
	const char *local;         /* l */
	const char *sender_domain; /* o */
	const char *domain;        /* d: whose record it is */
	const char *address;       /* i: 192.0.2.1, or nibbles with dots between */
	const char *version;       /* v: in-addr, ip6 */
	const char *helo;          /* h */
	/* p: asks the DNS; called only for a record that uses it */
	const char *(*validated)(void *arg, const char *domain);
	void *arg;
};

/* Make a name of a domain-spec.
 * Takes   spec  spf_macro_is_domain held for it
 * Gives   a text without a dot at its end; labels at its left are dropped until it has 253 octets
 *         (RFC 7208 7.3). It may still be no name: empty labels, octets that no name has */
const char *spf_macro_expand(struct arena *a, const char *spec,
                             const struct spf_macro_facts *facts);
#endif

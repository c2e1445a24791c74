/* src/spf/spf_record.h - an SPF record taken apart by the whole grammar of RFC 7208 12
 *
 * Nothing but a record that keeps every rule is evaluated: an error anywhere is a permerror
 * (RFC 7208 4.6). */
#ifndef SPF_RECORD_H
#define SPF_RECORD_H
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum { SPF_RECORD_MOST_OCTETS = 4096 }; /* RFC 7208 3.4 asks for 450; long ones have 2,000 */

enum spf_mechanism {
	SPF_MECHANISM_ALL,
	SPF_MECHANISM_INCLUDE,
	SPF_MECHANISM_A,
	SPF_MECHANISM_MX,
	SPF_MECHANISM_PTR,
	SPF_MECHANISM_IP4,
	SPF_MECHANISM_IP6,
	SPF_MECHANISM_EXISTS
};

struct spf_term {
	char qualifier; /* + - ~ ? */
	enum spf_mechanism mechanism;
	const char *target;      /* domain-spec; NULL where the record's own domain is meant */
	unsigned bits4, bits6;   /* prefix lengths: 32 and 128 where none is written */
	unsigned char octets[16]; /* address of ip4 (the first 4) and ip6 */
};

struct spf_record {
	struct spf_term *term;
	size_t n;
	const char *redirect; /* domain-spec or NULL */
};

enum spf_record_err { SPF_RECORD_OK = 0, SPF_RECORD_MALFORMED };

/* Whether a TXT record is an SPF record: "v=spf1", in any case, and then a space or the end. */
bool spf_record_is(const char *octets, size_t n);

/* Take a record apart.
 * Takes   octets  spf_record_is held for them
 * Gives   r_r in the arena
 * Fails   SPF_RECORD_MALFORMED with the term that is wrong */
enum spf_record_err spf_record_parse(struct arena *a, const char *octets, size_t n,
                                     struct spf_record *r_r, struct why *why) MUST_USE;
#endif

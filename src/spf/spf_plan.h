/* src/spf/spf_plan.h - what libspf2 is to evaluate of a record, for one client
 *
 * libspf2 1.2.10 drops terms without a word where a record has more than 511 octets of its own
 * form, counts terms modulo 256, refuses a prefix length of 0, takes redirect where it stands, and
 * overflows its buffers in macros. The plan of a record has none of that: networks that the client
 * is not in are left out, a network that it is in stands as its own address, what follows the first
 * certain match is cut, redirect is last, and each name is a handle. */
#ifndef SPF_PLAN_H
#define SPF_PLAN_H
#include "spf_lib.h"
#include "spf_record.h"

struct buf;

enum { SPF_PLAN_TERMS_MOST = 12 }; /* that ask the DNS: the eleventh is a permerror already */

/* Who gives handles, in the order of the terms.
 * Takes   term  NULL for the redirect
 *         spec  its domain-spec; NULL where the record's own domain is meant
 *         any   the term matches whatever address is found (a prefix length of 0)
 * Gives   a name for the record, which libspf2 asks for when it comes to the term; for ptr the
 *         name of a domain, which it compares */
struct spf_plan_names {
	const char *(*name)(void *arg, const struct spf_term *term, const char *spec, bool any);
	void *arg;
};

/* Write the plan of a record. */
void spf_plan_write(struct buf *out, const struct spf_record *record,
                    const struct spf_lib_client *client, const struct spf_plan_names *names);
#endif

/* src/spf/spf_check.h - one check of RFC 7208, from a client and a sender to a result
 *
 * Here are the limits, the choice of the record, the names, and the DNS; libspf2 walks the terms.
 */
#ifndef SPF_CHECK_H
#define SPF_CHECK_H
#include "dns.h"
#include "spf.h"
#include "spf_lib.h"

struct arena;

enum {
	SPF_CHECK_LOOKUPS_MOST = 10,   /* RFC 7208 4.6.4: terms that ask the DNS */
	SPF_CHECK_VOID_MOST = 2,       /* 4.6.4: of these, those that find nothing */
	SPF_CHECK_NAMES_MOST = 10,     /* 4.6.4: hosts of one MX; names of the client's address */
	SPF_CHECK_QUESTIONS_MOST = 20, /* different questions to the DNS: no stranger's record makes
	                                * us ask more (RFC 7208 11.1) */
	SPF_CHECK_MS = 10 * 1000
};

/* Check.
 * Takes   lib, dns     borrows
 *         deadline_ms  instant of clock_mono_ms; beyond it the result is SPF_TEMPERROR
 * Gives   answer_r, always; its texts in the arena. A client at a loopback address gets SPF_NONE:
 *         a record says nothing about this machine itself, and libspf2 would let it pass
 * Cost    as the DNS, until the deadline */
void spf_check(struct spf_lib *lib, const struct dns_source *dns, struct arena *a,
               const struct spf_query *q, int64_t deadline_ms, struct spf_answer *answer_r);
#endif

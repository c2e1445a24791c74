/* src/spf/spf_call.h - ask a pool of postern-spf children; posternd's side */
#ifndef SPF_CALL_H
#define SPF_CALL_H
#include "spf.h"

struct arena;
struct child_pool;

enum { SPF_CALL_DEADLINE_MS = 12000 }; /* for the pool: over the child's own 10 s for a check */

/* Check a client against a sender's domain.
 * Takes   p  a pool of postern-spf, with max_reply_octets of SPF_WIRE_ANSWER_MOST_OCTETS, a
 *            deadline of SPF_CALL_DEADLINE_MS, and recycled after some thousand requests
 *            (libspf2 leaks; a fresh child also reads resolv.conf again)
 *         q  the sender's domain may have U-labels
 * Gives   answer_r, always; its texts in the arena. A child that died, hung, lied, or could not be
 *         had gives SPF_TEMPERROR with the cause: never a pass, and nothing said about the mail.
 *         What no child can be asked (a sender of 400 octets) is SPF_NONE
 * Cost    as child_call: a DNS look-up or twenty */
void spf_call(struct child_pool *p, struct arena *a, const struct spf_query *q,
              struct spf_answer *answer_r);
#endif

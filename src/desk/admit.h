/* src/desk/admit.h - may a mail do what the table decided: floods, senders that a queue wants
 * proven, the same words again */
#ifndef ADMIT_H
#define ADMIT_H
#include "plan.h"

struct admit_result {
	bool held;
	enum held_cause cause;
	bool quiet;         /* kept on its ticket, and nobody is told */
	const char *detail; /* with one of these: why; in the arena */
};

/* Ask, for a mail that would be filed.
 * Takes   plan  with facts, to, before, meter; its meter is changed
 * Fails   STORE_BUSY, STORE_FULL */
enum store_err admit_ask(struct store_txn *txn, struct arena *a, const struct plan_in *in,
                         struct plan *plan, struct admit_result *result_r,
                         struct why *why) MUST_USE;

/* Promise one mail to each agent of the queue that mail is held as a flood, unless they were told
 * within the hour.
 * Takes   plan  its entry is planned; outbox and meter are changed */
enum store_err admit_tell(struct store_txn *txn, struct arena *a, const struct plan_in *in,
                          struct plan *plan, struct why *why) MUST_USE;
#endif

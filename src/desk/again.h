/* src/desk/again.h - a mail that is in the store already, read and planned once more
 *
 * Release, explain and replay put it through the pipeline of a fresh mail. */
#ifndef AGAIN_H
#define AGAIN_H
#include "intake.h"

/* The mail as the store has it. Everything is borrowed. */
struct again_mail {
	const void *octets;
	size_t n;
	struct envelope_record envelope; /* with its recipient */
	const char *queue;               /* where it went, should the recipient be nobody's today */
	int64_t now_s;                   /* the time at which it is judged */
};

/* A mail read anew. */
struct again {
	struct intake_reading reading;
	struct plan_in in;           /* ready for plan_make but for `again` and `blob` */
	struct plan_numbers numbers;
};

/* Read it.
 * Takes   again_r  must stay where it is: its plan_in points into it
 * Gives   false when it cannot be judged now: the parser or a filter could not ask, or there is no
 *         such queue; why says which */
bool again_read(struct desk *d, struct arena *a, const struct conf *conf,
                const struct again_mail *mail, struct again *again_r, struct why *why) MUST_USE;

/* Ask the filters once more, without the one that held it. */
void again_waive_filter(struct arena *a, struct again *again);

/* Decide what would be done with it today; uses up no numbers, writes nothing.
 * Fails   as plan_make */
enum store_err again_look(struct desk *d, struct arena *a, struct again *again, struct plan *plan_r,
                          struct why *why) MUST_USE;
#endif

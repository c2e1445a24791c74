/* src/base/outside_wire.h - the frames between posternd and postern-exec
 *
 * Request: which program, how many facts (8 bits each), the facts with a NUL behind each, the mail.
 * Answer: 'A', the exit status (8 bits), what the program wrote; or 'F' and why it failed. */
#ifndef OUTSIDE_WIRE_H
#define OUTSIDE_WIRE_H
#include "outside.h"
#include <stdbool.h>

struct buf;

enum { OUTSIDE_WIRE_ANSWER_MOST_OCTETS = OUTSIDE_ANSWER_MOST_OCTETS + 2 };

/* Append a request. */
void outside_wire_put_question(struct buf *b, const struct outside_question *q);

/* Read a request.
 * Gives   q_r, in the arena but for the mail, which is borrowed; false when it is malformed */
bool outside_wire_question(struct arena *a, struct child_octets request,
                           struct outside_question *q_r);

/* Append the answer of a program. */
void outside_wire_put_answer(struct buf *b, const struct outside_answer *answer);

/* Append why there is none. */
void outside_wire_put_failure(struct buf *b, const char *text);

/* Read an answer.
 * Gives   answer_r, borrowed of reply (its text has the NUL behind the frame)
 * Fails   OUTSIDE_FAILED, with why in one line */
enum outside_err outside_wire_answer(struct arena *a, struct child_octets reply,
                                     struct outside_answer *answer_r, struct why *why) MUST_USE;
#endif

/* src/base/why.h - the reason of a failure, in words for a person */
#ifndef WHY_H
#define WHY_H
#include "own.h"

enum { WHY_OCTETS = 240 };

/* Stands on the caller's stack; filled by the function that saw the cause. */
struct why {
	char text[WHY_OCTETS]; /* always NUL-terminated UTF-8, one line */
};

/* Say what went wrong, where, and what to do.
 * Takes   why   may be NULL: then nothing happens; a text already there is replaced
 *         fmt   printf; the result is cut at WHY_OCTETS - 1 and cleaned of control characters */
void why_set(struct why *why, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The same, with what errno says at the end.
 * Takes   error  a value of errno */
void why_errno(struct why *why, int error, const char *fmt, ...) PRINTF_LIKE(3, 4);
#endif

/* src/desk/limit.h - whether one more of something may happen (pure: no store, no clock) */
#ifndef LIMIT_H
#define LIMIT_H
#include "settings.h"
#include "tally.h"

/* The first window that one more would overfill.
 * Gives   NULL: all have room, or there is no limit */
const struct set_limit *limit_full(const struct set_limits *limits, const struct tally *tally,
                                   int64_t now_s);

/* How long a count must be kept for these windows; 0: there is no limit. */
int64_t limit_keep_s(const struct set_limits *limits);
#endif

/* src/desk/limit.c - whether one more of something may happen (pure: no store, no clock) */
#include "limit.h"

const struct set_limit *
limit_full(const struct set_limits *limits, const struct tally *tally, int64_t now_s)
{
	const struct set_limit *full = NULL;

	for (size_t i = 0; full == NULL && i < limits->n; i++)
		if (tally_within(tally, now_s, limits->limit[i].within_s) >= limits->limit[i].most)
			full = &limits->limit[i];
	return full;
}

int64_t
limit_keep_s(const struct set_limits *limits)
{
	return limits->n == 0 ? 0 : limits->limit[limits->n - 1].within_s;
}

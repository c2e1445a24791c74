/* src/desk/chain.h - put every inbound question to a mail and collect what was found */
#ifndef CHAIN_H
#define CHAIN_H
#include "filter.h"
#include "set_kind.h"
#include "why.h"
#include <stdbool.h>
#include <stddef.h>

/* What hints must sum up to. No single field or word proves a machine, so a hint alone seldom
 * reaches the first; a mail between them stays a person's, who just gets no answer. */
enum { CHAIN_CLASS_MIN = 100, CHAIN_QUIET_MIN = 60 };

enum { CHAIN_FINDINGS_MAX = 64 };

struct chain_row {
	const struct filter *filter;
	struct finding finding; /* never VERDICT_PASS */
};

struct chain_result {
	enum mail_class class;
	bool quiet;              /* nothing may be sent to its sender */
	bool held;
	enum held_cause cause;   /* with held */
	bool deferred;
	const char *const *tag;  /* for the ticket that it opens */
	size_t n_tags;
	const char *queue;       /* in which it opens one; NULL: that of its address */
	const struct chain_row *row;
	size_t n_rows;
};

/* The filters of these names, in this order.
 * Takes   names  each once; none: all of them
 *         all    ends with NULL, e.g. filter_order
 * Gives   chosen_r in the arena, ends with NULL
 * Fails   false: a name that no filter has, or one twice; why says which, and what is near */
bool chain_choose(const struct set_list *names, const struct filter *const all[], struct arena *a,
                  const struct filter *const **chosen_r, struct why *why) MUST_USE;

/* Ask the filters in order until one is final. A class that a filter is sure of counts; without
 * one, that of most hints, when all hints together reach CHAIN_CLASS_MIN. What is surely automatic
 * may turn out to be a delivery report by hints of such.
 * Takes   filters  ends with NULL, e.g. filter_order
 * Gives   the result; rows live in in->arena
 * Cost    what the filters cost */
struct chain_result chain_ask(const struct filter *const filters[], const struct filter_in *in);
#endif

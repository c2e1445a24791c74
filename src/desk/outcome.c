/* src/desk/outcome.c - what became of one mail for one recipient, said once for LMTP and pipe(8) */
#include "outcome.h"
#include <assert.h>

#define OUTCOME_ROW(name, lmtp, enhanced, exit_status, text)                                      \
	{#name, lmtp, enhanced, exit_status, text},
static const struct outcome_row rows[] = {OUTCOMES(OUTCOME_ROW)};

const struct outcome_row *
outcome_row(enum outcome o)
{
	assert(o < OUT_COUNT);
	return &rows[o];
}

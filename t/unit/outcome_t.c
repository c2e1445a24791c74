/* t/unit/outcome_t.c - one row for each outcome: LMTP reply, enhanced code and pipe(8) status agree */
#include "outcome.h"
#include "own.h"
#include "tap.h"
#include <stdbool.h>

/* What Postfix's pipe(8) bounces on (src/global/sys_exits.c): any status but 0, 71 and 75 would, these
 * are the ones with a meaning of their own. */
static const int bouncing[] = {EX_USAGE,       EX_DATAERR, EX_NOINPUT,   EX_NOUSER,
                               EX_NOHOST,      EX_UNAVAILABLE, EX_SOFTWARE, EX_OSFILE,
                               EX_CANTCREAT,   EX_PROTOCOL, EX_NOPERM};

static bool
bounces(int status)
{
	bool found = false;

	for (size_t i = 0; i < N_ELEMENTS(bouncing); i++)
		found |= bouncing[i] == status;
	return found;
}

static void
test_row(const struct outcome_row *row)
{
	char said[200];

	(void)snprintf(said, sizeof said, "%s: %d %s, exit %d", row->name, row->lmtp, row->enhanced,
	               row->exit_status);
	switch (row->lmtp / 100) {
	case 2:
		OK(row->enhanced[0] == '2' && row->exit_status == EX_OK, said);
		break;
	case 4:
		OK(row->enhanced[0] == '4' && row->exit_status == EX_TEMPFAIL, said);
		break;
	case 5:
		OK(row->enhanced[0] == '5' && bounces(row->exit_status), said);
		break;
	default:
		OK(false, said);
		break;
	}
	unsigned class = 0, subject = 0, detail = 0;
	char more = 0;
	IS_INT(sscanf(row->enhanced, "%1u.%3u.%3u%c", &class, &subject, &detail, &more), 3,
	       "the enhanced code has three numbers (RFC 3463)");
	OK(row->text[0] != '\0' && strpbrk(row->text, "\r\n") == NULL, "its text is one line");
}

int
main(void)
{
	IS_INT(OUT_COUNT, 6, "outcomes");
	for (int i = 0; i < OUT_COUNT; i++)
		test_row(outcome_row((enum outcome)i));
	IS_STR(outcome_row(OUT_HELD)->name, "OUT_HELD", "rows stand under their names");
	IS_INT(outcome_row(OUT_HELD)->lmtp, 250, "a held mail is not sent back");
	IS_INT(outcome_row(OUT_FULL)->lmtp, 452, "a full store is a temporary failure");
	return tap_done();
}

/* filters/report.c - is it a receipt (RFC 8098), or a complaint (RFC 5965)? */
#include "filter.h"
#include "text.h"
#include "value.h"

static const char *const receipt[] = {"disposition-notification", NULL};
static const char *const feedback[] = {"feedback-report", NULL};

static bool
has_part(const struct mail *m, const char *type)
{
	bool found = false;

	for (size_t i = 0; !found && i < m->n_parts; i++)
		found = text_same(m->part[i].type, type);
	return found;
}

static struct finding
look(const struct filter_in *in)
{
	const struct mail *m = in->mail;
	struct finding f = {.verdict = VERDICT_PASS};

	if (value_first_is(m->report_type, feedback) || has_part(m, "message/feedback-report"))
		f = (struct finding){.verdict = VERDICT_CLASS,
		                     .class = CLASS_REPORT,
		                     .why = "a feedback report (RFC 5965)"};
	else if (value_first_is(m->report_type, receipt) ||
	         has_part(m, "message/disposition-notification"))
		f = (struct finding){.verdict = VERDICT_CLASS,
		                     .class = CLASS_MDN,
		                     .why = "a receipt (RFC 8098)"};
	return f;
}

const struct filter filter_report = {"report", look};

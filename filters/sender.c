/* filters/sender.c - would an answer be unwelcome, although a person may have written? */
#include "arena.h"
#include "filter.h"
#include "notify.h"
#include "text.h"

/* [MS-OXCMAIL] X-Auto-Response-Suppress: only these three ask us for silence; DR, NDR, RN, NRN
 * speak of reports that we do not send. */
static bool
asks_for_silence(const char *value)
{
	return value != NULL &&
	       (text_find(value, "All") != NULL || text_find(value, "OOF") != NULL ||
	        text_find(value, "AutoReply") != NULL);
}

static struct finding
look(const struct filter_in *in)
{
	const struct mail *m = in->mail;
	const char *sender = in->envelope->sender;
	const char *why = NULL;

	if (asks_for_silence(mail_field(m, "X-Auto-Response-Suppress")))
		why = "X-Auto-Response-Suppress";
	else if (m->from_address[0] != '\0' && !notify_answerable(m->from_address))
		why = arena_printf(in->arena, "nobody reads at %s", m->from_address);
	else if (sender[0] != '\0' && !notify_answerable(sender))
		why = arena_printf(in->arena, "sent by %s", sender);
	return why == NULL ? (struct finding){.verdict = VERDICT_PASS}
	                   : (struct finding){.verdict = VERDICT_QUIET, .why = why};
}

const struct filter filter_sender = {"sender", look};

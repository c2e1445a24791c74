/* filters/daemon.c - is the sender one that mail systems write as? */
#include "arena.h"
#include "filter.h"
#include "value.h"

enum { BY_NAME = 45, NULL_SENDER = 40 };

static struct finding
look(const struct filter_in *in)
{
	bool null_sender = in->envelope->sender[0] == '\0';
	bool daemon = value_by_daemon(in->mail);
	struct finding f = {.verdict = VERDICT_PASS};

	if (daemon || null_sender)
		f = (struct finding){.verdict = VERDICT_HINT,
		                     .class = CLASS_BOUNCE,
		                     .confidence = (daemon ? BY_NAME : 0) +
		                                   (null_sender ? NULL_SENDER : 0),
		                     .why = daemon ? "a mail system is its sender" : "null sender"};
	return f;
}

const struct filter filter_daemon = {"daemon", look};

/* filters/loop.c - is it our own mail come back, or one that travels in circles? */
#include "arena.h"
#include "conf.h"
#include "filter.h"
#include "ref.h"
#include "text.h"

static struct finding
own(const char *why)
{
	return (struct finding){.verdict = VERDICT_CLASS, .class = CLASS_OWN, .why = why};
}

static struct finding
look(const struct filter_in *in)
{
	const struct settings *set = in->conf->settings;
	const struct mail *m = in->mail;
	size_t n_hops = mail_count(m, "Received");
	struct finding f = {.verdict = VERDICT_PASS};

	/* Our mark carries our own name: a constant would also catch the mail of other Posterns. */
	for (size_t i = 0; i < mail_count(m, "X-Postern-Instance"); i++)
		if (text_same(mail_field_nth(m, "X-Postern-Instance", i), set->instance))
			f = own("it carries our own loop mark");
	if (f.verdict == VERDICT_PASS && ref_looks_ours(m->message_id, set->instance))
		f = own("its Message-ID is one of ours");
	else if (f.verdict == VERDICT_PASS && m->from_address[0] != '\0' &&
	         conf_is_ours(in->conf, m->from_address))
		f = own(arena_printf(in->arena, "it says to come from our own %s",
		                     m->from_address));
	else if (f.verdict == VERDICT_PASS && n_hops > set->hops_max)
		f = own(arena_printf(in->arena, "%zu Received fields (hops_max)", n_hops));
	return f;
}

const struct filter filter_loop = {"loop", look};

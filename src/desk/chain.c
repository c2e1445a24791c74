/* src/desk/chain.c - put every inbound question to a mail and collect what was found */
#include "chain.h"
#include "arena.h"

const char *const mail_class_name[CLASS_COUNT] = {
	[CLASS_HUMAN] = "human", [CLASS_AUTO] = "auto", [CLASS_BOUNCE] = "bounce",
	[CLASS_LIST] = "list",   [CLASS_OWN] = "own",
};

static void
weigh(struct chain_result *r, const struct finding *f)
{
	switch (f->verdict) {
	case VERDICT_PASS:
		break;
	case VERDICT_CLASS:
		if (r->class == CLASS_HUMAN)
			r->class = f->class;
		break;
	case VERDICT_QUIET:
		r->quiet = true;
		break;
	case VERDICT_HOLD:
		r->held = true;
		r->cause = f->cause;
		break;
	case VERDICT_DEFER:
		r->deferred = true;
		break;
	}
}

struct chain_result
chain_ask(const struct filter *const filters[], const struct filter_in *in)
{
	struct chain_result r = {.class = CLASS_HUMAN};
	struct chain_row *row = arena_array(in->arena, CHAIN_FINDINGS_MAX, sizeof *row);

	for (size_t i = 0; filters[i] != NULL && !r.held && !r.deferred; i++) {
		struct finding f = filters[i]->look(in);

		weigh(&r, &f);
		/* What ends the chain is its last row, whatever else had to be left out. */
		if ((r.held || r.deferred) && r.n_rows == CHAIN_FINDINGS_MAX)
			r.n_rows--;
		if (f.verdict != VERDICT_PASS && r.n_rows < CHAIN_FINDINGS_MAX)
			row[r.n_rows++] = (struct chain_row){filters[i], f};
	}
	r.row = row;
	return r;
}

/* src/desk/chain.c - put every inbound question to a mail and collect what was found */
#include "chain.h"
#include "arena.h"
#include "text.h"
#include <string.h>

const char *const mail_class_name[CLASS_COUNT] = {
	[CLASS_HUMAN] = "human",   [CLASS_AUTO] = "auto", [CLASS_BOUNCE] = "bounce",
	[CLASS_DELAY] = "delay",   [CLASS_MDN] = "mdn",   [CLASS_REPORT] = "report",
	[CLASS_LIST] = "list",     [CLASS_OWN] = "own",
};

const char *const verdict_name[VERDICT_COUNT] = {
	[VERDICT_PASS] = "pass",   [VERDICT_CLASS] = "class", [VERDICT_HINT] = "hint",
	[VERDICT_QUIET] = "quiet", [VERDICT_HOLD] = "hold",   [VERDICT_DEFER] = "defer",
	[VERDICT_MARK] = "mark",
};

/* The confidence of the hints, by class. */
struct hints {
	unsigned sum[CLASS_COUNT], total;
};

static void
weigh(struct chain_result *r, struct hints *h, const struct finding *f)
{
	switch (f->verdict) {
	case VERDICT_PASS:
	case VERDICT_MARK:
		break;
	case VERDICT_CLASS:
		if (r->class == CLASS_HUMAN)
			r->class = f->class;
		break;
	case VERDICT_HINT:
		h->sum[f->class] += f->confidence;
		h->total += f->confidence;
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
	case VERDICT_COUNT:
		break;
	}
}

/* What the hints say together. Delivery reports of both kinds speak of one thing: the words that
 * say "delayed" are the rarer ones, so they decide which. */
static void
conclude(struct chain_result *r, const struct hints *h)
{
	unsigned reports = h->sum[CLASS_BOUNCE] + h->sum[CLASS_DELAY];
	enum mail_class report = h->sum[CLASS_DELAY] > 0 ? CLASS_DELAY : CLASS_BOUNCE;
	enum mail_class most = report;

	if (r->class == CLASS_AUTO && reports >= CHAIN_CLASS_MIN) {
		r->class = report;
	} else if (r->class == CLASS_HUMAN && h->total >= CHAIN_CLASS_MIN) {
		unsigned best = reports;

		for (enum mail_class c = CLASS_AUTO; c < CLASS_COUNT; c++)
			if (c != CLASS_BOUNCE && c != CLASS_DELAY && h->sum[c] > best) {
				best = h->sum[c];
				most = c;
			}
		r->class = most;
	}
	r->quiet = r->quiet || h->total >= CHAIN_QUIET_MIN;
}

static void
collect(struct chain_result *r, const char **tag, const struct finding *f)
{
	for (size_t i = 0; i < f->n_tags && r->n_tags < FILTER_TAGS_MOST; i++) {
		bool known = false;

		for (size_t k = 0; !known && k < r->n_tags; k++)
			known = strcmp(tag[k], f->tag[i]) == 0;
		if (!known)
			tag[r->n_tags++] = f->tag[i];
	}
	if (r->queue == NULL)
		r->queue = f->queue;
}

static const struct filter *
find_filter(const struct filter *const all[], const char *name)
{
	const struct filter *found = NULL;

	for (size_t i = 0; found == NULL && all[i] != NULL; i++)
		found = strcmp(all[i]->name, name) == 0 ? all[i] : NULL;
	return found;
}

/* Say which names there are, nearest first. */
static void
tell_unknown(const struct filter *const all[], struct arena *a, const char *name, struct why *why)
{
	size_t n = 0;

	while (all[n] != NULL)
		n++;
	const char **known = arena_array(a, n + 1, sizeof *known);
	for (size_t i = 0; i < n; i++)
		known[i] = all[i]->name;
	known[n] = NULL;
	const char *near = text_nearest(name, known);
	why_set(why, "filters: there is no filter \"%s\"%s%s%s", name,
	        near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	        near != NULL ? "\"?" : "");
}

bool
chain_choose(const struct set_list *names, const struct filter *const all[], struct arena *a,
             const struct filter *const **chosen_r, struct why *why)
{
	const struct filter **chosen = arena_array(a, names->n + 1, sizeof *chosen);
	bool fine = true;

	for (size_t i = 0; fine && i < names->n; i++) {
		chosen[i] = find_filter(all, names->texts[i]);
		fine = chosen[i] != NULL;
		if (!fine)
			tell_unknown(all, a, names->texts[i], why);
		for (size_t j = 0; fine && j < i; j++) {
			fine = chosen[j] != chosen[i];
			if (!fine)
				why_set(why, "filters: \"%s\" stands there twice",
				        names->texts[i]);
		}
	}
	chosen[names->n] = NULL;
	if (fine)
		*chosen_r = names->n > 0 ? chosen : all;
	return fine;
}

struct chain_result
chain_ask(const struct filter *const filters[], const struct filter_in *in)
{
	struct chain_result r = {.class = CLASS_HUMAN};
	struct hints h = {.total = 0};
	struct chain_row *row = arena_array(in->arena, CHAIN_FINDINGS_MAX, sizeof *row);
	const char **tag = arena_array(in->arena, FILTER_TAGS_MOST, sizeof *tag);

	for (size_t i = 0; filters[i] != NULL && !r.held && !r.deferred; i++) {
		struct finding f = filters[i]->look(in);

		weigh(&r, &h, &f);
		collect(&r, tag, &f);
		/* What ends the chain is its last row, whatever else had to be left out. */
		if ((r.held || r.deferred) && r.n_rows == CHAIN_FINDINGS_MAX)
			r.n_rows--;
		if (f.verdict != VERDICT_PASS && r.n_rows < CHAIN_FINDINGS_MAX)
			row[r.n_rows++] = (struct chain_row){filters[i], f};
	}
	conclude(&r, &h);
	r.row = row;
	r.tag = tag;
	return r;
}

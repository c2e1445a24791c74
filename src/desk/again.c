/* src/desk/again.c - a mail that is in the store already, read and planned once more */
#include "again.h"
#include "arena.h"
#include <string.h>

enum { FILTERS_MAX = 100 };

bool
again_read(struct desk *d, struct arena *a, const struct conf *conf, const struct again_mail *mail,
           struct again *again_r, struct why *why)
{
	struct intake_mail in = {.octets = mail->octets,
	                         .n = mail->n,
	                         .envelope = mail->envelope,
	                         .now_s = mail->now_s};
	const struct set_queue *q = conf_queue_for(conf, a, mail->envelope.recipient, NULL);
	struct intake_reading *r = &again_r->reading;

	*again_r = (struct again){.reading = intake_read(d, a, conf, &in, why)};
	if (q == NULL)
		q = conf_queue(conf, mail->queue);
	again_r->in = (struct plan_in){.conf = conf,
	                               .sign = d->sign,
	                               .store = d->store,
	                               .queue = q,
	                               .mail = r->mail,
	                               .chain = &r->chain,
	                               .sender = r->sender,
	                               .held = r->held,
	                               .cause = r->cause,
	                               .held_detail = r->held_detail,
	                               .envelope = mail->envelope,
	                               .now_s = mail->now_s,
	                               .numbers = &again_r->numbers};
	memcpy(again_r->in.digest, r->digest, sizeof r->digest);
	if (q == NULL)
		why_set(why, "queue %s is not in the settings any more", mail->queue);
	return q != NULL && !r->retry;
}

void
again_waive_filter(struct arena *a, struct again *again)
{
	struct chain_result *chain = &again->reading.chain;
	const struct filter **others = arena_array(a, FILTERS_MAX + 1, sizeof *others);
	const struct filter *held_it =
		chain->n_rows > 0 ? chain->row[chain->n_rows - 1].filter : NULL;
	/* Without the octets: programs are not asked once more, they said what they had to. */
	struct filter_in look = {.arena = a,
	                         .mail = again->in.mail,
	                         .envelope = &again->in.envelope,
	                         .conf = again->in.conf,
	                         .now_s = again->in.now_s};
	const struct filter *const *all = again->in.conf->filters;
	size_t n = 0;

	for (size_t i = 0; all[i] != NULL && n < FILTERS_MAX; i++)
		if (all[i] != held_it)
			others[n++] = all[i];
	*chain = chain_ask(others, &look);
	again->in.held = chain->held;
	again->in.cause = chain->cause;
	again->in.held_detail = chain->held ? chain->row[chain->n_rows - 1].finding.why : "";
}

struct looking {
	struct arena *arena;
	struct plan_in in;
	struct plan *plan;
	struct why *why;
};

static enum store_err
look(struct store_txn *txn, void *arg)
{
	struct looking *l = arg;

	return plan_make(txn, l->arena, &l->in, l->plan, l->why);
}

enum store_err
again_look(struct desk *d, struct arena *a, struct again *again, struct plan *plan_r,
           struct why *why)
{
	struct plan_again only_looks = {.only_looks = true};
	struct looking l = {a, again->in, plan_r, why};

	/* Any numbers do: nothing of this is written, and none must be used up. */
	again->numbers.ticket = 1;
	for (size_t i = 0; i < N_ELEMENTS(again->numbers.row); i++)
		again->numbers.row[i] = 1;
	l.in.again = &only_looks;
	return store_peek(d->store, look, &l, why);
}

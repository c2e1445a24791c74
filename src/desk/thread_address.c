/* src/desk/thread_address.c - the signed reply address that a mail was sent to */
#include "thread.h"
#include "arena.h"
#include "conf.h"
#include "mail.h"
#include "reply.h"
#include "text.h"
#include "ticket.h"
#include <string.h>

/* Where such an address may stand, the surest place first. */
struct places {
	const char *address[THREAD_ADDRESSES_MAX];
	size_t n;
};

static void
add_place(struct places *p, const char *address)
{
	if (p->n < THREAD_ADDRESSES_MAX && address != NULL && address[0] != '\0')
		p->address[p->n++] = address;
}

static struct places
gather(const struct thread_in *in)
{
	struct places p = {.n = 0};
	const struct mail_mailboxes *lists[] = {&in->mail->to, &in->mail->cc};

	add_place(&p, in->recipient);
	for (size_t i = 0; i < mail_count(in->mail, "Delivered-To"); i++)
		add_place(&p, mail_field_nth(in->mail, "Delivered-To", i));
	for (size_t i = 0; i < N_ELEMENTS(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++)
			add_place(&p, lists[i]->box[j].address);
	return p;
}

/* Whether an address of one of our queues carries an extension in the form of a ticket's. */
static bool
read_address(struct arena *a, const struct conf *conf, const char *address,
             struct reply_found *found_r)
{
	const struct settings *set = conf->settings;
	bool found = false;

	for (size_t i = 0; !found && i < set->n_queues; i++) {
		const struct set_queue *q = &set->queues[i];

		for (size_t j = 0; !found && j < q->address.n; j++) {
			struct reply_place place = {q->address.texts[j], q->recipient_delimiter};
			const char *extension = reply_extension(a, &place, address);

			found = extension != NULL && reply_read(extension, found_r, NULL) &&
			        found_r->mark.kind == REPLY_TICKET;
		}
	}
	return found;
}

/* Whom we gave this address: one of the people on the ticket, or an agent of its queue. */
static const char *
find_holder(const struct thread_in *in, const struct ticket *t, const struct reply_found *found)
{
	const struct set_queue *q = conf_queue(in->conf, t->queue);
	const char *holder = NULL;

	for (size_t i = 0; holder == NULL && i < t->n_participants; i++)
		if (reply_check(in->sign, found, t->participant[i].address, in->now_s))
			holder = t->participant[i].address;
	for (size_t i = 0; holder == NULL && q != NULL && i < q->agents.n; i++)
		if (reply_check(in->sign, found, q->agents.texts[i], in->now_s))
			holder = q->agents.texts[i];
	return holder;
}

/* What one address proves, or only says.
 * Gives   piece_r: EVIDENCE_NONE when it is none of ours, or its ticket does not exist */
static enum store_err
read_piece(struct store_txn *txn, struct arena *a, const struct thread_in *in, const char *address,
           struct thread_found *piece_r, struct why *why)
{
	struct reply_found found;
	struct ticket t = {0};
	enum store_err e = STORE_ABSENT;

	*piece_r = (struct thread_found){.evidence = EVIDENCE_NONE, .by = "", .holder = ""};
	if (read_address(a, in->conf, address, &found))
		e = ticket_by_token(txn, a, found.mark.about.prefix, found.mark.about.number, &t,
		                    why);
	if (e == STORE_OK) {
		const char *holder = find_holder(in, &t, &found);

		*piece_r = (struct thread_found){
			.evidence = holder != NULL ? EVIDENCE_SIGNED_ADDRESS : EVIDENCE_TOKEN,
			.ticket = t.id,
			.by = arena_strdup(a, address),
			.holder = holder != NULL ? arena_strdup(a, holder) : ""};
	}
	return e == STORE_ABSENT ? STORE_OK : e;
}

enum store_err
thread_by_address(struct store_txn *txn, struct arena *a, const struct thread_in *in,
                  struct thread_found *found, struct why *why)
{
	struct places places = gather(in);
	struct thread_found unproven = {.evidence = EVIDENCE_NONE};
	enum store_err e = STORE_OK;

	for (size_t i = 0; e == STORE_OK && i < places.n; i++) {
		struct thread_found piece;

		e = read_piece(txn, a, in, places.address[i], &piece, why);
		if (e == STORE_OK && piece.evidence == EVIDENCE_SIGNED_ADDRESS)
			e = thread_weigh(txn, a, &piece, found, why);
		else if (e == STORE_OK && unproven.evidence == EVIDENCE_NONE)
			unproven = piece;
		/* Of several people's addresses the sender's own one says most. */
		if (e == STORE_OK && found->evidence == EVIDENCE_SIGNED_ADDRESS &&
		    text_same(piece.holder, in->mail->from_address))
			found->holder = piece.holder;
	}
	if (e == STORE_OK && found->evidence == EVIDENCE_NONE &&
	    unproven.evidence != EVIDENCE_NONE)
		e = thread_weigh(txn, a, &unproven, found, why);
	return e;
}

/* src/desk/thread.c - which ticket a mail names, and by what */
#include "thread.h"
#include "arena.h"
#include "message.h"
#include "ref.h"
#include "ticket.h"
#include "token.h"
#include <string.h>

/* Message-IDs of one field, oldest first. */
struct ids {
	const char *const *id;
	size_t n;
};

enum store_err
thread_weigh(struct store_txn *txn, struct arena *a, const struct thread_found *piece,
             struct thread_found *found, struct why *why)
{
	struct ticket t = {0};
	struct thread_found real = *piece;
	enum store_err e = ticket_find(txn, a, piece->ticket, &t, why);

	for (int i = 0; e == STORE_OK && t.state == TICKET_MERGED && i < THREAD_HEIRS_MAX; i++) {
		real.ticket = t.heir;
		e = ticket_find(txn, a, t.heir, &t, why);
	}
	if (e == STORE_ABSENT)
		return STORE_OK;
	if (e != STORE_OK)
		return e;
	if (found->evidence == EVIDENCE_NONE) {
		real.mistyped = found->mistyped;
		*found = real;
	} else if (found->ticket != real.ticket) {
		found->evidence = EVIDENCE_CONFLICT;
		found->by = arena_printf(a, "%s and %s", found->by, piece->by);
	} else if (real.evidence > found->evidence) {
		found->evidence = real.evidence;
		found->by = real.by;
	}
	return STORE_OK;
}

static enum store_err
look_up_id(struct store_txn *txn, const struct thread_in *in, const char *id,
           struct thread_found *piece_r, struct why *why)
{
	uint32_t seq = 0;
	enum store_err e = STORE_OK;

	*piece_r = (struct thread_found){.by = id, .holder = ""};
	if (ref_read(in->sign, id, in->instance, in->now_s, &piece_r->ticket)) {
		piece_r->evidence = EVIDENCE_SIGNED_ID;
	} else if (!ref_looks_ours(id, in->instance)) {
		e = msgid_find(txn, id, &piece_r->ticket, &seq, why);
		piece_r->evidence = e == STORE_OK ? EVIDENCE_KNOWN_ID : EVIDENCE_NONE;
	}
	return e == STORE_ABSENT ? STORE_OK : e;
}

/* The newest id that names a ticket decides for the ids: an older one in the same chain may name
 * the ticket that a later one was split or reopened from, and that is no contradiction. */
static enum store_err
by_ids(struct store_txn *txn, struct arena *a, const struct thread_in *in, struct ids ids,
       struct thread_found *found, struct why *why)
{
	enum store_err e = STORE_OK;
	struct thread_found piece = {0};
	size_t least = ids.n > THREAD_IDS_MAX ? ids.n - THREAD_IDS_MAX : 0;

	for (size_t i = ids.n; e == STORE_OK && piece.evidence == EVIDENCE_NONE && i > least; i--)
		e = look_up_id(txn, in, ids.id[i - 1], &piece, why);
	if (e == STORE_OK && piece.evidence != EVIDENCE_NONE)
		e = thread_weigh(txn, a, &piece, found, why);
	return e;
}

/* References stand in where In-Reply-To names nothing of ours. */
static enum store_err
by_both_fields(struct store_txn *txn, struct arena *a, const struct thread_in *in,
               struct thread_found *found, struct why *why)
{
	const struct mail *m = in->mail;
	struct thread_found answered = {.evidence = EVIDENCE_NONE, .by = "", .holder = ""};
	enum store_err e = by_ids(txn, a, in, (struct ids){m->in_reply_to, m->n_in_reply_to},
	                          &answered, why);

	if (e == STORE_OK && answered.evidence == EVIDENCE_NONE)
		e = by_ids(txn, a, in, (struct ids){m->references, m->n_references}, &answered,
		           why);
	if (e == STORE_OK && answered.evidence != EVIDENCE_NONE)
		e = thread_weigh(txn, a, &answered, found, why);
	return e;
}

static enum store_err
by_tokens(struct store_txn *txn, struct arena *a, const struct thread_in *in,
          struct thread_found *found, struct why *why)
{
	struct token token[TOKEN_FOUND_MAX];
	size_t n_mistyped = 0;
	size_t n = token_find(in->mail->subject, in->prefixes, token, &n_mistyped);
	enum store_err e = STORE_OK;

	/* Encoded words that are not ones, or a charset that lies: the raw subject may still show
	 * it. */
	if (n == 0)
		n = token_find(in->mail->subject_raw, in->prefixes, token, NULL);
	for (size_t i = 0; e == STORE_OK && i < n; i++) {
		struct ticket t = {0};
		char text[TOKEN_TEXT];

		e = ticket_by_token(txn, a, token[i].prefix, token[i].number, &t, why);
		if (e == STORE_OK) {
			token_print(&token[i], text);
			struct thread_found piece = {.evidence = EVIDENCE_TOKEN,
			                             .ticket = t.id,
			                             .by = arena_strdup(a, text),
			                             .holder = ""};
			e = thread_weigh(txn, a, &piece, found, why);
		} else if (e == STORE_ABSENT) {
			e = STORE_OK;
		}
	}
	found->mistyped = n_mistyped > 0 && found->evidence == EVIDENCE_NONE;
	return e;
}

enum store_err
thread_find(struct store_txn *txn, struct arena *a, const struct thread_in *in,
            struct thread_found *found_r, struct why *why)
{
	const struct mail *m = in->mail;
	struct thread_found found = {.evidence = EVIDENCE_NONE, .by = "", .holder = ""};
	enum store_err e = STORE_OK;

	if (in->class == CLASS_BOUNCE || in->class == CLASS_DELAY) {
		/* A bounce's own headers were made by a mail system: only what it returns is ours.
		 * Its Message-ID, which we signed, comes before the ids that it answered. */
		for (size_t i = 0; e == STORE_OK && found.evidence == EVIDENCE_NONE &&
		                   i < m->dsn.n_returned_ids && i < THREAD_IDS_MAX;
		     i++)
			e = by_ids(txn, a, in, (struct ids){&m->dsn.returned_ids[i], 1}, &found,
			           why);
	} else {
		if (in->conf != NULL)
			e = thread_by_address(txn, a, in, &found, why);
		if (e == STORE_OK)
			e = by_both_fields(txn, a, in, &found, why);
		if (e == STORE_OK)
			e = by_tokens(txn, a, in, &found, why);
	}
	if (e == STORE_OK)
		*found_r = found;
	return e;
}

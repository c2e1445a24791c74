/* src/desk/people.h - who is on a ticket, who joins it, which organisation it belongs to (pure)
 *
 * Knows what a mail says and what was proven of its sender. Does not know the store. */
#ifndef PEOPLE_H
#define PEOPLE_H
#include "conf.h"
#include "mail.h"
#include "record.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A mail as it bears on the people of a ticket. */
struct people_mail {
	const struct conf *conf;
	const struct set_queue *queue; /* of the ticket: its agents join nothing */
	const struct mail *mail;
	const char *author; /* canonical address, "" when From: could not be read */
	enum party_role role;
	enum sender_auth auth;
};

/* What adding came to. Addresses are in the arena. */
struct people_added {
	const char *const *address;
	size_t n;
	size_t n_refused; /* newcomers who were not added: the sender may not, or the ticket is full
	                   */
	const char *why;  /* with n_refused */
};

/* The people and the organisation of a ticket that this mail opens: its sender, and To and Cc.
 * Gives   t->participant, t->organisation ("" unless the sender is verified, in a domain that is
 *         one organisation's) */
void people_open(struct arena *a, const struct people_mail *m, struct ticket *t);

/* Put on a ticket whom a later comment names in To and Cc: only when its sender is verified and
 * somebody on the ticket, or an agent. They see nothing of what was before.
 * Takes   seq  of the comment
 * Gives   t->participant, longer by those added; participants_max in all */
struct people_added people_join(struct arena *a, const struct people_mail *m, uint32_t seq,
                                struct ticket *t);

/* The organisation behind an address: its registered domain.
 * Gives   "" for free mail, a public suffix, and what is no address */
const char *people_organisation(struct arena *a, const struct conf *conf, const char *address);
#endif

/* src/desk/thread.h - which ticket a mail names, and by what
 *
 * Finding is not allowing: what the sender may do with the ticket is route.c's business. */
#ifndef THREAD_H
#define THREAD_H
#include "mail.h"
#include "route.h"
#include "store.h"

struct arena;
struct conf;
struct sign;

enum {
	THREAD_IDS_MAX = 60, /* look-ups for one mail, newest references first */
	THREAD_ADDRESSES_MAX = 40, /* addresses looked at for a signed one */
	THREAD_HEIRS_MAX = 8 /* merges followed in a row */
};

/* What the look-up works with. */
struct thread_in {
	const struct mail *mail;
	enum mail_class class; /* of a bounce, the ids inside the returned mail count */
	const struct sign *sign;
	const char *instance;
	const char *const *prefixes; /* of all queues, upper case, ends with NULL */
	int64_t now_s;               /* for keys that are honoured for a time only */
	const struct conf *conf;     /* for signed reply addresses; NULL: none is looked for */
	const char *recipient;       /* of the envelope; with conf */
};

struct thread_found {
	enum evidence evidence;
	uint64_t ticket; /* 0 with EVIDENCE_NONE; with a conflict the first one named */
	const char *by;  /* the token or id that named it, for people; "" when none */
	bool mistyped;   /* a token with a wrong check digit stands in the subject */
	const char *holder; /* with EVIDENCE_SIGNED_ADDRESS: whom we gave that address; else "" */
};

/* Look for evidence; part of a transaction.
 * Gives   the strongest piece; EVIDENCE_CONFLICT when two existing pieces name tickets that are not
 *         the same after merges were followed
 * Fails   STORE_BUSY, STORE_BROKEN: could not ask. Evidence for no existing ticket is none
 * Cost    at most THREAD_IDS_MAX + THREAD_ADDRESSES_MAX + TOKEN_FOUND_MAX look-ups */
enum store_err thread_find(struct store_txn *txn, struct arena *a, const struct thread_in *in,
                           struct thread_found *found_r, struct why *why) MUST_USE;

/* Keep the stronger of what is known and one more piece; two that disagree are a conflict.
 * Takes   piece  any evidence but EVIDENCE_NONE
 *         found  what is known; may be EVIDENCE_NONE
 * Fails   STORE_BUSY, STORE_BROKEN. A piece for a ticket that does not exist is none */
enum store_err thread_weigh(struct store_txn *txn, struct arena *a,
                            const struct thread_found *piece, struct thread_found *found,
                            struct why *why) MUST_USE;

/* Weigh the reply addresses of tickets that a mail was sent to, in its envelope, To, Cc or
 * Delivered-To. An address that names a ticket and proves nothing is EVIDENCE_TOKEN, and counts
 * where none proves anything.
 * Fails   STORE_BUSY, STORE_BROKEN */
enum store_err thread_by_address(struct store_txn *txn, struct arena *a, const struct thread_in *in,
                                 struct thread_found *found, struct why *why) MUST_USE;
#endif

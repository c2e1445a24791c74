/* src/store/tally.h - how often something happened lately, by kind and subject: limits count by it
 *
 * One row for each kind and subject, in the transaction of what is counted: a count outlives a
 * restart, and nothing that was undone was counted. A restored dump begins with no counts. */
#ifndef TALLY_H
#define TALLY_H
#include "key.h"
#include "store.h"

enum {
	TALLY_SLOTS_MAX = 512, /* instants kept apart; of more, the oldest count as later ones */
	TALLY_AHEAD_S = 3600   /* what lies further ahead was counted by a wrong clock */
};

/* The numbers stand in keys: new ones come at the end. */
enum tally_kind {
	TALLY_TICKET = 0,     /* occasions to tell people of a ticket, by its number */
	TALLY_RECIPIENT,      /* mails to an address */
	TALLY_ACKNOWLEDGED,   /* acknowledgements to an address */
	TALLY_UNVERIFIED,     /* those to a sender that nothing proves */
	TALLY_UNVERIFIED_ALL, /* those to all of them together */
	TALLY_SUBJECT,        /* acknowledgements of a subject to an address */
	TALLY_TEXT,           /* the same words of an author on a ticket */
	TALLY_SENDER,         /* tickets that an address opened */
	TALLY_DOMAIN,         /* tickets that an organisation opened */
	TALLY_FLOOD_TOLD,     /* mails to a queue's agents that there is a flood */
	TALLY_KIND_COUNT
};

struct tally_slot {
	int64_t at_s;
	uint32_t n;
};

struct tally {
	struct tally_slot *slot; /* oldest first */
	size_t n_slots;
};

/* Read a count; of something that never happened it is empty.
 * Takes   subject  any text, "" too
 * Gives   in a transaction that writes, nobody else counts this until it ends
 * Fails   STORE_BUSY; STORE_BROKEN: the row cannot be read */
enum store_err tally_read(struct store_txn *txn, struct arena *a, enum tally_kind kind,
                          const char *subject, struct tally *tally_r, struct why *why) MUST_USE;

/* How much of it lies within the time before now_s. */
uint64_t tally_within(const struct tally *t, int64_t now_s, int64_t within_s);

/* One thing that is counted. */
struct tally_event {
	enum tally_kind kind;
	const char *subject;
	int64_t at_s;
	int64_t keep_s; /* after this time it counts no more */
};

/* Count one.
 * Fails   STORE_BUSY, STORE_FULL, STORE_BROKEN */
enum store_err tally_add(struct store_txn *txn, const struct tally_event *event,
                         struct why *why) MUST_USE;

/* Remove rows that count nothing any more.
 * Takes   from  where to go on, empty at first; changed
 * Cost    looks at 2000 rows at most */
enum store_err tally_sweep(struct store *s, int64_t now_s, struct key *from,
                           struct why *why) MUST_USE;
#endif

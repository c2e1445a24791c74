/* src/store/party.h - people we have met, by address */
#ifndef PARTY_H
#define PARTY_H
#include "record.h"
#include "store.h"

/* Read what is known of a canonical address. Fails  STORE_ABSENT, STORE_BUSY, STORE_BROKEN */
enum store_err party_find(struct store_txn *txn, struct arena *a, const char *address,
                          struct party *p_r, struct why *why) MUST_USE;

/* The addresses of the person behind one, that one included.
 * Takes   address  canonical
 * Gives   names_r[0 .. *n_r-1] in the arena: first the one that stands for the person;
 *         1 <= *n_r <= PARTY_ALIASES_MAX + 1
 * Cost    two look-ups */
enum store_err party_names(struct store_txn *txn, struct arena *a, const char *address,
                           const char *const **names_r, size_t *n_r, struct why *why) MUST_USE;

/* Whether two canonical addresses are one person's. */
enum store_err party_same(struct store_txn *txn, const char *one, const char *other,
                          bool *same_r, struct why *why) MUST_USE;

/* Who says, and when: kept in each record that a change touches. */
struct party_note {
	const char *who;
	int64_t at_s;
};

/* Make the persons behind two addresses one, for which stands who stood for the first.
 * Takes   one, other  canonical, met before or not
 * Fails   STORE_EXISTS: they are one already; STORE_FULL: more than PARTY_ALIASES_MAX would be
 *         aliases. Nothing was changed then */
enum store_err party_merge(struct store_txn *txn, const char *one, const char *other,
                           const struct party_note *note, struct why *why) MUST_USE;

/* Make an address a person of its own again; when it stood for others, the next one does.
 * Fails   STORE_ABSENT: it is one already */
enum store_err party_split(struct store_txn *txn, const char *address,
                           const struct party_note *note, struct why *why) MUST_USE;

/* Write it, new or changed. Takes  p  address not empty */
enum store_err party_put(struct store_txn *txn, const struct party *p, struct why *why) MUST_USE;
#endif

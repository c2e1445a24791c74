/* src/store/check.h - read everything and see whether it belongs together */
#ifndef CHECK_H
#define CHECK_H
#include "store.h"

struct check_options {
	bool octets; /* also compare the digests of all mails: as slow as the disk */
	/* Called for each problem. Takes  line  one line of text, borrows until it returns */
	void (*problem)(void *self, const char *line);
	void *self;
};

/* Check an open store: checksums, records, ticket ↔ reference, index, message, audit, outbox, blob.
 * Writers are kept off meanwhile, as with a dump.
 * Gives   *n_problems_r; 0: the store is clean
 * Fails   STORE_BUSY; STORE_BROKEN: it cannot even be read on (a damaged page)
 * Cost    reads every row, with some look-ups for each */
enum store_err check_store(struct store *s, const struct check_options *o, uint64_t *n_problems_r,
                           struct why *why) MUST_USE;
#endif

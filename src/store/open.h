/* src/store/open.h - make a database, or recover the one that is there, and be sure that it is the
 * one */
#ifndef OPEN_H
#define OPEN_H
#include "home.h"
#include "kv.h"

struct open_in {
	struct home *home;
	const struct store_options *options;
	struct store *store; /* given back by kv_store */
};

/* Open the database of a locked home.
 * Takes   in  borrows; no threads yet (recovery forks)
 * Fails   STORE_FULL: not even without the ballast was there room to recover; STORE_BROKEN: a table
 *         file is missing, damaged, of another store, or of a newer version; why says what to do */
enum store_err open_database(const struct open_in *in, struct kv **kv_r, struct why *why) MUST_USE;
#endif

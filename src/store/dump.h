/* src/store/dump.h - the whole store as text, and back, whatever keeps it
 *
 * One JSON object a line: a header with the identity and the numbers to come, the records, and a
 * trailer with counts and the SHA-256 of all lines before it. A dump of a loaded dump is the same
 * text. */
#ifndef DUMP_H
#define DUMP_H
#include "store.h"

/* Write everything to a descriptor. Writers are kept off meanwhile (they get STORE_BUSY after some
 * seconds, which Postfix takes for "try again"): of a large busy store, dump a backup instead.
 * Takes   fd  borrows, open for writing
 * Fails   STORE_FULL; STORE_BROKEN: a record cannot be read, or writing failed
 * Cost    reads the whole store; memory for the largest mail */
enum store_err dump_store(struct store *s, int fd, struct why *why) MUST_USE;

/* Fill an empty store from a dump, and make it the store that the dump was of.
 * Takes   fd  borrows, open for reading
 * Fails   STORE_EXISTS: the store is not empty, nothing was changed; STORE_FULL, STORE_BROKEN: why
 *         names the line; the next start makes an empty store of it, to try again
 * Cost    as the dump; one flush */
enum store_err dump_load(struct store *s, int fd, struct why *why) MUST_USE;
#endif

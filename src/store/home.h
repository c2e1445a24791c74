/* src/store/home.h - the directory of a store: its lock, its identity, its room
 *
 *   lock     locked by the one process that owns the store, from before recovery until it ends
 *   STORE    format and identity, so that an empty database is never taken for the store
 *   ballast  room that is given up when recovery itself finds the disk full
 *   db/      tables and log      blob/XX/   large mails */
#ifndef HOME_H
#define HOME_H
#include "store.h"

enum {
	HOME_ID_OCTETS = 16,
	HOME_BLOB_DIRS = 256
};

struct home;

enum home_state {
	HOME_FRESH = 0, /* there is no database yet: the caller makes one, then calls home_made */
	HOME_READY
};

/* Lock the directory, making it where it is missing, and read who it is.
 * Takes   path  keeps a copy
 * Fails   STORE_BUSY: another process owns it (why names it); STORE_FULL; STORE_BROKEN: unsafe
 *         directory, or a database without a STORE file */
enum store_err home_open(const char *path, struct home **home_r, struct why *why) MUST_USE;

/* Unlock and release. Takes  home  takes; NULL is fine */
void home_close(struct home **home);

/* Whether a database was completed here. */
enum home_state home_state(const struct home *home);

/* The identity, HOME_ID_OCTETS octets. */
const uint8_t *home_id(const struct home *home);

/* The directory itself, and that of the database, for the library. */
const char *home_dir(const struct home *home);
const char *home_db_dir(const struct home *home);

/* The database is complete and on disk: from now on it must be there. */
enum store_err home_made(struct home *home, struct why *why) MUST_USE;

/* Take another identity and forget that the database was completed: until home_made, a start makes
 * a new one. Takes  id  HOME_ID_OCTETS octets, kept as a copy */
enum store_err home_unmake(struct home *home, const uint8_t *id, struct why *why) MUST_USE;

/* Open blob/XX. Takes  number  0..HOME_BLOB_DIRS-1. Gives  a descriptor, or -1 with why */
int home_blob_dir(const struct home *home, unsigned number, struct why *why) MUST_USE;

/* Make the ballast file where it is missing. Takes  octets  0: none is wanted. Fails  STORE_FULL */
enum store_err home_load_ballast(struct home *home, uint64_t octets, struct why *why) MUST_USE;

/* Give the ballast up. Gives  whether there was one */
bool home_drop_ballast(struct home *home);

/* Octets that are free for us on this file system; 0 also when it has no inodes left. */
uint64_t home_free_octets(const struct home *home);
#endif

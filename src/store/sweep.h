/* src/store/sweep.h - removal of blob files that no record names */
#ifndef SWEEP_H
#define SWEEP_H
#include "store.h"

/* Look through one directory of blob files.
 * Takes   number    0..255: blob/XX
 *         old_below only files with an id below this go: nobody can still be preparing them
 * Gives   *n_octets_r  what is left there; *n_removed_r  files removed
 * Fails   STORE_BUSY; STORE_BROKEN
 * Cost    one look-up for each file that is old enough */
enum store_err sweep_dir(struct store *s, unsigned number, uint64_t old_below,
                         uint64_t *n_octets_r, uint64_t *n_removed_r, struct why *why) MUST_USE;
#endif

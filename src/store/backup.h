/* src/store/backup.h - a copy of a store that goes on working
 *
 * The copy is a state directory like any other: to restore, put it in the place of the lost one. */
#ifndef BACKUP_H
#define BACKUP_H
#include "store.h"

/* Copy the store while mail keeps coming in: tables page by page, then the log, then large mails
 * (as hard links where the destination is on the same file system).
 * Takes   dir  empty, or made
 * Gives   *last_log_r  for backup_note, once the copy was verified
 * Fails   STORE_EXISTS: dir is not empty; STORE_FULL; STORE_BROKEN
 * Cost    reads and writes the whole store; no sweep and no removal of logs meanwhile */
enum store_err backup_store(struct store *s, const char *dir, uint32_t *last_log_r,
                            struct why *why) MUST_USE;

/* Recover the copy from its own log (catastrophic recovery) and look at every page, so that a
 * backup which cannot be restored is known today.
 * Takes   options  state_dir is the copy; the caller has no threads (it forks)
 * Fails   STORE_BUSY, STORE_FULL, STORE_BROKEN */
enum store_err backup_verify(const struct store_options *options, struct why *why) MUST_USE;

/* A verified backup holds the logs up to this one: with keep_logs they may be removed from now on.
 * */
enum store_err backup_note(struct store *s, uint32_t last_log, struct why *why) MUST_USE;
#endif

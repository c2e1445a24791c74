/* src/store/recover.h - recovery and verification in a child that may hang or die */
#ifndef RECOVER_H
#define RECOVER_H
#include "kv.h"

struct recover_options {
	const char *db_dir;
	uint64_t cache_octets;
	enum kv_recovery recovery;
	int64_t deadline_s; /* a child that is silent for so long is killed; at least 1 */
	/* may be NULL */
	void (*progress)(void *self, const char *what, uint64_t done, uint64_t total);
	void *progress_self;
};

/* Bring a database into the state of its last commits, close it, and look at every page.
 * Takes   o  borrows; nobody else has the database open; no threads yet (it forks)
 * Gives   n_rows_r[t]  rows in each table
 * Fails   STORE_FULL: needs room to recover; STORE_BROKEN: damaged, hung (killed), or died; why
 *         says so */
enum store_err recover_run(const struct recover_options *o, uint64_t n_rows_r[KV_TABLE_COUNT],
                           struct why *why) MUST_USE;

/* Rebuild a store offline from all its logs (catastrophic recovery): for lost or damaged table
 * files.
 * Takes   options  as for store_open; the log must be whole, from its first file on (keep_logs)
 * Fails   STORE_BUSY: a process owns the store; STORE_FULL; STORE_BROKEN: the log cannot rebuild it
 *         */
enum store_err recover_store(const struct store_options *options, struct why *why) MUST_USE;
#endif

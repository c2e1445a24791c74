/* src/store/store.h - the ticket store: one Berkeley DB environment, owned by one process
 *
 * A transaction is a function that is passed in; it may run several times (deadlock), so it keeps
 * no state outside, and only store calls stand in it. Commit does not wait for the disk: whoever
 * promises something to the outside calls store_flush first, and many callers share one flush. */
#ifndef STORE_H
#define STORE_H
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct store;
struct store_txn;

enum store_err {
	STORE_OK = 0,
	STORE_ABSENT, /* looked, and there is none */
	STORE_EXISTS, /* there is one already; nothing was changed */
	STORE_BUSY,   /* deadlock or out of attempts: nothing was changed, try again later */
	STORE_FULL,   /* no space (452): nothing was changed */
	STORE_BROKEN  /* the store cannot answer; why says what; nothing was acknowledged */
};

struct store_options {
	const char *state_dir;          /* holds db/, blob/, STORE, ballast, lock */
	uint64_t cache_octets;
	uint64_t blob_inline_max_octets; /* larger mails are files */
	uint64_t free_min_octets;        /* below this much free space: STORE_FULL */
	uint64_t ballast_octets;
	int64_t recovery_deadline_s;
	int64_t flush_delay_ms;          /* bench only: each flush takes this much longer */
	uint64_t first_number;           /* of an empty store */
	bool keep_logs;
	/* Called during recovery and other long work. Takes  done, total  percent-like; total 0:
	 * unknown */
	void (*progress)(void *self, const char *what, uint64_t done, uint64_t total);
	void *progress_self;
};

/* Open the store, recovering it first (in a child with a deadline), making it where there is none.
 * Takes   options  keeps a copy; must be called before any thread is started
 * Fails   STORE_BUSY another process owns it (flock); STORE_FULL; STORE_BROKEN: why says what and
 *         what to do */
enum store_err store_open(const struct store_options *options, struct store **store_r,
                          struct why *why) MUST_USE;

/* Checkpoint, give back unused numbers, close. Takes  s  takes; all threads have left it */
void store_close(struct store **s);

/* Run work in a transaction and commit it (not yet flushed).
 * Takes   work  returns STORE_OK to commit, STORE_BUSY to be run again, anything else to abort
 * Gives   what work gave; STORE_BUSY after the last attempt */
enum store_err store_run(struct store *s, enum store_err (*work)(struct store_txn *txn, void *arg),
                         void *arg, struct why *why) MUST_USE;

/* Run work that only reads, in a transaction that is always aborted (writes in it vanish: explain
 * uses that). */
enum store_err store_peek(struct store *s, enum store_err (*work)(struct store_txn *txn, void *arg),
                          void *arg, struct why *why) MUST_USE;

/* Make everything that was committed before this call durable; callers in the meantime share the
 * flush.
 * Fails   STORE_BROKEN: the flush failed, nothing may be acknowledged, and the store takes no more
 *         transactions until it was opened anew (a failed fsync is never repeated as a success) */
enum store_err store_flush(struct store *s, struct why *why) MUST_USE;

enum store_series { STORE_TICKETS = 0, STORE_ROWS, STORE_SERIES_COUNT };

/* A number that was never given before and never will be again, whatever becomes of the caller.
 * Takes   series  STORE_TICKETS (printed with check digit), STORE_ROWS (outbox, held, blobs)
 * Fails   STORE_BUSY, STORE_FULL, STORE_BROKEN
 * Cost    mostly none; each hundredth a transaction and a flush. Also inside a transaction */
enum store_err store_number(struct store *s, enum store_series series, uint64_t *number_r,
                            struct why *why) MUST_USE;

/* Housekeeping, called about every checkpoint_every_s: checkpoint, removal of log files that are
 * not needed (with keep_logs: only those that a backup holds), sweep of blob files that no record
 * names. */
enum store_err store_keep(struct store *s, struct why *why) MUST_USE;

/* Whether there is room for one more mail (ballast and free_min_octets). STORE_OK or STORE_FULL */
enum store_err store_room(struct store *s, struct why *why) MUST_USE;

/* Which entries of a list: of a ticket (where the list has tickets), from which place on, how many
 * at most. */
struct store_range {
	uint64_t ticket, first;
	size_t max;
};

struct store_stats {
	uint64_t n_commits, n_flushes, n_retries, n_aborts;
	uint64_t n_tickets, n_messages, n_held, n_outbox; /* counted at start, kept up to date */
	uint64_t n_blob_octets, n_log_files, n_free_octets;
};

/* What the store did since it was opened, and what it holds now. */
void store_stats(struct store *s, struct store_stats *stats_r);
#endif

/* src/store/kv.h - tables of octets with transactions: the only way to Berkeley DB
 *
 * Every value carries a checksum over its table, key and octets: what was written for another
 * place, or a page that lost its contents, is STORE_BROKEN and never a wrong answer. */
#ifndef KV_H
#define KV_H
#include "store.h"
#include "key.h"
#include "kv_table.h"

enum {
	KV_PAGE_OCTETS = 4096, /* a disk writes it whole: none is torn by a power cut */
	KV_VALUE_MAX = 1 << 26 /* sanity bound on one value */
};

struct kv;
enum kv_recovery { KV_RECOVER_NORMAL = 0, KV_RECOVER_CATASTROPHIC };

struct kv_options {
	const char *dir;       /* exists and holds no DB_CONFIG */
	uint64_t cache_octets;
	bool create;           /* make the tables that are missing */
	enum kv_recovery recovery;
	struct store *store;   /* given back by kv_store; may be NULL */
	void (*progress)(void *self, unsigned percent); /* of recovery; may be NULL */
	void *progress_self;
};

struct kv_value {
	const void *octets; /* may be NULL when n is 0 */
	size_t n;
};

/* The file of a table inside the directory, e.g. "ticket.db". */
const char *kv_table_file(enum kv_table table);

/* Recover the environment and open every table.
 * Takes   o  borrows
 * Fails   STORE_FULL: recovery itself needs room; STORE_BROKEN
 * Cost    reads the log since the last checkpoint; can hang on a damaged file: recover.h does it in
 *         a child first */
enum store_err kv_open(const struct kv_options *o, struct kv **kv_r, struct why *why) MUST_USE;

/* Checkpoint, close. Takes  kv  takes; no transaction is open
 * Fails   STORE_BROKEN: the last checkpoint failed; the next open recovers */
enum store_err kv_close(struct kv **kv, struct why *why) MUST_USE;

/* Begin a transaction; ended by kv_commit or kv_abort.
 * Takes   writes  true: all that it reads is locked for writing at once, so that no two of them can
 *                 block each other by reading first; false: it only reads, and holds no lock longer
 *                 than it looks (DB_READ_COMMITTED) */
enum store_err kv_begin(struct kv *kv, bool writes, struct store_txn **txn_r,
                        struct why *why) MUST_USE;

/* Commit without waiting for the disk (kv_flush does). Takes  txn  takes, whatever the answer */
enum store_err kv_commit(struct store_txn **txn, struct why *why) MUST_USE;

/* Undo everything. Takes  txn  takes; NULL is fine */
void kv_abort(struct store_txn **txn);

/* The store that a transaction belongs to. */
struct store *kv_store(const struct store_txn *txn);

/* Read a value into the arena, checksum taken off.
 * Fails   STORE_ABSENT, STORE_BUSY, STORE_BROKEN */
enum store_err kv_get(struct store_txn *txn, enum kv_table table, const struct key *key,
                      struct arena *a, struct kv_value *value_r, struct why *why) MUST_USE;

/* The same, with the write lock at once: two that read and then write do not deadlock. */
enum store_err kv_lock(struct store_txn *txn, enum kv_table table, const struct key *key,
                       struct arena *a, struct kv_value *value_r, struct why *why) MUST_USE;

/* Write a value, replacing what is there. Takes  value  keeps a copy */
enum store_err kv_put(struct store_txn *txn, enum kv_table table, const struct key *key,
                      struct kv_value value, struct why *why) MUST_USE;

/* Write a value where there is none. Fails  STORE_EXISTS: nothing was changed */
enum store_err kv_put_new(struct store_txn *txn, enum kv_table table, const struct key *key,
                          struct kv_value value, struct why *why) MUST_USE;

/* Remove a row. Fails  STORE_ABSENT */
enum store_err kv_del(struct store_txn *txn, enum kv_table table, const struct key *key,
                      struct why *why) MUST_USE;

struct kv_row {
	const uint8_t *key;
	size_t n_key;
	const uint8_t *value; /* without the checksum */
	size_t n_value;
};

/* Rows in order of their keys. The walk ends when `each` does not answer STORE_OK. */
struct kv_walk {
	enum kv_table table;
	struct key prefix;  /* only keys that begin so; empty: all */
	struct key from;    /* where it starts, itself included; empty: the end of the prefix */
	bool backward;
	/* Takes  row  borrows until it returns
	 * Gives  STORE_OK go on; STORE_ABSENT enough, the walk answers STORE_OK; else what the walk
	 *        answers */
	enum store_err (*each)(void *self, const struct kv_row *row, struct why *why);
	void *self;
};

/* Walk over rows inside the transaction; `each` may not write to the table that is walked. */
enum store_err kv_walk(struct store_txn *txn, const struct kv_walk *w, struct why *why) MUST_USE;

/* Everything committed so far is on disk when this answers STORE_OK; a failure is for good
 * (kv_broken). */
enum store_err kv_flush(struct kv *kv, struct why *why) MUST_USE;

/* Write changed pages back, so that recovery is short. Takes  force  also when nothing was logged
 * */
enum store_err kv_checkpoint(struct kv *kv, bool force, struct why *why) MUST_USE;

/* Remove log files that recovery no longer needs. Takes  keep_from  logs from this number on stay;
 * UINT32_MAX: none is kept for its own sake. Gives  how many are left */
enum store_err kv_trim_logs(struct kv *kv, uint32_t keep_from, uint64_t *n_left_r,
			    struct why *why) MUST_USE;

/* Copy tables, then logs, as the library prescribes for a copy under load.
 * Takes   dir  exists and is empty. Gives  *last_log_r  number of the newest log file that is
 *              wholly copied */
enum store_err kv_copy(struct kv *kv, const char *dir, uint32_t *last_log_r,
		       struct why *why) MUST_USE;

/* Whether it takes no more work until it is opened anew. */
bool kv_broken(struct kv *kv);

/* Rows in a table: set by kv_set_rows at start, kept up to date by commits. */
uint64_t kv_rows(struct kv *kv, enum kv_table table);
void kv_set_rows(struct kv *kv, enum kv_table table, uint64_t n);
#endif

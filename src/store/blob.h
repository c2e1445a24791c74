/* src/store/blob.h - the octets of mails, as they came: small ones in the database, large ones as
 * files */
#ifndef BLOB_H
#define BLOB_H
#include "record.h"
#include "store.h"

struct kv_value;

/* Make the octets safe before the transaction that names them: a large mail is on disk when this
 * returns; a small one is written by blob_put inside the transaction.
 * Takes   octets  borrows until blob_put or blob_forget
 * Gives   ref_r with its id
 * Fails   STORE_FULL, STORE_BROKEN */
enum store_err blob_prepare(struct store *s, const void *octets, size_t n, struct blob_ref *ref_r,
                            struct why *why) MUST_USE;

/* Inside the transaction: write the small octets; for a large one nothing is left to do. */
enum store_err blob_put(struct store_txn *txn, const struct blob_ref *ref, const void *octets,
                        struct why *why) MUST_USE;

/* Bring back octets under the id that they had (load of a dump): file or row, in one go.
 * Fails   STORE_EXISTS, STORE_FULL, STORE_BROKEN */
enum store_err blob_restore(struct store *s, uint64_t id, const void *octets, size_t n,
                            struct why *why) MUST_USE;

/* The octets that a row of the table `blob` stands for, not compared with a digest.
 * Takes   ref  its id counts, and n_octets as the most that is read
 * Gives   octets_r in the arena, or inside the row */
enum store_err blob_open(struct store *s, struct arena *a, const struct blob_ref *ref,
                         const struct kv_value *row, struct kv_value *octets_r,
                         struct why *why) MUST_USE;

enum {
	BLOB_NAME = 17,
	BLOB_OCTETS_MAX = 1 << 28 /* no mail is larger: settings allow less */
};

/* The name of the file of a large mail, inside blob/XX where XX is id modulo 256. */
void blob_name(uint64_t id, char name_r[BLOB_NAME]);

/* The transaction did not come about: remove the file. (After a crash the sweep does it.) */
void blob_forget(struct store *s, const struct blob_ref *ref);

/* Read them back, digest checked.
 * Fails   STORE_ABSENT, STORE_BROKEN (digest differs: why says which file) */
enum store_err blob_read(struct store_txn *txn, struct arena *a, const struct blob_ref *ref,
                         char **octets_r, size_t *n_r, struct why *why) MUST_USE;

/* Inside a transaction: remove small octets; the file of a large one goes with the next sweep. */
enum store_err blob_drop(struct store_txn *txn, const struct blob_ref *ref,
			 struct why *why) MUST_USE;
#endif

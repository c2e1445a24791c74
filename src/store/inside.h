/* src/store/inside.h - what the files of this floor know of a store; nobody else includes this */
#ifndef INSIDE_H
#define INSIDE_H
#include "home.h"
#include "kv.h"
#include "store.h"

enum { STORE_SCHEMA = 1 }; /* raised when older programs must not read what newer ones write */

/* Its parts: borrowed, as long as the store is open. */
struct home *store_home(struct store *s);
struct kv *store_kv(struct store *s);
const struct store_options *store_settings(const struct store *s);

/* Tell the progress of long work. Takes  total  0: not known */
void store_progress(struct store *s, const char *what, uint64_t done, uint64_t total);

/* Keep housekeeping (removal of logs and blob files) off while files are copied. */
void store_hold_keep(struct store *s);
void store_release_keep(struct store *s);

/* Keep writers off, so that what is read in many transactions belongs together. They wait some
 * seconds, then get STORE_BUSY. */
void store_hold_writers(struct store *s);
void store_release_writers(struct store *s);

/* A number in the table `meta`. Fails  STORE_ABSENT */
enum store_err store_meta_get(struct store_txn *txn, const char *name, uint64_t *n_r,
			      struct why *why) MUST_USE;
enum store_err store_meta_put(struct store_txn *txn, const char *name, uint64_t n,
			      struct why *why) MUST_USE;

/* The name in `meta` of the first number of a series that was not handed out or reserved. */
extern const char *const store_series_meta[STORE_SERIES_COUNT];

/* After a load: hand out no number below this one. */
enum store_err store_raise_number(struct store *s, enum store_series series, uint64_t next,
                                  struct why *why) MUST_USE;

/* The number that store_number would give now. */
enum store_err store_next_number(struct store *s, enum store_series series, uint64_t *next_r,
                                 struct why *why) MUST_USE;
#endif

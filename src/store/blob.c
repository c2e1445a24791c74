/* src/store/blob.c - the octets of mails, as they came
 *
 * Every blob has a row in the table `blob`: with the octets when they are few, else only a mark
 * that there is a file. So "named by a record" is one look-up, and the sweep needs nothing else. */
#include "config.h"
#include "blob.h"
#include "arena.h"
#include "buf.h"
#include "digest.h"
#include "durable.h"
#include "home.h"
#include "inside.h"
#include "killpoint.h"
#include "kv.h"
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { KIND_INLINE = 'i', KIND_FILE = 'f' };

static struct key
key_of(uint64_t id)
{
	struct key k = {0};

	key_u64(&k, id);
	return k;
}

void
blob_name(uint64_t id, char name_r[BLOB_NAME])
{
	(void)snprintf(name_r, BLOB_NAME, "%016" PRIx64, id);
}

static bool
is_file(struct store *s, uint64_t n)
{
	return n > store_settings(s)->blob_inline_max_octets;
}

static enum store_err
write_file(struct store *s, const void *octets, const struct blob_ref *ref, struct why *why)
{
	AUTO(fd)
	int dir_fd = home_blob_dir(store_home(s), (unsigned)(ref->id % HOME_BLOB_DIRS), why);
	char name[BLOB_NAME];

	if (dir_fd < 0)
		return STORE_BROKEN;
	blob_name(ref->id, name);
	/* The number was never given before: a file of that name is of no record (a restored
	 * backup). */
	enum durable_err e = durable_write(dir_fd, name, octets, ref->n_octets, true, why);
	return e == DURABLE_OK ? STORE_OK : e == DURABLE_FULL ? STORE_FULL : STORE_BROKEN;
}

enum store_err
blob_prepare(struct store *s, const void *octets, size_t n, struct blob_ref *ref_r, struct why *why)
{
	struct blob_ref ref = {.n_octets = n};
	enum store_err e = store_number(s, STORE_ROWS, &ref.id, why);

	if (e != STORE_OK)
		return e;
	digest_of(octets, n, ref.digest);
	if (is_file(s, n))
		e = write_file(s, octets, &ref, why);
	KILL_POINT("store-after-blob");
	if (e == STORE_OK)
		*ref_r = ref;
	return e;
}

enum store_err
blob_put(struct store_txn *txn, const struct blob_ref *ref, const void *octets, struct why *why)
{
	AUTO(buf) struct buf value = {0};
	struct key k = key_of(ref->id);

	assert(ref->id != 0);
	if (is_file(kv_store(txn), ref->n_octets)) {
		buf_octet(&value, KIND_FILE);
	} else {
		buf_octet(&value, KIND_INLINE);
		buf_add(&value, octets, ref->n_octets);
	}
	enum store_err e =
		kv_put_new(txn, KV_BLOB, &k, (struct kv_value){value.octets, value.n}, why);
	if (e == STORE_EXISTS)
		why_set(why, "blob %" PRIu64 " exists already", ref->id);
	return e;
}

struct restore {
	struct blob_ref ref;
	const void *octets;
	struct why *why;
};

static enum store_err
put_restored(struct store_txn *txn, void *arg)
{
	const struct restore *r = arg;

	return blob_put(txn, &r->ref, r->octets, r->why);
}

enum store_err
blob_restore(struct store *s, uint64_t id, const void *octets, size_t n, struct why *why)
{
	struct restore r = {.ref = {.id = id, .n_octets = n}, .octets = octets, .why = why};
	enum store_err e = is_file(s, n) ? write_file(s, octets, &r.ref, why) : STORE_OK;

	return e == STORE_OK ? store_run(s, put_restored, &r, why) : e;
}

void
blob_forget(struct store *s, const struct blob_ref *ref)
{
	char name[BLOB_NAME];

	if (!is_file(s, ref->n_octets))
		return;
	AUTO(fd)
	int dir_fd = home_blob_dir(store_home(s), (unsigned)(ref->id % HOME_BLOB_DIRS), NULL);
	blob_name(ref->id, name);
	if (dir_fd >= 0)
		(void)unlinkat(dir_fd, name, 0);
}

static enum store_err
read_file(struct store *s, struct arena *a, const struct blob_ref *ref, struct kv_value *v_r,
	  struct why *why)
{
	AUTO(fd)
	int dir_fd = home_blob_dir(store_home(s), (unsigned)(ref->id % HOME_BLOB_DIRS), why);
	char name[BLOB_NAME];
	struct durable_file file = {NULL, 0};

	if (dir_fd < 0)
		return STORE_BROKEN;
	blob_name(ref->id, name);
	enum durable_err e = durable_read(a, dir_fd, name, ref->n_octets, &file, why);
	*v_r = (struct kv_value){file.octets, file.n};
	if (e == DURABLE_ABSENT)
		why_set(why, "the mail file blob/%02x/%s is missing: restore it from a backup",
			(unsigned)(ref->id % HOME_BLOB_DIRS), name);
	return e == DURABLE_OK ? STORE_OK : STORE_BROKEN;
}

static bool
is_whole(const struct blob_ref *ref, struct kv_value v)
{
	uint8_t sum[DIGEST_OCTETS];

	digest_of(v.octets, v.n, sum);
	return v.n == ref->n_octets && memcmp(sum, ref->digest, sizeof sum) == 0;
}

enum store_err
blob_open(struct store *s, struct arena *a, const struct blob_ref *ref, const struct kv_value *row,
	  struct kv_value *octets_r, struct why *why)
{
	const char *kind = row->octets;

	if (row->n >= 1 && *kind == KIND_INLINE) {
		*octets_r = (struct kv_value){kind + 1, row->n - 1};
		return STORE_OK;
	}
	if (row->n == 1 && *kind == KIND_FILE)
		return read_file(s, a, ref, octets_r, why);
	why_set(why, "blob %" PRIu64 " cannot be read: check the store", ref->id);
	return STORE_BROKEN;
}

enum store_err
blob_read(struct store_txn *txn, struct arena *a, const struct blob_ref *ref, char **octets_r,
	  size_t *n_r, struct why *why)
{
	struct key k = key_of(ref->id);
	struct kv_value v;
	enum store_err e = kv_get(txn, KV_BLOB, &k, a, &v, why);

	if (e != STORE_OK)
		return e;
	struct kv_value row = v;
	e = blob_open(kv_store(txn), a, ref, &row, &v, why);
	if (e != STORE_OK)
		return e;
	if (!is_whole(ref, v)) {
		why_set(why,
			"the octets of blob %" PRIu64 " (blob/%02x/%016" PRIx64
			" when it is a file) "
			"are not those that were filed",
			ref->id, (unsigned)(ref->id % HOME_BLOB_DIRS), ref->id);
		return STORE_BROKEN;
	}
	*octets_r = arena_memdup(a, v.octets, v.n);
	*n_r = v.n;
	return STORE_OK;
}

enum store_err
blob_drop(struct store_txn *txn, const struct blob_ref *ref, struct why *why)
{
	struct key k = key_of(ref->id);

	return kv_del(txn, KV_BLOB, &k, why);
}

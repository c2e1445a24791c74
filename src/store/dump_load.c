/* src/store/dump_load.c - fill an empty store from a dump */
#include "arena.h"
#include "base64.h"
#include "blob.h"
#include "buf.h"
#include "digest.h"
#include "dump.h"
#include "dump_table.h"
#include "inside.h"
#include "json.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	LINE_OCTETS_MAX = 8 << 20,
	BATCH_LINES = 1000,       /* in one transaction */
	BATCH_OCTETS = 4 << 20,
	CHUNK_OCTETS = 64 * 1024
};

struct loading {
	struct store *s;
	int fd;
	struct buf in;            /* read, not yet looked at */
	size_t n_looked_at;       /* octets of `in` that hold no line end */
	uint64_t n_lines;
	struct digest *digest;    /* of all lines so far */
	struct buf batch;         /* whole lines that wait for their transaction */
	size_t n_batch;
	struct buf blob;          /* pieces so far */
	uint64_t blob_id;         /* 0: none is begun */
	uint64_t n[DUMP_TABLE_COUNT];
	uint64_t next[STORE_SERIES_COUNT];
	uint8_t id[HOME_ID_OCTETS];
	bool ended;               /* the trailer was there, and right */
	struct why *why;
};

static enum store_err
refuse(const struct loading *l, const char *what)
{
	why_set(l->why, "dump, line %" PRIu64 ": %s", l->n_lines, what);
	return STORE_BROKEN;
}

/* The next line, without its end. Gives  STORE_ABSENT at the end of the dump; the line is valid
 * until the next call, and consumed by then */
static enum store_err
read_line(struct loading *l, size_t *n_r)
{
	for (;;) {
		const char *from = l->in.octets ? l->in.octets + l->n_looked_at : "";
		const char *end = memchr(from, '\n', l->in.n - l->n_looked_at);
		if (end != NULL) {
			*n_r = (size_t)(end - l->in.octets);
			l->n_lines++;
			return STORE_OK;
		}
		l->n_looked_at = l->in.n;
		if (l->in.n > LINE_OCTETS_MAX)
			return refuse(l, "the line is too long");
		ssize_t n = read(l->fd, buf_reserve(&l->in, CHUNK_OCTETS), CHUNK_OCTETS);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			why_errno(l->why, errno, "reading the dump");
		if (n <= 0)
			return n < 0          ? STORE_BROKEN
			       : l->in.n > 0 ? refuse(l, "is cut off")
			                     : STORE_ABSENT;
		l->in.n += (size_t)n;
	}
}

static void
drop_line(struct loading *l, size_t n)
{
	buf_consume(&l->in, n + 1);
	l->n_looked_at = 0;
}

static enum store_err
put_batch(struct store_txn *txn, void *arg)
{
	struct loading *l = arg;
	enum store_err e = STORE_OK;

	for (size_t at = 0; e == STORE_OK && at < l->batch.n;) {
		AUTO(json) struct json *line = NULL;
		const char *text = l->batch.octets + at;
		size_t n = (size_t)((const char *)memchr(text, '\n', l->batch.n - at) - text);
		if (json_parse(text, n, LINE_OCTETS_MAX, &line, l->why) != JSON_OK)
			return STORE_BROKEN;
		e = dump_table_put(txn, dump_table_find(line), line, l->why);
		at += n + 1;
	}
	return e;
}

static enum store_err
finish_batch(struct loading *l)
{
	enum store_err e = l->n_batch > 0 ? store_run(l->s, put_batch, l, l->why) : STORE_OK;

	if (e == STORE_BROKEN && l->why != NULL) {
		struct why cause = *l->why;
		why_set(l->why, "dump, lines up to %" PRIu64 ": %s", l->n_lines, cause.text);
	}
	buf_clear(&l->batch);
	l->n_batch = 0;
	return e;
}

static enum store_err
take_piece(struct loading *l, const struct json *line)
{
	uint64_t id = (uint64_t)json_get_int(line, "id", 0);
	const char *text = json_get_str(line, "octets", "");
	enum store_err e = STORE_OK;

	if (id == 0 || (l->blob_id != 0 && id != l->blob_id) ||
	    json_get_int(line, "at", -1) != (int64_t)l->blob.n)
		return refuse(l, "a piece of a blob is missing");
	if (!base64_get(&l->blob, text, strlen(text)) || l->blob.n > BLOB_OCTETS_MAX)
		return refuse(l, "the octets of a blob are not base64, or too many");
	l->blob_id = id;
	if (!json_get_bool(line, "last", false))
		return STORE_OK;
	e = blob_restore(l->s, id, l->blob.octets, l->blob.n, l->why);
	l->n[DUMP_KV_BLOB]++;
	l->blob_id = 0;
	buf_clear(&l->blob);
	return e == STORE_EXISTS ? refuse(l, "a blob stands there twice") : e;
}

static enum store_err
check_trailer(struct loading *l, const struct json *line)
{
	const struct json *counts = json_get_child(line, "counts");
	uint8_t sum[DIGEST_OCTETS];
	char hex[DIGEST_HEX];

	digest_end(&l->digest, sum);
	l->digest = digest_new();
	digest_hex(sum, sizeof sum, hex);
	if (strcmp(json_get_str(line, "sha256", ""), hex) != 0)
		return refuse(l, "the checksum says that lines before it were changed");
	for (enum dump_table_at at = 0; at < DUMP_TABLE_COUNT; at++)
		if (json_get_int(counts, dump_table_name(at), -1) != (int64_t)l->n[at])
			return refuse(l, "the counts say that lines are missing");
	l->ended = true;
	return STORE_OK;
}

static enum store_err
take_line(struct loading *l, const char *text, size_t n)
{
	AUTO(json) struct json *line = NULL;
	struct why cause = {""};

	if (l->ended)
		return refuse(l, "something follows the end");
	if (json_parse(text, n, LINE_OCTETS_MAX, &line, &cause) != JSON_OK)
		return refuse(l, cause.text);
	enum dump_table_at at = dump_table_find(line);
	if (at == DUMP_TABLE_COUNT)
		return strcmp(json_get_str(line, "table", ""), "end") == 0
		               ? check_trailer(l, line)
		               : refuse(l, "names a table that this version does not know");
	if (l->blob_id != 0 && at != DUMP_KV_BLOB)
		return refuse(l, "a blob is cut off before it");
	if (at == DUMP_KV_BLOB)
		return take_piece(l, line);
	l->n[at]++;
	l->n_batch++;
	buf_add(&l->batch, text, n);
	buf_octet(&l->batch, '\n');
	return l->n_batch >= BATCH_LINES || l->batch.n >= BATCH_OCTETS ? finish_batch(l) : STORE_OK;
}

static bool
read_id(const char *hex, uint8_t id_r[HOME_ID_OCTETS])
{
	if (strlen(hex) != 2 * (size_t)HOME_ID_OCTETS)
		return false;
	for (size_t i = 0; i < HOME_ID_OCTETS; i++) {
		unsigned v = 0;
		if (sscanf(hex + 2 * i, "%2x", &v) != 1)
			return false;
		id_r[i] = (uint8_t)v;
	}
	return true;
}

static enum store_err
take_header(struct loading *l)
{
	AUTO(json) struct json *line = NULL;
	size_t n = 0;
	enum store_err e = read_line(l, &n);

	if (e != STORE_OK)
		return e == STORE_ABSENT ? refuse(l, "there is nothing") : e;
	if (json_parse(l->in.octets, n, LINE_OCTETS_MAX, &line, NULL) != JSON_OK ||
	    strcmp(json_get_str(line, "postern", ""), "dump") != 0)
		return refuse(l, "this is no dump");
	if (json_get_int(line, "format", 0) != 1 || json_get_int(line, "schema", 0) > STORE_SCHEMA)
		return refuse(l, "written by a newer version: load it with that one");
	if (!read_id(json_get_str(line, "store", ""), l->id))
		return refuse(l, "the header has no identity");
	l->next[STORE_TICKETS] = (uint64_t)json_get_int(line, "next_ticket", 1);
	l->next[STORE_ROWS] = (uint64_t)json_get_int(line, "next_row", 1);
	digest_add(l->digest, l->in.octets, n + 1);
	drop_line(l, n);
	return STORE_OK;
}

static enum store_err
take_lines(struct loading *l)
{
	enum store_err e = STORE_OK;
	size_t n = 0;

	while (e == STORE_OK && (e = read_line(l, &n)) == STORE_OK) {
		e = take_line(l, l->in.octets, n);
		digest_add(l->digest, l->in.octets, n + 1);
		drop_line(l, n);
		if (l->n_lines % BATCH_LINES == 0)
			store_progress(l->s, "load", l->n_lines, 0);
	}
	if (e == STORE_ABSENT && !l->ended)
		return refuse(l, "the end is missing: the dump was cut off");
	return e == STORE_ABSENT ? finish_batch(l) : e;
}

static enum store_err
adopt(struct store_txn *txn, void *arg)
{
	const struct loading *l = arg;
	struct key k = {0};

	key_text(&k, "id");
	return kv_put(txn, KV_META, &k, (struct kv_value){l->id, sizeof l->id}, l->why);
}

/* Make it the store that the dump was of: numbers, identity, and only then the mark that it is
 * whole. */
static enum store_err
complete(struct loading *l)
{
	enum store_err e = STORE_OK;

	for (enum store_series i = 0; e == STORE_OK && i < STORE_SERIES_COUNT; i++)
		e = store_raise_number(l->s, i, l->next[i], l->why);
	if (e == STORE_OK)
		e = store_run(l->s, adopt, l, l->why);
	if (e == STORE_OK)
		e = store_flush(l->s, l->why);
	if (e == STORE_OK)
		e = kv_checkpoint(store_kv(l->s), true, l->why);
	return e == STORE_OK ? home_made(store_home(l->s), l->why) : e;
}

static bool
is_empty(struct store *s)
{
	uint64_t n = 0;

	for (enum dump_table_at at = 0; at < DUMP_TABLE_COUNT; at++)
		n += kv_rows(store_kv(s), dump_table_kv(at));
	return n == 0;
}

enum store_err
dump_load(struct store *s, int fd, struct why *why)
{
	struct loading l = {.s = s, .fd = fd, .digest = digest_new(), .why = why};
	uint8_t sum[DIGEST_OCTETS];
	enum store_err e = STORE_OK;

	if (!is_empty(s)) {
		why_set(why, "%s is not empty: load into a new directory", home_dir(store_home(s)));
		e = STORE_EXISTS;
	}
	if (e == STORE_OK)
		e = take_header(&l);
	if (e == STORE_OK)
		e = home_unmake(store_home(s), l.id, why);
	if (e == STORE_OK)
		e = take_lines(&l);
	if (e == STORE_OK)
		e = complete(&l);
	digest_end(&l.digest, sum);
	buf_free(&l.in);
	buf_free(&l.batch);
	buf_free(&l.blob);
	return e;
}

/* src/store/dump.c - the whole store as text */
#include "dump.h"
#include "arena.h"
#include "base64.h"
#include "blob.h"
#include "buf.h"
#include "digest.h"
#include "dump_table.h"
#include "inside.h"
#include "json.h"
#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	BATCH_ROWS = 500,         /* read in one transaction */
	BATCH_OCTETS = 1 << 20,
	PIECE_OCTETS = 48 * 1024  /* of a blob, in one line */
};

struct dumping {
	struct store *s;
	int fd;
	struct digest *digest;     /* of all that was written */
	enum dump_table_at at;
	struct key from;           /* where the next batch begins; empty: at the start */
	struct key last;           /* of the row read last */
	struct buf lines;          /* of this batch */
	size_t n_batch;
	uint64_t n_done, n_total;
	uint64_t n[DUMP_TABLE_COUNT];
	struct why *why;
};

static enum store_err
write_out(struct dumping *d)
{
	size_t at = 0;

	while (at < d->lines.n) {
		ssize_t n = write(d->fd, d->lines.octets + at, d->lines.n - at);
		if (n < 0 && errno != EINTR) {
			why_errno(d->why, errno, "writing the dump");
			return errno == ENOSPC || errno == EDQUOT ? STORE_FULL : STORE_BROKEN;
		}
		at += n > 0 ? (size_t)n : 0;
	}
	digest_add(d->digest, d->lines.octets, d->lines.n);
	buf_clear(&d->lines);
	return STORE_OK;
}

static void
add_line(struct dumping *d, const struct json *line)
{
	json_dump(line, false, &d->lines);
	buf_octet(&d->lines, '\n');
}

/* A blob in pieces, the last of which says so. */
static enum store_err
show_blob(struct dumping *d, const struct kv_row *row)
{
	AUTO(arena) struct arena *a = arena_new();
	struct blob_ref ref = {.id = key_read_u64(row->key), .n_octets = BLOB_OCTETS_MAX};
	struct kv_value stored = {row->value, row->n_value}, v = {NULL, 0};
	enum store_err e = blob_open(d->s, a, &ref, &stored, &v, d->why);
	size_t at = 0;

	while (e == STORE_OK) {
		AUTO(json) struct json *line = json_new_object();
		AUTO(buf) struct buf text = {0};
		size_t n = v.n - at < PIECE_OCTETS ? v.n - at : PIECE_OCTETS;
		base64_put(&text, (const char *)v.octets + at, n);
		buf_text(&text, "");
		json_set_str(line, "table", dump_table_name(DUMP_KV_BLOB));
		json_set_int(line, "id", (int64_t)ref.id);
		json_set_int(line, "at", (int64_t)at);
		json_set_bool(line, "last", at + n == v.n);
		json_set_str(line, "octets", text.octets ? text.octets : "");
		add_line(d, line);
		at += n;
		if (at == v.n)
			break;
	}
	return e;
}

static enum store_err
show_row(void *self, const struct kv_row *row, struct why *why)
{
	struct dumping *d = self;
	enum store_err e = STORE_OK;

	if (d->n_batch >= BATCH_ROWS || d->lines.n >= BATCH_OCTETS)
		return STORE_ABSENT;
	if (d->at == DUMP_KV_BLOB) {
		e = show_blob(d, row);
	} else {
		AUTO(json) struct json *line = json_new_object();
		e = dump_table_show(d->at, row, line, why);
		if (e == STORE_OK)
			add_line(d, line);
	}
	d->last.n = 0;
	key_octets(&d->last, row->key, row->n_key);
	d->n_batch++;
	return e;
}

/* One batch; may run again, so it begins by forgetting what it did. */
static enum store_err
read_batch(struct store_txn *txn, void *arg)
{
	struct dumping *d = arg;
	struct kv_walk w = {
		.table = dump_table_kv(d->at), .from = d->from, .each = show_row, .self = d};

	buf_clear(&d->lines);
	d->n_batch = 0;
	return kv_walk(txn, &w, d->why);
}

static enum store_err
write_table(struct dumping *d)
{
	enum store_err e = STORE_OK;

	d->from.n = 0;
	do {
		e = store_peek(d->s, read_batch, d, d->why);
		if (e == STORE_OK)
			e = write_out(d);
		/* The next key possible: the last one with an octet 0 behind it. */
		d->from = d->last;
		if (d->from.n < KEY_OCTETS_MAX)
			key_octets(&d->from, "", 1);
		d->n[d->at] += d->n_batch;
		d->n_done += d->n_batch;
		store_progress(d->s, "dump", d->n_done, d->n_total);
	} while (e == STORE_OK && d->n_batch > 0);
	return e;
}

static enum store_err
write_header(struct dumping *d)
{
	AUTO(json) struct json *line = json_new_object();
	char id[2 * HOME_ID_OCTETS + 1];
	uint64_t next_ticket = 0, next_row = 0;
	enum store_err e = store_next_number(d->s, STORE_TICKETS, &next_ticket, d->why);

	if (e == STORE_OK)
		e = store_next_number(d->s, STORE_ROWS, &next_row, d->why);
	if (e != STORE_OK)
		return e;
	digest_hex(home_id(store_home(d->s)), HOME_ID_OCTETS, id);
	json_set_str(line, "postern", "dump");
	json_set_int(line, "format", 1);
	json_set_int(line, "schema", STORE_SCHEMA);
	json_set_str(line, "store", id);
	json_set_int(line, "next_ticket", (int64_t)next_ticket);
	json_set_int(line, "next_row", (int64_t)next_row);
	json_set_int(line, "tickets", (int64_t)kv_rows(store_kv(d->s), KV_TICKET));
	json_set_int(line, "messages", (int64_t)kv_rows(store_kv(d->s), KV_MESSAGE));
	add_line(d, line);
	return write_out(d);
}

static enum store_err
write_trailer(struct dumping *d)
{
	AUTO(json) struct json *line = json_new_object();
	struct json *counts = json_new_object();
	uint8_t sum[DIGEST_OCTETS];
	char hex[DIGEST_HEX];

	for (enum dump_table_at at = 0; at < DUMP_TABLE_COUNT; at++)
		json_set_int(counts, dump_table_name(at), (int64_t)d->n[at]);
	digest_end(&d->digest, sum);
	d->digest = digest_new();
	digest_hex(sum, sizeof sum, hex);
	json_set_str(line, "table", "end");
	json_set_child(line, "counts", GIVE(counts));
	json_set_str(line, "sha256", hex);
	add_line(d, line);
	return write_out(d);
}

enum store_err
dump_store(struct store *s, int fd, struct why *why)
{
	struct dumping d = {.s = s, .fd = fd, .digest = digest_new(), .why = why};
	uint8_t sum[DIGEST_OCTETS];

	store_hold_writers(s);
	store_hold_keep(s);
	for (enum dump_table_at at = 0; at < DUMP_TABLE_COUNT; at++)
		d.n_total += kv_rows(store_kv(s), dump_table_kv(at));
	enum store_err e = write_header(&d);
	for (d.at = 0; e == STORE_OK && d.at < DUMP_TABLE_COUNT; d.at++)
		e = write_table(&d);
	if (e == STORE_OK)
		e = write_trailer(&d);
	store_release_keep(s);
	store_release_writers(s);
	digest_end(&d.digest, sum);
	buf_free(&d.lines);
	return e;
}

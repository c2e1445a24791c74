/* src/store/check.c - read everything and see whether it belongs together */
#include "check.h"
#include "arena.h"
#include "blob.h"
#include "buf.h"
#include "inside.h"
#include "pack.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BATCH_ROWS = 500 /* read in one transaction */ };

struct checking {
	struct store *s;
	const struct check_options *o;
	struct store_txn *txn; /* of the batch */
	struct arena *arena;   /* of the row */
	enum kv_table table;
	struct key from, last;
	size_t n_batch;
	uint64_t n_done, n_total, n_problems;
	uint64_t n_rows[KV_TABLE_COUNT];
	struct buf problems; /* lines of the batch, told when it was read for good */
};

static void note(struct checking *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void
note(struct checking *c, const char *fmt, ...)
{
	struct why line = {""};
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(line.text, sizeof line.text, fmt, args);
	va_end(args);
	buf_text(&c->problems, line.text);
	buf_octet(&c->problems, '\n');
}

/* Whether a row is there. Gives  STORE_OK: present_r says so */
static enum store_err
look(struct checking *c, enum kv_table table, const struct key *k, bool *present_r, struct why *why)
{
	struct kv_value v;
	enum store_err e = kv_get(c->txn, table, k, c->arena, &v, why);

	*present_r = e == STORE_OK;
	return e == STORE_ABSENT ? STORE_OK : e;
}

/* Demand a row, or note what lacks it. */
static enum store_err
demand(struct checking *c, enum kv_table table, const struct key *k, const char *what,
       struct why *why)
{
	bool present = false;
	enum store_err e = look(c, table, k, &present, why);

	if (e == STORE_OK && !present)
		note(c, "%s: no row in %s", what, kv_table_file(table));
	return e;
}

static struct key
key_of_id(uint64_t id)
{
	struct key k = {0};

	key_u64(&k, id);
	return k;
}

static struct key
key_of_place(uint64_t ticket, uint32_t seq)
{
	struct key k = key_of_id(ticket);

	key_u32(&k, seq);
	return k;
}

static void
add_end(struct key *k, const struct ticket *t)
{
	key_s(k, t->updated_s);
	key_u64(k, t->id);
}

static enum store_err
check_indexes(struct checking *c, const struct ticket *t, const char *what, struct why *why)
{
	struct key queue = {0}, state = {0}, time = {0};

	key_text(&queue, t->queue);
	key_u32(&queue, t->state);
	key_u32(&state, t->state);
	add_end(&queue, t);
	add_end(&state, t);
	add_end(&time, t);
	enum store_err e = demand(c, KV_BY_QUEUE, &queue, what, why);
	if (e == STORE_OK)
		e = demand(c, KV_BY_STATE, &state, what, why);
	if (e == STORE_OK)
		e = demand(c, KV_BY_TIME, &time, what, why);
	for (size_t i = 0; e == STORE_OK && i < t->n_participants; i++) {
		struct key person = {0};
		key_text(&person, t->participant[i].address);
		add_end(&person, t);
		e = demand(c, KV_BY_PERSON, &person, what, why);
	}
	return e;
}

static enum store_err
check_ticket(struct checking *c, const struct kv_row *row, struct why *why)
{
	struct ticket t;
	struct key token = {0};

	if (!unpack_ticket(c->arena, row->value, row->n_value, &t) ||
	    t.id != key_read_u64(row->key)) {
		note(c, "ticket %" PRIu64 ": the record cannot be read", key_read_u64(row->key));
		return STORE_OK;
	}
	const char *what = arena_printf(c->arena, "ticket %" PRIu64, t.id);
	key_text(&token, t.prefix);
	key_u64(&token, t.id);
	enum store_err e = demand(c, KV_REFERENCE, &token, what, why);
	if (e == STORE_OK)
		e = check_indexes(c, &t, what, why);
	if (e == STORE_OK && t.n_messages > 0) {
		struct key last = key_of_place(t.id, t.n_messages);
		e = demand(c, KV_MESSAGE, &last, what, why);
	}
	if (e == STORE_OK && t.n_audit > 0) {
		struct key last = key_of_place(t.id, t.n_audit);
		e = demand(c, KV_AUDIT, &last, what, why);
	}
	return e;
}

/* The octets that a record names are there, and (when asked) are those that were filed. */
static enum store_err
check_blob(struct checking *c, const struct blob_ref *ref, const char *what, struct why *why)
{
	struct key k = key_of_id(ref->id);
	struct why cause = {""};
	char *octets = NULL;
	size_t n = 0;

	if (ref->id == 0)
		return STORE_OK;
	if (!c->o->octets)
		return demand(c, KV_BLOB, &k, what, why);
	enum store_err e = blob_read(c->txn, c->arena, ref, &octets, &n, &cause);
	if (e == STORE_ABSENT || e == STORE_BROKEN)
		note(c, "%s: %s", what, e == STORE_ABSENT ? "its octets are missing" : cause.text);
	return e == STORE_ABSENT || e == STORE_BROKEN ? STORE_OK : e;
}

static enum store_err
check_message(struct checking *c, const struct kv_row *row, struct why *why)
{
	uint64_t ticket = key_read_u64(row->key);
	const char *what = arena_printf(c->arena, "message %" PRIu32 " of ticket %" PRIu64,
					key_read_u32(row->key + 8), ticket);
	struct key owner = key_of_id(ticket);
	struct message m;

	if (!unpack_message(c->arena, row->value, row->n_value, &m) || m.ticket != ticket) {
		note(c, "%s: the record cannot be read", what);
		return STORE_OK;
	}
	enum store_err e = demand(c, KV_TICKET, &owner, what, why);
	if (e == STORE_OK && m.seq > 1) {
		struct key before = key_of_place(ticket, m.seq - 1);
		e = demand(c, KV_MESSAGE, &before, what, why);
	}
	return e == STORE_OK ? check_blob(c, &m.blob, what, why) : e;
}

static enum store_err
check_audit(struct checking *c, const struct kv_row *row, struct why *why)
{
	struct key owner = key_of_id(key_read_u64(row->key));
	struct audit_entry entry;
	const char *what = arena_printf(c->arena, "audit entry %" PRIu32 " of ticket %" PRIu64,
					key_read_u32(row->key + 8), key_read_u64(row->key));

	if (!unpack_audit(c->arena, row->value, row->n_value, &entry))
		note(c, "%s: the record cannot be read", what);
	return demand(c, KV_TICKET, &owner, what, why);
}

static enum store_err
check_outbox(struct checking *c, const struct kv_row *row, struct why *why)
{
	struct outbox_row o;
	struct key pending = {0};
	const char *what =
		arena_printf(c->arena, "outbox row %" PRIu64, key_read_u64(row->key + 8));

	if (!unpack_outbox(c->arena, row->value, row->n_value, &o)) {
		note(c, "%s: the record cannot be read", what);
		return STORE_OK;
	}
	key_u64(&pending, o.ticket);
	key_u32(&pending, o.kind);
	key_text(&pending, o.to_address);
	key_u64(&pending, o.id);
	enum store_err e = demand(c, KV_PENDING, &pending, what, why);
	struct key owner = key_of_id(o.ticket);
	return e == STORE_OK ? demand(c, KV_TICKET, &owner, what, why) : e;
}

static enum store_err
check_held(struct checking *c, const struct kv_row *row, struct why *why)
{
	struct held_entry h;
	const char *what = arena_printf(c->arena, "held entry %" PRIu64, key_read_u64(row->key));

	if (unpack_held(c->arena, row->value, row->n_value, &h))
		return check_blob(c, &h.blob, what, why);
	note(c, "%s: the record cannot be read", what);
	return STORE_OK;
}

/* A row of an index names a ticket by the last eight octets of its key, and that ticket is there.
 * That it also has the state and time that the index says follows from the counts: see
 * check_counts. */
static enum store_err
check_index(struct checking *c, const struct kv_row *row, struct why *why)
{
	struct key owner = key_of_id(key_read_u64(row->key + row->n_key - 8));

	return demand(c, KV_TICKET, &owner,
		      arena_printf(c->arena, "a row of %s", kv_table_file(c->table)), why);
}

static enum store_err
check_reference(struct checking *c, const struct kv_row *row, struct why *why)
{
	struct key owner = key_of_id(row->n_value == 8 ? key_read_u64(row->value) : 0);

	return demand(c, KV_TICKET, &owner, arena_printf(c->arena, "reference of %s", row->key),
		      why);
}

static enum store_err
check_party(struct checking *c, const struct kv_row *row, struct why *why)
{
	struct party p;

	(void)why;
	if (!unpack_party(c->arena, row->value, row->n_value, &p))
		note(c, "party %s: the record cannot be read", row->key);
	return STORE_OK;
}

/* Where rows say nothing about others, reading them (checksum) is the check. */
static enum store_err (*const check_row[KV_TABLE_COUNT])(struct checking *c,
							 const struct kv_row *row,
							 struct why *why) = {
	[KV_TICKET] = check_ticket, [KV_REFERENCE] = check_reference, [KV_MESSAGE] = check_message,
	[KV_PARTY] = check_party,   [KV_OUTBOX] = check_outbox,	      [KV_AUDIT] = check_audit,
	[KV_HELD] = check_held,	    [KV_BY_QUEUE] = check_index,      [KV_BY_STATE] = check_index,
	[KV_BY_TIME] = check_index, [KV_BY_PERSON] = check_index,
};

static enum store_err
visit(void *self, const struct kv_row *row, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct checking *c = self;

	if (c->n_batch >= BATCH_ROWS)
		return STORE_ABSENT;
	c->arena = a;
	c->last.n = 0;
	key_octets(&c->last, row->key, row->n_key);
	c->n_batch++;
	return check_row[c->table] != NULL ? check_row[c->table](c, row, why) : STORE_OK;
}

static enum store_err
read_batch(struct store_txn *txn, void *arg)
{
	struct checking *c = arg;
	struct kv_walk w = {.table = c->table, .from = c->from, .each = visit, .self = c};

	c->txn = txn;
	c->n_batch = 0;
	buf_clear(&c->problems);
	return kv_walk(txn, &w, NULL);
}

static void
tell(struct checking *c)
{
	char *line = c->problems.octets;

	for (size_t at = 0; at < c->problems.n;) {
		char *end = memchr(line + at, '\n', c->problems.n - at);
		*end = '\0';
		c->n_problems++;
		c->o->problem(c->o->self, line + at);
		at = (size_t)(end - line) + 1;
	}
	buf_clear(&c->problems);
}

static enum store_err
check_table(struct checking *c, struct why *why)
{
	enum store_err e = STORE_OK;

	c->from.n = 0;
	do {
		e = store_peek(c->s, read_batch, c, why);
		tell(c);
		c->from = c->last;
		if (c->from.n < KEY_OCTETS_MAX)
			key_octets(&c->from, "", 1);
		c->n_rows[c->table] += c->n_batch;
		c->n_done += c->n_batch;
		store_progress(c->s, "check", c->n_done, c->n_total);
	} while (e == STORE_OK && c->n_batch > 0);
	if (e == STORE_BROKEN)
		why_set(why, "%s cannot be read on: restore a backup", kv_table_file(c->table));
	return e;
}

/* Each ticket has one row in these, each outbox row one in `pending`: more are left-overs. */
static void
check_counts(struct checking *c)
{
	static const enum kv_table pair[][2] = {
		{KV_TICKET, KV_REFERENCE}, {KV_TICKET, KV_BY_QUEUE}, {KV_TICKET, KV_BY_STATE},
		{KV_TICKET, KV_BY_TIME},   {KV_OUTBOX, KV_PENDING},
	};

	for (size_t i = 0; i < N_ELEMENTS(pair); i++) {
		enum kv_table left = pair[i][0], right = pair[i][1];
		if (c->n_rows[left] != c->n_rows[right])
			note(c, "%s has %" PRIu64 " rows, %s %" PRIu64, kv_table_file(left),
			     c->n_rows[left], kv_table_file(right), c->n_rows[right]);
	}
	tell(c);
}

enum store_err
check_store(struct store *s, const struct check_options *o, uint64_t *n_problems_r, struct why *why)
{
	struct checking c = {.s = s, .o = o};
	enum store_err e = STORE_OK;

	store_hold_writers(s);
	for (enum kv_table t = 0; t < KV_TABLE_COUNT; t++)
		c.n_total += kv_rows(store_kv(s), t);
	for (c.table = 0; e == STORE_OK && c.table < KV_TABLE_COUNT; c.table++)
		e = check_table(&c, why);
	if (e == STORE_OK)
		check_counts(&c);
	store_release_writers(s);
	buf_free(&c.problems);
	if (e == STORE_OK)
		*n_problems_r = c.n_problems;
	return e;
}

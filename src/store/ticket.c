/* src/store/ticket.c - tickets, their tokens, and the lists by state and by participant */
#include "ticket.h"
#include "arena.h"
#include "buf.h"
#include "kv.h"
#include "pack.h"
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	LIST_MAX = 1000,
	LIST_LOOKED_AT =
		10, /* with a filter that no index serves, so many times max are looked at */
	PLACE_DIGITS = 32
};

/* Where a ticket stands in a list. */
struct place {
	int64_t updated_s;
	uint64_t id;
};

static struct key
key_of_id(uint64_t id)
{
	struct key k = {0};

	key_u64(&k, id);
	return k;
}

static struct key
key_of_token(const char *prefix, uint64_t number)
{
	struct key k = {0};

	key_text(&k, prefix);
	key_u64(&k, number);
	return k;
}

static void
add_place(struct key *k, struct place p)
{
	key_s(k, p.updated_s);
	key_u64(k, p.id);
}

static struct key
prefix_of_queue(const char *queue, enum ticket_state state)
{
	struct key k = {0};

	key_text(&k, queue);
	key_u32(&k, state);
	return k;
}

static struct key
prefix_of_state(enum ticket_state state)
{
	struct key k = {0};

	key_u32(&k, state);
	return k;
}

static struct key
prefix_of_person(const char *address)
{
	struct key k = {0};

	key_text(&k, address);
	return k;
}

struct index_row {
	enum kv_table table;
	struct key key;
};

/* All index rows of a ticket, in a fixed order so that writers meet in the same order.
 * Gives   rows in the arena */
static struct index_row *
index_rows(struct arena *a, const struct ticket *t, size_t *n_r)
{
	struct index_row *row = arena_array(a, 3 + t->n_participants, sizeof *row);
	struct place at = {t->updated_s, t->id};

	row[0] = (struct index_row){KV_BY_QUEUE, prefix_of_queue(t->queue, t->state)};
	row[1] = (struct index_row){KV_BY_STATE, prefix_of_state(t->state)};
	row[2] = (struct index_row){KV_BY_TIME, {0}};
	for (size_t i = 0; i < t->n_participants; i++)
		row[3 + i] = (struct index_row){KV_BY_PERSON,
						prefix_of_person(t->participant[i].address)};
	*n_r = 3 + t->n_participants;
	for (size_t i = 0; i < *n_r; i++)
		add_place(&row[i].key, at);
	return row;
}

static bool
among(const struct index_row *row, const struct index_row *in, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (in[i].table == row->table && in[i].key.n == row->key.n &&
		    memcmp(in[i].key.octets, row->key.octets, row->key.n) == 0)
			return true;
	return false;
}

/* Make the index rows of `after` out of those of `before` (NULL: none). */
static enum store_err
move_rows(struct store_txn *txn, const struct ticket *before, const struct ticket *after,
	  struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	size_t n_old = 0, n_new = 0;
	struct index_row *old = before ? index_rows(a, before, &n_old) : NULL;
	struct index_row *new = index_rows(a, after, &n_new);
	enum store_err e = STORE_OK;

	for (size_t i = 0; e == STORE_OK && i < n_old; i++) {
		if (among(&old[i], new, n_new) || among(&old[i], old, i))
			continue;
		e = kv_del(txn, old[i].table, &old[i].key, why);
		if (e == STORE_ABSENT) {
			why_set(why,
				"ticket %" PRIu64 ": its index row is missing: check the store",
				before->id);
			return STORE_BROKEN;
		}
	}
	for (size_t i = 0; e == STORE_OK && i < n_new; i++)
		if (!among(&new[i], old, n_old) && !among(&new[i], new, i))
			e = kv_put(txn, new[i].table, &new[i].key, (struct kv_value){0}, why);
	return e;
}

static enum store_err
write_ticket(struct store_txn *txn, const struct ticket *t, bool fresh, struct why *why)
{
	AUTO(buf) struct buf octets = {0};
	struct key k = key_of_id(t->id);

	assert(t->id != 0);
	if (!pack_ticket(&octets, t)) {
		why_set(why, "ticket %" PRIu64 " has grown too large to be stored", t->id);
		return STORE_BROKEN;
	}
	struct kv_value v = {octets.octets, octets.n};
	return fresh ? kv_put_new(txn, KV_TICKET, &k, v, why) : kv_put(txn, KV_TICKET, &k, v, why);
}

enum store_err
ticket_create(struct store_txn *txn, const struct ticket *t, struct why *why)
{
	struct key token = key_of_token(t->prefix, t->id), id = key_of_id(t->id);
	enum store_err e = write_ticket(txn, t, true, why);

	if (e == STORE_OK)
		e = kv_put_new(txn, KV_REFERENCE, &token, (struct kv_value){id.octets, id.n}, why);
	if (e == STORE_EXISTS)
		why_set(why, "ticket %s-%" PRIu64 " exists already", t->prefix, t->id);
	return e == STORE_OK ? move_rows(txn, NULL, t, why) : e;
}

enum store_err
ticket_update(struct store_txn *txn, const struct ticket *before, const struct ticket *after,
	      struct why *why)
{
	enum store_err e = write_ticket(txn, after, false, why);

	assert(before->id == after->id);
	return e == STORE_OK ? move_rows(txn, before, after, why) : e;
}

static enum store_err
open_ticket(struct arena *a, uint64_t id, struct kv_value v, struct ticket *t_r, struct why *why)
{
	if (unpack_ticket(a, v.octets, v.n, t_r) && t_r->id == id)
		return STORE_OK;
	why_set(why, "ticket %" PRIu64 ": the record cannot be read: check the store", id);
	return STORE_BROKEN;
}

enum store_err
ticket_lock(struct store_txn *txn, struct arena *a, uint64_t id, struct ticket *t_r,
	    struct why *why)
{
	struct key k = key_of_id(id);
	struct kv_value v;
	enum store_err e = kv_lock(txn, KV_TICKET, &k, a, &v, why);

	return e == STORE_OK ? open_ticket(a, id, v, t_r, why) : e;
}

enum store_err
ticket_find(struct store_txn *txn, struct arena *a, uint64_t id, struct ticket *t_r,
	    struct why *why)
{
	struct key k = key_of_id(id);
	struct kv_value v;
	enum store_err e = kv_get(txn, KV_TICKET, &k, a, &v, why);

	return e == STORE_OK ? open_ticket(a, id, v, t_r, why) : e;
}

enum store_err
ticket_by_token(struct store_txn *txn, struct arena *a, const char *prefix, uint64_t number,
		struct ticket *t_r, struct why *why)
{
	struct key k = key_of_token(prefix, number);
	struct kv_value v;
	enum store_err e = kv_get(txn, KV_REFERENCE, &k, a, &v, why);

	if (e != STORE_OK)
		return e;
	e = v.n == 8 ? ticket_find(txn, a, key_read_u64(v.octets), t_r, why) : STORE_ABSENT;
	if (e == STORE_ABSENT) {
		why_set(why, "%s-%" PRIu64 " names a ticket that is not there: check the store",
			prefix, number);
		return STORE_BROKEN;
	}
	return e;
}

/* Places found so far, and what bounds them. */
struct gather {
	const struct ticket_query *q;
	struct place *found;
	size_t n, n_range_end; /* the range being walked may fill up to here */
};

static enum store_err
gather_row(void *self, const struct kv_row *row, struct why *why)
{
	struct gather *g = self;

	(void)why;
	if (row->n_key < 16 || g->n == g->n_range_end)
		return STORE_ABSENT;
	struct place p = {key_read_s(row->key + row->n_key - 16),
			  key_read_u64(row->key + row->n_key - 8)};
	if (g->q->oldest_first && g->q->updated_before_s != 0 &&
	    p.updated_s >= g->q->updated_before_s)
		return STORE_ABSENT;
	g->found[g->n++] = p;
	return STORE_OK;
}

/* Read the place that a page ended with. */
static bool
read_place(const char *text, struct place *p_r)
{
	uint64_t updated = 0;
	int n = 0;

	return strlen(text) == PLACE_DIGITS &&
	       sscanf(text, "%16" SCNx64 "%16" SCNx64 "%n", &updated, &p_r->id, &n) == 2 &&
	       n == PLACE_DIGITS && (p_r->updated_s = (int64_t)updated, true);
}

/* Add to the prefix where the walk starts; false: at the end that the direction has. */
static bool
start_from(const struct ticket_query *q, const struct place *after, struct key *from)
{
	struct place bound = {q->updated_before_s - 1, UINT64_MAX};

	if (q->oldest_first) {
		if (after == NULL)
			return false;
		bound = (struct place){after->updated_s, after->id + 1};
	} else if (after != NULL &&
		   (q->updated_before_s == 0 || after->updated_s < q->updated_before_s)) {
		bound = (struct place){after->updated_s, after->id - 1};
	} else if (q->updated_before_s == 0) {
		return false;
	}
	add_place(from, bound);
	return true;
}

static enum store_err
gather_range(struct store_txn *txn, struct gather *g, const struct index_row *range,
	     const struct place *after, struct why *why)
{
	struct kv_walk w = {.table = range->table,
			    .prefix = range->key,
			    .from = range->key,
			    .backward = !g->q->oldest_first,
			    .each = gather_row,
			    .self = g};

	if (!start_from(g->q, after, &w.from))
		w.from.n = 0;
	return kv_walk(txn, &w, why);
}

/* The index ranges that a query reads. Gives  how many, at most TICKET_STATE_COUNT */
static size_t
choose_ranges(const struct ticket_query *q, struct index_row range_r[TICKET_STATE_COUNT])
{
	if (q->participant != NULL) {
		range_r[0] = (struct index_row){KV_BY_PERSON, prefix_of_person(q->participant)};
	} else if (q->queue != NULL && q->state >= 0) {
		range_r[0] = (struct index_row){
			KV_BY_QUEUE, prefix_of_queue(q->queue, (enum ticket_state)q->state)};
	} else if (q->queue != NULL) {
		for (enum ticket_state s = 0; s < TICKET_STATE_COUNT; s++)
			range_r[s] = (struct index_row){KV_BY_QUEUE, prefix_of_queue(q->queue, s)};
		return TICKET_STATE_COUNT;
	} else if (q->state >= 0) {
		range_r[0] = (struct index_row){KV_BY_STATE,
						prefix_of_state((enum ticket_state)q->state)};
	} else {
		range_r[0] = (struct index_row){KV_BY_TIME, {0}};
	}
	return 1;
}

static int
older_first(const void *left, const void *right)
{
	const struct place *l = left, *r = right;

	if (l->updated_s != r->updated_s)
		return l->updated_s < r->updated_s ? -1 : 1;
	return l->id < r->id ? -1 : l->id > r->id;
}

static int
newer_first(const void *left, const void *right)
{
	return older_first(right, left);
}

static bool
fits(const struct ticket_query *q, const struct ticket *t)
{
	return (q->queue == NULL || strcmp(q->queue, t->queue) == 0) &&
	       (q->state < 0 || (enum ticket_state)q->state == t->state);
}

/* Read the tickets at the places, as many as fit and are wanted. Gives  how many places were looked
 * at */
static enum store_err
read_page(struct store_txn *txn, struct arena *a, const struct gather *g, struct ticket *t_r,
	  size_t n_r[2], struct why *why)
{
	size_t n = 0, looked_at = 0;

	while (looked_at < g->n && n < g->q->max) {
		enum store_err e = ticket_find(txn, a, g->found[looked_at++].id, &t_r[n], why);
		if (e == STORE_ABSENT) {
			why_set(why,
				"a list names ticket %" PRIu64
				", which is not there: check the store",
				g->found[looked_at - 1].id);
			return STORE_BROKEN;
		}
		if (e != STORE_OK)
			return e;
		n += fits(g->q, &t_r[n]);
	}
	n_r[0] = n;
	n_r[1] = looked_at;
	return STORE_OK;
}

static enum store_err
gather_all(struct store_txn *txn, struct gather *g, size_t want, const struct place *after,
	   struct why *why)
{
	struct index_row range[TICKET_STATE_COUNT];
	size_t n_ranges = choose_ranges(g->q, range);
	enum store_err e = STORE_OK;

	for (size_t i = 0; e == STORE_OK && i < n_ranges; i++) {
		g->n_range_end = g->n + want;
		e = gather_range(txn, g, &range[i], after, why);
	}
	qsort(g->found, g->n, sizeof *g->found, g->q->oldest_first ? older_first : newer_first);
	/* Behind `want`, what one range cut off may be missing among what others showed. */
	g->n = g->n < want ? g->n : want;
	return e;
}

enum store_err
ticket_list(struct store_txn *txn, struct arena *a, const struct ticket_query *q,
	    struct ticket_page *page_r, struct why *why)
{
	bool filter = q->participant != NULL && (q->queue != NULL || q->state >= 0);
	size_t want = filter ? q->max * LIST_LOOKED_AT : q->max + 1;
	struct place after;
	size_t n[2] = {0, 0};

	assert(q->max >= 1 && q->max <= LIST_MAX && q->state < TICKET_STATE_COUNT);
	if (q->after != NULL && !read_place(q->after, &after)) {
		why_set(why, "\"%s\" is no place in a list of tickets", q->after);
		return STORE_ABSENT;
	}
	struct gather g = {.q = q};
	g.found = arena_array(a, want * TICKET_STATE_COUNT, sizeof *g.found);
	struct ticket *t = arena_array(a, q->max + 1, sizeof *t);
	enum store_err e = gather_all(txn, &g, want, q->after ? &after : NULL, why);
	if (e == STORE_OK)
		e = read_page(txn, a, &g, t, n, why);
	if (e != STORE_OK)
		return e;
	bool more = n[1] < g.n || (filter && g.n == want);
	const struct place *last = n[1] > 0 ? &g.found[n[1] - 1] : NULL;
	*page_r = (struct ticket_page){.ticket = t, .n = n[0]};
	if (more)
		page_r->after = arena_printf(a, "%016" PRIx64 "%016" PRIx64,
					     (uint64_t)last->updated_s, last->id);
	return STORE_OK;
}

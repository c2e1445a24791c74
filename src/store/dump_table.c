/* src/store/dump_table.c - which tables a dump holds, and what a line of each is */
#include "dump_table.h"
#include "arena.h"
#include "audit.h"
#include "buf.h"
#include "digest.h"
#include "held.h"
#include "json.h"
#include "message.h"
#include "outbox.h"
#include "pack.h"
#include "party.h"
#include "ticket.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define KV_AT(table, name) table,
static const enum kv_table kv_at[DUMP_TABLE_COUNT] = {DUMP_TABLES(KV_AT)};
#undef KV_AT
#define NAME_AT(table, name) name,
static const char *const name_at[DUMP_TABLE_COUNT] = {DUMP_TABLES(NAME_AT)};
#undef NAME_AT

enum kv_table
dump_table_kv(enum dump_table_at at)
{
	return kv_at[at];
}

const char *
dump_table_name(enum dump_table_at at)
{
	return name_at[at];
}

enum dump_table_at
dump_table_find(const struct json *line)
{
	const char *name = json_get_str(line, "table", "");
	enum dump_table_at at = 0;

	while (at < DUMP_TABLE_COUNT && strcmp(name_at[at], name) != 0)
		at++;
	return at;
}

/* The record that stands in a table; PACK_KIND_COUNT: none does. */
static enum pack_kind
kind_of(enum dump_table_at at)
{
	switch (at) {
	case DUMP_KV_TICKET: return PACK_TICKET;
	case DUMP_KV_MESSAGE: return PACK_MESSAGE;
	case DUMP_KV_PARTY: return PACK_PARTY;
	case DUMP_KV_OUTBOX: return PACK_OUTBOX;
	case DUMP_KV_AUDIT: return PACK_AUDIT;
	case DUMP_KV_HELD: return PACK_HELD;
	case DUMP_KV_HELD_DONE: return PACK_HELD;
	case DUMP_KV_MSGID:
	case DUMP_KV_DUPLICATE:
	case DUMP_KV_BLOB:
	case DUMP_TABLE_COUNT: break;
	}
	return PACK_KIND_COUNT;
}

static void
set_hex(struct json *line, const char *name, const uint8_t *octets)
{
	char hex[DIGEST_HEX];

	digest_hex(octets, DIGEST_OCTETS, hex);
	json_set_str(line, name, hex);
}

/* ticket, seq as the tables have them. */
static void
set_place(struct json *line, const uint8_t *at)
{
	json_set_int(line, "ticket", (int64_t)key_read_u64(at));
	json_set_int(line, "seq", key_read_u32(at + 8));
}

static bool
show_bare(enum dump_table_at at, const struct kv_row *row, struct json *line)
{
	const uint8_t *nul = memchr(row->key, '\0', row->n_key);

	if (at == DUMP_KV_MSGID && row->n_key == DIGEST_OCTETS + 12) {
		set_hex(line, "digest", row->key);
		set_place(line, row->key + DIGEST_OCTETS);
		return true;
	}
	if (at != DUMP_KV_DUPLICATE || nul == NULL || row->n_value != 12 ||
	    row->key + row->n_key != nul + 1 + DIGEST_OCTETS)
		return false;
	json_set_str(line, "queue", (const char *)row->key);
	set_hex(line, "digest", nul + 1);
	set_place(line, row->value);
	return true;
}

enum store_err
dump_table_show(enum dump_table_at at, const struct kv_row *row, struct json *line, struct why *why)
{
	enum pack_kind kind = kind_of(at);
	bool good = false;

	json_set_str(line, "table", name_at[at]);
	if (kind != PACK_KIND_COUNT)
		good = pack_to_json(kind, row->value, row->n_value, line);
	else
		good = show_bare(at, row, line);
	if (good)
		return STORE_OK;
	why_set(why, "a row of table %s cannot be read: check the store", name_at[at]);
	return STORE_BROKEN;
}

static bool
read_digest(const struct json *line, uint8_t digest_r[DIGEST_OCTETS])
{
	const char *hex = json_get_str(line, "digest", "");

	for (size_t i = 0; i < DIGEST_OCTETS; i++) {
		unsigned v = 0;
		if (strlen(hex) != 2 * (size_t)DIGEST_OCTETS || sscanf(hex + 2 * i, "%2x", &v) != 1)
			return false;
		digest_r[i] = (uint8_t)v;
	}
	return true;
}

/* The rows that are no records. Gives  STORE_ABSENT when the line is none of them */
static enum store_err
put_bare(struct store_txn *txn, enum dump_table_at at, const struct json *line, struct why *why)
{
	uint8_t digest[DIGEST_OCTETS];
	struct message_place place = {(uint64_t)json_get_int(line, "ticket", 0),
	                              (uint32_t)json_get_int(line, "seq", 0)};
	struct key k = {0};

	if (!read_digest(line, digest))
		return STORE_ABSENT;
	if (at == DUMP_KV_DUPLICATE)
		return duplicate_claim(txn, json_get_str(line, "queue", ""), digest, &place, &place,
		                       why);
	key_octets(&k, digest, sizeof digest);
	key_u64(&k, place.ticket);
	key_u32(&k, place.seq);
	return kv_put(txn, KV_MSGID, &k, (struct kv_value){0}, why);
}

static enum store_err
put_audit(struct store_txn *txn, const struct audit_entry *e, struct why *why)
{
	/* audit_add counts up from what the ticket says. */
	struct ticket t = {.id = e->ticket, .n_audit = e->seq - 1};

	return audit_add(txn, &t, e, why);
}

/* Write a packed record through the module that owns its table. */
static enum store_err
put_record(struct store_txn *txn, enum pack_kind kind, const struct buf *b, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct ticket t;
	struct message m;
	struct outbox_row o;
	struct audit_entry e;
	struct held_entry h;
	struct party p;

	switch (kind) {
	case PACK_TICKET:
		return unpack_ticket(a, b->octets, b->n, &t) ? ticket_create(txn, &t, why)
		                                             : STORE_ABSENT;
	case PACK_MESSAGE:
		return unpack_message(a, b->octets, b->n, &m) ? message_append(txn, &m, why)
		                                              : STORE_ABSENT;
	case PACK_OUTBOX:
		return unpack_outbox(a, b->octets, b->n, &o) ? outbox_promise(txn, &o, why)
		                                             : STORE_ABSENT;
	case PACK_AUDIT:
		return unpack_audit(a, b->octets, b->n, &e) && e.seq > 0 ? put_audit(txn, &e, why)
		                                                         : STORE_ABSENT;
	case PACK_HELD:
		if (!unpack_held(a, b->octets, b->n, &h))
			return STORE_ABSENT;
		return h.fate == HELD_WAITING ? held_put(txn, &h, why) : held_keep(txn, &h, why);
	case PACK_PARTY:
		return unpack_party(a, b->octets, b->n, &p) ? party_put(txn, &p, why)
		                                            : STORE_ABSENT;
	case PACK_KIND_COUNT:
		break;
	}
	return STORE_ABSENT;
}

enum store_err
dump_table_put(struct store_txn *txn, enum dump_table_at at, const struct json *line,
               struct why *why)
{
	AUTO(buf) struct buf b = {0};
	enum pack_kind kind = kind_of(at);
	enum store_err e = STORE_ABSENT;

	if (kind == PACK_KIND_COUNT)
		e = put_bare(txn, at, line, why);
	else if (pack_from_json(kind, line, &b))
		e = put_record(txn, kind, &b, why);
	if (e == STORE_ABSENT || e == STORE_EXISTS) {
		why_set(why, "not a row of table %s, or one that was there before", name_at[at]);
		return STORE_BROKEN;
	}
	return e;
}

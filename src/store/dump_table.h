/* src/store/dump_table.h - which tables a dump holds, in their order, and what a line of each is
 *
 * Indexes and references are not dumped: loading a ticket makes them. */
#ifndef DUMP_TABLE_H
#define DUMP_TABLE_H
#include "kv.h"

struct json;

/*        table         name in the dump */
#define DUMP_TABLES(X) \
	X(KV_TICKET, "ticket") \
	X(KV_MESSAGE, "message") \
	X(KV_MSGID, "msgid") \
	X(KV_DUPLICATE, "duplicate") \
	X(KV_PARTY, "party") \
	X(KV_OUTBOX, "outbox") \
	X(KV_AUDIT, "audit") \
	X(KV_HELD, "held") \
	X(KV_HELD_DONE, "held_done") \
	X(KV_BLOB, "blob")

#define DUMP_TABLE_ONE(table, name) DUMP_##table,
enum dump_table_at { DUMP_TABLES(DUMP_TABLE_ONE) DUMP_TABLE_COUNT };
#undef DUMP_TABLE_ONE

/* The table and the name at a place of the order. */
enum kv_table dump_table_kv(enum dump_table_at at);
const char *dump_table_name(enum dump_table_at at);

/* The place that a line names. Gives  DUMP_TABLE_COUNT when it names none */
enum dump_table_at dump_table_find(const struct json *line);

/* Set the members of a line for a row. Fails  STORE_BROKEN: the row cannot be read */
enum store_err dump_table_show(enum dump_table_at at, const struct kv_row *row, struct json *line,
                               struct why *why) MUST_USE;

/* Write the row of a line, with its indexes; of every table but blob. */
enum store_err dump_table_put(struct store_txn *txn, enum dump_table_at at, const struct json *line,
                              struct why *why) MUST_USE;
#endif

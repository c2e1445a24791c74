/* src/store/kv_table.h - the tables of the store */
#ifndef KV_TABLE_H
#define KV_TABLE_H
#include <stdbool.h>

/*        table           file without .db: what stands in it */
#define KV_TABLES(X) \
	X(KV_META, "meta")               /* name → number or octets */ \
	X(KV_TICKET, "ticket")           /* id → ticket */ \
	X(KV_REFERENCE, "reference")     /* prefix, number → ticket id */ \
	X(KV_MESSAGE, "message")         /* ticket, seq → message */ \
	X(KV_MSGID, "msgid")             /* SHA-256 of Message-ID, ticket, seq → nothing */ \
	X(KV_DUPLICATE, "duplicate")     /* queue, digest → ticket, seq */ \
	X(KV_PARTY, "party")             /* address → party */ \
	X(KV_OUTBOX, "outbox")           /* due, id → outbox row */ \
	X(KV_PENDING, "pending")         /* ticket, kind, address, id → due */ \
	X(KV_AUDIT, "audit")             /* ticket, seq → audit entry */ \
	X(KV_HELD, "held")               /* id → held entry */ \
	X(KV_HELD_DONE, "held_done")     /* id → held entry that waits no more */ \
	X(KV_BLOB, "blob")               /* id → kind octet, octets when inline */ \
	X(KV_BY_QUEUE, "by_queue")       /* queue, state, updated, id → nothing */ \
	X(KV_BY_STATE, "by_state")       /* state, updated, id → nothing */ \
	X(KV_BY_TIME, "by_time")         /* updated, id → nothing */ \
	X(KV_BY_PERSON, "by_person")     /* participant, updated, id → nothing */ \
	X(KV_QUEUE_ID, "queue_id")       /* Postfix's queue id, at, place → nothing */ \
	X(KV_TALLY, "tally")             /* kind, subject → when it is over, instants, counts */

#define KV_TABLE_NAME(name, file) name,
enum kv_table { KV_TABLES(KV_TABLE_NAME) KV_TABLE_COUNT };
#undef KV_TABLE_NAME

/* The file of a table inside the directory, e.g. "ticket.db". */
const char *kv_table_file(enum kv_table table);

/* Whether a store of an earlier version, which has it not, gets it when it is opened. */
static inline bool
kv_came_later(enum kv_table table)
{
	return table == KV_HELD_DONE || table == KV_QUEUE_ID || table == KV_TALLY;
}
#endif

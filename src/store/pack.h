/* src/store/pack.h - records to octets and back (protobuf-c), bounded
 *
 * Packing adds to a buffer and gives false when the record is larger than PACK_OCTETS_MAX.
 * Unpacking gives false when the octets are no such record, or hold a value outside its enum;
 * unknown fields are skipped; texts live in the arena and are "" rather than NULL. */
#ifndef PACK_H
#define PACK_H
#include "own.h"
#include "record.h"

struct arena;
struct buf;
struct json;

enum { PACK_OCTETS_MAX = 1 << 20 };

/* Make octets of a record. Takes  b  added to */
bool pack_ticket(struct buf *b, const struct ticket *t) MUST_USE;
bool pack_message(struct buf *b, const struct message *m) MUST_USE;
bool pack_outbox(struct buf *b, const struct outbox_row *o) MUST_USE;
bool pack_audit(struct buf *b, const struct audit_entry *e) MUST_USE;
bool pack_held(struct buf *b, const struct held_entry *h) MUST_USE;
bool pack_party(struct buf *b, const struct party *p) MUST_USE;

/* Make a record of n octets. Takes  octets  borrows. Gives  the record, its texts in the arena */
bool unpack_ticket(struct arena *a, const void *octets, size_t n, struct ticket *t_r) MUST_USE;
bool unpack_message(struct arena *a, const void *octets, size_t n, struct message *m_r) MUST_USE;
bool unpack_outbox(struct arena *a, const void *octets, size_t n, struct outbox_row *o_r) MUST_USE;
bool unpack_audit(struct arena *a, const void *octets, size_t n, struct audit_entry *e_r) MUST_USE;
bool unpack_held(struct arena *a, const void *octets, size_t n, struct held_entry *h_r) MUST_USE;
bool unpack_party(struct arena *a, const void *octets, size_t n, struct party *p_r) MUST_USE;

/* Which record. */
enum pack_kind {
	PACK_TICKET = 0, PACK_MESSAGE, PACK_OUTBOX, PACK_AUDIT, PACK_HELD, PACK_PARTY,
	PACK_KIND_COUNT
};

/* Set the fields of a packed record in a JSON object. Gives  false when the octets are none */
bool pack_to_json(enum pack_kind kind, const void *octets, size_t n, struct json *object) MUST_USE;

/* Pack the fields of a JSON object. Gives  false when they are not of that kind's form */
bool pack_from_json(enum pack_kind kind, const struct json *object, struct buf *b) MUST_USE;
#endif

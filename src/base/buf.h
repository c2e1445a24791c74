/* src/base/buf.h - a growing run of octets
 *
 * A zeroed struct buf is an empty one. There is always a NUL behind the last octet once something
 * was added. Out of memory aborts (see arena.h). The bound on growth is the caller's. */
#ifndef BUF_H
#define BUF_H
#include "own.h"
#include <stddef.h>

struct buf {
	char *octets; /* NULL while nothing was ever added */
	size_t n;     /* octets in use */
	size_t room;  /* octets allocated */
};

/* Add n octets at the end. Takes  octets  keeps a copy; may be NULL when n is 0 */
void buf_add(struct buf *b, const void *octets, size_t n);

/* Add a NUL-terminated text, without its NUL. */
void buf_text(struct buf *b, const char *text);

/* Add one octet. */
void buf_octet(struct buf *b, char octet);

/* Add what printf makes. */
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Make room for n more octets and give the place where they go; the caller adds to b->n. */
char *buf_reserve(struct buf *b, size_t n);

/* Drop the first n octets, n <= b->n. */
void buf_consume(struct buf *b, size_t n);

/* Forget the contents, keep the room. */
void buf_clear(struct buf *b);

/* Release the memory; b is empty and usable afterwards. */
void buf_free(struct buf *b);

static inline void
auto_buf(struct buf *b)
{
	buf_free(b);
}
#endif

/* src/spf/strict.h - numbers and texts in frames, written once and read with distrust */
#ifndef STRICT_H
#define STRICT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

/* Where a frame is read. After the first thing that does not fit, everything reads as 0 or "". */
struct strict {
	const unsigned char *at, *end;
	bool is_bad;
};

/* Begin to read n octets. */
struct strict strict_begin(const void *octets, size_t n);

/* Read a number, most significant octet first. */
unsigned strict_u8(struct strict *s);
unsigned strict_u16(struct strict *s);
uint32_t strict_u32(struct strict *s);

/* Read octets that have their number in front of them (16 bits).
 * Takes   max_octets  more is bad
 * Gives   a copy with a NUL behind it, n_r octets */
const char *strict_octets(struct strict *s, struct arena *a, size_t max_octets, size_t *n_r);

/* The same as a text: a NUL inside is bad. */
const char *strict_text(struct strict *s, struct arena *a, size_t max_octets);

/* Whether all was well, and nothing is left. */
bool strict_end(const struct strict *s);

/* Append what the readers read. Takes  n  at most 65535 */
void strict_put_u8(struct buf *b, unsigned n);
void strict_put_u16(struct buf *b, unsigned n);
void strict_put_u32(struct buf *b, uint32_t n);
void strict_put_octets(struct buf *b, const void *octets, size_t n);
void strict_put_text(struct buf *b, const char *text);
#endif

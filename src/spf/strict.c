/* src/spf/strict.c - numbers and texts in frames, written once and read with distrust */
#include "strict.h"
#include "arena.h"
#include "buf.h"
#include <string.h>

struct strict
strict_begin(const void *octets, size_t n)
{
	const unsigned char *at = octets;

	return (struct strict){.at = at, .end = n == 0 ? at : at + n};
}

static uint32_t
read_number(struct strict *s, size_t n)
{
	uint32_t number = 0;

	if (s->is_bad || (size_t)(s->end - s->at) < n) {
		s->is_bad = true;
		return 0;
	}
	while (n-- > 0)
		number = number << 8 | *s->at++;
	return number;
}

unsigned
strict_u8(struct strict *s)
{
	return read_number(s, 1);
}

unsigned
strict_u16(struct strict *s)
{
	return read_number(s, 2);
}

uint32_t
strict_u32(struct strict *s)
{
	return read_number(s, 4);
}

const char *
strict_octets(struct strict *s, struct arena *a, size_t max_octets, size_t *n_r)
{
	size_t n = strict_u16(s);
	const char *octets = "";

	if (s->is_bad || n > max_octets || (size_t)(s->end - s->at) < n) {
		s->is_bad = true;
		n = 0;
	} else {
		octets = arena_memdup(a, s->at, n);
		s->at += n;
	}
	*n_r = n;
	return octets;
}

const char *
strict_text(struct strict *s, struct arena *a, size_t max_octets)
{
	size_t n;
	const char *text = strict_octets(s, a, max_octets, &n);

	s->is_bad = s->is_bad || strlen(text) != n;
	return s->is_bad ? "" : text;
}

bool
strict_end(const struct strict *s)
{
	return !s->is_bad && s->at == s->end;
}

void
strict_put_u8(struct buf *b, unsigned n)
{
	buf_octet(b, (char)(n & 0xff));
}

void
strict_put_u16(struct buf *b, unsigned n)
{
	strict_put_u8(b, n >> 8);
	strict_put_u8(b, n);
}

void
strict_put_u32(struct buf *b, uint32_t n)
{
	strict_put_u16(b, n >> 16);
	strict_put_u16(b, n & 0xffff);
}

void
strict_put_octets(struct buf *b, const void *octets, size_t n)
{
	strict_put_u16(b, (unsigned)n);
	buf_add(b, octets, n);
}

void
strict_put_text(struct buf *b, const char *text)
{
	strict_put_octets(b, text, strlen(text));
}

/* src/base/buf.c - a growing run of octets */
#include "buf.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BUF_FIRST_OCTETS = 256 };

char *
buf_reserve(struct buf *b, size_t n)
{
	if (n > SIZE_MAX / 4 || b->n > SIZE_MAX / 4)
		abort();
	if (b->room < b->n + n + 1) {
		size_t room = b->room < BUF_FIRST_OCTETS ? BUF_FIRST_OCTETS : b->room;

		while (room < b->n + n + 1)
			room *= 2;
		char *grown = realloc(b->octets, room);
		if (grown == NULL)
			abort();
		b->octets = grown;
		b->room = room;
	}
	return b->octets + b->n;
}

void
buf_add(struct buf *b, const void *octets, size_t n)
{
	char *at = buf_reserve(b, n);

	if (n > 0)
		memcpy(at, octets, n);
	b->n += n;
	b->octets[b->n] = '\0';
}

void
buf_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void
buf_octet(struct buf *b, char octet)
{
	buf_add(b, &octet, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	(void)vsnprintf(buf_reserve(b, (size_t)n), (size_t)n + 1, fmt, again);
	va_end(again);
	b->n += (size_t)n;
}

void
buf_consume(struct buf *b, size_t n)
{
	if (n > b->n)
		abort();
	if (n > 0)
		memmove(b->octets, b->octets + n, b->n - n + 1);
	b->n -= n;
}

void
buf_clear(struct buf *b)
{
	b->n = 0;
	if (b->octets != NULL)
		b->octets[0] = '\0';
}

void
buf_free(struct buf *b)
{
	free(b->octets);
	*b = (struct buf){0};
}

/* src/base/base64.c - base64 (RFC 4648 4), whole runs of octets at a time */
#include "base64.h"
#include "buf.h"
#include <stdint.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
base64_put(struct buf *b, const void *octets, size_t n)
{
	const uint8_t *in = octets;
	char *out = buf_reserve(b, (n + 2) / 3 * 4);

	for (size_t i = 0; i < n; i += 3) {
		uint32_t three = (uint32_t)in[i] << 16 |
		                 (i + 1 < n ? (uint32_t)in[i + 1] << 8 : 0) |
		                 (i + 2 < n ? in[i + 2] : 0);

		*out++ = letters[three >> 18];
		*out++ = letters[three >> 12 & 63];
		*out++ = i + 1 < n ? letters[three >> 6 & 63] : '=';
		*out++ = i + 2 < n ? letters[three & 63] : '=';
	}
	*out = '\0';
	b->n += (n + 2) / 3 * 4;
}

static int
value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four letters into three octets; padding only where the caller says that the text ends.
 * Gives   how many octets, or 0 when they are no base64 */
static size_t
quartet(const char *four, bool last, uint8_t out[3])
{
	size_t n = last && four[3] == '=' ? (four[2] == '=' ? 1 : 2) : 3;
	uint32_t bits = 0;

	for (size_t i = 0; i < n + 1; i++) {
		int v = value(four[i]);

		if (v < 0)
			return 0;
		bits |= (uint32_t)v << (18 - 6 * i);
	}
	/* Bits that stand for no octet must be 0, or two texts would mean the same. */
	if ((bits & (0xffffffu >> (8 * n))) != 0 && n < 3)
		return 0;
	out[0] = (uint8_t)(bits >> 16);
	out[1] = (uint8_t)(bits >> 8);
	out[2] = (uint8_t)bits;
	return n;
}

bool
base64_get(struct buf *b, const char *text, size_t n)
{
	size_t before = b->n;
	bool fine = n % 4 == 0;

	for (size_t i = 0; fine && i < n; i += 4) {
		uint8_t three[3];
		size_t got = quartet(text + i, i + 4 == n, three);

		fine = got > 0;
		buf_add(b, three, got);
	}
	if (!fine)
		b->n = before;
	return fine;
}

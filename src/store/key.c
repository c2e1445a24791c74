/* src/store/key.c - keys of the tables */
#include "key.h"
#include "digest.h"
#include <assert.h>
#include <string.h>

/* Moves the sign of an instant so that its octets sort as unsigned ones. */
#define SIGN_FLIP (UINT64_C(1) << 63)

void
key_octets(struct key *k, const void *octets, size_t n)
{
	assert(n <= KEY_OCTETS_MAX - k->n);
	if (n > 0)
		memcpy(k->octets + k->n, octets, n);
	k->n += n;
}

void
key_u64(struct key *k, uint64_t number)
{
	uint8_t at[8];

	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)(number >> (56 - 8 * i));
	key_octets(k, at, sizeof at);
}

void
key_u32(struct key *k, uint32_t number)
{
	uint8_t at[4];

	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(number >> (24 - 8 * i));
	key_octets(k, at, sizeof at);
}

void
key_s(struct key *k, int64_t at_s)
{
	key_u64(k, (uint64_t)at_s ^ SIGN_FLIP);
}

void
key_text(struct key *k, const char *text)
{
	size_t n = strlen(text);
	char hex[DIGEST_HEX];

	if (n > KEY_TEXT_MAX) {
		uint8_t sum[DIGEST_OCTETS];
		digest_of(text, n, sum);
		digest_hex(sum, sizeof sum, hex);
		text = hex;
		n = strlen(hex);
	}
	key_octets(k, text, n + 1);
}

uint64_t
key_read_u64(const uint8_t *at)
{
	uint64_t number = 0;

	for (int i = 0; i < 8; i++)
		number = number << 8 | at[i];
	return number;
}

uint32_t
key_read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

int64_t
key_read_s(const uint8_t *at)
{
	return (int64_t)(key_read_u64(at) ^ SIGN_FLIP);
}

bool
key_behind(const struct key *prefix, struct key *k_r)
{
	*k_r = *prefix;
	while (k_r->n > 0 && k_r->octets[k_r->n - 1] == 0xff)
		k_r->n--;
	if (k_r->n == 0)
		return false;
	k_r->octets[k_r->n - 1]++;
	return true;
}

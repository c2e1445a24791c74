/* src/store/seal.c - the checksum that every value carries, bound to its table and key */
#include "seal.h"
#include "buf.h"
#include <string.h>
#include <zlib.h>

/* Makes the checksum of nothing other than zero: a zeroed page never looks sealed. */
static const uLong seal_mask = 0x504f5354;

static void
compute(const char *table, const void *key, size_t n_key, const void *octets, size_t n,
	uint8_t sum_r[SEAL_OCTETS])
{
	uint8_t length[2] = {(uint8_t)(n_key >> 8), (uint8_t)n_key};
	uLong sum = crc32(0, (const Bytef *)table, (uInt)strlen(table) + 1);

	sum = crc32(sum, length, sizeof length);
	sum = crc32(sum, key, (uInt)n_key);
	if (n > 0)
		sum = crc32(sum, octets, (uInt)n);
	sum ^= seal_mask;
	for (int i = 0; i < SEAL_OCTETS; i++)
		sum_r[i] = (uint8_t)(sum >> (24 - 8 * i));
}

void
seal_add(const char *table, const void *key, size_t n_key, struct buf *value)
{
	uint8_t sum[SEAL_OCTETS];

	compute(table, key, n_key, value->octets, value->n, sum);
	buf_add(value, sum, sizeof sum);
}

bool
seal_holds(const char *table, const void *key, size_t n_key, const void *octets, size_t n)
{
	uint8_t sum[SEAL_OCTETS];

	if (n < SEAL_OCTETS)
		return false;
	compute(table, key, n_key, octets, n - SEAL_OCTETS, sum);
	return memcmp((const uint8_t *)octets + n - SEAL_OCTETS, sum, sizeof sum) == 0;
}

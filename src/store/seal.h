/* src/store/seal.h - the checksum that every value carries, bound to its table and key */
#ifndef SEAL_H
#define SEAL_H
#include "own.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum { SEAL_OCTETS = 4 };

/* Add the checksum of what stands in the buffer.
 * Takes   table  a name that never changes, unlike a place in an enum
 *         value  the whole value, nothing else */
void seal_add(const char *table, const void *key, size_t n_key, struct buf *value);

/* Whether the last SEAL_OCTETS of n octets are the checksum of the others at this table and key. */
bool seal_holds(const char *table, const void *key, size_t n_key, const void *octets,
		size_t n) MUST_USE;
#endif

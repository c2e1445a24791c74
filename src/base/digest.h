/* src/base/digest.h - SHA-256, HMAC, random octets, base32 */
#ifndef DIGEST_H
#define DIGEST_H
#include "own.h"
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_OCTETS = 32, DIGEST_HEX = 65 };

struct digest; /* a SHA-256 in the making */

/* Start one. Gives  never NULL; ended by digest_end */
struct digest *digest_new(void);

/* Add octets. */
void digest_add(struct digest *d, const void *octets, size_t n);

/* Finish and release. Takes  d  takes; *d is NULL afterwards */
void digest_end(struct digest **d, uint8_t sum_r[DIGEST_OCTETS]);

/* SHA-256 of octets in one call. */
void digest_of(const void *octets, size_t n, uint8_t sum_r[DIGEST_OCTETS]);

/* HMAC-SHA-256 (RFC 2104). */
void digest_hmac(const void *key, size_t n_key, const void *octets, size_t n,
                 uint8_t mac_r[DIGEST_OCTETS]);

/* Lower-case hexadecimal with a NUL: text_r has room for 2 n + 1. */
void digest_hex(const uint8_t *octets, size_t n, char *text_r);

/* Base32 (RFC 4648 alphabet in lower case, no padding): text_r has room for (8 n + 4) / 5 + 1.
 * Survives a mail program that changes the case of an address. */
void digest_base32(const uint8_t *octets, size_t n, char *text_r);

/* Octets from the kernel's generator; aborts when there are none (RFC 4086). */
void digest_random(void *octets_r, size_t n);
#endif

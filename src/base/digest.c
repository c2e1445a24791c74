/* src/base/digest.c - SHA-256, HMAC, random octets, base32 */
#include "digest.h"
#include <errno.h>
#include <glib.h>
#include <sys/random.h>

struct digest {
	GChecksum *sum;
};

struct digest *
digest_new(void)
{
	struct digest *d = malloc(sizeof *d);

	if (d == NULL)
		abort();
	d->sum = g_checksum_new(G_CHECKSUM_SHA256);
	return d;
}

void
digest_add(struct digest *d, const void *octets, size_t n)
{
	if (n > 0)
		g_checksum_update(d->sum, octets, (gssize)n);
}

void
digest_end(struct digest **d, uint8_t sum_r[DIGEST_OCTETS])
{
	gsize n = DIGEST_OCTETS;

	g_checksum_get_digest((*d)->sum, sum_r, &n);
	g_checksum_free((*d)->sum);
	free(*d);
	*d = NULL;
}

void
digest_of(const void *octets, size_t n, uint8_t sum_r[DIGEST_OCTETS])
{
	struct digest *d = digest_new();

	digest_add(d, octets, n);
	digest_end(&d, sum_r);
}

void
digest_hmac(const void *key, size_t n_key, const void *octets, size_t n,
            uint8_t mac_r[DIGEST_OCTETS])
{
	GHmac *mac = g_hmac_new(G_CHECKSUM_SHA256, n_key == 0 ? (const guchar *)"" : key, n_key);
	gsize n_mac = DIGEST_OCTETS;

	if (n > 0)
		g_hmac_update(mac, octets, (gssize)n);
	g_hmac_get_digest(mac, mac_r, &n_mac);
	g_hmac_unref(mac);
}

void
digest_hex(const uint8_t *octets, size_t n, char *text_r)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*text_r++ = digits[octets[i] >> 4];
		*text_r++ = digits[octets[i] & 15];
	}
	*text_r = '\0';
}

void
digest_base32(const uint8_t *octets, size_t n, char *text_r)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	unsigned pending = 0, n_bits = 0;

	for (size_t i = 0; i < n; i++) {
		pending = (pending << 8 | octets[i]) & 0xfff;
		for (n_bits += 8; n_bits >= 5; n_bits -= 5)
			*text_r++ = digits[pending >> (n_bits - 5) & 31];
	}
	if (n_bits > 0)
		*text_r++ = digits[pending << (5 - n_bits) & 31];
	*text_r = '\0';
}

void
digest_random(void *octets_r, size_t n)
{
	char *at = octets_r;

	while (n > 0) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno != EINTR)
			abort();
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
}

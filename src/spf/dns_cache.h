/* src/spf/dns_cache.h - answers of the DNS, kept for a while, so that a flood of mail asks once */
#ifndef DNS_CACHE_H
#define DNS_CACHE_H
#include "dns.h"

struct dns_cache;

enum {
	DNS_CACHE_SETS = 256,
	DNS_CACHE_WAYS = 4, /* names of one set; the one that ends first makes place for another */
	DNS_CACHE_ENTRY_MOST_OCTETS = 8192, /* longer ones are not kept: 8 MiB in all */
	DNS_CACHE_MOST_S = 300,
	DNS_CACHE_FAILED_S = 5            /* a dead server is left alone for so long */
};

/* Make an empty cache. */
struct dns_cache *dns_cache_new(void);

/* Keep encoded octets for a question.
 * Takes   ttl_s  at most DNS_CACHE_MOST_S counts; 0 keeps nothing
 *         now_ms of clock_mono_ms */
void dns_cache_put(struct dns_cache *c, const struct dns_question *q, const void *octets, size_t n,
                   uint32_t ttl_s, int64_t now_ms);

/* Find what was kept for a question (name in any case, type).
 * Gives   borrowed octets until the next put, or NULL */
const char *dns_cache_find(const struct dns_cache *c, const struct dns_question *q,
                           int64_t now_ms, size_t *n_r);

/* Takes  c  takes; *c is NULL afterwards */
void dns_cache_free(struct dns_cache **c);
#endif

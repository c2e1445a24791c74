/* src/spf/dns_cache.c - answers of the DNS, kept for a while */
#include "dns_cache.h"
#include "arena.h"
#include "buf.h"
#include "text.h"
#include <string.h>
#include <sys/random.h>

struct slot {
	struct buf name, octets;
	enum dns_type type;
	int64_t until_ms;
};

struct dns_cache {
	struct arena *a; /* holds the cache itself */
	uint64_t seed;   /* so that no stranger can choose names that push each other out */
	struct slot slot[DNS_CACHE_SETS][DNS_CACHE_WAYS];
};

struct dns_cache *
dns_cache_new(void)
{
	struct arena *a = arena_new();
	struct dns_cache *c = arena_alloc(a, sizeof *c);

	c->a = a;
	if (getrandom(&c->seed, sizeof c->seed, 0) != (ssize_t)sizeof c->seed)
		c->seed = (uintptr_t)c;
	return c;
}

/* FNV-1a over the lower-cased name. */
static size_t
set_of(const struct dns_cache *c, const struct dns_question *q)
{
	uint64_t hash = c->seed ^ UINT64_C(14695981039346656037);

	for (const char *p = q->name; *p != '\0'; p++) {
		unsigned char octet = (unsigned char)*p;
		octet = (unsigned char)(octet >= 'A' && octet <= 'Z' ? octet + 32 : octet);
		hash = (hash ^ octet) * UINT64_C(1099511628211);
	}
	hash = (hash ^ q->type) * UINT64_C(1099511628211);
	return (hash ^ hash >> 32) % DNS_CACHE_SETS;
}

static bool
is_of(const struct slot *s, const struct dns_question *q)
{
	return s->name.n > 0 && s->type == q->type && text_same(s->name.octets, q->name);
}

/* Where a question's answer goes: over its last one, else over the one that ends first. */
static struct slot *
find_place(struct dns_cache *c, const struct dns_question *q)
{
	struct slot *set = c->slot[set_of(c, q)], *first = set;

	for (size_t i = 0; i < DNS_CACHE_WAYS; i++) {
		if (is_of(&set[i], q))
			return &set[i];
		if (set[i].until_ms < first->until_ms)
			first = &set[i];
	}
	return first;
}

void
dns_cache_put(struct dns_cache *c, const struct dns_question *q, const void *octets, size_t n,
              uint32_t ttl_s, int64_t now_ms)
{
	if (ttl_s == 0 || n > DNS_CACHE_ENTRY_MOST_OCTETS)
		return;
	struct slot *s = find_place(c, q);
	buf_clear(&s->name);
	buf_clear(&s->octets);
	buf_add(&s->name, q->name, strlen(q->name) + 1);
	buf_add(&s->octets, octets, n);
	s->type = q->type;
	if (ttl_s > DNS_CACHE_MOST_S)
		ttl_s = DNS_CACHE_MOST_S;
	s->until_ms = now_ms + ttl_s * INT64_C(1000);
}

const char *
dns_cache_find(const struct dns_cache *c, const struct dns_question *q, int64_t now_ms,
               size_t *n_r)
{
	const struct slot *set = c->slot[set_of(c, q)];

	for (size_t i = 0; i < DNS_CACHE_WAYS; i++) {
		if (!is_of(&set[i], q) || now_ms >= set[i].until_ms)
			continue;
		*n_r = set[i].octets.n;
		return set[i].octets.octets;
	}
	return NULL;
}

void
dns_cache_free(struct dns_cache **c)
{
	if (*c == NULL)
		return;
	for (size_t i = 0; i < DNS_CACHE_SETS * DNS_CACHE_WAYS; i++) {
		buf_free(&(*c)->slot[i / DNS_CACHE_WAYS][i % DNS_CACHE_WAYS].name);
		buf_free(&(*c)->slot[i / DNS_CACHE_WAYS][i % DNS_CACHE_WAYS].octets);
	}
	struct arena *a = (*c)->a;
	*c = NULL;
	arena_free(&a);
}

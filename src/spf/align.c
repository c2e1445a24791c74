/* src/spf/align.c - whether two domains belong to the same organisation */
#include "align.h"
#include "arena.h"
#include "dns_name.h"
#include "text.h"
#include <glib.h>
#include <idn2.h>
#include <libpsl.h>
#include <pthread.h>
#include <string.h>

enum { DOMAIN_MOST_OCTETS = 1024 }; /* in U-labels, before it is looked at closely */

/* The one state: the list, read at first use and kept for good. */
static const psl_ctx_t *list;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
load_list(void)
{
	list = psl_latest(NULL);
	if (list == NULL)
		list = psl_builtin();
}

static void
release_idn(void *text)
{
	idn2_free(text);
}

static void
release_lower(void *text)
{
	g_free(text);
}

static bool
is_ascii(const char *text)
{
	while (*text != '\0' && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

static const char *
to_a_labels(struct arena *a, const char *domain)
{
	char *ascii = NULL;

	if (!text_is_utf8(domain, strlen(domain)))
		return NULL;
	/* Not libpsl's own lower-casing, which also makes letters of what only looks like one. */
	char *lower = g_utf8_strdown(domain, -1);
	arena_defer(a, release_lower, lower);
	if (idn2_lookup_u8((const uint8_t *)lower, (uint8_t **)&ascii,
	                   IDN2_NFC_INPUT | IDN2_NO_TR46) != IDN2_OK)
		return NULL;
	arena_defer(a, release_idn, ascii);
	return ascii;
}

const char *
align_ascii(struct arena *a, const char *domain)
{
	size_t n = strnlen(domain, DOMAIN_MOST_OCTETS + 1);

	if (n == 0 || n > DOMAIN_MOST_OCTETS)
		return NULL;
	char *copy = arena_strdup(a, domain);
	if (copy[n - 1] == '.')
		copy[n - 1] = '\0';
	if (!is_ascii(copy)) {
		const char *ascii = to_a_labels(a, copy);
		if (ascii == NULL)
			return NULL;
		copy = arena_strdup(a, ascii);
	}
	text_lower(copy);
	return dns_name_is_host(copy) ? copy : NULL;
}

const char *
align_organisation(struct arena *a, const char *domain)
{
	const char *ascii = align_ascii(a, domain);

	(void)pthread_once(&once, load_list);
	if (ascii == NULL || list == NULL)
		return NULL;
	return psl_registrable_domain(list, ascii);
}

bool
align_is_public(const char *domain)
{
	AUTO(arena) struct arena *a = arena_new();

	return align_organisation(a, domain) == NULL;
}

bool
align_relaxed(const char *a, const char *b)
{
	AUTO(arena) struct arena *arena = arena_new();
	const char *of_a = align_organisation(arena, a), *of_b = align_organisation(arena, b);

	return of_a != NULL && of_b != NULL && strcmp(of_a, of_b) == 0;
}

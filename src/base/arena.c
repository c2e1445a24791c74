/* src/base/arena.c - memory that lives as long as one message or request */
#include "arena.h"
#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
	ARENA_BLOCK_OCTETS = 16 * 1024, /* larger requests get a block of their own */
	ARENA_KEPT_OCTETS = 8 * 1024 * 1024,
	ARENA_ALIGN = _Alignof(max_align_t)
};

struct block {
	struct block *next;
	size_t n_used, n_octets;
	_Alignas(max_align_t) unsigned char octets[];
};

struct deferred {
	struct deferred *next;
	void (*release)(void *);
	void *object;
};

struct arena {
	struct block *blocks;
	struct deferred *deferred;
};

static void *
must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

void
arena_keep_memory(void)
{
	(void)mallopt(M_TRIM_THRESHOLD, ARENA_KEPT_OCTETS);
	(void)mallopt(M_TOP_PAD, ARENA_KEPT_OCTETS / 8);
	(void)mallopt(M_MMAP_THRESHOLD, ARENA_KEPT_OCTETS / 8);
}

struct arena *
arena_new(void)
{
	return must(calloc(1, sizeof(struct arena)));
}

void
arena_free(struct arena **a)
{
	if (*a != NULL) {
		for (struct deferred *d = (*a)->deferred; d != NULL; d = d->next)
			d->release(d->object);
		for (struct block *b = (*a)->blocks, *next; b != NULL; b = next) {
			next = b->next;
			free(b);
		}
		free(*a);
		*a = NULL;
	}
}

static struct block *
add_block(struct arena *a, size_t n)
{
	size_t n_octets = n > ARENA_BLOCK_OCTETS ? n : ARENA_BLOCK_OCTETS;
	struct block *b = must(calloc(1, sizeof *b + n_octets));

	b->n_octets = n_octets;
	/* A block made for one large request must not hide the room left in the current one. */
	if (a->blocks != NULL && n > ARENA_BLOCK_OCTETS) {
		b->next = a->blocks->next;
		a->blocks->next = b;
	} else {
		b->next = a->blocks;
		a->blocks = b;
	}
	return b;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct block *b = a->blocks;

	if (n > SIZE_MAX / 2)
		abort();
	n = (n + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	if (b == NULL || b->n_octets - b->n_used < n)
		b = add_block(a, n);
	void *p = b->octets + b->n_used;
	b->n_used += n;
	return p;
}

void *
arena_array(struct arena *a, size_t n, size_t each)
{
	if (each != 0 && n > SIZE_MAX / each)
		abort();
	return arena_alloc(a, n * each);
}

void *
arena_memdup(struct arena *a, const void *octets, size_t n)
{
	char *copy = arena_alloc(a, n + 1);

	if (n > 0)
		memcpy(copy, octets, n);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *text)
{
	return text == NULL ? NULL : arena_memdup(a, text, strlen(text));
}

char *
arena_strndup(struct arena *a, const char *text, size_t n)
{
	return text == NULL ? NULL : arena_memdup(a, text, strnlen(text, n));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		abort();
	char *text = arena_alloc(a, (size_t)n + 1);
	(void)vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	return text;
}

void
arena_defer(struct arena *a, void (*release)(void *), void *object)
{
	struct deferred *d = arena_alloc(a, sizeof *d);

	d->next = a->deferred;
	d->release = release;
	d->object = object;
	a->deferred = d;
}

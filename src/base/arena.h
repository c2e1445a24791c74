/* src/base/arena.h - memory that lives as long as one message or request
 *
 * Running out of memory aborts the process: the peer sees a temporary failure and tries again,
 * and nothing half done is committed. So nothing here returns NULL. */
#ifndef ARENA_H
#define ARENA_H
#include "own.h"
#include <stddef.h>

struct arena;

/* Make an empty arena.
 * Gives   never NULL; ended by arena_free */
struct arena *arena_new(void);

/* Run the deferred calls, last first, and release everything.
 * Takes   a  takes; *a may be NULL and is NULL afterwards */
void arena_free(struct arena **a);

/* Memory for n octets, aligned for any type.
 * Gives   zeroed, never NULL; n = 0 gives a valid pointer */
void *arena_alloc(struct arena *a, size_t n);

/* Memory for n elements of each octets, zeroed; an overflowing product aborts. */
void *arena_array(struct arena *a, size_t n, size_t each);

/* A copy of n octets, with a NUL behind it that n does not count. */
void *arena_memdup(struct arena *a, const void *octets, size_t n);

/* A copy of a text; NULL gives NULL. */
char *arena_strdup(struct arena *a, const char *text);

/* A copy of at most n octets of a text, cut at a NUL; NULL gives NULL. */
char *arena_strndup(struct arena *a, const char *text, size_t n);

/* printf into the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Call release(object) when the arena ends: ties a foreign object to it at birth. */
void arena_defer(struct arena *a, void (*release)(void *), void *object);

/* Let the process keep some megabytes that it frees: a mail's memory is asked for again by the next
 * mail, and giving it back in between cost a quarter of the time for reading one.
 * Cost    at most ARENA_KEPT_OCTETS of memory that is not in use; call first in main */
void arena_keep_memory(void);

static inline void
auto_arena(struct arena **a)
{
	arena_free(a);
}
#endif

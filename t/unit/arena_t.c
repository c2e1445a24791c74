/* t/unit/arena_t.c */
#include "arena.h"
#include "tap.h"

enum { N_SMALL = 5000, LARGE_OCTETS = 100000 };

static char order[8];

static void
note(void *object)
{
	strcat(order, object);
}

static void
test_alloc(void)
{
	AUTO(arena) struct arena *a = arena_new();
	unsigned char *before = NULL;
	int n_zero = 0, n_aligned = 0, n_apart = 0;

	for (int i = 0; i < N_SMALL; i++) {
		unsigned char *p = arena_alloc(a, (size_t)i % 37 + 1);
		n_zero += p[0] == 0 && p[i % 37] == 0;
		n_aligned += (uintptr_t)p % _Alignof(max_align_t) == 0;
		n_apart += before == NULL || *before == 0xff;
		memset(p, 0xff, (size_t)i % 37 + 1);
		before = p;
	}
	IS_INT(n_zero, N_SMALL, "memory is zeroed");
	IS_INT(n_aligned, N_SMALL, "memory is aligned for any type");
	IS_INT(n_apart, N_SMALL, "pieces do not overlap");
	char *large = arena_alloc(a, LARGE_OCTETS);
	large[LARGE_OCTETS - 1] = 'x';
	OK(arena_alloc(a, 0) != NULL, "no octets are a valid pointer");
	unsigned *numbers = arena_array(a, 100, sizeof *numbers);
	OK(numbers[0] == 0 && numbers[99] == 0, "an array is zeroed");
}

static void
test_texts(void)
{
	AUTO(arena) struct arena *a = arena_new();

	IS_STR(arena_strdup(a, "abc"), "abc", "strdup");
	OK(arena_strdup(a, NULL) == NULL, "strdup of NULL");
	IS_STR(arena_strndup(a, "abcdef", 3), "abc", "strndup cuts");
	IS_STR(arena_strndup(a, "ab", 100), "ab", "strndup ends at the NUL");
	OK(arena_strndup(a, NULL, 3) == NULL, "strndup of NULL");
	IS_STR(arena_printf(a, "%s-%d", "x", 42), "x-42", "printf");
	char *copy = arena_memdup(a, "a\0b", 3);
	OK(memcmp(copy, "a\0b", 4) == 0, "memdup copies NULs and adds one");
	IS_STR(arena_memdup(a, NULL, 0), "", "memdup of nothing");
}

int
main(void)
{
	struct arena *a = arena_new();

	test_alloc();
	test_texts();
	arena_defer(a, note, "1");
	arena_defer(a, note, "2");
	arena_free(&a);
	IS_STR(order, "21", "deferred calls run last first");
	OK(a == NULL, "a freed arena is NULL");
	arena_free(&a);
	OK(a == NULL, "NULL may be freed");
	return tap_done();
}

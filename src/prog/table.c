/* src/prog/table.c - columns for people: as wide as they need, cut to a terminal's width */
#include "table.h"
#include "arena.h"
#include "clock.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <wchar.h>

enum { TABLE_GAP = 2, TABLE_LEAST_LAST = 10 };

struct row {
	struct row *next;
	const char *cell[TABLE_COLUMNS_MAX];
};

struct table {
	struct arena *arena;
	size_t n_columns;
	size_t width[TABLE_COLUMNS_MAX];
	struct row *first, *last;
};

/* Columns that a text takes on a terminal; *n_r: octets that fit into most of them. */
static size_t
width_of(const char *text, size_t most, size_t *n_r)
{
	mbstate_t state = {0};
	size_t width = 0, at = 0, n = strlen(text);

	while (at < n) {
		wchar_t c = L'?';
		size_t octets = mbrtowc(&c, text + at, n - at, &state);
		int columns = 1;

		if (octets == (size_t)-1 || octets == (size_t)-2 || octets == 0) {
			octets = 1;
			state = (mbstate_t){0};
		} else {
			columns = wcwidth(c) < 0 ? 1 : wcwidth(c);
		}
		if (width + (size_t)columns > most)
			break;
		width += (size_t)columns;
		at += octets;
	}
	*n_r = at;
	return width;
}

struct table *
table_new(struct arena *a, const char *const heads[], size_t n)
{
	struct table *t = arena_alloc(a, sizeof *t);

	t->arena = a;
	t->n_columns = n < TABLE_COLUMNS_MAX ? n : TABLE_COLUMNS_MAX;
	table_add(t, heads);
	return t;
}

void
table_add(struct table *t, const char *const cells[])
{
	struct row *row = arena_alloc(t->arena, sizeof *row);

	for (size_t i = 0; i < t->n_columns; i++) {
		char *cell = arena_strdup(t->arena, cells[i] != NULL ? cells[i] : "-");
		size_t n = 0, width = 0;

		for (char *c = cell; *c != '\0'; c++)
			if (*c == '\n' || *c == '\t')
				*c = ' ';
		width = width_of(cell, SIZE_MAX, &n);
		row->cell[i] = cell;
		if (width > t->width[i])
			t->width[i] = width;
	}
	if (t->last != NULL)
		t->last->next = row;
	else
		t->first = row;
	t->last = row;
}

static size_t
room_for_last(const struct table *t)
{
	struct winsize size = {0};
	size_t used = 0;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
	    size.ws_col == 0)
		return SIZE_MAX;
	for (size_t i = 0; i + 1 < t->n_columns; i++)
		used += t->width[i] + TABLE_GAP;
	return size.ws_col > used + TABLE_LEAST_LAST ? size.ws_col - used : TABLE_LEAST_LAST;
}

void
table_print(const struct table *t)
{
	size_t last = room_for_last(t);

	for (const struct row *row = t->first; row != NULL; row = row->next)
		for (size_t i = 0; i < t->n_columns; i++) {
			bool ends = i + 1 == t->n_columns;
			size_t n = 0, width = width_of(row->cell[i], ends ? last : SIZE_MAX, &n);
			size_t pad = ends ? 0 : t->width[i] - width + TABLE_GAP;

			(void)printf("%.*s%*s%s", (int)n, row->cell[i], (int)pad, "",
			             ends ? "\n" : "");
		}
}

char *
table_age(struct arena *a, const char *rfc3339)
{
	struct tm utc = {0};
	int64_t age_s = 0;

	if (rfc3339 == NULL || strptime(rfc3339, "%Y-%m-%dT%H:%M:%SZ", &utc) == NULL)
		return arena_strdup(a, "-");
	age_s = clock_now_s() - (int64_t)timegm(&utc);
	if (age_s < 120)
		return arena_printf(a, "%" PRId64 "s", age_s < 0 ? 0 : age_s);
	if (age_s < 2 * 3600)
		return arena_printf(a, "%" PRId64 "m", age_s / 60);
	if (age_s < 48 * 3600)
		return arena_printf(a, "%" PRId64 "h", age_s / 3600);
	return arena_printf(a, "%" PRId64 "d", age_s / 86400);
}

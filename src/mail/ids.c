/* src/mail/ids.c - Message-IDs out of fields that programs fill in many ways */
#include "ids.h"
#include "arena.h"
#include "notes.h"
#include "text.h"
#include <string.h>

enum { FIRST_KEPT = 50 };

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Keep one id; octets may hold folding, which goes. */
static void
keep(struct arena *a, struct ids *ids, const char *octets, size_t n, struct notes *notes)
{
	char id[MAIL_ID_MAX_OCTETS + 1];
	size_t used = 0;

	for (size_t i = 0; i < n && used < sizeof id; i++) {
		unsigned char c = (unsigned char)octets[i];
		if (is_space(octets[i]))
			continue;
		if (c <= ' ' || c == 0x7F || c == '<' || c == '>')
			return;
		id[used++] = octets[i];
	}
	if (used == sizeof id && notes != NULL)
		notes_add(notes, "a Message-ID of more than %d octets was left out",
		          MAIL_ID_MAX_OCTETS);
	if (used == 0 || used == sizeof id || !text_is_utf8(id, used))
		return;
	id[used] = '\0';
	for (size_t i = 0; i < ids->n; i++) {
		if (strcmp(ids->id[i], id) == 0)
			return;
	}
	if (ids->id == NULL)
		ids->id = arena_array(a, MAIL_REFERENCES_MAX, sizeof *ids->id);
	if (ids->n == MAIL_REFERENCES_MAX) {
		memmove(ids->id + FIRST_KEPT, ids->id + FIRST_KEPT + 1,
		        (MAIL_REFERENCES_MAX - FIRST_KEPT - 1) * sizeof *ids->id);
		ids->n--;
		if (notes != NULL)
			notes_add(notes, "more than %d references, some were left out",
			          MAIL_REFERENCES_MAX);
	}
	ids->id[ids->n++] = arena_strdup(a, id);
}

/* Words with an '@', separated by spaces and commas. */
static void
add_bare(struct arena *a, struct ids *ids, const char *value, size_t n, struct notes *notes)
{
	for (size_t at = 0, from; at < n; at++) {
		from = at;
		while (at < n && !is_space(value[at]) && strchr(",;\"", value[at]) == NULL)
			at++;
		if (memchr(value + from, '@', at - from) != NULL)
			keep(a, ids, value + from, at - from, notes);
	}
}

void
ids_add(struct arena *a, struct ids *ids, const char *value, size_t n, struct notes *notes)
{
	const char *open = memchr(value, '<', n), *end = value + n;

	if (open == NULL)
		add_bare(a, ids, value, n, notes);
	while (open != NULL) {
		const char *from = open + 1, *limit, *close;

		/* An id that was never closed ends where the next one begins. */
		open = memchr(from, '<', (size_t)(end - from));
		limit = open != NULL ? open : end;
		close = memchr(from, '>', (size_t)(limit - from));
		close = close != NULL ? close : limit;
		keep(a, ids, from, (size_t)(close - from), notes);
	}
}

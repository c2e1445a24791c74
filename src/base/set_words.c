/* src/base/set_words.c - settings as they were written, each with its place */
#include "set_words.h"
#include "arena.h"
#include "settings.h"
#include "text.h"
#include <string.h>

enum { FIRST_ROOM = 4 };

static struct set_said *
new_said(struct arena *a, const struct set_row rows[])
{
	size_t n = 0;

	while (rows[n].says != NULL)
		n++;
	return arena_array(a, n, sizeof(struct set_said));
}

void
set_words_init(struct set_words *words, struct arena *a)
{
	*words = (struct set_words){.arena = a, .end = &words->queues};
	words->global.rows = settings_rows;
	words->global.said = new_said(a, settings_rows);
}

static bool
is_key(const char *key)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t n = strlen(key);

	return n > 0 && n <= SET_KEY_MAX_OCTETS && strspn(key, allowed) == n;
}

struct set_scope *
set_words_queue(struct set_words *words, const char *key, const char *where, struct why *why)
{
	struct set_scope *queue = words->queues;

	while (queue != NULL && !text_same(queue->key, key))
		queue = queue->next;
	if (queue != NULL)
		return queue;
	if (!is_key(key)) {
		why_set(why, "\"%s\" is not a queue name: 1 to %d letters, digits, - or _", key,
		        SET_KEY_MAX_OCTETS);
		return NULL;
	}
	if (words->n_queues == SETTINGS_MAX_QUEUES) {
		why_set(why, "more than %d queues", SETTINGS_MAX_QUEUES);
		return NULL;
	}
	queue = arena_alloc(words->arena, sizeof *queue);
	*queue = (struct set_scope){.key = arena_strdup(words->arena, key),
	                            .where = arena_strdup(words->arena, where),
	                            .rows = settings_queue_rows,
	                            .said = new_said(words->arena, settings_queue_rows)};
	*words->end = queue;
	words->end = &queue->next;
	words->n_queues++;
	return queue;
}

int
set_words_row(const struct set_row rows[], const char *name, struct why *why)
{
	const char *names[SET_ROWS_MAX + 1] = {NULL};
	size_t n_names = 0;

	for (int i = 0; rows[i].says != NULL; i++) {
		if (rows[i].kind == NULL)
			continue;
		if (strcmp(rows[i].name, name) == 0)
			return i;
		if (n_names < SET_ROWS_MAX)
			names[n_names++] = rows[i].name;
	}
	const char *nearest = text_nearest(name, names);
	why_set(why, "there is no setting \"%.*s\"%s%s%s%s", 64, name,
	        rows == settings_queue_rows ? " in a queue" : "",
	        nearest == NULL ? "" : "; did you mean ", nearest == NULL ? "" : nearest,
	        nearest == NULL ? "" : "?");
	return -1;
}

bool
set_words_say(struct set_words *words, struct set_said *said, size_t place,
              struct set_value value, struct why *why)
{
	said->is_set = true;
	if (place + 1 == said->n && strcmp(said->values[place].text, value.text) == 0)
		return true;
	if (place >= SET_LIST_MAX || place > said->n) {
		why_set(why, "more than %d values", SET_LIST_MAX);
		return false;
	}
	if (place >= said->room) {
		size_t room = said->room == 0 ? FIRST_ROOM : 2 * said->room;
		struct set_value *grown = arena_array(words->arena, room, sizeof *grown);

		if (said->n > 0)
			memcpy(grown, said->values, said->n * sizeof *grown);
		said->values = grown;
		said->room = room;
	}
	said->values[place] = (struct set_value){arena_strdup(words->arena, value.text),
	                                         arena_strdup(words->arena, value.where)};
	said->n = place + 1;
	return true;
}

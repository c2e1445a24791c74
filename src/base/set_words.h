/* src/base/set_words.h - settings as they were written, each with its place */
#ifndef SET_WORDS_H
#define SET_WORDS_H
#include "set_kind.h"
#include "why.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { SET_KEY_MAX_OCTETS = 40, SET_LIST_MAX = 1000, SET_ROWS_MAX = 128 };

struct set_value {
	const char *text;
	const char *where; /* "postern.conf:12" or "-o" */
};

struct set_said {
	bool is_set;
	struct set_value *values; /* n of them; a list that is set may have none */
	size_t n, room;
};

/* The global settings, or those of one queue. */
struct set_scope {
	struct set_scope *next;
	const char *key;   /* NULL: global */
	const char *where; /* its end in the file, or "-o" */
	const struct set_row *rows;
	struct set_said *said; /* one for each row */
};

struct set_words {
	struct arena *arena;
	struct set_scope global;
	struct set_scope *queues, **end; /* in the order they were written */
	size_t n_queues;
};

/* Start with nothing said. Takes  a  everything is allocated there */
void set_words_init(struct set_words *words, struct arena *a);

/* The queue of that name, added when it is not there.
 * Gives   NULL, with why, when the name is none or there are too many queues */
struct set_scope *set_words_queue(struct set_words *words, const char *key, const char *where,
                                  struct why *why);

/* Gives   the place of a setting in rows, or -1 with why, which has the nearest name */
int set_words_row(const struct set_row rows[], const char *name, struct why *why);

/* Say value number `place` of a setting; those behind it are forgotten.
 * Takes   place  0..n: 0 begins anew; saying the last one again changes nothing
 *         text, where  keeps copies
 * Gives   false, with why, for more than SET_LIST_MAX values */
bool set_words_say(struct set_words *words, struct set_said *said, size_t place,
                   struct set_value value, struct why *why);

/* Read a settings file into words.
 * Takes   path    for messages
 *         octets  n of them, with a NUL behind
 * Gives   false, with file and line in why; what was read until there is in words
 * Source  libconfuse 3.3; src/base/set_file.c */
bool set_file_read(const char *path, const char *octets, size_t n, struct set_words *words,
                   struct why *why) MUST_USE;
#endif

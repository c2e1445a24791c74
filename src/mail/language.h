/* src/mail/language.h - in which language a text is written, where the library is sure of it */
#ifndef LANGUAGE_H
#define LANGUAGE_H
#include <stdbool.h>

struct arena;

/* Read the fingerprints of the languages. To be called before the jail closes; again it does
 * nothing.
 * Takes   dir  where fpdb.conf and the fingerprints are; NULL: where the library put them
 * Gives   false: they are not there, and nothing will be guessed
 * Cost    some 30 ms; one thread at a time, as all in this file */
bool language_warm_up(const char *dir);

/* The language of a text.
 * Takes   text  UTF-8: the writer's own words
 * Gives   "de" in the arena; "" when the text is too short, mixed, or no language */
const char *language_guess(struct arena *a, const char *text);
#endif

/* filters/value.h - how header values of machines are compared */
#ifndef VALUE_H
#define VALUE_H
#include "mail.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Whether the first word of a value, cut at ';', '(' or a blank, is one of the words (any case).
 * Takes   value  may be NULL: then false
 *         words  lower case, ends with NULL */
bool value_first_is(const char *value, const char *const words[]);

/* Whether a text begins with one of the beginnings (any case).
 * Takes   text  may be NULL: then false; beginnings ends with NULL */
bool value_begins(const char *text, const char *const beginnings[]);

/* The first of the named fields that the mail has, or NULL. Takes  names  ends with NULL */
const char *value_field_of(const struct mail *m, const char *const names[]);

/* A text made fit for comparing with phrases: lower case (Latin, Greek, Cyrillic), '-' and '_'
 * as blanks, runs of blanks and line ends as one blank, curly apostrophes as straight ones.
 * Takes   n  octets of text that are looked at, at most
 * Gives   the text in the arena */
char *value_plain(struct arena *a, const char *text, size_t n);

/* Where a phrase stands in a plain text, at the beginning of a word. Gives  NULL: nowhere */
const char *value_phrase(const char *plain, const char *phrase);

/* How much of the text is the sender's own words before anything is quoted or forwarded.
 * Gives   octets */
size_t value_own_octets(const struct mail *m);

/* Whether the subject says that a person answers or forwards (Re:, Fwd:, AW:, WG: …). */
bool value_is_answer(const char *subject);

/* Whether the mail names a mail system as its sender: mailer-daemon@, postmaster@, "Mail Delivery
 * System" and the like; a mail system seldom signs with a person's name. */
bool value_by_daemon(const struct mail *m);

/* Whether the local part of an address is exactly this (any case). Takes  address  may be "" */
bool value_local_is(const char *address, const char *local);
#endif

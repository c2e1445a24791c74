/* filters/value.h - how header values of machines are compared */
#ifndef VALUE_H
#define VALUE_H
#include "mail.h"
#include <stdbool.h>

/* Whether the first word of a value, cut at ';', '(' or a blank, is one of the words (any case).
 * Takes   value  may be NULL: then false
 *         words  lower case, ends with NULL */
bool value_first_is(const char *value, const char *const words[]);

/* Whether a text begins with one of the beginnings (any case).
 * Takes   text  may be NULL: then false; beginnings ends with NULL */
bool value_begins(const char *text, const char *const beginnings[]);

/* The first of the named fields that the mail has, or NULL. Takes  names  ends with NULL */
const char *value_field_of(const struct mail *m, const char *const names[]);

/* Whether the local part of an address is exactly this (any case). Takes  address  may be "" */
bool value_local_is(const char *address, const char *local);
#endif

/* src/desk/freemail.h - domains at which strangers share one name: no organisation stands behind an
 * address there */
#ifndef FREEMAIL_H
#define FREEMAIL_H
#include "settings.h"
#include <stdbool.h>

/* Whether anybody can have an address in a domain, or in one below it.
 * Takes   domain  lower case, A-labels
 *         more    domains that the operator added, any case */
bool freemail_is(const char *domain, const struct set_list *more);
#endif

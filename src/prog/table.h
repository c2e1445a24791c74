/* src/prog/table.h - columns for people: as wide as they need, cut to a terminal's width */
#ifndef TABLE_H
#define TABLE_H
#include "own.h"
#include <stddef.h>
#include <stdint.h>

struct arena;
struct table;

enum { TABLE_COLUMNS_MAX = 16 };

/* Begin. Takes  heads  n column heads, borrowed for its life. Gives  never NULL; lives in the arena
 */
struct table *table_new(struct arena *a, const char *const heads[], size_t n);

/* Add a row. Takes  cells  n texts, copied; NULL is "-"; line ends become blanks */
void table_add(struct table *t, const char *const cells[]);

/* Print to standard output. On a terminal the last column is cut to its width; elsewhere nothing is
 * cut. */
void table_print(const struct table *t);

/* How long ago an instant of RFC 3339 was, in a few letters: "12s", "5m", "3h", "2d"; "-" for NULL.
 */
char *table_age(struct arena *a, const char *rfc3339);
#endif

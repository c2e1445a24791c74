/* src/store/pages.h - look at a table's file without the library: is every page where it belongs?
 *
 * The library takes a page of zeroes for a hole and gives wrong answers out of it (seen in 9 of 10
 * tries, with page checksums on); a walk over the page headers finds that, and pages that were
 * swapped. */
#ifndef PAGES_H
#define PAGES_H
#include "store.h"

/* Check the file of a table that was closed after recovery.
 * Takes   path  of the file
 * Gives   *n_rows_r  rows in its leaves
 * Fails   STORE_BROKEN: missing, too short, zeroed or swapped pages; why says which
 * Cost    one small read for each 4 KiB page */
enum store_err pages_check(const char *path, uint64_t *n_rows_r, struct why *why) MUST_USE;
#endif

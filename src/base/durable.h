/* src/base/durable.h - files that are wholly there, or not at all */
#ifndef DURABLE_H
#define DURABLE_H
#include "why.h"
#include <stddef.h>
#include <stdbool.h>

struct arena;

/* Names that begin so are left by a crash: a sweep may remove those that are not new. */
#define DURABLE_TEMP_PREFIX ".new-"

/* What a file holds. */
struct durable_file {
	char *octets; /* with a NUL behind them that n does not count */
	size_t n;
};

enum durable_err {
	DURABLE_OK = 0,
	DURABLE_ABSENT,  /* no such file */
	DURABLE_EXISTS,  /* there is one already; it was not touched */
	DURABLE_FULL,    /* no space, no inode, or over quota */
	DURABLE_TOO_BIG, /* larger than allowed */
	DURABLE_IO       /* anything else; why says what */
};

/* Write a file so that it is on disk when this returns: temporary file, write, fsync, rename, fsync
 * of the directory. A failed fsync is never tried again: the temporary file is removed.
 * Takes   dir_fd   borrows, open for reading (durable_dir); the name is relative to it
 *         name     one component, no slash
 *         replace  false: an existing file is an error
 * Fails   DURABLE_EXISTS, DURABLE_FULL, DURABLE_IO; then the old file, if any, is as it was, except
 *         when the flush of the directory failed: then either may be found after a crash
 * Cost    two flushes */
enum durable_err durable_write(int dir_fd, const char *name, const void *octets, size_t n,
                               bool replace, struct why *why) MUST_USE;

/* Read a whole file.
 * Takes   max_octets  a larger file is DURABLE_TOO_BIG
 * Gives   octets in the arena with a NUL behind them
 * Fails   DURABLE_ABSENT, DURABLE_TOO_BIG, DURABLE_IO */
enum durable_err durable_read(struct arena *a, int dir_fd, const char *name, size_t max_octets,
                              struct durable_file *file_r, struct why *why) MUST_USE;

/* Remove a file and flush the directory. DURABLE_ABSENT when it was not there. */
enum durable_err durable_remove(int dir_fd, const char *name, struct why *why) MUST_USE;

/* Make a directory (and its parents) with mode 0700 where it is missing, refuse one that everybody
 * may write or that belongs to another user than root or ourselves, and open it.
 * Gives   a descriptor, or -1 with why */
int durable_dir(const char *path, struct why *why) MUST_USE;
#endif

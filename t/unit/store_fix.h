/* t/unit/store_fix.h - a store in a directory of its own, for unit tests */
#ifndef STORE_FIX_H
#define STORE_FIX_H
#include "arena.h"
#include "store.h"
#include "tap.h"
#include "ticket.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char fix_dir[200];
static struct why fix_why;

static inline int
fix_remove_one(const char *path, const struct stat *st, int what, struct FTW *at)
{
	(void)st;
	(void)what;
	(void)at;
	return remove(path);
}

static inline void
fix_remove(const char *path)
{
	(void)nftw(path, fix_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A fresh directory; the test removes it with fix_remove(fix_dir). */
static inline void
fix_make_dir(void)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(fix_dir, sizeof fix_dir, "%s/postern-store-XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(fix_dir) == NULL) {
		perror(fix_dir);
		exit(1);
	}
}

static inline struct store_options
fix_options(void)
{
	return (struct store_options){
		.state_dir = fix_dir,
		.cache_octets = 8 << 20,
		.blob_inline_max_octets = 16384,
		.free_min_octets = 1 << 20,
		.ballast_octets = 1 << 20,
		.recovery_deadline_s = 30,
		.first_number = 100,
	};
}

/* Open it, or end the test. */
static inline struct store *
fix_open(const struct store_options *options)
{
	struct store *s = NULL;
	enum store_err e = store_open(options, &s, &fix_why);

	if (e != STORE_OK) {
		printf("Bail out! store_open: %d %s\n", (int)e, fix_why.text);
		exit(1);
	}
	return s;
}

/* A ticket with all that has no default. */
static inline struct ticket
fix_ticket(uint64_t id)
{
	return (struct ticket){
		.id = id,
		.prefix = "ACM",
		.queue = "support",
		.subject = "The door does not open",
		.language = "en",
		.created_s = 1000,
		.updated_s = 1000,
		.assignee = "",
	};
}
#endif

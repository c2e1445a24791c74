/* src/base/outside.h - run a program of somebody else's on one mail, and take its answer
 *
 * For postern-exec only: posternd never execs. The program gets the mail as standard input and a
 * small environment; its standard output is its answer, its standard error is thrown away. */
#ifndef OUTSIDE_H
#define OUTSIDE_H
#include "child.h"
#include "why.h"

struct arena;

enum {
	OUTSIDE_PROGRAMS_MOST = 16,
	OUTSIDE_FACTS_MOST = 40,
	OUTSIDE_ANSWER_MOST_OCTETS = 64 * 1024,
	OUTSIDE_FILE_MOST_OCTETS = 64 * 1024 * 1024 /* of a file that a program writes */
};

struct outside_limits {
	int64_t deadline_ms;  /* of one run; also for the processor, rounded up to seconds */
	size_t memory_octets; /* address space of each of its processes */
};

/* What a program is asked. */
struct outside_question {
	size_t program;            /* which of those configured */
	const char *const *fact;   /* "NAME=value", for its environment */
	size_t n_facts;            /* at most OUTSIDE_FACTS_MOST */
	struct child_octets mail;
};

enum outside_err {
	OUTSIDE_OK = 0,
	OUTSIDE_FAILED /* could not be run, was ended by a signal, took too long, said too much */
};

struct outside_answer {
	unsigned status;  /* its exit status */
	const char *text; /* what it wrote, a NUL behind it; a stranger's octets */
	size_t n;
};

/* Make orphans of a program ours, so that none outlives the run that made it. */
void outside_prepare(void);

/* Run a program to its end, or end it together with all that it started.
 * Takes   path  absolute
 * Gives   answer_r in the arena
 * Fails   OUTSIDE_FAILED with why
 * Cost    blocks up to deadline_ms; a copy of the mail in memory */
enum outside_err outside_run(struct arena *a, const char *path, const struct outside_question *q,
                             const struct outside_limits *limits, struct outside_answer *answer_r,
                             struct why *why) MUST_USE;
#endif

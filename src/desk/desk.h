/* src/desk/desk.h - what everything in posternd works with, made once by main */
#ifndef DESK_H
#define DESK_H
#include "conf.h"
#include "filter.h"
#include "own.h"
#include "store.h"
#include <stdatomic.h>
#include <stdint.h>

struct child_pool;
struct post;
struct sign;

/* What was done since start; each only grows. */
struct desk_counts {
	atomic_ullong filed, duplicates, held, deferred, unknown_recipients;
	atomic_ullong sent, send_failures, given_up;
	atomic_ullong released, dropped, expired; /* of held mail */
	atomic_ullong held_by[HELD_CAUSE_COUNT], suppressed_by[NOTICE_KIND_COUNT];
	atomic_ullong limited; /* of the suppressed: those that a limit stopped */
	atomic_ullong spf_temperrors;
	atomic_ullong gate_asked, gate_refused, gate_unasked; /* at the gate: all, no, later */
};

struct desk {
	struct store *store;
	struct child_pool *parser;
	struct child_pool *spf;
	struct child_pool *exec;         /* NULL: no programs as filters */
	struct set_list programs;        /* that exec was started for */
	struct sign *sign;
	struct post *post;
	int64_t started_s;
	const char *jail;               /* what the parser's jail reached, for stats */
	struct desk_counts counts;
	const char *conf_path;          /* NULL: built-in defaults */
	const char *const *overrides;
	size_t n_overrides;
	struct desk_conf *current;      /* see desk_conf */
};

/* Prepare d->current with a first configuration. Takes  conf  takes */
void desk_conf_start(struct desk *d, const struct conf *conf);

/* The configuration of now. Gives  one more holder: end with conf_release */
const struct conf *desk_conf(struct desk *d);

/* Read the configuration again; the old one stays when it is wrong.
 * Fails   false: why says file and line */
bool desk_reload(struct desk *d, struct why *why) MUST_USE;

/* How the settings want the store opened; no progress call yet. Gives  borrows of set */
struct store_options desk_store_options(const struct settings *set);

/* Release d->current. */
void desk_conf_end(struct desk *d);
#endif

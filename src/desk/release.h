/* src/desk/release.h - let a held mail through, or drop it: an order by shell or by mail */
#ifndef RELEASE_H
#define RELEASE_H
#include "desk.h"
#include "record.h"

struct arena;

struct release_order {
	uint64_t id;             /* of the held entry */
	bool as_new;             /* what names several tickets or cannot be read becomes one more */
	uint64_t to;             /* HELD_CONFLICT: the ticket that is meant; 0: none */
	const char *who, *how;   /* for the audit: "root", "shell" */
	int64_t now_s;
};

enum release_err {
	RELEASE_OK = 0,
	RELEASE_ABSENT, /* nothing waits under that number; why says what became of it, if known */
	RELEASE_CHOICE, /* this cause needs as_new or to, or does not take them; why says which */
	RELEASE_AGAIN,  /* it would be held again, by another check; why says which */
	RELEASE_RETRY   /* could not ask, or not write; nothing was changed */
};

struct release_result {
	struct held_entry entry; /* as it is kept now */
	const char *token;       /* of the ticket that it was released to, or "" */
	bool duplicate;          /* the same mail was there already: only the entry is gone */
};

/* Put a held mail through the pipeline again, without the one check that held it. Message, claim,
 * notices and the end of the entry are one transaction, durable when this returns.
 * Gives   result_r with RELEASE_OK, in the arena */
enum release_err release_run(struct desk *d, struct arena *a, const struct conf *conf,
                             const struct release_order *order, struct release_result *result_r,
                             struct why *why) MUST_USE;

/* Drop a held mail and its octets; durable when this returns. Fails  RELEASE_ABSENT,
 * RELEASE_RETRY */
enum release_err release_drop(struct desk *d, struct arena *a, const struct release_order *order,
                              struct release_result *result_r, struct why *why) MUST_USE;
#endif

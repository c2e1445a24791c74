/* src/desk/filter.h - one inbound question
 *
 * A filter looks at one mail and says what it found; it reads no store, sends nothing, and decides
 * nothing. The chain collects the findings, route.c decides. A filter that could not ask says
 * DEFER. */
#ifndef FILTER_H
#define FILTER_H
#include "child.h"
#include "mail.h"
#include "record.h"
#include <stdint.h>

struct arena;
struct conf;
struct set_list;

enum mail_class {
	CLASS_HUMAN = 0,
	CLASS_AUTO,   /* an automatic reply or notice */
	CLASS_BOUNCE, /* a delivery report: it failed */
	CLASS_DELAY,  /* a delivery report that nothing failed: delayed, delivered */
	CLASS_MDN,    /* a receipt: displayed, deleted (RFC 8098) */
	CLASS_REPORT, /* a feedback report: somebody complained (RFC 5965) */
	CLASS_LIST,   /* through a mailing list, or one of many */
	CLASS_OWN,    /* our own mail come back */
	CLASS_COUNT
};
extern const char *const mail_class_name[CLASS_COUNT];

enum verdict {
	VERDICT_PASS = 0, /* nothing to say */
	VERDICT_CLASS,    /* the mail is of this class; the first such finding counts */
	VERDICT_HINT,     /* it may be, with so much confidence: the sum of the hints counts */
	VERDICT_QUIET,    /* treat as before, but send its sender nothing */
	VERDICT_HOLD,     /* keep it for a person, with this cause; final */
	VERDICT_DEFER,    /* could not ask: temporary answer; final */
	VERDICT_MARK,     /* only tags or a queue */
	VERDICT_COUNT
};
extern const char *const verdict_name[VERDICT_COUNT];

enum { FILTER_TAGS_MOST = 10 };

struct finding {
	enum verdict verdict;
	enum mail_class class; /* with VERDICT_CLASS and VERDICT_HINT */
	unsigned confidence;   /* with VERDICT_HINT: 1..100; CHAIN_CLASS_MIN makes a class */
	enum held_cause cause; /* with VERDICT_HOLD */
	const char *why;       /* one line, in the arena or static */
	const char *const *tag; /* n_tags of them, for a ticket that the mail opens */
	size_t n_tags;
	const char *queue;     /* in which it would be opened; NULL: that of its address */
};

struct filter_in {
	struct arena *arena; /* lives until the mail is done */
	const struct mail *mail;
	const struct envelope_record *envelope;
	const struct conf *conf;
	int64_t now_s; /* receipt */
	struct child_octets octets;      /* the mail itself */
	struct child_pool *exec;         /* runs programs; NULL: none */
	const struct set_list *programs; /* that it was started for */
};

struct filter {
	const char *name; /* in log lines, settings and explain */
	struct finding (*look)(const struct filter_in *in);
};

/* filters/order.c: cheapest and most certain first; NULL ends. */
extern const struct filter *const filter_order[];
#endif

/* src/desk/route.h - the decision table: where one mail goes (pure: no store, no clock, no memory)
 */
#ifndef ROUTE_H
#define ROUTE_H
#include "filter.h"
#include "record.h"
#include <stddef.h>

struct buf;

/* By what the ticket was found. A match is not a permission (promise P4). */
enum evidence {
	EVIDENCE_NONE = 0,
	EVIDENCE_TOKEN,          /* the reference number in the subject */
	EVIDENCE_KNOWN_ID,       /* In-Reply-To or References name a mail of the ticket */
	EVIDENCE_SIGNED_ID,      /* … one that we sent, with our MAC in it */
	EVIDENCE_SIGNED_ADDRESS, /* sent to the reply address of a participant */
	EVIDENCE_CONFLICT,       /* two pieces that name different tickets */
	EVIDENCE_COUNT
};

/* The ticket that the evidence names, as a reply meets it. */
enum ticket_window {
	WINDOW_NONE = 0, /* no ticket */
	WINDOW_OPEN,
	WINDOW_CLOSED, /* within the queue's window for reopening */
	WINDOW_LONG_CLOSED,
	WINDOW_MERGED, /* its heir is asked next */
	WINDOW_COUNT
};

enum route_to {
	ROUTE_NEW = 0,    /* a new ticket */
	ROUTE_NEW_LINKED, /* a new ticket that the agents see linked to the one named */
	ROUTE_NEW_QUIET,  /* a new ticket of which nobody outside is told */
	ROUTE_COMMENT,    /* added; the others are told, without the text */
	ROUTE_REOPEN,     /* added, and the ticket is open again */
	ROUTE_STORE,      /* added as automatic mail; nobody is told, the state stays */
	ROUTE_NOTE,       /* a bounce: an internal note */
	ROUTE_HEIR,       /* decide again for the ticket that this one was merged into */
	ROUTE_HOLD,       /* kept for a person, with a cause */
	ROUTE_COUNT
};

struct route_facts {
	enum mail_class class;
	enum evidence evidence;
	enum party_role role; /* of the sender, in that ticket; ROLE_AGENT also without one */
	enum sender_auth auth;
	enum ticket_window window;
};

/* One rule: it applies when each fact is in its set (bit = 1 << value). */
struct route_row {
	unsigned class, evidence, role, auth, window;
	enum route_to to;
	enum held_cause cause; /* with ROUTE_HOLD */
	const char *because;   /* one line for people */
};

/* The names of facts and outcomes, for tables, JSON and logs. */
extern const char *const evidence_name[EVIDENCE_COUNT];
extern const char *const ticket_window_name[WINDOW_COUNT];
extern const char *const route_to_name[ROUTE_COUNT];

/* Decide.
 * Gives   the first row that applies; never NULL (the last row takes everything)
 * Source  DESIGN.md 9 */
const struct route_row *route_decide(const struct route_facts *facts);

/* The table, for explain --table and the tests. Gives  rows in order, *n_r of them */
const struct route_row *route_table(size_t *n_r);

/* The number of a row in the table, from 1. */
size_t route_number(const struct route_row *row);

/* Append the table as text, a row a line. */
void route_print(struct buf *out);
#endif

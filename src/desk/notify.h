/* src/desk/notify.h - who is told what (pure); the text of no mail comes near (promise P3) */
#ifndef NOTIFY_H
#define NOTIFY_H
#include "record.h"
#include "route.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* participants_max and the agents of a queue at their highest settings, and the author */
enum { NOTIFY_MAX = 200 + 1000 + 1 };

struct notify_facts {
	enum route_to to;
	enum mail_class class;
	enum sender_auth auth;
	bool quiet;       /* the mail asks for silence, or its sender is a machine's address */
	bool null_sender; /* RFC 5321 4.5.5: never answered */
	bool acknowledge; /* setting of the queue */
	bool acknowledge_unverified;
	const char *author; /* canonical address, "" when it could not be read */
	const char *author_name;
	const struct ticket *ticket; /* as it will be */
	const char *const *agents;   /* of the queue */
	size_t n_agents;
};

/* One mail to be promised, or, with suppressed set, why there is none. */
struct notify_notice {
	enum notice_kind kind;
	const char *address;
	const char *name; /* only of a verified sender, else "": a name is a stranger's text */
	const char *suppressed; /* NULL: send it */
};

/* Whether an address may be written to at all: no null sender, no mailer-daemon, noreply and the
 * like. */
bool notify_answerable(const char *address);

/* Decide who is told.
 * Gives   at most NOTIFY_MAX rows in the arena, each address once, never the author of a comment;
 *         should there be more people, a last row says so, suppressed and without address
 * Source  DESIGN.md 10, RFC 3834 2, RFC 5321 4.5.5 */
void notify_decide(struct arena *a, const struct notify_facts *f, struct notify_notice **notice_r,
                   size_t *n_r);
#endif

/* src/desk/tojson.h - records as JSON, for the control socket */
#ifndef TOJSON_H
#define TOJSON_H
#include "json.h"
#include "plan.h"
#include "record.h"

/* The tickets that one names, as "ACM-104231": each may have a prefix of its own; NULL for none. */
struct tojson_links {
	const char *linked, *heir;
};

/* Each gives a new JSON object that the caller owns. */
struct json *tojson_ticket(struct arena *a, const struct ticket *t,
                           const struct tojson_links *links);

/* The facts about a mail of a ticket; its text is not in them. */
struct json *tojson_message(const struct message *m);

/* One line of a ticket's history. */
struct json *tojson_audit(const struct audit_entry *e);

/* A held mail: cause, envelope, place of its octets. */
struct json *tojson_held(const struct held_entry *h);

/* A mail still owed. */
struct json *tojson_outbox(struct arena *a, const struct outbox_row *row);

/* What explain says: facts, findings, evidence, row, effects. Takes  m, chain  may be NULL (not
 * readable) */
struct json *tojson_plan(const struct mail *m, const struct chain_result *chain,
                         const struct plan *p);
#endif

/* src/desk/plan.h - all that filing one mail will change, decided inside the transaction that does
 * it
 *
 * Reads the store, writes nothing: explain shows a plan, filing.c carries it out. */
#ifndef PLAN_H
#define PLAN_H
#include "chain.h"
#include "conf.h"
#include "meter.h"
#include "notify.h"
#include "record.h"
#include "route.h"
#include "sender.h"
#include "store.h"
#include "thread.h"

struct arena;
struct sign;

/* Numbers given out for one mail: a transaction that runs again uses them again. */
struct plan_numbers {
	uint64_t ticket;
	uint64_t row[NOTIFY_MAX + 1]; /* outbox rows and the held entry */
};

/* A mail that is in the store already is planned once more. */
struct plan_again {
	bool only_looks;        /* nothing will be written: where it is now is no duplicate */
	bool waives;            /* a person releases it: the check that held it is not made */
	enum held_cause waived; /* HELD_FORGED: its From: counts as verified. HELD_CONFLICT: `to` is
	                         * its evidence. HELD_FLOOD, HELD_UNVERIFIED: not asked.
	                         * The other checks are chain_result's, which is made without
	                         * them */
	uint64_t to;            /* the ticket that a person chose; 0: none of those named */
};

/* One mail as it is to be filed for one recipient. Everything is borrowed. */
struct plan_in {
	const struct conf *conf;
	const struct sign *sign;
	struct store *store;              /* for numbers */
	const struct set_queue *queue;    /* whose address it was sent to */
	const struct mail *mail;          /* NULL when it could not be read */
	const struct chain_result *chain; /* NULL together with mail */
	struct sender sender; /* what proves From: ; looked for before the transaction */
	bool held;            /* decided before: parser died, too long, … */
	enum held_cause cause;
	const char *held_detail;
	struct envelope_record envelope;
	struct blob_ref blob;
	uint8_t digest[32]; /* content digest */
	int64_t now_s;
	const struct plan_again *again; /* NULL: it came in just now */
	struct plan_numbers *numbers;   /* zeroed before the first run */
};

struct plan_outbox {
	struct outbox_row row;
	bool grows;               /* a pending notice tells of one comment more */
	struct outbox_row before; /* with grows */
};

struct plan {
	bool duplicate; /* nothing changes; ticket says where the first one went */
	struct route_facts facts;
	const struct route_row
		*row; /* NULL for a duplicate or a mail held before the table was asked */
	struct thread_found found;
	const char *sender_because; /* why facts.auth is what it is */
	enum route_to to;
	uint64_t ticket;   /* where it goes; 0 when held */
	const char *token; /* "ACM-104231", or "" */
	bool creates;
	struct ticket before, after;
	struct message message;
	struct notify_notice *notice;
	size_t n_notices;
	struct plan_outbox *outbox;
	size_t n_outbox;
	struct audit_entry *audit; /* see plan_audit_room */
	size_t n_audit, audit_max;
	bool writes_party;
	struct party party;
	struct held_entry held;
	struct meter meter; /* what filing it counts */
};

/* Decide.
 * Takes   txn  open for writing: the ticket is locked, so that what was decided still holds at
 *         commit
 * Fails   STORE_BUSY, STORE_FULL, STORE_BROKEN: could not ask */
enum store_err plan_make(struct store_txn *txn, struct arena *a, const struct plan_in *in,
                         struct plan *plan_r, struct why *why) MUST_USE;

/* Make room in the ticket's history for an entry about each who joins, is refused or is not told,
 * and for what the mail itself did. */
void plan_audit_room(struct arena *a, size_t n_people, struct plan *p);

/* One entry more; its ticket and message are the plan's. Takes  entry  its texts are borrowed */
void plan_audit_add(struct plan *p, const struct audit_entry *entry);
#endif

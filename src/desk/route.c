/* src/desk/route.c - the decision table: where one mail goes (pure: no store, no clock, no memory)
 */
#include "route.h"
#include "buf.h"
#include "own.h"

const char *const evidence_name[EVIDENCE_COUNT] = {
	[EVIDENCE_NONE] = "none",
	[EVIDENCE_TOKEN] = "token",
	[EVIDENCE_KNOWN_ID] = "known-id",
	[EVIDENCE_SIGNED_ID] = "signed-id",
	[EVIDENCE_SIGNED_ADDRESS] = "signed-address",
	[EVIDENCE_CONFLICT] = "conflict",
};

const char *const ticket_window_name[WINDOW_COUNT] = {
	[WINDOW_NONE] = "none",     [WINDOW_OPEN] = "open",
	[WINDOW_CLOSED] = "closed", [WINDOW_LONG_CLOSED] = "long-closed",
	[WINDOW_MERGED] = "merged",
};

const char *const route_to_name[ROUTE_COUNT] = {
	[ROUTE_NEW] = "new",
	[ROUTE_NEW_LINKED] = "new-linked",
	[ROUTE_NEW_QUIET] = "new-quiet",
	[ROUTE_COMMENT] = "comment",
	[ROUTE_REOPEN] = "reopen",
	[ROUTE_STORE] = "store",
	[ROUTE_NOTE] = "note",
	[ROUTE_HEIR] = "heir",
	[ROUTE_HOLD] = "hold",
};

#define BIT(value) (1u << (value))
#define ANY 0xffffu
#define MACHINE (BIT(CLASS_AUTO) | BIT(CLASS_MDN) | BIT(CLASS_REPORT) | BIT(CLASS_LIST))
#define DELIVERY (BIT(CLASS_BOUNCE) | BIT(CLASS_DELAY))
#define SIGNED (BIT(EVIDENCE_SIGNED_ID) | BIT(EVIDENCE_SIGNED_ADDRESS))
#define UNSIGNED (BIT(EVIDENCE_TOKEN) | BIT(EVIDENCE_KNOWN_ID))
#define FOUND (SIGNED | UNSIGNED)
#define MEMBER (BIT(ROLE_REQUESTER) | BIT(ROLE_PARTICIPANT) | BIT(ROLE_AGENT))
#define OUTSIDER (BIT(ROLE_STRANGER) | BIT(ROLE_COLLEAGUE))
#define NOT_FAILED (BIT(AUTH_UNVERIFIED) | BIT(AUTH_VERIFIED))
#define ALIVE (BIT(WINDOW_OPEN) | BIT(WINDOW_CLOSED) | BIT(WINDOW_LONG_CLOSED))
#define CLOSED BIT(WINDOW_CLOSED)
#define LONG_CLOSED BIT(WINDOW_LONG_CLOSED)
#define OPEN BIT(WINDOW_OPEN)

/* The first row that applies decides. Causes stand only where the row holds. */
static const struct route_row table[] = {
	{BIT(CLASS_OWN), ANY, ANY, ANY, ANY, ROUTE_HOLD, HELD_LOOP,
         "our own mail came back, or it travelled in a loop"},
	{ANY, FOUND, ANY, ANY, BIT(WINDOW_MERGED), ROUTE_HEIR, 0,
         "that ticket was merged: its heir is asked"},
	{BIT(CLASS_BOUNCE), SIGNED, ANY, ANY, ALIVE, ROUTE_NOTE, 0,
         "a delivery report that names a mail of ours"},
	{BIT(CLASS_DELAY), SIGNED, ANY, ANY, ALIVE, ROUTE_STORE, 0,
         "a delivery report of a mail of ours that nothing failed: kept there, changes nothing"},
	{DELIVERY, ANY, ANY, ANY, ANY, ROUTE_HOLD, HELD_BOUNCE,
         "a delivery report about nothing that we can prove to have sent"},
	{ANY, BIT(EVIDENCE_CONFLICT), ANY, ANY, ANY, ROUTE_HOLD, HELD_CONFLICT,
         "its references name different tickets"},
	{BIT(CLASS_HUMAN), ANY, MEMBER, BIT(AUTH_FAILED), ANY, ROUTE_HOLD, HELD_FORGED,
         "the sender's domain says that this sender is forged"},
	{BIT(CLASS_HUMAN), FOUND, BIT(ROLE_AGENT), BIT(AUTH_UNVERIFIED), ANY, ROUTE_HOLD,
         HELD_FORGED, "it claims to be an agent's answer and nothing proves it"},
	{MACHINE, FOUND, MEMBER, NOT_FAILED, ALIVE, ROUTE_STORE, 0,
         "automatic mail of somebody on the ticket: kept there, tells nobody, reopens nothing"},
	{MACHINE, FOUND, ANY, ANY, ALIVE, ROUTE_NEW_QUIET, 0,
         "automatic mail of a stranger to the ticket: a ticket of its own, nobody is answered"},
	{MACHINE, BIT(EVIDENCE_NONE), ANY, ANY, ANY, ROUTE_NEW_QUIET, 0,
         "automatic mail: a ticket, nobody is answered"},
	{BIT(CLASS_HUMAN), FOUND, MEMBER, NOT_FAILED, OPEN, ROUTE_COMMENT, 0,
         "an answer of somebody on the ticket"},
	{BIT(CLASS_HUMAN), FOUND, MEMBER, NOT_FAILED, CLOSED, ROUTE_REOPEN, 0,
         "an answer of somebody on the ticket, soon enough after it was closed"},
	{BIT(CLASS_HUMAN), FOUND, MEMBER, NOT_FAILED, LONG_CLOSED, ROUTE_NEW_LINKED, 0,
         "an answer long after the ticket was closed: a new one, linked"},
	{BIT(CLASS_HUMAN), SIGNED, OUTSIDER, NOT_FAILED, OPEN, ROUTE_COMMENT, 0,
         "an answer to a mail that we sent, from another address of its recipient"},
	{BIT(CLASS_HUMAN), SIGNED, OUTSIDER, NOT_FAILED, CLOSED, ROUTE_REOPEN, 0,
         "an answer to a mail that we sent, from another address, soon enough after it was closed"},
	{BIT(CLASS_HUMAN), FOUND, ANY, ANY, ANY, ROUTE_NEW_LINKED, 0,
         "it names a ticket that its sender has no part in: a new one, linked for the agents"},
	{BIT(CLASS_HUMAN), BIT(EVIDENCE_NONE), ANY, ANY, ANY, ROUTE_NEW, 0, "a new request"},
	{ANY, ANY, ANY, ANY, ANY, ROUTE_NEW_QUIET, 0,
         "anything else: kept as a ticket, nobody is answered"},
};

static bool
applies(const struct route_row *row, const struct route_facts *f)
{
	return (row->class & BIT(f->class)) && (row->evidence & BIT(f->evidence)) &&
	       (row->role & BIT(f->role)) && (row->auth & BIT(f->auth)) &&
	       (row->window & BIT(f->window));
}

const struct route_row *
route_decide(const struct route_facts *facts)
{
	size_t i = 0;

	while (i < N_ELEMENTS(table) - 1 && !applies(&table[i], facts))
		i++;
	return &table[i];
}

const struct route_row *
route_table(size_t *n_r)
{
	*n_r = N_ELEMENTS(table);
	return table;
}

size_t
route_number(const struct route_row *row)
{
	return (size_t)(row - table) + 1;
}

static void
print_set(struct buf *out, unsigned set, const char *const names[], size_t n)
{
	const char *between = "";

	if ((set & (BIT(n) - 1)) == BIT(n) - 1) {
		buf_text(out, "any");
	} else {
		for (size_t i = 0; i < n; i++)
			if (set & BIT(i)) {
				buf_printf(out, "%s%s", between, names[i]);
				between = ",";
			}
	}
	buf_text(out, " | ");
}

void
route_print(struct buf *out)
{
	buf_text(out, "row | class | evidence | role | sender | ticket | outcome | because\n");
	for (size_t i = 0; i < N_ELEMENTS(table); i++) {
		const struct route_row *row = &table[i];

		buf_printf(out, "%zu | ", i + 1);
		print_set(out, row->class, mail_class_name, CLASS_COUNT);
		print_set(out, row->evidence, evidence_name, EVIDENCE_COUNT);
		print_set(out, row->role, party_role_name, ROLE_COUNT);
		print_set(out, row->auth, sender_auth_name, AUTH_COUNT);
		print_set(out, row->window, ticket_window_name, WINDOW_COUNT);
		buf_printf(out, "%s%s%s | %s\n", route_to_name[row->to],
		           row->to == ROUTE_HOLD ? ":" : "",
		           row->to == ROUTE_HOLD ? held_cause_name[row->cause] : "", row->because);
	}
}

/* src/desk/plan_audit.c - what a plan writes into its ticket's history */
#include "arena.h"
#include "plan.h"

enum { PLAN_AUDIT_OWN = 8 }; /* entries of one mail besides those about people */

void
plan_audit_room(struct arena *a, size_t n_people, struct plan *p)
{
	p->audit_max = n_people + PLAN_AUDIT_OWN;
	p->audit = arena_array(a, p->audit_max, sizeof *p->audit);
}

void
plan_audit_add(struct plan *p, const struct audit_entry *entry)
{
	struct audit_entry e = *entry;

	e.ticket = p->ticket;
	e.message = p->message.seq;
	if (p->n_audit < p->audit_max)
		p->audit[p->n_audit++] = e;
}

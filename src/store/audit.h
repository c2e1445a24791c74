/* src/store/audit.h - who changed what, when, and how */
#ifndef AUDIT_H
#define AUDIT_H
#include "record.h"
#include "store.h"

/* Add an entry.
 * Takes   t  the ticket being changed in this transaction: its n_audit gives the place and is
 *            increased; the caller writes the ticket with ticket_update or ticket_create afterwards
 *         e  its ticket and seq are not looked at
 * Fails   STORE_EXISTS: the place is taken (the ticket was not written last time); STORE_BUSY,
 *         STORE_FULL, STORE_BROKEN */
enum store_err audit_add(struct store_txn *txn, struct ticket *t, const struct audit_entry *e,
                         struct why *why) MUST_USE;

/* The entries of range->ticket from place range->first on, in order, at most range->max (10,000).
 * Gives   e_r[0 .. *n_r-1] in the arena */
enum store_err audit_list(struct store_txn *txn, struct arena *a, const struct store_range *range,
                          struct audit_entry **e_r, size_t *n_r, struct why *why) MUST_USE;
#endif

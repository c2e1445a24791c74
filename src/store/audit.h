/* src/store/audit.h - who changed what, when, and how */
#ifndef AUDIT_H
#define AUDIT_H
#include "record.h"
#include "store.h"

/* Add an entry. Takes  t  the ticket being changed in this transaction: its n_audit gives the place and is
 * increased; the caller writes the ticket with ticket_update or ticket_create afterwards. */
enum store_err audit_add(struct store_txn *txn, struct ticket *t, const struct audit_entry *e,
                         struct why *why) MUST_USE;

/* The entries of a ticket, in order, at most max from the place first on. */
enum store_err audit_list(struct store_txn *txn, struct arena *a, uint64_t ticket, uint32_t first,
                          size_t max, struct audit_entry **e_r, size_t *n_r, struct why *why) MUST_USE;
#endif

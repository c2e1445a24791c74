/* src/desk/filing.h - carry out a plan: everything about one mail, or nothing */
#ifndef FILING_H
#define FILING_H
#include "plan.h"

/* Write what the plan says; only store calls.
 * Takes   octets  of the mail, as blob_prepare had them; not looked at when in->again is set
 * Fails   as the store does; the transaction is aborted by whoever runs it */
enum store_err filing_write(struct store_txn *txn, const struct plan_in *in,
                            const struct plan *plan, const void *octets, struct why *why) MUST_USE;
#endif

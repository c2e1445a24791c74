/* src/store/party.h - people we have met, by address */
#ifndef PARTY_H
#define PARTY_H
#include "record.h"
#include "store.h"

/* Read what is known of a canonical address. Fails  STORE_ABSENT, STORE_BUSY, STORE_BROKEN */
enum store_err party_find(struct store_txn *txn, struct arena *a, const char *address,
                          struct party *p_r, struct why *why) MUST_USE;

/* Write it, new or changed. Takes  p  address not empty */
enum store_err party_put(struct store_txn *txn, const struct party *p, struct why *why) MUST_USE;
#endif

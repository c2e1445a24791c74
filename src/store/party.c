/* src/store/party.c - people we have met, by address */
#include "party.h"
#include "arena.h"
#include "buf.h"
#include "kv.h"
#include "pack.h"
#include <assert.h>

static struct key
key_of(const char *address)
{
	struct key k = {0};

	key_text(&k, address);
	return k;
}

enum store_err
party_find(struct store_txn *txn, struct arena *a, const char *address, struct party *p_r,
	   struct why *why)
{
	struct key k = key_of(address);
	struct kv_value v;
	enum store_err e = kv_get(txn, KV_PARTY, &k, a, &v, why);

	if (e != STORE_OK || unpack_party(a, v.octets, v.n, p_r))
		return e;
	why_set(why, "what is known of %s cannot be read: check the store", address);
	return STORE_BROKEN;
}

enum store_err
party_put(struct store_txn *txn, const struct party *p, struct why *why)
{
	AUTO(buf) struct buf octets = {0};
	struct key k = key_of(p->address);

	assert(p->address[0] != '\0');
	if (!pack_party(&octets, p)) {
		why_set(why, "what is known of %s is too large to be stored", p->address);
		return STORE_BROKEN;
	}
	return kv_put(txn, KV_PARTY, &k, (struct kv_value){octets.octets, octets.n}, why);
}

/* src/store/party.c - people we have met, by address */
#include "party.h"
#include "arena.h"
#include "buf.h"
#include "kv.h"
#include "pack.h"
#include <assert.h>
#include <string.h>

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

/* Read one for writing; an address that was not met yet has an empty record. */
static enum store_err
lock_party(struct store_txn *txn, struct arena *a, const char *address, struct party *p_r,
           struct why *why)
{
	struct key k = key_of(address);
	struct kv_value v;
	enum store_err e = kv_lock(txn, KV_PARTY, &k, a, &v, why);

	if (e == STORE_ABSENT) {
		*p_r = (struct party){
			.address = address, .name = "", .language = "",
			.person = "", .person_who = ""};
		return STORE_OK;
	}
	if (e == STORE_OK && !unpack_party(a, v.octets, v.n, p_r)) {
		why_set(why, "what is known of %s cannot be read: check the store", address);
		e = STORE_BROKEN;
	}
	return e;
}

/* The record that stands for the person behind an address, for writing. */
static enum store_err
lock_person(struct store_txn *txn, struct arena *a, const char *address, struct party *p_r,
            struct why *why)
{
	enum store_err e = lock_party(txn, a, address, p_r, why);

	bool stands = e == STORE_OK && p_r->person[0] != '\0';
	return stands ? lock_party(txn, a, p_r->person, p_r, why) : e;
}

enum store_err
party_names(struct store_txn *txn, struct arena *a, const char *address,
            const char *const **names_r, size_t *n_r, struct why *why)
{
	struct party p = {.address = address, .person = ""};
	enum store_err e = party_find(txn, a, address, &p, why);

	if (e == STORE_OK && p.person[0] != '\0')
		e = party_find(txn, a, p.person, &p, why);
	if (e != STORE_OK && e != STORE_ABSENT)
		return e;
	const char **names = arena_array(a, p.n_aliases + 1, sizeof *names);
	names[0] = p.address;
	for (size_t i = 0; i < p.n_aliases; i++)
		names[i + 1] = p.alias[i];
	*names_r = names;
	*n_r = p.n_aliases + 1;
	return STORE_OK;
}

enum store_err
party_same(struct store_txn *txn, const char *one, const char *other, bool *same_r, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *const *names = NULL;
	size_t n = 0;
	enum store_err e = party_names(txn, a, one, &names, &n, why);
	bool same = false;

	for (size_t i = 0; e == STORE_OK && i < n; i++)
		same |= strcmp(names[i], other) == 0;
	if (e == STORE_OK)
		*same_r = same;
	return e;
}

static enum store_err
put_noted(struct store_txn *txn, struct party *p, const struct party_note *note, struct why *why)
{
	p->person_who = note->who;
	p->person_s = note->at_s;
	return party_put(txn, p, why);
}

/* Say in the records of addresses, but its own, who stands for them. */
static enum store_err
appoint(struct store_txn *txn, struct arena *a, const struct party *head,
        const struct party_note *note, struct why *why)
{
	enum store_err e = STORE_OK;

	for (size_t i = 0; e == STORE_OK && i < head->n_aliases; i++) {
		struct party p;

		e = lock_party(txn, a, head->alias[i], &p, why);
		p.person = head->address;
		p.n_aliases = 0;
		if (e == STORE_OK)
			e = put_noted(txn, &p, note, why);
	}
	return e;
}

enum store_err
party_merge(struct store_txn *txn, const char *one, const char *other,
            const struct party_note *note, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct party head, joins;
	enum store_err e = lock_person(txn, a, one, &head, why);

	if (e == STORE_OK)
		e = lock_person(txn, a, other, &joins, why);
	if (e != STORE_OK)
		return e;
	if (strcmp(head.address, joins.address) == 0) {
		why_set(why, "%s and %s are one person already", one, other);
		return STORE_EXISTS;
	}
	size_t n = head.n_aliases + joins.n_aliases + 1;
	if (n > PARTY_ALIASES_MAX) {
		why_set(why, "one person has at most %d addresses", PARTY_ALIASES_MAX + 1);
		return STORE_FULL;
	}
	const char **alias = arena_array(a, n, sizeof *alias);
	for (size_t i = 0; i < head.n_aliases; i++)
		alias[i] = head.alias[i];
	alias[head.n_aliases] = joins.address;
	for (size_t i = 0; i < joins.n_aliases; i++)
		alias[head.n_aliases + 1 + i] = joins.alias[i];
	head.alias = alias;
	head.n_aliases = n;
	e = put_noted(txn, &head, note, why);
	return e == STORE_OK ? appoint(txn, a, &head, note, why) : e;
}

enum store_err
party_split(struct store_txn *txn, const char *address, const struct party_note *note,
            struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct party head, alone;
	enum store_err e = lock_person(txn, a, address, &head, why);
	size_t n = 0;

	if (e == STORE_OK && head.n_aliases == 0) {
		why_set(why, "%s is a person of its own already", address);
		return STORE_ABSENT;
	}
	if (e == STORE_OK)
		e = lock_party(txn, a, address, &alone, why);
	if (e != STORE_OK)
		return e;
	bool heads = strcmp(head.address, address) == 0;
	const char **alias = arena_array(a, head.n_aliases, sizeof *alias);
	for (size_t i = heads ? 1 : 0; i < head.n_aliases; i++)
		if (strcmp(head.alias[i], address) != 0)
			alias[n++] = head.alias[i];
	if (heads)
		e = lock_party(txn, a, head.alias[0], &head, why);
	head.person = "";
	head.alias = alias;
	head.n_aliases = n;
	alone.person = "";
	alone.n_aliases = 0;
	if (e == STORE_OK)
		e = put_noted(txn, &head, note, why);
	if (e == STORE_OK)
		e = put_noted(txn, &alone, note, why);
	return e == STORE_OK ? appoint(txn, a, &head, note, why) : e;
}

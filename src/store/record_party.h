/* src/store/record_party.h - somebody we have met, by address
 *
 * A person may write from several addresses: one of them stands for the person, and its record
 * lists the others, each of which names it. */
#ifndef RECORD_PARTY_H
#define RECORD_PARTY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PARTY_ALIASES_MAX = 20 };

struct party {
	const char *address; /* canonical */
	const char *name, *language;
	int64_t first_seen_s, last_seen_s, undeliverable_until_s;
	uint64_t n_received, n_sent;
	bool agent;
	const char *person;    /* the address that stands for it, or "" when it is this one */
	const char *const *alias; /* in that record: this person's other addresses */
	size_t n_aliases;
	const char *person_who; /* who said so last, and when */
	int64_t person_s;
};
#endif

/* src/mail/ids.h - Message-IDs out of fields that programs fill in many ways */
#ifndef IDS_H
#define IDS_H
#include "mail.h"

struct arena;
struct notes;

/* A list without repeats. A zeroed one is empty. */
struct ids {
	const char **id; /* arena; room for MAIL_REFERENCES_MAX */
	size_t n;
};

/* Add the ids of a raw field value: between <>, also folded inside; with commas and comments; and,
 * where there is no '<' at all, words with an '@'. Of more than MAIL_REFERENCES_MAX the first 50
 * and the last 150 are kept.
 * Takes   value  raw, n octets
 *         notes  may be NULL */
void ids_add(struct arena *a, struct ids *ids, const char *value, size_t n, struct notes *notes);
#endif

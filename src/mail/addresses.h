/* src/mail/addresses.h - address fields as GMime reads them: for showing and answering, never an
 * identity */
#ifndef ADDRESSES_H
#define ADDRESSES_H
#include "mail.h"

struct arena;
struct head_field;
struct notes;

/* A list that grows by fields. A zeroed one is empty. */
struct addresses {
	struct mail_mailbox *box; /* arena; room for MAIL_ADDRESSES_MAX */
	size_t n;
	const char *first_name; /* the first display name, also of an address that was left out;
	                           may be NULL */
};

/* Add the mailboxes of one field. What GMime would recurse on or load charsets for is taken out
 * first: a long field is cut at a comma, one with many colons (nested groups) is left out, encoded
 * words come to GMime as plain quoted UTF-8.
 * Takes   fallback  charset of raw octets that are not UTF-8, or "" */
void addresses_add(struct arena *a, struct addresses *list, const struct head_field *f,
                   const char *fallback, struct notes *notes);
#endif

/* src/spf/dns_name.h - names of the DNS as text and as octets
 *
 * Text: labels with dots between, no dot at the end, no escapes; "" is the root. A label may hold
 * printable ASCII and the space, for SPF macros make such names; a label with a dot, or with
 * other octets, cannot be written and is refused. */
#ifndef DNS_NAME_H
#define DNS_NAME_H
#include <stdbool.h>
#include <stddef.h>

struct arena;

enum { DNS_NAME_OCTETS_MOST = 255, DNS_NAME_TEXT_MOST = 253, DNS_LABEL_MOST = 63 };

/* Make octets of a text.
 * Gives   false for what no question can be made of: an empty or over-long label, too long in all,
 *         octets that are not printable */
bool dns_name_pack(const char *text, unsigned char wire_r[DNS_NAME_OCTETS_MOST], size_t *n_r);

/* Make a text of uncompressed octets.
 * Gives   false where they cannot be written, or are cut */
bool dns_name_unpack(struct arena *a, const unsigned char *wire, size_t n, const char **text_r);

/* Whether a text is the name of a host or a domain of several labels: letters, digits, hyphen and
 * underscore only, the last label not all digits (so no IPv4 address). */
bool dns_name_is_host(const char *text);
#endif

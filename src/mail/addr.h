/* src/mail/addr.h - mail addresses: what is safe to use, and what identifies somebody
 *
 * GMime's parsed addresses are not identities: two From fields merge, and `agent@corp\0@evil`,
 * `agent@corp@evil`, `<@evil:agent@corp>` all read as agent@corp. This is the grammar that
 * decides. */
#ifndef ADDR_H
#define ADDR_H
#include "mail.h"

struct arena;

/* Whether a text is a mailbox that we may put into an envelope, a header, a log line, a library
 * call: dot-atom (ASCII or EAI UTF-8) local part of 1..64 octets at an LDH or U-label domain of
 * 1..255 octets with labels of 1..63; or an address literal is NOT allowed; no quotes, spaces,
 * controls, <>,;:\ */
bool addr_ok(const char *address);

/* The form under which addresses are compared and kept: ASCII domain lower-cased, local part as it
 * is but ASCII-lower-cased too (mail systems ignore its case in practice; RFC 5321 2.4 allows
 * otherwise).
 * Gives   a copy in the arena, or NULL when addr_ok says no */
char *addr_canonical(struct arena *a, const char *address);

/* Read the From fields of a raw header block strictly.
 * Takes   octets  the header block (or the whole mail), raw, CRLF or LF line ends
 * Gives   MAIL_FROM_ONE and the canonical address in address_r (arena) only for exactly one From
 *         field with exactly one mailbox: [display-name] <addr> or addr alone, comments allowed as
 *         RFC 5322 3.2.2 has them but not inside the addr-spec; else the other states, and
 *         *address_r = ""
 * Source  RFC 5322 3.4, 3.6.2, RFC 6532, RFC 6854 (groups are refused), THREATS B1-3 */
enum mail_from addr_identity(struct arena *a, const void *octets, size_t n, const char **address_r);

/* The domain of an address that addr_ok accepted: borrows, points behind the '@'. */
const char *addr_domain(const char *address);

/* Split LOCAL+EXTENSION@DOMAIN at the first delimiter character in the local part.
 * Takes   delimiters  e.g. "+" or "+-"; "" never splits
 * Gives   base_r without the extension ("LOCAL@DOMAIN"), extension_r "" when there is none;
 *         arena */
void addr_split(struct arena *a, const char *address, const char *delimiters, const char **base_r,
                const char **extension_r);
#endif

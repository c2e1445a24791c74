/* src/mail/parse.h - octets of a stranger into facts, with GMime; runs in the jail of postern-parse
 *
 * The identity of the sender is read from the raw octets by addr.h, never from GMime's result. */
#ifndef PARSE_H
#define PARSE_H
#include "mail.h"
#include "why.h"

struct arena;

struct parse_limits {
	size_t header_max_octets; /* of the top header block that is looked at */
	size_t parts_max, nesting_max, fields_max;
};

enum parse_err {
	PARSE_OK = 0,
	PARSE_NOT_MAIL /* GMime could not make a message of it (first line no header, …) and
	                  neither could the raw scan */
};

/* Load what GMime and iconv would load lazily (charset modules), and the fingerprints of languages,
 * before the jail closes.
 * Gives   how many of the wanted charsets could be opened */
size_t parse_warm_up(void);

/* Read one mail.
 * Takes   octets  borrows; anything at all
 * Gives   m_r in the arena. Never re-serialises the mail.
 * Fails   PARSE_NOT_MAIL: the caller keeps the octets (held)
 * Cost    linear in n; memory bounded by the limits and n */
enum parse_err parse_mail(struct arena *a, const void *octets, size_t n,
                          const struct parse_limits *limits, const struct mail **m_r,
                          struct why *why) MUST_USE;
#endif

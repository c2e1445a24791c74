/* src/spf/align.h - whether two domains belong to the same organisation (RFC 7489 3.1.1, 3.2)
 *
 * By the public suffix list: Debian's file, or the one built into libpsl where that is newer. The
 * only module that includes <libpsl.h> and <idn2.h>. Domains are compared without regard to case,
 * to one trailing dot, and to whether they are written with A-labels or U-labels (IDNA 2008, no
 * mapping but that of case: what only looks like a domain is none). */
#ifndef ALIGN_H
#define ALIGN_H
#include <stdbool.h>

struct arena;

/* Whether both domains are below the same public suffix by the same label: mail.example.co.uk and
 * example.co.uk are, a.co.uk and b.co.uk are not. A public suffix itself ("co.uk"), an address
 * literal, an IP address and what is no domain align with nothing, not even with themselves. */
bool align_relaxed(const char *a, const char *b);

/* Whether a domain is a public suffix, below which strangers register names.
 * Gives   true also for what is no domain: no organisation is named by it */
bool align_is_public(const char *domain);

/* The domain of the organisation: "example.co.uk" for "mail.Example.co.uk.".
 * Gives   a copy in the arena, in lower case and A-labels; NULL when there is none */
const char *align_organisation(struct arena *a, const char *domain);

/* A domain as the DNS has it.
 * Gives   a copy in the arena, in lower case and A-labels, without a trailing dot; NULL when it is
 *         no domain of host names */
const char *align_ascii(struct arena *a, const char *domain);
#endif

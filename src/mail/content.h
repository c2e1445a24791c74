/* src/mail/content.h - what makes a mail the same mail when it comes again
 *
 * posternd asks this itself and never the parser's child: a child that was taken over could call
 * later mails duplicates, and they would be lost. */
#ifndef CONTENT_H
#define CONTENT_H
#include "digest.h"

/* The content digest of a mail: SHA-256 over the fields that say who, to whom, when and where it
 * belongs (From, To, Cc, Date, Subject, Message-ID, In-Reply-To, References), those that say how
 * to read it, and the body. A copy that came another way has the same; a copy that somebody turned
 * to another ticket has not. Without a Message-ID over all octets.
 * Takes   octets  borrows; anything at all. CR LF counts as LF: it may come through LMTP or
 *                 through a pipe
 * Cost    linear in n, no memory */
void content_digest(const void *octets, size_t n, uint8_t sum_r[DIGEST_OCTETS]);
#endif

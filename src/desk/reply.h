/* src/desk/reply.h - addresses of ours that prove something: for replies, bounces, held mail
 *
 *     address   = queue-local DELIMITER extension "@" queue-domain    local part: at most 64 octets
 *     extension = mark "-" number "-" tag
 *     mark      = prefix           a reply to a ticket, "acm-104231-…": number with its check digit
 *               / "undelivered"    a bounce of one of our mails: number of its outbox row
 *               / "held-release"   the postmaster lets a held mail through: its number
 *               / "held-drop"      the postmaster drops one
 *     tag       = 13 letters of sign.h
 *
 * A queue's prefix has 2 to 8 letters, so no prefix can be taken for another mark. Any case counts:
 * mail programs change it. The tag covers purpose, number and the canonical address of whom we
 * wrote to. */
#ifndef REPLY_H
#define REPLY_H
#include "sign.h"
#include "token.h"

struct arena;

enum { REPLY_LOCAL_MAX_OCTETS = 64 }; /* RFC 5321 4.5.3.1.1 */

enum reply_kind { REPLY_TICKET = 0, REPLY_BOUNCE, REPLY_RELEASE, REPLY_DROP };

/* What an address is, or says it is, about. */
struct reply_mark {
	enum reply_kind kind;
	struct token about; /* the prefix is "" unless it is a ticket's */
};

/* An extension that has our form; nothing in it is proven. */
struct reply_found {
	struct reply_mark mark;
	char tag[SIGN_TAG]; /* lower case */
};

/* The queue address that an extension is put into. */
struct reply_place {
	const char *address;
	const char *delimiter; /* one character, or "" */
};

/* Make a signed address.
 * Takes   person  whom we write to, any form that addr_ok accepts; "" for nobody in particular,
 *                 which only REPLY_BOUNCE may have
 * Gives   the address in the arena; NULL when the local part would be too long, the queue has no
 *         delimiter, or the person's address is not one: then the plain address has to do */
char *reply_make(struct arena *a, const struct sign *s, const struct reply_place *place,
                 const struct reply_mark *mark, const char *person);

/* What stands behind the delimiter in an address of this queue: any case; the queue's own local
 * part may hold the delimiter too.
 * Gives   the extension in the arena; NULL when the address is not this queue's, or is the plain
 *         one */
const char *reply_extension(struct arena *a, const struct reply_place *place,
                            const char *address);

/* Take an extension apart.
 * Gives   false when it has not our form, or a ticket's check digit is wrong (*mistyped_r, may be
 *         NULL, says which): then it is a person's own invention, and not evidence */
bool reply_read(const char *extension, struct reply_found *found_r, bool *mistyped_r);

/* Whether we made this address, for this person.
 * Takes   person  as in reply_make
 *         now_s   see sign_check */
bool reply_check(const struct sign *s, const struct reply_found *found, const char *person,
                 int64_t now_s);
#endif

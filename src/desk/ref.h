/* src/desk/ref.h - Message-IDs of ours: <acm-104231.SERIAL.TAG@instance>, read without a look-up */
#ifndef REF_H
#define REF_H
#include "sign.h"
#include <stddef.h>

struct arena;

/* The reference number of a ticket as people read it: "ACM-104231". Gives  text in the arena */
char *ref_text(struct arena *a, const char *prefix, uint64_t ticket);

/* Make the Message-ID of a mail that we will send.
 * Takes   prefix    of the ticket, e.g. "ACM"
 *         serial    of the outbox row: makes the id unique
 *         instance  domain on the right
 * Gives   the id without <>, in the arena */
char *ref_make(struct arena *a, const struct sign *s, const char *prefix, uint64_t ticket,
               uint64_t serial, const char *instance);

/* Read a Message-ID that claims to be one of ours: any case.
 * Takes   id     without <>
 *         now_s  see sign_check
 * Gives   true only when the MAC is right; *ticket_r is the ticket's id */
bool ref_read(const struct sign *s, const char *id, const char *instance, int64_t now_s,
              uint64_t *ticket_r);

/* Whether an id has our form and our instance, right MAC or not: our own mail come back, or a
 * forgery. */
bool ref_looks_ours(const char *id, const char *instance);
#endif

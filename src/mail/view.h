/* src/mail/view.h - what GMime may see of a mail, and the way back to the original octets
 *
 * GMime gets a copy in which every octet of the body keeps its place but all that it would recurse
 * on or load charsets for is made harmless: fields of nested mails, "message/..." types, charset
 * labels that are not open. The contents of the parts are then read from the original, never from
 * the copy. */
#ifndef VIEW_H
#define VIEW_H
#include <gmime/gmime.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct head_field;

struct view; /* lives in an arena */

/* Begin a view.
 * Takes   body  borrows as long as the view lives: the original octets behind the header */
struct view *view_new(struct arena *a, const char *body, size_t n_body);

/* Let GMime see this header field; call for the Content-* fields that count. */
void view_field(struct view *v, const struct head_field *f);

/* Parse. Gives  the root of the MIME tree, which lives in the arena; NULL when GMime made nothing
 * of it */
GMimeObject *view_parse(struct arena *a, struct view *v);

/* The media type of an object, lower case, as the mail has it. */
char *view_type(struct arena *a, GMimeObject *object);

/* Decode the transfer encoding of a leaf, from the original octets.
 * Takes   keep_octets  that many are kept in out (may be NULL: none), the rest is only counted
 * Gives   the decoded size */
uint64_t view_content(const struct view *v, GMimeObject *leaf, size_t keep_octets, struct buf *out);
#endif

/* src/mail/field.h - header fields of our own mail: folding, encoded words, display names
 *
 * The values were checked before (compose.c): valid UTF-8 without controls. A line ends in CRLF
 * and has at most FIELD_LINE_OCTETS octets wherever it can be folded; nothing is folded inside a
 * word or an id. */
#ifndef FIELD_H
#define FIELD_H
#include <stddef.h>

struct buf;

enum {
	FIELD_LINE_OCTETS = 76,     /* RFC 2047 2, also within RFC 5322's 78 */
	FIELD_WORD_OCTETS = 60,     /* a longer word of a subject is encoded and so can be cut */
	FIELD_TERM_OCTETS = 900,    /* the same for fields that programs read */
	FIELD_ENCODED_OCTETS = 62   /* of one encoded word; 75 are allowed, this leaves room */
};

/* A field being written. */
struct field {
	struct buf *out;
	size_t column; /* octets of the current line */
};

/* Begin a field: "Name:". */
struct field field_begin(struct buf *out, const char *name);

/* Add free text, unstructured (RFC 5322 2.2.1). Words that are not plain ASCII, are longer than
 * most_octets, or look like encoded words themselves are encoded (RFC 2047), with all between the
 * first and last of them. */
void field_text(struct field *f, const char *text, size_t most_octets);

/* Add a display name (a phrase, RFC 5322 3.2.5): as it is, quoted, or encoded. "" and NULL add
 * nothing. */
void field_name(struct field *f, const char *name);

/* Add "<text>" in one piece: an address or an id. */
void field_angle(struct field *f, const char *text);

/* End the field. */
void field_end(struct field *f);
#endif

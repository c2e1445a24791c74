/* src/mail/head.h - the raw header fields of a mail, one after the other, nothing copied
 *
 * Only LF ends a line here; a CR in front of it belongs to the line end, any other CR to the
 * value. */
#ifndef HEAD_H
#define HEAD_H
#include <stdbool.h>
#include <stddef.h>

/* What was odd about the block so far. */
enum head_odd {
	HEAD_MBOX_LINE = 1,  /* a "From " line of an mbox stood in front */
	HEAD_JUNK_FIRST = 2, /* lines that are no field stood in front */
	HEAD_NO_BLANK = 4,   /* no blank line behind the header: text, or the end, came at once */
	HEAD_CUT = 8         /* the limits ended the scan */
};

struct head {
	const char *octets;
	size_t n;      /* octets that may be looked at */
	size_t at; /* where the next line begins; behind the last field: where the body begins */
	size_t n_left; /* fields that may still be given */
	unsigned odd;  /* enum head_odd, or-ed */
	bool cut;      /* there are octets behind n */
	bool done;     /* the last field was given */
};

struct head_field {
	const char *name; /* as written, printable ASCII, without the space before the colon */
	size_t n_name;
	const char *value; /* raw, with its folding, without the last line end */
	size_t n_value;
	const char *line; /* where the field begins; it ends behind its last line end, at line +
	                     n_line */
	size_t n_line;
	bool spaced;       /* "From :", which others read as a field, or not */
};

/* Begin at the first octet of a mail.
 * Takes   octets  borrows until the last head_next
 *         max_octets, max_fields  where the scan stops (HEAD_CUT) */
void head_start(struct head *h, const void *octets, size_t n, size_t max_octets, size_t max_fields);

/* The next field.
 * Gives   false behind the last one; then h->at is where the body begins
 * Cost    linear over the whole block */
bool head_next(struct head *h, struct head_field *f_r);

/* Whether the field has this name (ASCII case ignored). */
bool head_is(const struct head_field *f, const char *name);
#endif

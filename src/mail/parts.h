/* src/mail/parts.h - the parts of a mail: list them, choose the text for reading, find what a
 * bounce says */
#ifndef PARTS_H
#define PARTS_H
#include "dsn.h"
#include "mail.h"
#include "parse.h"
#include "view.h"

struct arena;
struct notes;

struct parts {
	struct mail_part *part; /* arena */
	size_t n_parts;
	enum mail_text source;
	const char *text;
	struct dsn dsn;
};

/* What is to be read. */
struct parts_input {
	const struct view *view;
	GMimeObject *root;    /* of view_parse */
	const char *fallback; /* charset of file names and texts that do not say theirs, or "" */
	const struct parse_limits *limits;
	struct notes *notes;
};

/* Walk the tree.
 * Takes   in  borrows
 * Gives   parts_r in the arena */
void parts_read(struct arena *a, const struct parts_input *in, struct parts *parts_r);
#endif

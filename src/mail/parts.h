/* src/mail/parts.h - the parts of a mail: list them, choose the text for reading, find what a bounce says */
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

/* Walk the tree.
 * Takes   root      of view_parse
 *         fallback  charset for file names that do not say theirs, or ""
 * Gives   parts_r in the arena */
void parts_read(struct arena *a, const struct view *v, GMimeObject *root, const char *fallback,
                const struct parse_limits *limits, struct notes *notes, struct parts *parts_r);
#endif

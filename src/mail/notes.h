/* src/mail/notes.h - what was cut, repaired or odd in a mail, collected while it is read */
#ifndef NOTES_H
#define NOTES_H
#include "mail.h"
#include "own.h"

struct arena;

struct notes {
	struct arena *arena;
	const char *text[MAIL_WARNINGS_MAX];
	size_t n;
};

/* Add a remark for people; one that stands there already, or is one too many, is dropped.
 * Takes   fmt  printf; texts of strangers in it must be clean */
void notes_add(struct notes *notes, const char *fmt, ...) PRINTF_LIKE(2, 3);
#endif

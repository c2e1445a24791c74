/* src/mail/notes.c - what was cut, repaired or odd in a mail, collected while it is read */
#include "notes.h"
#include "arena.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NOTE_MAX_OCTETS = 200 };

void
notes_add(struct notes *notes, const char *fmt, ...)
{
	char text[NOTE_MAX_OCTETS];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	for (size_t i = 0; i < notes->n; i++) {
		if (strcmp(notes->text[i], text) == 0)
			return;
	}
	if (notes->n < MAIL_WARNINGS_MAX)
		notes->text[notes->n++] = arena_strdup(notes->arena, text);
}

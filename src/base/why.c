/* src/base/why.c - the reason of a failure, in words for a person */
#include "why.h"
#include "text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void PRINTF_LIKE(2, 0)
set(struct why *why, const char *fmt, va_list args)
{
	(void)vsnprintf(why->text, sizeof why->text, fmt, args);
	text_clean_line(why->text);
}

void
why_set(struct why *why, const char *fmt, ...)
{
	va_list args;

	if (why != NULL) {
		va_start(args, fmt);
		set(why, fmt, args);
		va_end(args);
	}
}

void
why_errno(struct why *why, int error, const char *fmt, ...)
{
	char room[100];
	va_list args;

	if (why == NULL)
		return;
	va_start(args, fmt);
	set(why, fmt, args);
	va_end(args);
	/* The GNU form, which gives the text; it need not use the room. */
	const char *cause = strerror_r(error, room, sizeof room);
	size_t n = strlen(why->text);
	(void)snprintf(why->text + n, sizeof why->text - n, ": %s", cause);
}

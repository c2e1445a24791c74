/* filters/value.c - how header values of machines are compared */
#include "value.h"
#include "text.h"
#include <string.h>

bool
value_first_is(const char *value, const char *const words[])
{
	bool found = false;

	if (value != NULL) {
		value += strspn(value, " \t\"");
		size_t n = strcspn(value, " \t;(\"");

		for (size_t i = 0; !found && words[i] != NULL; i++)
			found = strlen(words[i]) == n && strncasecmp(value, words[i], n) == 0;
	}
	return found;
}

bool
value_begins(const char *text, const char *const beginnings[])
{
	bool found = false;

	for (size_t i = 0; text != NULL && !found && beginnings[i] != NULL; i++)
		found = text_begins(text, beginnings[i]);
	return found;
}

const char *
value_field_of(const struct mail *m, const char *const names[])
{
	const char *found = NULL;

	for (size_t i = 0; found == NULL && names[i] != NULL; i++)
		if (mail_field(m, names[i]) != NULL)
			found = names[i];
	return found;
}

bool
value_local_is(const char *address, const char *local)
{
	size_t n = strlen(local);

	return strncasecmp(address, local, n) == 0 && (address[n] == '@' || address[n] == '\0');
}

/* filters/value.c - how header values of machines are compared */
#include "value.h"
#include "arena.h"
#include "text.h"
#include "token.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Local parts that mail systems write as, without '-', '_' and '.'. */
static const char *const daemons[] = {"mailerdaemon", "postmaster", "maildaemon", "mailermaster",
                                      "mdaemon",      "mailsystem", "mailadmin",  NULL};
/* Display names of mail systems, plain. */
static const char *const daemon_names[] = {"mailer daemon",
                                           "mail delivery",
                                           "mail daemon",
                                           "mail administrator",
                                           "mail system",
                                           "mailsystem",
                                           "mail server",
                                           "postmaster",
                                           "delivery subsystem",
                                           "system administrator",
                                           "systemadministrator",
                                           "internet mail",
                                           "mail router",
                                           "email delivery",
                                           NULL};

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

/* Lower case of a letter of two octets: Latin-1, Latin Extended-A, Greek, Cyrillic. What does not
 * have one there stays. Gives  the code point */
static unsigned
lower_case(unsigned c)
{
	if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
	    (c >= 0x410 && c <= 0x42F))
		c += 0x20;
	else if (c >= 0x400 && c <= 0x40F)
		c += 0x50;
	else if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
		c += c & 1;
	else if (c >= 0x100 && c <= 0x177)
		c |= 1;
	else if (c == 0x386 || c == 0x38C)
		c = c == 0x386 ? 0x3AC : 0x3CC;
	return c;
}

/* One character to the plain form. Gives  how many octets of the text it took */
static size_t
put_plain(const char *at, char **out)
{
	const unsigned char *c = (const unsigned char *)at;
	size_t took = 1;

	if (c[0] >= 0xC3 && c[0] <= 0xDF && c[1] != '\0') {
		unsigned lower = lower_case((c[0] & 0x1Fu) << 6 | (c[1] & 0x3Fu));

		*(*out)++ = (char)(0xC0 | lower >> 6);
		*(*out)++ = (char)(0x80 | (lower & 0x3F));
		took = 2;
	} else if (memcmp(at, "\xE2\x80\x99", strnlen(at, 3)) == 0) {
		*(*out)++ = '\'';
		took = 3;
	} else if (strchr(" \t\n-_", at[0]) != NULL) {
		if ((*out)[-1] != ' ')
			*(*out)++ = ' ';
	} else if (memcmp(at, "\xC2\xA0", strnlen(at, 2)) == 0) {
		if ((*out)[-1] != ' ')
			*(*out)++ = ' ';
		took = 2;
	} else {
		*(*out)++ = (char)(c[0] >= 'A' && c[0] <= 'Z' ? c[0] | 0x20 : c[0]);
	}
	return took;
}

char *
value_plain(struct arena *a, const char *text, size_t n)
{
	n = strnlen(text, n);
	char *copy = arena_strndup(a, text, n);
	/* A blank in front, so that each place has one before it. */
	char *plain = arena_alloc(a, n + 2), *out = plain;

	*out++ = ' ';
	for (size_t i = 0; i < n;)
		i += put_plain(copy + i, &out);
	*out = '\0';
	return plain + 1;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

const char *
value_phrase(const char *plain, const char *phrase)
{
	const char *at = strstr(plain, phrase);

	while (at != NULL && at > plain && is_letter(phrase[0]) && is_letter(at[-1]))
		at = strstr(at + 1, phrase);
	return at;
}

size_t
value_own_octets(const struct mail *m)
{
	size_t line = SIZE_MAX, octets = 0;

	for (size_t i = 0; line == SIZE_MAX && i < m->n_spans; i++)
		if (m->span[i].mark != MAIL_MARK_SIGNATURE)
			line = m->span[i].first;
	for (; line > 0 && m->text[octets] != '\0'; line--) {
		octets += strcspn(m->text + octets, "\n");
		octets += m->text[octets] == '\n';
	}
	return octets;
}

bool
value_is_answer(const char *subject)
{
	static const char *const none[] = {NULL};
	char stripped[MAIL_SUBJECT_MAX_OCTETS];

	token_strip(subject, none, stripped, sizeof stripped);
	return strlen(stripped) + 1 < strlen(subject) &&
	       strncmp(stripped, subject + strspn(subject, " \t"), strlen(stripped)) != 0;
}

/* The local part without the marks that its writers put or leave out. */
static void
squeeze_local(const char *address, char *local, size_t room)
{
	size_t n = 0;

	for (; *address != '\0' && *address != '@' && n + 1 < room; address++)
		if (strchr("-_.", *address) == NULL)
			local[n++] = *address;
	local[n] = '\0';
}

bool
value_by_daemon(const struct mail *m)
{
	char local[MAIL_ADDRESS_MAX_OCTETS], name[MAIL_NAME_MAX_OCTETS];
	bool found = false;

	squeeze_local(m->from_address, local, sizeof local);
	for (size_t i = 0; !found && daemons[i] != NULL; i++)
		found = text_same(local, daemons[i]);
	(void)snprintf(name, sizeof name, "%s", m->from_name);
	for (char *p = name; *p != '\0'; p++)
		*p = *p == '-' || *p == '_' || *p == '.' ? ' ' : *p;
	for (size_t i = 0; !found && daemon_names[i] != NULL; i++)
		found = text_begins(name, daemon_names[i]);
	return found;
}

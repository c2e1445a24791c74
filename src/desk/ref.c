/* src/desk/ref.c - Message-IDs of ours: <acm-104231.SERIAL.TAG@instance> */
#include "ref.h"
#include "arena.h"
#include "text.h"
#include "token.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { REF_ID_MAX_OCTETS = 400, REF_SERIAL_DIGITS_MAX = 20 };

struct parts {
	struct token token;
	char serial[REF_SERIAL_DIGITS_MAX + 1];
	char tag[SIGN_TAG];
};

char *
ref_text(struct arena *a, const char *prefix, uint64_t ticket)
{
	struct token t = {.number = ticket};
	char text[TOKEN_TEXT];

	(void)snprintf(t.prefix, sizeof t.prefix, "%s", prefix);
	token_print(&t, text);
	return arena_strdup(a, text);
}

char *
ref_make(struct arena *a, const struct sign *s, const char *prefix, uint64_t ticket,
         uint64_t serial, const char *instance)
{
	char *token = ref_text(a, prefix, ticket);
	char tag[SIGN_TAG], detail[REF_SERIAL_DIGITS_MAX + 1];

	text_lower(token);
	(void)snprintf(detail, sizeof detail, "%" PRIu64, serial);
	sign_tag(s, SIGN_MESSAGE_ID, ticket, detail, tag);
	return arena_printf(a, "%s.%s.%s@%s", token, detail, tag, instance);
}

static bool
copy_part(const char *from, size_t n, char *to, size_t room)
{
	bool fits = n > 0 && n < room;

	if (fits) {
		memcpy(to, from, n);
		to[n] = '\0';
	}
	return fits;
}

static bool
split(const char *id, const char *instance, struct parts *p_r)
{
	const char *at = strrchr(id, '@');
	const char *dot = strchr(id, '.');
	const char *dot2 = dot == NULL ? NULL : strchr(dot + 1, '.');
	char token[TOKEN_TEXT];

	return strlen(id) <= REF_ID_MAX_OCTETS && at != NULL && dot2 != NULL && dot2 < at &&
	       text_same(at + 1, instance) &&
	       copy_part(id, (size_t)(dot - id), token, sizeof token) &&
	       copy_part(dot + 1, (size_t)(dot2 - dot - 1), p_r->serial, sizeof p_r->serial) &&
	       strspn(p_r->serial, "0123456789") == strlen(p_r->serial) &&
	       copy_part(dot2 + 1, (size_t)(at - dot2 - 1), p_r->tag, sizeof p_r->tag) &&
	       token_parse(token, &p_r->token, NULL);
}

bool
ref_read(const struct sign *s, const char *id, const char *instance, int64_t now_s,
         uint64_t *ticket_r)
{
	struct parts p;
	bool ours = split(id, instance, &p) &&
	            sign_check(s, SIGN_MESSAGE_ID, p.token.number, p.serial, p.tag, now_s);

	if (ours)
		*ticket_r = p.token.number;
	return ours;
}

bool
ref_looks_ours(const char *id, const char *instance)
{
	struct parts p;

	return split(id, instance, &p);
}

/* src/desk/reply.c - addresses of ours that prove something: for replies, bounces, held mail */
#include "reply.h"
#include "addr.h"
#include "arena.h"
#include "number.h"
#include "text.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	WORD_MAX_OCTETS = 16,
	DIGITS_MAX = 20, /* of 2^64 */
	FRONT_MAX_OCTETS = WORD_MAX_OCTETS + 1 + DIGITS_MAX
};

/* What each kind begins with, and is signed for. A ticket begins with its prefix. */
static const struct {
	const char *word;
	enum sign_purpose purpose;
} kinds[] = {
	[REPLY_TICKET] = {NULL, SIGN_REPLY},
	[REPLY_BOUNCE] = {"undelivered", SIGN_BOUNCE},
	[REPLY_RELEASE] = {"held-release", SIGN_HELD_RELEASE},
	[REPLY_DROP] = {"held-drop", SIGN_HELD_DROP},
};

/* The person's part of what is signed. Gives  NULL when there can be no such tag */
static const char *
signed_person(struct arena *a, enum reply_kind kind, const char *person)
{
	return person[0] == '\0' && kind == REPLY_BOUNCE ? "" : addr_canonical(a, person);
}

char *
reply_make(struct arena *a, const struct sign *s, const struct reply_place *place,
           const struct reply_mark *mark, const char *person)
{
	const char *who = signed_person(a, mark->kind, person);
	const char *at = strrchr(place->address, '@');
	char front[FRONT_MAX_OCTETS + TOKEN_TEXT], tag[SIGN_TAG];

	if (who == NULL || at == NULL || place->delimiter[0] == '\0')
		return NULL;
	if (mark->kind == REPLY_TICKET)
		token_print(&mark->about, front);
	else
		(void)snprintf(front, sizeof front, "%s-%" PRIu64, kinds[mark->kind].word,
		               mark->about.number);
	text_lower(front);
	sign_tag(s, kinds[mark->kind].purpose, mark->about.number, who, tag);
	char *address = arena_printf(a, "%.*s%s%s-%s%s", (int)(at - place->address), place->address,
	                             place->delimiter, front, tag, at);
	return strrchr(address, '@') - address > REPLY_LOCAL_MAX_OCTETS ? NULL : address;
}

const char *
reply_extension(struct arena *a, const struct reply_place *place, const char *address)
{
	const char *at = strrchr(address, '@'), *queue_at = strrchr(place->address, '@');

	if (at == NULL || queue_at == NULL || place->delimiter[0] == '\0' ||
	    !text_same(at, queue_at))
		return NULL;
	const char *base =
		arena_printf(a, "%.*s%s", (int)(queue_at - place->address), place->address,
	                     place->delimiter);
	size_t n = strlen(base), n_local = (size_t)(at - address);
	if (n_local <= n || !text_begins(address, base))
		return NULL;
	return arena_strndup(a, address + n, n_local - n);
}

/* The number behind a word: digits as we print them, so that one thing has one address. */
static bool
read_number(const char *digits, uint64_t *number_r)
{
	return digits[0] != '0' && number_unsigned(digits, number_r) == NUMBER_OK;
}

/* Read what stands before the tag: "acm-104231", "held-drop-17". */
static bool
read_mark(const char *front, struct reply_mark *mark_r, bool *mistyped)
{
	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		size_t n = kinds[i].word == NULL ? 0 : strlen(kinds[i].word);

		if (n > 0 && text_begins(front, kinds[i].word) && front[n] == '-') {
			*mark_r = (struct reply_mark){.kind = (enum reply_kind)i};
			return read_number(front + n + 1, &mark_r->about.number);
		}
	}
	*mark_r = (struct reply_mark){.kind = REPLY_TICKET};
	/* token_parse is made for people, and takes brackets and spaces: here there are none. */
	return strspn(front, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(front) &&
	       token_parse(front, &mark_r->about, mistyped);
}

bool
reply_read(const char *extension, struct reply_found *found_r, bool *mistyped_r)
{
	const char *dash = strrchr(extension, '-');
	size_t n = dash == NULL ? 0 : (size_t)(dash - extension);
	char front[FRONT_MAX_OCTETS + 1];
	struct reply_found found;
	bool mistyped = false, fine = false;

	if (n > 0 && n < sizeof front && strlen(dash + 1) == SIGN_TAG_LETTERS) {
		memcpy(front, extension, n);
		front[n] = '\0';
		text_lower(front);
		memcpy(found.tag, dash + 1, SIGN_TAG);
		text_lower(found.tag);
		fine = strspn(found.tag, "abcdefghijklmnopqrstuvwxyz234567") == SIGN_TAG_LETTERS &&
		       read_mark(front, &found.mark, &mistyped);
	}
	if (fine)
		*found_r = found;
	if (mistyped_r != NULL)
		*mistyped_r = mistyped;
	return fine;
}

bool
reply_check(const struct sign *s, const struct reply_found *found, const char *person,
            int64_t now_s)
{
	AUTO(arena) struct arena *a = arena_new();
	enum reply_kind kind = found->mark.kind;
	const char *who = signed_person(a, kind, person);

	return who != NULL && sign_check(s, kinds[kind].purpose, found->mark.about.number, who,
	                                 found->tag, now_s);
}

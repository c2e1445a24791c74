/* src/mail/addresses.c - address fields as GMime reads them: for showing and answering, never an
 * identity */
#include "addresses.h"
#include "addr.h"
#include "arena.h"
#include "buf.h"
#include "charset.h"
#include "head.h"
#include "notes.h"
#include "text.h"
#include "words.h"
#include <gmime/gmime.h>
#include <string.h>

enum {
	COLONS_MAX = 50, /* each can be a group inside a group: GMime recurses (2.5 KB kill a stack
	                    of 256 KiB) */
	NESTING_MAX = 5  /* groups in groups that are looked into */
};

/* Where the value stands: encoded words are written differently there. */
enum place { PLACE_PLAIN, PLACE_QUOTED, PLACE_COMMENT, PLACE_ANGLE };

static enum place
next_place(enum place place, char c)
{
	switch (place) {
	case PLACE_PLAIN:
		return c == '"'   ? PLACE_QUOTED
		       : c == '(' ? PLACE_COMMENT
		       : c == '<' ? PLACE_ANGLE
		                  : place;
	case PLACE_QUOTED:
		return c == '"' ? PLACE_PLAIN : place;
	case PLACE_COMMENT:
		return c == ')' ? PLACE_PLAIN : place;
	case PLACE_ANGLE:
		return c == '>' ? PLACE_PLAIN : place;
	}
	return place;
}

/* Write decoded words so that GMime takes them for one name and decodes nothing again. */
static void
put_words(struct buf *out, enum place place, const struct buf *words)
{
	if (place == PLACE_PLAIN)
		buf_octet(out, '"');
	for (size_t i = 0; i < words->n; i++) {
		char c = words->octets[i];
		if (strchr("\"\\()", c) != NULL && c != '\0')
			buf_octet(out, '\\');
		buf_octet(out, (c >= 0 && c < ' ') || c == 0x7F ? ' ' : c == '=' ? '_' : c);
	}
	if (place == PLACE_PLAIN)
		buf_octet(out, '"');
}

/* The value as plain UTF-8 without encoded words, folding and NUL. */
static void
make_harmless(struct buf *out, const char *value, size_t n, const char *fallback)
{
	AUTO(buf) struct buf line = {0};
	AUTO(buf) struct buf text = {0};
	AUTO(buf) struct buf words = {0};
	enum place place = PLACE_PLAIN;

	words_unfold(&line, value, n);
	(void)charset_decode(&text, "", fallback, line.octets, line.n);
	for (size_t at = 0, used; at < text.n; at += used) {
		buf_clear(&words);
		used = place == PLACE_ANGLE ? 0 : words_run(&words, text.octets + at, text.n - at);
		if (used > 0) {
			put_words(out, place, &words);
			continue;
		}
		char c = text.octets[at];
		bool word = c == '=' && at + 1 < text.n && text.octets[at + 1] == '?';
		place = next_place(place, c);
		buf_octet(out, word ? '_' : c == '\0' ? ' ' : c);
		used = 1;
		if (c == '\\' && at + 1 < text.n &&
		    (place == PLACE_QUOTED || place == PLACE_COMMENT)) {
			buf_octet(out, text.octets[at + 1]);
			used = 2;
		}
	}
}

static void
keep(struct arena *a, struct addresses *list, InternetAddress *box, struct notes *notes)
{
	const char *name = internet_address_get_name(box);
	const char *address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(box));
	char *shown = name == NULL ? arena_strdup(a, "")
	                           : words_decode(a, name, strlen(name), "", MAIL_NAME_MAX_OCTETS);
	char *copy;

	if (list->first_name == NULL && *shown != '\0')
		list->first_name = shown;
	if (address == NULL || !addr_ok(address)) {
		notes_add(notes, "an address that cannot be used was left out");
		return;
	}
	if (list->n == MAIL_ADDRESSES_MAX) {
		notes_add(notes, "more than %d addresses, the rest was left out",
		          MAIL_ADDRESSES_MAX);
		return;
	}
	if (list->box == NULL)
		list->box = arena_array(a, MAIL_ADDRESSES_MAX, sizeof *list->box);
	copy = arena_strdup(a, address);
	for (char *c = strrchr(copy, '@'); *c != '\0'; c++)
		*c = g_ascii_tolower(*c);
	list->box[list->n++] = (struct mail_mailbox){shown, copy};
}

static void
walk(struct arena *a, struct addresses *list, InternetAddressList *in, size_t depth,
     struct notes *notes)
{
	int n = in == NULL || depth > NESTING_MAX ? 0 : internet_address_list_length(in);

	for (int i = 0; i < n; i++) {
		InternetAddress *one = internet_address_list_get_address(in, i);
		if (INTERNET_ADDRESS_IS_GROUP(one))
			walk(a, list,
			     internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)),
			     depth + 1, notes);
		else if (INTERNET_ADDRESS_IS_MAILBOX(one))
			keep(a, list, one, notes);
	}
}

static size_t
count(const char *octets, size_t n, char c)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += octets[i] == c;
	return found;
}

void
addresses_add(struct arena *a, struct addresses *list, const struct head_field *f,
              const char *fallback, struct notes *notes)
{
	size_t n = f->n_value;
	AUTO(buf) struct buf value = {0};

	if (n > MAIL_FIELD_MAX_OCTETS) {
		const char *comma = memrchr(f->value, ',', MAIL_FIELD_MAX_OCTETS);
		n = comma == NULL ? 0 : (size_t)(comma - f->value);
		notes_add(notes, "a list of addresses over %d octets was cut",
		          MAIL_FIELD_MAX_OCTETS);
	}
	if (count(f->value, n, ':') > COLONS_MAX) {
		notes_add(notes, "a list of addresses with more than %d groups was left out",
		          COLONS_MAX);
		return;
	}
	make_harmless(&value, f->value, n, fallback);
	if (value.n == 0)
		return;
	GMimeParserOptions *options = g_mime_parser_options_new();
	InternetAddressList *in = internet_address_list_parse(options, value.octets);
	walk(a, list, in, 0, notes);
	g_mime_parser_options_free(options);
	if (in != NULL)
		g_object_unref(in);
}

/* src/mail/dsn.c - what a bounce says (RFC 3464, RFC 6533), also when its form is broken */
#include "dsn.h"
#include "arena.h"
#include "head.h"
#include "notes.h"
#include "text.h"
#include "words.h"
#include <string.h>

enum {
	STATUS_MAX_OCTETS = 256 * 1024, /* of one delivery-status part */
	DIAGNOSTIC_MAX_OCTETS = 500,
	WORD_MAX_OCTETS = 40,
	RETURNED_MAX_OCTETS = 256 * 1024, /* of one returned header */
	RETURNED_FIELDS_MAX = 1000
};

static const char *const id_fields[] = {"Message-ID", "In-Reply-To", "References"};

/* The value without "rfc822;" or "dns;" in front. */
static char *
untyped(struct arena *a, const struct head_field *f, size_t max_octets)
{
	const char *semicolon = memchr(f->value, ';', f->n_value);
	size_t from = semicolon == NULL ? 0 : (size_t)(semicolon - f->value) + 1;
	char *text = words_plain(a, f->value + from, f->n_value - from, "", max_octets + 2);
	size_t n = strlen(text);

	if (n > 2 && text[0] == '<' && text[n - 1] == '>') {
		text[n - 1] = '\0';
		text++;
	}
	return arena_strndup(a, text, max_octets);
}

static char *
first_word(struct arena *a, const struct head_field *f)
{
	char *text = words_plain(a, f->value, f->n_value, "", WORD_MAX_OCTETS);

	text[strcspn(text, " \t(;,")] = '\0';
	text_lower(text);
	return text;
}

/* The recipient whose group this field belongs to; NULL when there are too many. */
static struct mail_dsn_rcpt *
current(struct arena *a, struct dsn *d, struct notes *notes)
{
	static const struct mail_dsn_rcpt empty = {"", "", "", "", ""};

	if (d->rcpt == NULL)
		d->rcpt = arena_array(a, MAIL_ADDRESSES_MAX, sizeof *d->rcpt);
	if (!d->open && d->n_rcpt == MAIL_ADDRESSES_MAX) {
		notes_add(notes, "more than %d recipients in a delivery status",
		          MAIL_ADDRESSES_MAX);
		return NULL;
	}
	if (!d->open)
		d->rcpt[d->n_rcpt++] = empty;
	d->open = true;
	return &d->rcpt[d->n_rcpt - 1];
}

static const char **
find_slot(const struct head_field *f, struct mail_dsn_rcpt *rcpt)
{
	return head_is(f, "Final-Recipient")      ? &rcpt->recipient
	       : head_is(f, "Original-Recipient") ? &rcpt->original
	       : head_is(f, "Action")             ? &rcpt->action
	       : head_is(f, "Status")             ? &rcpt->status
	       : head_is(f, "Diagnostic-Code")    ? &rcpt->diagnostic
	                                          : NULL;
}

static void
take_field(struct arena *a, struct dsn *d, const struct head_field *f, struct notes *notes)
{
	struct mail_dsn_rcpt scratch, *rcpt;
	const char **slot;

	if (head_is(f, "Reporting-MTA") && *d->reporting_mta == '\0')
		d->reporting_mta = untyped(a, f, 255);
	if (find_slot(f, &scratch) == NULL)
		return;
	rcpt = current(a, d, notes);
	slot = rcpt == NULL ? NULL : find_slot(f, rcpt);
	if (slot != NULL && **slot != '\0') {
		d->open = false;
		rcpt = current(a, d, notes);
		slot = rcpt == NULL ? NULL : find_slot(f, rcpt);
	}
	if (slot == NULL)
		return;
	if (slot == &rcpt->recipient || slot == &rcpt->original)
		*slot = untyped(a, f, MAIL_ADDRESS_MAX_OCTETS);
	else if (slot == &rcpt->diagnostic)
		*slot = words_plain(a, f->value, f->n_value, "", DIAGNOSTIC_MAX_OCTETS);
	else
		*slot = first_word(a, f);
}

void
dsn_status(struct arena *a, struct dsn *d, const char *octets, size_t n, struct notes *notes)
{
	struct head h;
	struct head_field f;
	size_t at = 0;

	d->present = true;
	if (d->reporting_mta == NULL)
		d->reporting_mta = "";
	if (n > STATUS_MAX_OCTETS)
		n = STATUS_MAX_OCTETS;
	while (at < n) {
		const char *lf;

		head_start(&h, octets + at, n - at, n - at, RETURNED_FIELDS_MAX);
		while (head_next(&h, &f))
			take_field(a, d, &f, notes);
		d->open = false;
		/* Behind a line that is no field the next group begins at the next line. */
		lf = h.at > 0 ? octets + at + h.at - 1 : memchr(octets + at, '\n', n - at);
		at = lf == NULL ? n : (size_t)(lf - octets) + 1;
	}
}

void
dsn_returned(struct arena *a, struct dsn *d, const char *octets, size_t n)
{
	for (size_t i = 0; i < N_ELEMENTS(id_fields); i++) {
		struct head h;
		struct head_field f;

		head_start(&h, octets, n, RETURNED_MAX_OCTETS, RETURNED_FIELDS_MAX);
		while (head_next(&h, &f)) {
			if (head_is(&f, id_fields[i]))
				ids_add(a, &d->ids, f.value, f.n_value, NULL);
		}
	}
}

/* A field inside a text, perhaps quoted or indented; its value goes on over lines that begin with
 * '<'. */
static const char *
read_line(const char *line, const char *name, size_t *n_r)
{
	const char *value = line + strspn(line, "> \t|"), *end;

	if (!text_begins(value, name) || value[strlen(name)] != ':')
		return NULL;
	value += strlen(name) + 1;
	end = value + strcspn(value, "\n");
	while (*end == '\n' && end[1 + strspn(end + 1, "> \t|")] == '<')
		end += 1 + strcspn(end + 1, "\n");
	*n_r = (size_t)(end - value);
	return value;
}

void
dsn_text(struct arena *a, struct dsn *d, const char *text)
{
	for (size_t i = 0; i < N_ELEMENTS(id_fields); i++) {
		for (const char *line = text; *line != '\0'; line += *line == '\n') {
			size_t n;
			const char *value = read_line(line, id_fields[i], &n);

			if (value != NULL)
				ids_add(a, &d->ids, value, n, NULL);
			line += strcspn(line, "\n");
		}
	}
}

/* src/base/settings_write.c - settings as postern.conf and its manual write them */
#include "buf.h"
#include "settings.h"
#include <stdbool.h>
#include <string.h>

enum { FILL_COLUMN = 96, MDOC_COLUMN = 76 };

static void
put_quoted(struct buf *b, const char *text)
{
	buf_octet(b, '"');
	for (const char *p = text; *p != '\0'; p++) {
		/* libconfuse replaces ${NAME} by the environment's. */
		if (*p == '"' || *p == '\\' || (*p == '$' && p[1] == '{'))
			buf_octet(b, '\\');
		if (*p == '\n')
			buf_text(b, "\\n");
		else
			buf_octet(b, *p);
	}
	buf_octet(b, '"');
}

static void
put_value(struct buf *b, const struct set_kind *kind, const char *text)
{
	if (kind->is_quoted)
		put_quoted(b, text);
	else
		buf_text(b, text);
}

static void
put_list(struct buf *b, const struct set_list *list)
{
	buf_octet(b, '{');
	for (size_t i = 0; i < list->n; i++) {
		buf_text(b, i == 0 ? "" : ", ");
		put_quoted(b, list->texts[i]);
	}
	buf_octet(b, '}');
}

static void
put_field(struct buf *b, const struct set_row *row, const void *base)
{
	const void *value = (const char *)base + row->offset;

	buf_printf(b, "%s = ", row->name);
	if (row->kind->is_list) {
		put_list(b, value);
	} else {
		AUTO(buf) struct buf text = {0};
		row->kind->print(value, &text);
		put_value(b, row->kind, text.octets);
	}
	buf_octet(b, '\n');
}

void
settings_write(const struct settings *settings, struct buf *b)
{
	for (const struct set_row *row = settings_rows; row->says != NULL; row++) {
		if (row->kind != NULL)
			put_field(b, row, settings);
	}
	for (size_t i = 0; i < settings->n_queues; i++) {
		buf_printf(b, "queue %s {\n", settings->queues[i].key);
		for (const struct set_row *row = settings_queue_rows; row->says != NULL; row++) {
			buf_octet(b, '\t');
			put_field(b, row, &settings->queues[i]);
		}
		buf_text(b, "}\n");
	}
}

/* Words of a comment, broken at FILL_COLUMN. Takes  lead  what each line begins with */
static void
put_comment(struct buf *b, const char *lead, const char *text)
{
	size_t column = 0;

	for (const char *word = text; *word != '\0'; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		if (column == 0 || column + 1 + n > FILL_COLUMN) {
			buf_printf(b, "%s%s", column == 0 ? "" : "\n", lead);
			column = 2 * strlen(lead);
		}
		buf_octet(b, ' ');
		buf_add(b, word, n);
		column += 1 + n;
		word += n;
	}
	buf_octet(b, '\n');
}

/* Whether least and most of a row say something beyond its kind. */
static bool
has_range(const struct set_row *row)
{
	return row->most[0] != '\0' && (row->kind->is_list || !row->kind->is_quoted);
}

static void
put_about(struct buf *b, const char *lead, const struct set_row *row)
{
	AUTO(buf) struct buf about = {0};

	buf_printf(&about, "%s (%s", row->says, row->kind->noun);
	if (row->kind->is_list)
		buf_printf(&about, ", %s to %s of them", row->least, row->most);
	else if (has_range(row))
		buf_printf(&about, ", %s to %s", row->least, row->most);
	buf_text(&about, ")");
	put_comment(b, lead, about.octets);
}

static void
put_default(struct buf *b, const struct set_row *row, const char *text)
{
	buf_printf(b, "%s = ", row->name);
	if (row->kind->is_list) {
		const struct set_list list = {&text, text[0] != '\0'};
		put_list(b, &list);
	} else {
		put_value(b, row->kind, text);
	}
	buf_octet(b, '\n');
}

/* What the built-in queue has where a row has no default; see settings_load. */
static const char *
example_of(const struct set_row *row)
{
	if (row->dflt != NULL && strcmp(row->name, "name") != 0)
		return row->dflt;
	if (strcmp(row->name, "address") == 0)
		return "support@$instance";
	return strcmp(row->name, "prefix") == 0 ? "ACM" : "Support";
}

void
settings_write_defaults(struct buf *b)
{
	buf_text(b, "# postern.conf - settings of posternd; see postern.conf(5)\n#\n"
	            "# Every setting is shown with its default. What is commented out need not be "
	            "set.\n"
	            "# $name stands for the setting of that name, in texts that are a path, an "
	            "address or a\n"
	            "# domain; $hostname, $pkgdatadir and $libexecdir stand for what their names "
	            "say.\n");
	for (const struct set_row *row = settings_rows; row->says != NULL; row++) {
		if (row->kind == NULL) {
			buf_printf(b, "\n## %s\n", row->says);
			continue;
		}
		buf_octet(b, '\n');
		put_about(b, "#", row);
		buf_octet(b, '#');
		put_default(b, row, row->dflt);
	}
	buf_text(b, "\n## Queues\n\n# Each queue is a section of its own. While there is none, "
	            "this one is used:\n"
	            "#queue support {\n");
	for (const struct set_row *row = settings_queue_rows; row->says != NULL; row++) {
		put_about(b, "#\t#", row);
		buf_text(b, "#\t");
		put_default(b, row, example_of(row));
	}
	buf_text(b, "#}\n");
}

/* Text that mdoc must not take for its own. */
static void
put_mdoc(struct buf *b, const char *text)
{
	if (*text == '.' || *text == '\'')
		buf_text(b, "\\&");
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			buf_text(b, "\\e");
		else if (*text == '-')
			buf_text(b, "\\-");
		else
			buf_octet(b, *text);
	}
}

/* One sentence, filled: mandoc wants short lines. */
static void
put_sentence(struct buf *b, const char *text)
{
	size_t column = 0;

	for (const char *word = text; *word != '\0'; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");
		AUTO(buf) struct buf one = {0};

		buf_add(&one, word, n);
		if (column > 0 && column + 1 + n > MDOC_COLUMN)
			column = 0;
		buf_text(b, word == text ? "" : column == 0 ? "\n" : " ");
		put_mdoc(b, one.octets);
		column += 1 + n;
		word += n;
	}
	buf_octet(b, '\n');
}

static void
put_item(struct buf *b, const struct set_row *row)
{
	AUTO(buf) struct buf value = {0};

	buf_printf(b, ".It Ic %s No = Ar value\n", row->name);
	put_sentence(b, row->says);
	buf_printf(&value, "The value is %s", row->kind->noun);
	if (row->kind->example != NULL)
		buf_printf(&value, ", such as %s", row->kind->example);
	if (has_range(row))
		buf_printf(&value, "; %s to %s%s are allowed", row->least, row->most,
		           row->kind->is_list ? " of them" : "");
	buf_octet(&value, '.');
	put_sentence(b, value.octets);
	buf_clear(&value);
	if (row->dflt == NULL)
		buf_text(&value, "It must be set.");
	else if (row->dflt[0] == '\0')
		buf_text(&value, "By default it is empty.");
	else
		buf_printf(&value, "The default is %s.", row->dflt);
	put_sentence(b, value.octets);
}

void
settings_write_manual(struct buf *b)
{
	bool is_open = false;

	for (const struct set_row *row = settings_rows; row->says != NULL; row++) {
		if (row->kind != NULL) {
			put_item(b, row);
			continue;
		}
		buf_text(b, is_open ? ".El\n" : "");
		buf_printf(b, ".Ss %s\n.Bl -tag -width Ds\n", row->says);
		is_open = true;
	}
	buf_text(b, ".El\n.Ss Queues\n"
	            "Each queue is a section\n"
	            ".Ic queue Ar NAME No { ... } .\n"
	            "Without any there is one,\n"
	            ".Ic support ,\n"
	            "with the address support@$instance and the prefix ACM.\n"
	            ".Bl -tag -width Ds\n");
	for (const struct set_row *row = settings_queue_rows; row->says != NULL; row++)
		put_item(b, row);
	buf_text(b, ".El\n");
}

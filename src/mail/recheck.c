/* src/mail/recheck.c - GMime reads what compose.c wrote; only mail that passed here is sent */
#include "recheck.h"

#include "text.h"

#include <gmime/gmime.h>
#include <string.h>

enum { LINE_MAX_OCTETS = 998 /* RFC 5322 2.1.1, without CRLF */ };

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)

/* Whether every line ends in CRLF, is short enough, and no octet is out of place. */
static bool
are_lines_sound(const char *octets, size_t n)
{
	size_t begin = 0;

	if (memchr(octets, '\0', n) != NULL || n < 2 || memcmp(octets + n - 2, "\r\n", 2) != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if ((octets[i] == '\n') != (i > 0 && octets[i - 1] == '\r'))
			return false;
		if (octets[i] != '\n')
			continue;
		if (i - 1 - begin > LINE_MAX_OCTETS)
			return false;
		begin = i + 1;
	}
	return true;
}

/* Fields of the header block, counted without GMime: lines that do not begin with a space. */
static size_t
count_fields(const char *octets, size_t n)
{
	size_t n_fields = 0;
	const char *line = octets, *end = octets + n;

	while (line < end && *line != '\r') {
		n_fields += *line != ' ' && *line != '\t';
		line = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
	}
	return n_fields;
}

/* Whether a raw field value reads as text when folds are taken out (RFC 5322 2.2.3). */
static bool
is_unfolded(const char *raw, const char *text)
{
	raw += *raw == ' ';
	for (; *raw != '\0'; raw++) {
		if (*raw == '\r' || *raw == '\n')
			continue;
		if (*raw != *text++)
			return false;
	}
	return *text == '\0';
}

static bool
is_field(GMimeHeader *header, const struct recheck_field *want)
{
	const char *value = g_mime_header_get_value(header);

	if (strcmp(g_mime_header_get_name(header), want->name) != 0)
		return false;
	if (want->value == NULL)
		return true;
	if (want->raw)
		return is_unfolded(g_mime_header_get_raw_value(header), want->value);
	return value != NULL && strcmp(value, want->value) == 0;
}

static bool
is_mailbox(InternetAddressList *list, const char *name, const char *address)
{
	InternetAddress *one;
	const char *got;

	if (list == NULL || internet_address_list_length(list) != 1)
		return false;
	one = internet_address_list_get_address(list, 0);
	if (!INTERNET_ADDRESS_IS_MAILBOX(one))
		return false;
	got = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one));
	if (got == NULL || strcmp(got, address) != 0)
		return false;
	got = internet_address_get_name(one);
	return strcmp(got != NULL ? got : "", name != NULL ? name : "") == 0;
}

static bool
is_same_text(const char *got, const char *want)
{
	for (; got != NULL && *got != '\0'; got++) {
		if (*got == '\r')
			continue;
		if (*got != *want)
			return false;
		want++;
	}
	return got != NULL && *want == '\0';
}

static bool
is_body(GMimeMessage *mail, const char *want)
{
	GMimeObject *part = g_mime_message_get_mime_part(mail);
	char *text;
	bool same;

	if (part == NULL || !GMIME_IS_TEXT_PART(part))
		return false;
	text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
	same = is_same_text(text, want);
	g_free(text);
	return same;
}

static bool
is_date(GMimeMessage *mail, int64_t date_s)
{
	GDateTime *date = g_mime_message_get_date(mail);

	return date != NULL && g_date_time_to_unix(date) == date_s;
}

static GMimeMessage *
read_again(const char *octets, size_t n)
{
	g_autoptr(GMimeStream) in = g_mime_stream_mem_new_with_buffer(octets, n);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(in);

	return g_mime_parser_construct_message(parser, NULL);
}

/* The name of the first field that is not as asked, or NULL. Fields of the body's part are not in
 * the list of the message: they are compared there. */
static const char *
find_wrong_field(GMimeMessage *mail, const struct recheck_field *field, size_t n)
{
	GMimeHeaderList *top = g_mime_object_get_header_list(GMIME_OBJECT(mail));
	GMimeObject *part = g_mime_message_get_mime_part(mail);
	int at_top = 0, at_part = 0;

	for (size_t i = 0; i < n; i++) {
		bool of_part = text_begins(field[i].name, "Content-") && part != NULL;
		GMimeHeaderList *list = of_part ? g_mime_object_get_header_list(part) : top;
		int *at = of_part ? &at_part : &at_top;

		if (*at >= g_mime_header_list_get_count(list)
		    || !is_field(g_mime_header_list_get_header_at(list, (*at)++), &field[i]))
			return field[i].name;
	}
	return at_top == g_mime_header_list_get_count(top) ? NULL : "one too many";
}

enum compose_err
recheck_mail(const struct compose_mail *what, const struct recheck_field *field, size_t n_fields,
             const char *octets, size_t n, struct why *why)
{
	g_autoptr(GMimeMessage) mail = NULL;
	const char *wrong = NULL;

	if (!are_lines_sound(octets, n))
		wrong = "a line";
	else if (count_fields(octets, n) != n_fields)
		wrong = "the number of header fields";
	else if ((mail = read_again(octets, n)) == NULL)
		wrong = "the whole";
	else if (!is_mailbox(g_mime_message_get_from(mail), what->from_name, what->from_address))
		wrong = "From";
	else if (!is_mailbox(g_mime_message_get_to(mail), what->to_name, what->to_address))
		wrong = "To";
	else if (!is_date(mail, what->date_s))
		wrong = "Date";
	else if (!is_body(mail, what->text))
		wrong = "the text";
	else
		wrong = find_wrong_field(mail, field, n_fields);
	if (wrong == NULL)
		return COMPOSE_OK;
	why_set(why, "a mail of ours does not read back as it was meant: %s differs", wrong);
	return COMPOSE_REFUSED;
}

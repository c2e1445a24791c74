/* t/unit/compose_t.c - our own mail: exactly the header that was asked for, whatever the values */
#include "compose.h"

#include "arena.h"
#include "buf.h"
#include "tap.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>

enum { RANDOM_MAILS = 20000, SMALL_STACK_OCTETS = 512 * 1024, LINE_MAX_OCTETS = 998 };

static const struct compose_field fields[] = {
	{ "Auto-Submitted", "auto-replied" }, { "X-Auto-Response-Suppress", "All" },
	{ "X-Postern-Ticket", "ACM-104231" },
	{ "List-Unsubscribe",
	  "<mailto:support+acm-104231-k7h2f9q4zt@example.org?subject=unsubscribe>" }
};

static struct compose_mail
usual(void)
{
	return (struct compose_mail){
		.from_name = "ACME support", .from_address = "support@example.org",
		.to_name = "Anna Rossi", .to_address = "anna@example.net",
		.reply_to = "support+acm-104231-k7h2f9q4zt@example.org",
		.subject = "[ACM-104231] We have your request",
		.message_id = "acm-104231.1.k7h2f9q4zt@example.org",
		.in_reply_to = "x.1@example.net",
		.date_s = 1583143200, .language = "en", .field = fields,
		.n_fields = N_ELEMENTS(fields), .text = "Thank you.\n\nThe team\n"
	};
}

static const char *
written(struct arena *a, const struct compose_mail *what)
{
	char *octets;
	size_t n;
	bool utf8;
	struct why why = { "" };

	if (compose_mail(a, what, &octets, &n, &utf8, &why) != COMPOSE_OK)
		return arena_printf(a, "refused: %s", why.text);
	return octets;
}

static void
test_whole(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct compose_mail what = usual();

	IS_STR(written(a, &what),
	       "From: ACME support <support@example.org>\r\n"
	       "To: Anna Rossi <anna@example.net>\r\n"
	       "Reply-To: <support+acm-104231-k7h2f9q4zt@example.org>\r\n"
	       "Subject: [ACM-104231] We have your request\r\n"
	       "Date: Mon, 02 Mar 2020 10:00:00 +0000\r\n"
	       "Message-ID: <acm-104231.1.k7h2f9q4zt@example.org>\r\n"
	       "In-Reply-To: <x.1@example.net>\r\n"
	       "Auto-Submitted: auto-replied\r\n"
	       "X-Auto-Response-Suppress: All\r\n"
	       "X-Postern-Ticket: ACM-104231\r\n"
	       "List-Unsubscribe:\r\n"
	       " <mailto:support+acm-104231-k7h2f9q4zt@example.org?subject=unsubscribe>\r\n"
	       "MIME-Version: 1.0\r\n"
	       "Content-Type: text/plain; charset=utf-8\r\n"
	       "Content-Transfer-Encoding: 7bit\r\n"
	       "Content-Language: en\r\n"
	       "\r\n"
	       "Thank you.\r\n\r\nThe team\r\n",
	       "a whole mail");
}

struct row {
	const char *value, *line;
};

static void
test_subjects(void)
{
	static const struct row rows[] = {
		{ "[ACM-1] Perché no?", "Subject: [ACM-1] =?UTF-8?Q?Perch=C3=A9?= no?\r\n" },
		{ "=?utf-8?q?x?= y", "Subject: =?UTF-8?B?PT91dGYtOD9xP3g/PQ==?= y\r\n" },
		{ "two  spaces", "Subject: =?UTF-8?Q?two__spaces?=\r\n" },
		{ "日本語の件名", "Subject: =?UTF-8?B?5pel5pys6Kqe44Gu5Lu25ZCN?=\r\n" },
		{ " x ", "Subject: =?UTF-8?Q?_x_?=\r\n" },
	};

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		AUTO(arena) struct arena *a = arena_new();
		struct compose_mail what = usual();
		const char *mail;

		what.subject = rows[i].value;
		mail = written(a, &what);
		OK(strstr(mail, rows[i].line) != NULL, rows[i].value);
		if (strstr(mail, rows[i].line) == NULL)
			printf("# %.400s\n", mail);
	}
}

static void
test_names(void)
{
	static const struct row rows[] = {
		{ "", "To: <anna@example.net>\r\n" },
		{ "Rossi, Anna (ACME)", "To: \"Rossi, Anna (ACME)\" <anna@example.net>\r\n" },
		{ "a\"b\\c", "To: \"a\\\"b\\\\c\" <anna@example.net>\r\n" },
		{ "Zoë", "To: =?UTF-8?Q?Zo=C3=AB?= <anna@example.net>\r\n" },
		{ "=?utf-8?q?x?=", "To: =?UTF-8?B?PT91dGYtOD9xP3g/PQ==?= <anna@example.net>\r\n" },
		{ "a <evil@example.com>, b",
		  "To: \"a <evil@example.com>, b\" <anna@example.net>\r\n" },
	};

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		AUTO(arena) struct arena *a = arena_new();
		struct compose_mail what = usual();
		const char *mail;

		what.to_name = rows[i].value;
		mail = written(a, &what);
		OK(strstr(mail, rows[i].line) != NULL, rows[i].value);
		if (strstr(mail, rows[i].line) == NULL)
			printf("# %.400s\n", mail);
	}
}

static void
test_refused(void)
{
	static const struct compose_field bad_field[][1] = {
		{ { "Bcc", "a@example.org" } }, { { "X-A: b\r\nBcc", "c" } },
		{ { "X-A", "b\r\nBcc: c" } },
		{ { "", "x" } }, { { "X-A", "" } }, { { "content-type", "text/html" } },
		{ { "Resent-To", "a@example.org" } }
	};
	AUTO(arena) struct arena *a = arena_new();
	struct compose_mail what;

#define REFUSES(set, says)                                                     \
	do {                                                                   \
		what = usual();                                                \
		set;                                                           \
		OK(strncmp(written(a, &what), "refused: ", 9) == 0, says);     \
	} while (0)
	REFUSES(what.subject = "a\r\nBcc: evil@example.com", "CR LF in the subject");
	REFUSES(what.subject = "a\nb", "LF in the subject");
	REFUSES(what.subject = "a\xc2\x85z", "NEL in the subject");
	REFUSES(what.subject = "a\u2028z", "line separator in the subject");
	REFUSES(what.subject = "a\u202ez", "bidirectional override in the subject");
	REFUSES(what.subject = "a\xff", "not UTF-8");
	REFUSES(what.subject = "", "no subject");
	REFUSES(what.to_address = "a@b@c.example", "two @");
	REFUSES(what.to_address = "a@b.example, c@d.example", "two recipients");
	REFUSES(what.to_address = "a@b.example\r\nBcc: c@d.example", "CR LF in an address");
	REFUSES(what.to_address = "<a@b.example>", "brackets in an address");
	REFUSES(what.from_address = "", "no sender");
	REFUSES(what.from_name = "a\tb", "a tab in a name");
	REFUSES(what.reply_to = "x", "Reply-To that is none");
	REFUSES(what.message_id = "a b@c.example", "a space in the id");
	REFUSES(what.message_id = "a@b.example> <c", "brackets in the id");
	REFUSES(what.language = "en\r\nX: y", "CR LF in the language");
	REFUSES(what.text = "a\rb\n", "a bare CR in the text");
	REFUSES(what.text = "a\x1b[31m\n", "an escape in the text");
	REFUSES(what.date_s = INT64_MAX, "a date at the end of time");
	for (size_t i = 0; i < N_ELEMENTS(bad_field); i++)
		REFUSES((what.field = bad_field[i], what.n_fields = 1), "a field not to be given");
#undef REFUSES
}

static void
test_references(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct compose_mail what = usual();
	const char *ids[30], *mail;

	for (size_t i = 0; i < N_ELEMENTS(ids); i++)
		ids[i] = arena_printf(a, "id-%zu@example.org", i);
	what.references = ids;
	what.n_references = N_ELEMENTS(ids);
	mail = written(a, &what);
	OK(strstr(mail, "References: <id-0@example.org> <id-1@example.org> <id-2@example.org>\r\n"
	                " <id-3@example.org> <id-24@example.org> <id-25@example.org>\r\n") != NULL,
	   "first four and last six, folded between ids");
	OK(strstr(mail, "<id-29@example.org>\r\nAuto") != NULL, "the last is there");
	for (size_t i = 0; i < N_ELEMENTS(ids); i++)
		ids[i] = arena_printf(a, "%0485zu@example.org", i);
	mail = written(a, &what);
	OK(strstr(mail, "refused") == NULL, "long ids go out");
	OK(strstr(mail, "00029@example.org") != NULL && strstr(mail, "00000@example.org") != NULL,
	   "with the first and the last");
	OK(strstr(mail, "Auto-") - strstr(mail, "References") < 1600, "not all of them");
	ids[1] = "bad id";
	ids[2] = "a> <b@c.example";
	what.n_references = 4;
	mail = written(a, &what);
	OK(strstr(mail, "bad id") == NULL && strstr(mail, "a> <b") == NULL
	   && strstr(mail, "00003@") != NULL, "ids that cannot stand in a header are left out");
	what.in_reply_to = "no id";
	OK(strstr(written(a, &what), "In-Reply-To") == NULL, "also In-Reply-To");
}

static void
test_bodies(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf line = { 0 };
	struct compose_mail what = usual();

	what.text = "Perché no? = sì \n.\nFrom here\nend ";
	OK(strstr(written(a, &what), "quoted-printable\r\n") != NULL, "accents: quoted-printable");
	OK(strstr(written(a, &what), "Perch=C3=A9 no? =3D s=C3=AC=20\r\n.\r\n") != NULL,
	   "as it should be");
	what.text = "Спасибо за ваше письмо\n";
	OK(strstr(written(a, &what), "base64\r\n") != NULL, "Cyrillic: base64");
	for (int i = 0; i < 3000; i++)
		buf_octet(&line, 'x');
	what.text = line.octets;
	OK(strstr(written(a, &what), "quoted-printable\r\n") != NULL, "a long line is cut");
	what.text = "";
	OK(strstr(written(a, &what), "7bit\r\n") != NULL, "no text at all");
}

static void
test_utf8_address(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct compose_mail what = usual();
	struct why why = { "" };
	char *octets = NULL;
	bool utf8 = true;
	size_t n;

	OK(compose_mail(a, &what, &octets, &n, &utf8, &why) == COMPOSE_OK && !utf8,
	   "ASCII addresses");
	what.to_address = "zoë@exämple.org";
	OK(compose_mail(a, &what, &octets, &n, &utf8, &why) == COMPOSE_OK && utf8, "SMTPUTF8");
	OK(octets != NULL && strstr(octets, "To: Anna Rossi <zoë@exämple.org>\r\n") != NULL,
	   "the address as it is");
	if (*why.text != '\0')
		printf("# %s\n", why.text);
}

static const char *const piece[] = {
	" ", "  ", "a", "word", "=?", "?=", "=?utf-8?q?a=20b?=", "=?utf-8?b?eA==?=", "é", "ß",
	  "日本語", "עברית",
	"العربية", "\U0001F600", "\U0001F468\u200d\U0001F469\u200d\U0001F467", "\u200f", "\r\n",
	  "\n", "\r",
	"Bcc: evil@example.com", ":", ",", ";", "<", ">", "\"", "\\", "(", ")", "@", "[ACM-104231]",
	  "_", "?",
	"=", "\t", "\u00a0", "\u202e", "\xc3", "\xff", "a\u0301", "%n%s", "{subject}", "=\r\n",
	  "--", "\u3000"
};

/* A random text; one in ten has a word of 5,000 octets; most have no controls. */
static const char *
random_text(struct arena *a, int most)
{
	AUTO(buf) struct buf text = { 0 };
	bool tame = rand() % 4 != 0;

	buf_text(&text, "");
	for (int k = rand() % most; k >= 0; k--) {
		const char *p = piece[(size_t)rand() % N_ELEMENTS(piece)];

		if (!tame || (text_is_utf8(p, strlen(p)) && strpbrk(p, "\r\n\t") == NULL
		              && strcmp(p, "\u202e") != 0))
			buf_text(&text, p);
	}
	if (rand() % 50 == 0)
		for (int k = 0; k < 5000; k++)
			buf_octet(&text, "abcdefg="[rand() % 8]);
	return arena_strndup(a, text.octets, text.n);
}

/* Look at a mail without GMime: field names in order, line lengths, nothing but CRLF. */
static bool
is_as_asked(const char *mail, size_t n)
{
	static const char names[] = "From To Reply-To Subject Date Message-ID In-Reply-To "
	                            "X-Test MIME-Version Content-Type "
	                            "Content-Transfer-Encoding Content-Language ";
	AUTO(buf) struct buf seen = { 0 };
	const char *line = mail;

	if (strlen(mail) != n)
		return false;
	for (const char *end; *line != '\0' && *line != '\r'; line = end + 2) {
		end = strstr(line, "\r\n");
		if (end == NULL || end - line > LINE_MAX_OCTETS
		    || memchr(line, '\n', (size_t)(end - line)) != NULL)
			return false;
		if (*line == ' ' && strspn(line, " ") < (size_t)(end - line))
			continue;
		buf_add(&seen, line, strcspn(line, ":"));
		buf_octet(&seen, ' ');
	}
	return strcmp(seen.octets, names) == 0;
}

static void
test_random(void)
{
	size_t n_written = 0, n_wrong = 0, n_tame_refused = 0;

	srand(5);
	for (int i = 0; i < RANDOM_MAILS; i++) {
		AUTO(arena) struct arena *a = arena_new();
		struct compose_mail what = usual();
		struct compose_field field = { "X-Test", random_text(a, 6) };
		struct why why = { "" };
		char *octets;
		size_t n;
		bool utf8;

		what.subject = random_text(a, 12);
		what.to_name = random_text(a, 6);
		what.text = random_text(a, 30);
		what.field = &field;
		what.n_fields = 1;
		if (compose_mail(a, &what, &octets, &n, &utf8, &why) == COMPOSE_OK) {
			n_written++;
			n_wrong += !is_as_asked(octets, n);
		} else if (strstr(why.text, "read back") != NULL) {
			n_tame_refused++;
			if (n_tame_refused < 10)
				printf("# %s: {%.200s} {%.200s} {%.200s}\n", why.text, what.subject,
				       what.to_name, field.value);
		}
	}
	printf("# %zu of %d written\n", n_written, RANDOM_MAILS);
	OK(n_written > RANDOM_MAILS / 4, "a good part of the random mails can be written");
	OK(n_wrong == 0, "each with exactly the header asked for");
	OK(n_tame_refused == 0, "and what passes the checks reads back the same");
}

static void *
on_small_stack(void *arg)
{
	(void)arg;
	test_whole();
	return NULL;
}

static void
test_stack(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, SMALL_STACK_OCTETS);
	OK(pthread_create(&thread, &attr, on_small_stack, NULL) == 0, "a small stack");
	OK(pthread_join(thread, NULL) == 0, "composes");
	(void)pthread_attr_destroy(&attr);
}

int
main(void)
{
	test_whole();
	test_subjects();
	test_names();
	test_refused();
	test_references();
	test_bodies();
	test_utf8_address();
	test_stack();
	test_random();
	return tap_done();
}

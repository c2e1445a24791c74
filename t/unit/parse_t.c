/* t/unit/parse_t.c - mails into facts: charsets, names, ids, structure, bounces, limits */
#include "parse.h"
#include "arena.h"
#include "buf.h"
#include "facts.h"
#include "own.h"
#include "tap.h"
#include <stdlib.h>

static const struct parse_limits limits = {262144, 500, 20, 1000};

/* Parse a copy of the exact size, and let the facts pass the gate of posternd. NULL when it is no
 * mail. */
static const struct mail *
parse_octets(struct arena *a, const char *octets, size_t n)
{
	AUTO(buf) struct buf facts = {0};
	AUTO(mem) char *copy = calloc(n + !n, 1);
	const struct mail *m = NULL, *back = NULL;
	struct why why = {""};

	if (n > 0)
		memcpy(copy, octets, n);
	if (parse_mail(a, copy, n, &limits, &m, &why) != PARSE_OK)
		return NULL;
	facts_put(m, &facts);
	if (facts_get(a, facts.octets, facts.n, &back, &why) != FACTS_OK)
		printf("# %s\n", why.text);
	return back;
}

static const struct mail *
parse(struct arena *a, const char *text)
{
	return parse_octets(a, text, strlen(text));
}

/* A test's name: one line. */
static const char *
name_of(struct arena *a, const char *text)
{
	char *name = arena_strndup(a, text, 70);

	for (char *c = name; *c != '\0'; c++)
		*c = *c < ' ' || *c == '#' || *c == '\\' ? ' ' : *c;
	return name;
}

static bool
has_warning(const struct mail *m, const char *part)
{
	for (size_t i = 0; i < m->n_warnings; i++) {
		if (strstr(m->warning[i], part) != NULL)
			return true;
	}
	return false;
}

/* ---- charsets ---- */

struct charset_case {
	const char *label, *octets, *utf8;
};

static const struct charset_case charset_cases[] = {
	{"utf-8", "caf\xC3\xA9 \xE2\x82\xAC", "café €"},
	{"UTF8", "caf\xC3\xA9", "café"},
	{"iso-8859-1", "caf\xE9", "café"},
	{"ISO_8859-1", "caf\xE9", "café"},
	{"ISO_8859-1:1987", "caf\xE9", "café"},
	{"iso-8859-1", "\x93quoted\x94 \x80", "“quoted” €"},
	{"latin1", "caf\xE9", "café"},
	{"iso-8859-1", "caf\xC3\xA9", "café"}, /* the label lies */
	{"utf-8", "caf\xE9 noir", "café noir"}, /* the label lies */
	{"us-ascii", "caf\xC3\xA9", "café"},
	{"us-ascii", "caf\xE9", "café"},
	{"y", "caf\xC3\xA9", "café"},
	{"x-unknown", "caf\xE9", "café"},
	{"unknown-8bit", "caf\xC3\xA9", "café"},
	{"", "caf\xE9", "café"},
	{"unicode-1-1-utf-7", "caf+AOk-", "café"},
	{"utf-7", "Hi Mom +Jjo--!", "Hi Mom ☺-!"},
	{"windows-1252", "\x8CIL", "ŒIL"},
	{"iso-8859-15", "\xA4", "€"},
	{"iso-8859-2", "\xB1\xE6\xEA", "ąćę"},
	{"windows-1250", "\xB9\xE6\xEA", "ąćę"},
	{"windows-1251", "\xCF\xF0\xE8\xE2\xE5\xF2", "Привет"},
	{"koi8-r", "\xF0\xD2\xC9\xD7\xC5\xD4", "Привет"},
	{"koi8-u", "\xF0\xD2\xC9\xD7\xA6\xD4", "Привіт"},
	{"iso-8859-5", "\xBF\xE0\xD8\xD2\xD5\xE2", "Привет"},
	{"ibm866", "\x8F\xE0\xA8\xA2\xA5\xE2", "Привет"},
	{"iso-8859-7", "\xC3\xE5\xE9\xDC", "Γειά"},
	{"windows-1253", "\xC3\xE5\xE9\xDC", "Γειά"},
	{"iso-8859-8-i", "\xF9\xEC\xE5\xED", "שלום"},
	{"windows-1255", "\xF9\xEC\xE5\xED", "שלום"},
	{"windows-1256", "\xE3\xD1\xCD\xC8\xC7", "مرحبا"},
	{"iso-8859-9", "\xFE\xF0\xFD", "şğı"},
	{"windows-1254", "\xFE\xF0\xFD", "şğı"},
	{"windows-1257", "\xF0\xFE", "šž"},
	{"tis-620", "\xCA\xC7\xD1\xCA\xB4\xD5", "สวัสดี"},
	{"gb2312", "\xC4\xE3\xBA\xC3", "你好"},
	{"gb2312", "\xE9\x46\xC4\xE3", "镕你"}, /* not in GB2312, but written under its name */
	{"gbk", "\xC4\xE3\xBA\xC3", "你好"},
	{"gb18030", "\xC4\xE3\xBA\xC3", "你好"},
	{"hz-gb-2312", "a ~{Dc:C~} b", "a 你好 b"},
	{"big5", "\xA7\x41\xA6\x6E", "你好"},
	{"ks_c_5601-1987", "\xBE\xC8\xB3\xE7", "안녕"},
	{"ks_c_5601-1987", "\x8C\x63", "똠"}, /* not in KS C 5601, but written under its name */
	{"euc-kr", "\xBE\xC8\xB3\xE7", "안녕"},
	{"shift_jis", "\x82\xB1\x82\xF1", "こん"},
	{"shift_jis", "\x87\x40", "①"},
	{"euc-jp", "\xA4\xB3\xA4\xF3", "こん"},
	{"iso-2022-jp", "\x1B$B$3$s\x1B(B", "こん"},
	{"iso-2022-jp", "\x1B$B-!\x1B(B", "①"}, /* NEC: not in ISO-2022-JP, but written under its name */
	{"iso-2022-jp", "\x1B(I1\x1B(B", "ｱ"},
	{"iso-2022-jp", "\xE3\x81\x93", "こ"}, /* the label lies */
	{"", "\x1B$B$3$s\x1B(B", "こん"},
	{"macintosh", "caf\x8E", "café"},
	{"\"utf-8\"", "caf\xC3\xA9", "café"},
};

static void
test_body_charset(const struct charset_case *c)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *quote = *c->label == '"' ? "" : "\"";
	const struct mail *m = parse(a, arena_printf(a, "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain"
	                                             "%s%s%s%s\nContent-Transfer-Encoding: 8bit\n\n%s\n",
	                                             *c->label == '\0' ? "" : "; charset=",
	                                             *c->label == '\0' ? "" : quote, c->label,
	                                             *c->label == '\0' ? "" : quote, c->octets));

	IS_STR(m == NULL ? NULL : m->text, arena_printf(a, "%s\n", c->utf8),
	       arena_printf(a, "body in \"%s\"", c->label));
}

/* The same in encoded words, each octet in a word of its own: split inside the characters. */
static void
test_word_charset(const struct charset_case *c)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf subject = {0};

	if (*c->label == '"' || *c->label == '\0')
		return;
	for (const char *o = c->octets; *o != '\0'; o++)
		buf_printf(&subject, " =?%s?Q?=%02X?=\r\n", c->label, (unsigned char)*o);
	const struct mail *m = parse(a, arena_printf(a, "Subject:%s\r\nbody", subject.octets));
	IS_STR(m == NULL ? NULL : m->subject, c->utf8, arena_printf(a, "subject in \"%s\"", c->label));
}

/* ---- the header ---- */

static void
test_subjects(void)
{
	static const char *const row[][2] = {
		{"plain words", "plain words"},
		{"=?utf-8?Q?caf=C3=A9_au_lait?=", "café au lait"},
		{"=?utf-8?B?Y2Fmw6k=?= =?utf-8?Q?_au?= lait", "café au lait"},
		{"=?utf-8?B?Y2Fmw6k=?=\r\n =?iso-8859-1?Q?=E9?=", "caféé"},
		{"a =?utf-8?Q?b?= c", "a b c"},
		{"=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café"},
		{"=?utf-8?B?Y2Fmw?= =?utf-8?B?6k=?=", "café"}, /* base64 torn inside a group */
		{"=?utf-8?B?Y2Fmww==?= =?utf-8?B?qQ==?=", "café"},
		{"=?utf-8?Q?a b?=", "a b"},
		{"=?utf-8?q?a_b?=c", "a bc"},
		{"=?UTF-8*en?Q?caf=C3=A9?=", "café"},
		{"=?utf-8?Q?what?= =?utf-8?Q?\?= ever", "what ever"},
		{"=?utf-8?Q?what?", "=?utf-8?Q?what?"},
		{"=?utf-8?X?what?=", "=?utf-8?X?what?="},
		{"=?nonsense?Q?caf=C3=A9?=", "café"},
		{"=?utf-8?Q?=ZZ=?=", "=ZZ="},
		{"raw caf\xC3\xA9", "raw café"},
		{"raw caf\xE9", "raw café"},
		{"=?utf-8?Q?line=0D=0Aend?=", "line end"},
		{"=?utf-8?Q?bell=07?=", "bell"},
		{"=?utf-8?Q?nul=00l?=", "nul l"},
		{"=?utf-8?B?4oCuYWJj?=", "abc"}, /* U+202E turns the line round */
		{"[ACM-\r\n 5724] x", "[ACM- 5724] x"},
		{"", ""},
	};

	for (size_t i = 0; i < N_ELEMENTS(row); i++) {
		AUTO(arena) struct arena *a = arena_new();
		const struct mail *m = parse(a, arena_printf(a, "Subject: %s\r\n\r\n", row[i][0]));
		IS_STR(m == NULL ? NULL : m->subject, row[i][1], name_of(a, row[i][0]));
	}
	AUTO(arena) struct arena *a = arena_new();
	const struct mail *m = parse(a, "Subject: \xF0\xD2\xC9\xD7\xC5\xD4\nContent-Type: text/plain; charset=koi8-r\n\n");
	IS_STR(m->subject, "Привет", "raw octets in the charset of the body");
}

static void
test_addresses(void)
{
	static const char *const row[][2] = {
		{"a@x.example", " <a@x.example>"},
		{"Ann <A@X.Example>", "Ann <A@x.example>"},
		{"\"Bee, Ann\" <a@x.example>, b@x.example", "Bee, Ann <a@x.example>| <b@x.example>"},
		{"=?utf-8?Q?B=C3=A9e=2C_Ann?= <a@x.example>", "Bée, Ann <a@x.example>"},
		{"=?iso-8859-1?Q?B=E9?= =?iso-8859-1?Q?e?= Ann <a@x.example>", "Bée Ann <a@x.example>"},
		{"\"=?utf-8?Q?B=C3=A9e?=\" <a@x.example>", "Bée <a@x.example>"},
		{"=?koi8-u?B?8NLJ16bU?= <a@x.example>", "Привіт <a@x.example>"},
		{"=?utf-8?B?QW5uIDxldmlsQGV2aWwuZXhhbXBsZT4s?= <a@x.example>",
		 "Ann <evil@evil.example>, <a@x.example>"},
		{"B\xE9" "e <a@x.example>", "Bée <a@x.example>"},
		{"team: a@x.example, Bob <b@x.example>;", " <a@x.example>|Bob <b@x.example>"},
		{"undisclosed-recipients:;", ""},
		{"<>", ""},
		{"\"a b\"@x.example", ""},
		{"a@x.example (Ann)", "Ann <a@x.example>"},
		{"us\xC3\xA9r@b\xC3\xBC" "cher.example", " <usér@bücher.example>"},
	};

	for (size_t i = 0; i < N_ELEMENTS(row); i++) {
		AUTO(arena) struct arena *a = arena_new();
		AUTO(buf) struct buf seen = {0};
		const struct mail *m = parse(a, arena_printf(a, "To: %s\r\n\r\n", row[i][0]));
		buf_text(&seen, "");
		for (size_t k = 0; m != NULL && k < m->to.n; k++)
			buf_printf(&seen, "%s%s <%s>", k > 0 ? "|" : "", m->to.box[k].name, m->to.box[k].address);
		IS_STR(seen.octets, row[i][1], name_of(a, row[i][0]));
	}
}

static void
test_ids(void)
{
	static const char *const row[][2] = {
		{"<a@x> <b@y>", "a@x b@y"},
		{"<a@x>,<b@y>", "a@x b@y"},
		{"<a@x>\r\n\t<b@y>", "a@x b@y"},
		{"<a@\r\n x>", "a@x"},
		{"a@x, b@y", "a@x b@y"},
		{"<a@x> (comment) <b@y>", "a@x b@y"},
		{"Your message of \"today\" <a@x>", "a@x"},
		{"ann@example.com's message <a@x>", "a@x"},
		{"<a@x <b@y>", "a@x b@y"},
		{"<a@x", "a@x"},
		{"<a@x><a@x>", "a@x"},
		{"<>", ""},
		{"words only", ""},
		{"<no-at>", "no-at"},
		{"<b\xFF@x>", ""},
	};

	for (size_t i = 0; i < N_ELEMENTS(row); i++) {
		AUTO(arena) struct arena *a = arena_new();
		AUTO(buf) struct buf seen = {0};
		const struct mail *m = parse(a, arena_printf(a, "References: %s\r\n\r\n", row[i][0]));
		buf_text(&seen, "");
		for (size_t k = 0; m != NULL && k < m->n_references; k++)
			buf_printf(&seen, "%s%s", k > 0 ? " " : "", m->references[k]);
		IS_STR(seen.octets, row[i][1], name_of(a, row[i][0]));
	}
}

static void
test_many_references(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf mail = {0};

	buf_text(&mail, "References:");
	for (int i = 0; i < 500; i++)
		buf_printf(&mail, " <%d@x>\r\n", i);
	buf_text(&mail, "Message-ID: <m@x>\r\nIn-Reply-To: <p@x>\r\n\r\n");
	const struct mail *m = parse(a, mail.octets);
	IS_INT(m->n_references, MAIL_REFERENCES_MAX, "so many references and no more");
	IS_STR(m->references[49], "49@x", "the first 50");
	IS_STR(m->references[50], "350@x", "and the last 150");
	IS_STR(m->references[199], "499@x", "in order");
	IS_STR(m->message_id, "m@x", "the mail's own id");
	IS_STR(m->in_reply_to[0], "p@x", "and its parent");
	OK(has_warning(m, "references"), "with a warning");
}

static void
test_header_facts(void)
{
	AUTO(arena) struct arena *a = arena_new();
	const struct mail *m = parse(a, "From: =?utf-8?Q?B=C3=A9e?= <Ann@Example.com>\nReply-To: r@x.example\n"
	                                "Cc: c@x.example\nDate: Thu, 1 Jan 2026 01:00:00 +0100\n"
	                                "Content-Language: FR-ca, en\nX-Long: a\n b\n\nhi\n");

	OK(m->from_state == MAIL_FROM_ONE, "an identity");
	IS_STR(m->from_address, "ann@example.com", "its address");
	IS_STR(m->from_name, "Bée", "its name");
	IS_STR(m->from_raw, "=?utf-8?Q?B=C3=A9e?= <Ann@Example.com>", "as it was written");
	IS_STR(m->reply_to.box[0].address, "r@x.example", "reply-to");
	IS_STR(m->cc.box[0].address, "c@x.example", "cc");
	IS_INT(m->date_s, 1767225600, "the date");
	IS_STR(m->language, "fr-ca", "the language");
	IS_STR(mail_field(m, "x-long"), "a b", "an unfolded field");
	IS_INT(m->n_warnings, 0, "nothing odd");
	m = parse(a, "From: a@x.example\nFrom: b@x.example\nSubject: 1\nSubject: 2\nDate: nonsense\n\n");
	OK(m->from_state == MAIL_FROM_SEVERAL && *m->from_address == '\0', "two From are no identity");
	OK(has_warning(m, "2 fields From") && has_warning(m, "2 fields Subject"), "and are told");
	IS_STR(m->subject, "1", "the first subject");
	IS_INT(m->date_s, 0, "no date");
}

static void
test_odd_headers(void)
{
	AUTO(arena) struct arena *a = arena_new();
	const struct mail *m;

	OK(parse(a, "") == NULL, "nothing is no mail");
	OK(parse(a, "just some words\nand more\n") == NULL, "words are no mail");
	m = parse(a, "From x@y Mon\nSubject: a\n\nhi\n");
	IS_STR(m->subject, "a", "behind the line of an mbox");
	m = parse(a, "some junk\nSubject: a\n\nhi\n");
	OK(strcmp(m->subject, "a") == 0 && has_warning(m, "in front"), "behind junk");
	m = parse(a, "Subject: a\nhi there\n");
	OK(strcmp(m->text, "hi there\n") == 0 && has_warning(m, "no blank line"), "no blank line");
	m = parse(a, "Subject: a\rTo: b@x.example\r\rhi\r");
	OK(strcmp(m->subject, "a") == 0 && strcmp(m->text, "hi\n") == 0, "bare CR as line end");
	m = parse(a, "Subject : a\n\nhi\n");
	OK(strcmp(m->subject, "a") == 0 && has_warning(m, "colon"), "a space in front of the colon");
	m = parse_octets(a, "Subject: a\0b\n\nhi\0there\n", 24);
	OK(m != NULL && strcmp(m->subject, "a b") == 0 && has_warning(m, "NUL"), "NUL");
}

/* ---- the body ---- */

#define MULTI(subtype) "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/" subtype "; boundary=b\n\n"
#define PART(type, text) "--b\nContent-Type: " type "\n\n" text "\n"

static void
test_texts(void)
{
	static const struct {
		const char *mail, *text;
		enum mail_text source;
	} row[] = {
		{"Subject: x\n\nhello\n", "hello\n", MAIL_TEXT_PLAIN},
		{"Subject: x\nContent-Type: text/html\n\n<p>hello</p>\n", "hello\n", MAIL_TEXT_HTML},
		{MULTI("alternative") PART("text/plain", "plain") PART("text/html", "<p>html</p>") "--b--\n",
		 "plain", MAIL_TEXT_PLAIN},
		{MULTI("alternative") PART("text/html", "<p>html</p>") PART("text/plain", "plain") "--b--\n",
		 "plain", MAIL_TEXT_PLAIN},
		{MULTI("alternative") PART("text/plain", " \n") PART("text/html", "<p>html</p>") "--b--\n",
		 "html", MAIL_TEXT_HTML},
		{MULTI("alternative") PART("text/plain", "Your client cannot show HTML.")
	         PART("text/html", "<p>The whole long text of this mail, with all that there is to say.</p>") "--b--\n",
		 "The whole long text of this mail, with all that there is to say.", MAIL_TEXT_HTML},
		{MULTI("mixed") PART("text/plain", "one") PART("text/plain", "two") "--b--\n", "one\n\ntwo",
		 MAIL_TEXT_PLAIN},
		{MULTI("mixed") PART("text/plain", "one") PART("text/plain; name=f.txt", "two") "--b--\n", "one",
		 MAIL_TEXT_PLAIN},
		{MULTI("mixed") PART("text/plain", "one")
	         PART("text/plain\nContent-Disposition: attachment", "two") "--b--\n",
		 "one", MAIL_TEXT_PLAIN},
		{MULTI("mixed") PART("text/plain", "one") PART("message/rfc822", "Subject: in\n\ninner") "--b--\n",
		 "one", MAIL_TEXT_PLAIN},
		{MULTI("related") PART("text/html", "<p>root</p>") PART("text/plain", "no") "--b--\n", "root",
		 MAIL_TEXT_HTML},
		{MULTI("signed") PART("text/plain", "signed") PART("text/plain", "no") "--b--\n", "signed",
		 MAIL_TEXT_PLAIN},
		{MULTI("mixed") PART("image/png", "xx") "--b--\n", "", MAIL_TEXT_NONE},
		{MULTI("mixed") "--c\n\nanother boundary\n--c--\n", "--c\n\nanother boundary\n--c--\n",
		 MAIL_TEXT_PLAIN},
		{MULTI("mixed") PART("text/plain; name=b.txt", "body") PART("image/png", "x") "--b--\n",
		 "body", MAIL_TEXT_PLAIN},
		{"Subject: x\nContent-Type: multipart/mixed\n\nno boundary\n", "no boundary\n", MAIL_TEXT_PLAIN},
		{"Subject: x\nContent-Type: text/plain; format=flowed\n\none \ntwo\n", "one two\n", MAIL_TEXT_PLAIN},
		{"Subject: x\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n", "hello", MAIL_TEXT_PLAIN},
		{"Subject: x\nContent-Transfer-Encoding: quoted-printable\n\nhel=\nlo=21\n", "hello!\n", MAIL_TEXT_PLAIN},
		{"Subject: x\nContent-Type: text/html\n\n<meta charset=koi8-r><p>\xF0\xD2</p>\n", "Пр\n", MAIL_TEXT_HTML},
		{"Subject: x\n\nTo: you\nFrom: me\nSubject: =?koi8-u?Q?x?=\nmessage/rfc822\n",
		 "To: you\nFrom: me\nSubject: =?koi8-u?Q?x?=\nmessage/rfc822\n", MAIL_TEXT_PLAIN},
		{"Subject: x\n\nbegin 644 a.txt\n#86)C\n`\nend\n", "begin 644 a.txt\n#86)C\n`\nend\n", MAIL_TEXT_PLAIN},
	};

	for (size_t i = 0; i < N_ELEMENTS(row); i++) {
		AUTO(arena) struct arena *a = arena_new();
		const struct mail *m = parse(a, row[i].mail);
		/* How the HTML reader ends its text is its own business. */
		size_t n = m == NULL ? 0 : strlen(m->text), n_want = strlen(row[i].text);
		n -= n > 0 && m->text[n - 1] == '\n';
		n_want -= n_want > 0 && row[i].text[n_want - 1] == '\n';
		bool same = m != NULL && n == n_want && memcmp(m->text, row[i].text, n) == 0;
		OK(same && m->text_source == row[i].source, name_of(a, row[i].mail));
		if (!same)
			printf("# got \"%s\"\n", m == NULL ? "(none)" : m->text);
	}
}

static void
test_parts(void)
{
	AUTO(arena) struct arena *a = arena_new();
	const struct mail *m = parse(a,
		MULTI("mixed")
		"--b\nContent-Type: multipart/alternative; boundary=c\n\n"
		"--c\nContent-Type: text/plain; charset=utf-8\n\nhi\n--c\nContent-Type: text/html\n\n<p>hi\n--c--\n"
		"--b\nContent-Type: application/pdf; name=\"=?utf-8?Q?b=C3=A9.pdf?=\"\nContent-Transfer-Encoding: base64\n"
		"Content-Disposition: attachment\nContent-ID: <i@x>\n\nAAECAw==\n"
		"--b\nContent-Type: message/rfc822\n\nSubject: in\n\ninner\n"
		"--b\nContent-Type: image/png\nContent-Disposition: attachment; filename*=utf-8''%C3%A9.png\n\n\n"
		"--b\nContent-Type: image/png\nContent-Disposition: attachment; filename=\"../../etc/passwd\"\n\n\n"
		"--b\nContent-Type: image/png\nContent-Disposition: strange; filename=\"C:\\\\x\\\\y.png\"\n\n\n"
		"--b\nContent-Type: image/png\nContent-Disposition: inline; filename*=ebcdic-at-de''x.png\n\n\n--b--\n");

	OK(m != NULL && m->n_parts == 8, "eight leaves");
	if (m == NULL || m->n_parts != 8)
		return;
	IS_STR(m->type, "multipart/mixed", "type of the whole");
	IS_STR(m->part[0].path, "1.1", "numbers as IMAP has them");
	IS_STR(m->part[1].path, "1.2", "and the next");
	IS_STR(m->part[2].path, "2", "and the next level");
	OK(m->part[0].is_text && !m->part[1].is_text, "which one is the text");
	IS_STR(m->part[0].charset, "utf-8", "a charset");
	IS_STR(m->part[2].type, "application/pdf", "a type");
	IS_STR(m->part[2].file_name, "bé.pdf", "a name as encoded word in the type");
	IS_STR(m->part[2].content_id, "i@x", "a content id");
	IS_INT(m->part[2].n_octets, 4, "the decoded size");
	IS_STR(m->part[3].type, "message/rfc822", "a mail in a mail");
	IS_STR(m->part[4].file_name, "é.png", "a name by RFC 2231");
	IS_STR(m->part[5].file_name, "passwd", "no path");
	IS_STR(m->part[6].file_name, "y.png", "no path of Windows");
	IS_STR(m->part[6].disposition, "attachment", "an unknown disposition");
	IS_STR(m->part[7].disposition, "inline", "a known one");
}

/* ---- bounces ---- */

#define STATUS "Reporting-MTA: dns; mx.example.com\n\nOriginal-Recipient: rfc822;o@x.example\n" \
	"Final-Recipient: rfc822; <f@x.example>\nAction: Failed (really)\nStatus: 5.1.1 (no such user)\n" \
	"Diagnostic-Code: smtp; 550 5.1.1\n unknown\n"

static void
check_dsn(const char *mail, size_t n_rcpt, const char *what)
{
	AUTO(arena) struct arena *a = arena_new();
	const struct mail *m = parse(a, mail);
	bool found = m != NULL && m->dsn.present && m->dsn.n_rcpt == n_rcpt;

	OK(found, what);
	if (!found)
		return;
	IS_STR(m->dsn.reporting_mta, "mx.example.com", "  reporting mta");
	IS_STR(m->dsn.rcpt[0].recipient, "f@x.example", "  recipient");
	IS_STR(m->dsn.rcpt[0].action, "failed", "  action");
	IS_STR(m->dsn.rcpt[0].status, "5.1.1", "  status");
	IS_STR(m->dsn.rcpt[0].diagnostic, "smtp; 550 5.1.1 unknown", "  diagnostic");
	OK(m->dsn.n_returned_ids == 3, "  the ids of what came back");
	if (m->dsn.n_returned_ids == 3)
		IS_STR(m->dsn.returned_ids[0], "ours@x", "  the first is the mail's own");
}

#define RETURNED "References: <r1@x>\nIn-Reply-To: <p@x>\nMessage-ID: <ours@x>\nSubject: s\n"

static void
test_bounces(void)
{
	AUTO(arena) struct arena *a = arena_new();
	const struct mail *m;

	check_dsn(MULTI("report; report-type=delivery-status") PART("text/plain", "sorry")
	          PART("message/delivery-status", STATUS) PART("message/rfc822", RETURNED "\nbody") "--b--\n", 1,
	          "a report");
	check_dsn(MULTI("mixed") PART("text/plain", "sorry") "--b\nContent-Type: multipart/report; boundary=c\n\n"
	          "--c\nContent-Type: message/delivery-status\n\n" STATUS
	          "\n--c\nContent-Type: text/rfc822-headers\n\n" RETURNED "\n--c--\n--b--\n", 1, "a report inside");
	check_dsn(MULTI("report") PART("text/plain", "sorry")
	          "--b\nContent-Type: message/delivery-status\n" STATUS PART("message/rfc822", RETURNED "\nbody")
	          "--b--\n", 1, "no blank line in front of the status");
	check_dsn(MULTI("report") PART("message/delivery-status",
	          "Reporting-MTA: dns; mx.example.com\nFinal-Recipient: rfc822; f@x.example\nAction: failed\n"
	          "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown\nFinal-Recipient: rfc822; g@x.example\n"
	          "Action: delayed\n") PART("text/rfc822-headers", RETURNED) "--b--\n", 2,
	          "no blank line between recipients");
	check_dsn(MULTI("report") PART("message/global-delivery-status\nContent-Transfer-Encoding: base64",
	          "UmVwb3J0aW5nLU1UQTogZG5zOyBteC5leGFtcGxlLmNvbQoKRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGZAeC5leGFtcGxlCk"
	          "FjdGlvbjogZmFpbGVkClN0YXR1czogNS4xLjEKRGlhZ25vc3RpYy1Db2RlOiBzbXRwOyA1NTAgNS4xLjEgdW5rbm93bgo=")
	          PART("message/global-headers", RETURNED) "--b--\n", 1, "a report in base64");
	m = parse(a, "Subject: failure\n\nYour mail\n\n> Message-ID: <ours@x>\n> References: <r1@x>\n>  <r2@x>\n> Hi\n");
	OK(!m->dsn.present && m->dsn.n_returned_ids == 3, "a bounce without structure");
	m = parse(a, "Subject: x\n\nMessage-ID is a word\n");
	IS_INT(m->dsn.n_returned_ids, 0, "words about ids");
	m = parse(a, MULTI("report; report-type=\"Delivery-Status\"") PART("text/plain", "x") "--b--\n");
	IS_STR(m->report_type, "delivery-status", "the type of the report");
}

/* ---- limits ---- */

static void
repeat(struct buf *b, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_text(b, text);
}

static void
test_limits(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf mail = {0};
	const struct mail *m;

	repeat(&mail, "X-Field: value\n", 1001);
	buf_text(&mail, "\nbody\n");
	m = parse(a, mail.octets);
	OK(m->n_fields == 1000 && has_warning(m, "cut") && strcmp(m->text, "body\n") == 0,
	   "1,001 fields: the last is cut, the body is found");
	buf_clear(&mail);
	buf_text(&mail, "To: ");
	repeat(&mail, "g:", 50000);
	buf_text(&mail, "\nFrom: ");
	repeat(&mail, "g:", 50000);
	buf_text(&mail, "\n\nbody\n");
	m = parse(a, mail.octets);
	OK(m != NULL && m->to.n == 0 && m->from_state == MAIL_FROM_ODD, "nested groups");
	buf_clear(&mail);
	buf_text(&mail, "To: ");
	repeat(&mail, "a@x.example, ", 2000);
	buf_text(&mail, "\n\nbody\n");
	m = parse(a, mail.octets);
	OK(m->to.n == MAIL_ADDRESSES_MAX && has_warning(m, "addresses"), "2,000 addresses");
	buf_clear(&mail);
	buf_text(&mail, MULTI("mixed"));
	repeat(&mail, PART("text/plain", "x"), 600);
	buf_text(&mail, "--b--\n");
	m = parse(a, mail.octets);
	OK(m->n_parts == MAIL_PARTS_MAX && has_warning(m, "parts"), "600 parts");
	buf_clear(&mail);
	buf_text(&mail, "Subject: x\n\n");
	repeat(&mail, "0123456789abcde\n", 100000);
	m = parse(a, mail.octets);
	OK(strlen(m->text) <= MAIL_TEXT_MAX_OCTETS && has_warning(m, "cut"), "a text of 1.6 MB");
}

int
main(void)
{
	OK(parse_warm_up() > 40, "charsets");
	for (size_t i = 0; i < N_ELEMENTS(charset_cases); i++) {
		test_body_charset(&charset_cases[i]);
		test_word_charset(&charset_cases[i]);
	}
	test_subjects();
	test_addresses();
	test_ids();
	test_many_references();
	test_header_facts();
	test_odd_headers();
	test_texts();
	test_parts();
	test_bounces();
	test_limits();
	return tap_done();
}

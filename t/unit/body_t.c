/* t/unit/body_t.c - quotations and signatures in many languages; format=flowed; real replies */
#include "body.h"

#include "arena.h"
#include "buf.h"
#include "tap.h"

#include <stdlib.h>

/* What is left of a text when all that is marked is taken away, and the kinds of the marks. */
struct row {
	const char *what, *text, *own, *marks;
};

static const struct row rows[] = {
	{ "nothing", "", "", "" },
	{ "only words", "Hello\n\nBye\n", "Hello\n\nBye", "" },
	{ "English",
	  "Thanks.\n\nOn Mon, Apr 2, 2012 at 6:26 PM, Megan <m@e.example> wrote:\n\n> Hi\n>> x\n",
	  "Thanks.", "aq" },
	{ "Italian",
	  "Grazie\n\nIl giorno lun 2 mar 2020 alle ore 10:00 Anna Rossi <a@e.example> ha\n"
	  "scritto:\n\n> Ciao\n", "Grazie", "aq" },
	{ "French",
	  "Merci\n\nLe lun. 2 mars 2020 à 10:00, Luc <l@e.example> a écrit\u00a0:\n\n> Salut\n",
	  "Merci", "aq" },
	{ "German",
	  "Danke\n\nAm Mo., 2. März 2020 um 10:00 Uhr schrieb Max <m@e.example>:\n\n> Hallo\n",
	  "Danke", "aq" },
	{ "Spanish",
	  "Gracias\n\nEl lun, 2 mar 2020 a las 10:00, Ana (<a@e.example>) escribió:\n\n> Hola\n",
	  "Gracias", "aq" },
	{ "Portuguese",
	  "Obrigado\n\nEm seg, 2 de mar de 2020 às 10:00, Rui <r@e.example> escreveu:\n> Oi\n",
	  "Obrigado", "aq" },
	{ "Dutch", "Dank\n\nOp ma 2 mrt. 2020 om 10:00 schreef Jan <j@e.example>:\n> Hoi\n", "Dank",
	  "aq" },
	{ "Swedish", "Tack\n\nDen mån 2 mars 2020 kl 10:00 skrev Eva <e@e.example>:\n> Hej\n",
	  "Tack", "aq" },
	{ "Polish, wrapped",
	  "Dzięki\n\npon., 2 mar 2020 o 10:00 Jan Kowalski <jan@e.example>\nnapisał(a):\n"
	  "\n> Cześć\n", "Dzięki", "aq" },
	{ "Russian", "Спасибо\n\nпн, 2 мар. 2020 г. в 10:00, Иван <i@e.example>:\n\n> да\n",
	  "Спасибо", "aq" },
	{ "Japanese", "了解\n\n2020年3月2日(月) 10:00 山田 <y@e.example>:\n\n> x\n", "了解", "aq" },
	{ "Chinese", "好\n\n山 <y@e.example> 于2020年3月2日 10:00写道：\n\n> x\n", "好", "aq" },
	{ "Turkish",
	  "Tamam\n\nAli <a@e.example>, 2 Mar 2020 Pzt, 10:00 tarihinde şunu yazdı:\n> x\n", "Tamam",
	  "aq" },
	{ "Danish", "Tak\n\nDen man. 2. mar. 2020 kl. 10.00 skrev Bo <b@e.example>:\n> x\n", "Tak",
	  "aq" },
	{ "Finnish",
	  "Kiitos\n\nma 2. maalisk. 2020 klo 10.00 Matti <m@e.example> kirjoitti:\n> x\n", "Kiitos",
	  "aq" },

	{ "attribution without marks behind it",
	  "Yes\n\nOn Mon, 2 Mar 2020 at 10:00, X <x@e.example> wrote:\n\nold\n\nolder\n",
	  "Yes", "aq" },
	{ "attribution over three lines",
	  "Yes\n\nOn Mon, 2 Mar 2020 at 10:00,\nA Very Long Name\n<x@e.example> wrote:\n> old\n",
	  "Yes", "aq" },
	{ "answer below", "On 04/02/2012 06:26 PM, Megan wrote:\n> Hi\nHello", "Hello", "aq" },
	{ "answers in between", "> one\n\nfirst\n\n> two\n\nsecond\n", "first\n\n\nsecond", "qq" },
	{ "blank lines between quoted ones", "> a\n\n> b\n", "", "q" },
	{ "a sentence with On",
	  "On your host you can run:\n\n  ls\n\nOn that day he wrote: nothing\n",
	  "On your host you can run:\n\n  ls\n\nOn that day he wrote: nothing", "" },
	{ "bob wrote, and nothing quoted", "Bob wrote:\nhello there\n", "Bob wrote:\nhello there",
	  "" },
	{ "a time table", "On 2 March 2020 we meet at 10:00 in Rome:\n- a\n- b\n",
	  "On 2 March 2020 we meet at 10:00 in Rome:\n- a\n- b", "" },

	{ "Outlook, English",
	  "Hi\n\nFrom: A B <a@e.example>\nSent: Monday, 2 March 2020 10:00\nTo: C\nSubject: X\n\n"
	  "old\n",
	  "Hi", "aq" },
	{ "Outlook, rule",
	  "Hi\n\n________________________________\nFrom: A\nSent: Monday\nTo: C\nSubject: X\n\n"
	  "old\n",
	  "Hi", "aq" },
	{ "Outlook, German", "Hallo\n\nVon: A\nGesendet: Montag\nAn: C\nBetreff: X\n\nalt\n",
	  "Hallo", "aq" },
	{ "Outlook, Italian, bold",
	  "Ciao\n\n*Da:* A\n*Inviato:* lunedì\n*A:* C\n*Oggetto:* X\n\nvecchio\n", "Ciao", "aq" },
	{ "Outlook, French",
	  "Oui\n\nDe\u00a0: A\nEnvoyé\u00a0: lundi\nÀ\u00a0: C\nObjet\u00a0: X\n\nvieux\n", "Oui",
	  "aq" },
	{ "Outlook, Chinese", "好\n\n发件人: A\n发送时间: 2020\n收件人: C\n主题: X\n\nold\n", "好", "aq" },
	{ "Outlook, Russian", "Да\n\nОт: A\nОтправлено: 2020\nКому: C\nТема: X\n\nold\n", "Да", "aq"
	  },
	{ "a folded recipient list",
	  "Hi\n\nFrom: A\nTo: c@e.example;\n  d@e.example\nSent: Monday\nSubject: X\n\nold\n", "Hi",
	  "aq" },
	{ "a booking is not a header block", "From: Rome\nTo: Pisa\nDate: Monday\n\nPlease.\n",
	  "From: Rome\nTo: Pisa\nDate: Monday\n\nPlease.", "" },
	{ "original message",
	  "Hi\n\n-----Original Message-----\nFrom: A\nSent: x\nSubject: y\n\nold\n", "Hi", "aq" },
	{ "original message, German",
	  "Hi\n\n-----Ursprüngliche Nachricht-----\nVon: A\nBetreff: y\nGesendet: x\n\nalt\n", "Hi",
	  "aq" },
	{ "original message, Italian", "Hi\n\n----- Messaggio originale -----\nDa: A\n\nvecchio\n",
	  "Hi", "aq" },
	{ "forward",
	  "FYI\n\n---------- Forwarded message ---------\nFrom: A <a@e.example>\nDate: x\n"
	  "Subject: y\n\nold\n", "FYI", "f" },
	{ "forward, Apple, French", "Voir\n\nDébut du message réexpédié :\n\n> De: A\n> x\n",
	  "Voir", "f" },

	{ "signature", "Hi\n\n-- \nJohn\n\nACME\n", "Hi", "s" },
	{ "signature without the space", "Hi\n--\nJohn\n", "Hi", "s" },
	{ "signature above the quotation",
	  "Hi\n\n-- \nJohn\n\nOn 2 Mar 2020 at 10:00, X <x@e.example> wrote:\n> y\n", "Hi", "saq" },
	{ "phone", "Hi\n\nSent from my iPhone\n", "Hi", "s" },
	{ "phone, German", "Hi\n\nVon meinem iPhone gesendet\n", "Hi", "s" },
	{ "phone, French", "Hi\n\nEnvoyé de mon iPhone\n", "Hi", "s" },
	{ "phone, Italian", "Hi\n\nInviato da iPhone\n", "Hi", "s" },
	{ "phone, Spanish", "Hi\n\nEnviado desde mi iPhone\n", "Hi", "s" },
	{ "phone, Japanese", "Hi\n\niPhoneから送信\n", "Hi", "s" },
	{ "Outlook for phones", "Hi\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n", "Hi", "s" },
	{ "not a phone", "Sent from my desk, is much easier then my phone.\n",
	  "Sent from my desk, is much easier then my phone.", "" },
	{ "dashes inside", "a -- b\n--not\n", "a -- b\n--not", "" },
	{ "a list of dashes", "-one\n-two\n", "-one\n-two", "" },
	{ "a rule inside a text", "a\n__________\nb\nc\nd\ne\nf\ng\nh\n",
	  "a\n__________\nb\nc\nd\ne\nf\ng\nh", "" },
	{ "list footer",
	  "Hi\n\n_______________________________________________\nusers mailing list\n"
	  "users@e.example\n", "Hi", "s" },
};

static void
test_rows(void)
{
	static const char letter[] = "qasf";

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		AUTO(arena) struct arena *a = arena_new();
		const struct mail_span *span;
		char marks[20] = "";
		size_t n;

		body_mark(a, rows[i].text, &span, &n);
		for (size_t k = 0; k < n && k + 1 < sizeof marks; k++)
			marks[k] = letter[span[k].mark];
		IS_STR(body_own_words(a, rows[i].text, span, n), rows[i].own, rows[i].what);
		IS_STR(marks, rows[i].marks, "and its marks");
	}
}

static void
test_unflow(void)
{
	static const char *const flow[][2] = {
		{ "", "" },
		{ "one \ntwo\nthree\n", "one two\nthree\n" },
		{ "> a \n> b\n>> c \n> d\n", "> a b\n> > c \n> d\n" },
		{ " >not quoted\n  stuffed\n", ">not quoted\n stuffed\n" },
		{ "text \n-- \nJohn \nSmith\n", "text \n-- \nJohn Smith\n" },
		{ ">\n> \n", ">\n>\n" },
		{ "end ", "end " },
	};

	for (size_t i = 0; i < N_ELEMENTS(flow); i++) {
		AUTO(arena) struct arena *a = arena_new();

		IS_STR(body_unflow(a, flow[i][0], false), flow[i][1], "unflowed");
	}
	AUTO(arena) struct arena *a = arena_new();
	IS_STR(body_unflow(a, "山 \n田\n", true), "山田\n", "DelSp");
}

/* Whether spans are in order, apart, within the text and not too many. */
static bool
is_sound(const char *text, const struct mail_span *span, size_t n)
{
	size_t n_lines = 1;

	for (const char *c = text; *c != '\0'; c++)
		n_lines += *c == '\n';
	for (size_t k = 0; k < n; k++)
		if (span[k].first > span[k].last || span[k].last >= n_lines
		    || (k > 0 && span[k].first <= span[k - 1].last))
			return false;
	return n <= MAIL_MARKS_MAX;
}

static void
test_hostile(void)
{
	static const char *const piece[] = {
		">\nx\n", "--\n", "On \n", "x@1:\n\n", "From: a\n", ">", "-----\n",
		"2020-02-02 12:00 wrote\n", "\n", "____________\n", "-A\n"
	};

	for (size_t i = 0; i < N_ELEMENTS(piece); i++) {
		AUTO(arena) struct arena *a = arena_new();
		AUTO(buf) struct buf text = { 0 };
		const struct mail_span *span;
		size_t n;

		while (text.n < 200000)
			buf_text(&text, piece[i]);
		body_mark(a, text.octets, &span, &n);
		OK(is_sound(text.octets, span, n), "200 KB of the same");
		OK(strlen(body_unflow(a, text.octets, false)) < 800000, "and unflowed");
	}
}

static void
test_random(void)
{
	static const char *const piece[] = {
		"> ", "On ", "wrote:", "\n", "\n\n", "-- \n", "x@e.example ", "2020 ", "From: ",
		"Subject: ", "To: ", "Sent: ", "-----Original Message-----\n",
		"Sent from my iPhone\n", "word ", "<", "é", "10:00 ", " \n"
	};
	bool good = true;

	srand(7);
	for (int i = 0; i < 5000; i++) {
		AUTO(arena) struct arena *a = arena_new();
		AUTO(buf) struct buf text = { 0 };
		const struct mail_span *span;
		size_t n;

		for (int k = rand() % 60; k >= 0; k--)
			buf_text(&text, piece[(size_t)rand() % N_ELEMENTS(piece)]);
		body_mark(a, text.octets, &span, &n);
		good = good && is_sound(text.octets, span, n);
		(void)body_unflow(a, text.octets, i % 2 == 0);
	}
	OK(good, "5,000 random texts have sound marks");
}

#define ERP "email_reply_parser-github/test/emails/"
#define TALON "talon/tests/fixtures/standard_replies/"

/* A real mail of others, and how what its author wrote begins and ends. */
struct real {
	const char *path, *begins, *ends;
};

static const struct real real[] = {
	{ ERP "correct_sig.txt", "this is an email", "-- signature." },
	{ ERP "email_1_1.txt", "Hi folks", "Java HTTP API." },
	{ ERP "email_1_2.txt", "Hi,\n\nYou can list", "individually.\"" },
	{ ERP "email_1_3.txt", "Oh thanks.", "would be great." },
	{ ERP "email_1_4.txt", "Awesome!", "problem with it." },
	{ ERP "email_1_5.txt", "One: Here's", "for a while." },
	{ ERP "email_1_6.txt", "I get proper", "" },
	{ ERP "email_1_7.txt", ":+1:", ":+1:" },
	{ ERP "email_1_8.txt", "I will reply", "and under this." },
	{ ERP "email_2_1.txt", "Outlook with", "a reply" },
	{ ERP "email_2_2.txt", "Outlook with", "above line" },
	{ ERP "email_2_3.txt", "Outlook with", "above line" },
	{ ERP "email_BlackBerry.txt", "Here is", "another email" },
	{ ERP "email_bullets.txt", "test 2", "and another" },
	{ ERP "email_iPhone.txt", "Here is", "another email" },
	{ ERP "email_multi_word_sent_from_my_mobile_device.txt",
	  "Here is", "another email" },
	{ ERP "email_one_is_not_on.txt", "Thank,", "when I run..." },
	{ ERP "email_sent_from_my_not_signature.txt",
	  "Here is", "my mobile phone." },
	{ ERP "email_sig_delimiter_in_middle_of_line.txt",
	  "Hi there!", "kthxbai" },
	{ ERP "greedy_on.txt", "On your remote", "is not working." },
	{ ERP "pathological.txt", "I think you're", "to a computer." },
	{ TALON "aol.eml", "Hello", "Hello" },
	{ TALON "apple_mail.eml", "Hello", "Hello" },
	{ TALON "apple_mail_2.eml", "Hello", "Hello" },
	{ TALON "comcast.eml", "Hello", "Hello " },
	{ TALON "gmail.eml", "Hello", "Hello" },
	{ TALON "hotmail.eml", "Hello", "Hello" },
	{ TALON "outlook.eml", "Hello", "Hello" },
	{ TALON "sparrow.eml", "Hello", "Hello " },
	{ TALON "thunderbird.eml", "Hello", "Hello" },
	{ TALON "yahoo.eml", "Hello", "Hello" },
};

/* The plain text of a mail that is not encoded: from its blank line to the boundary. */
static char *
plain_text(char *mail)
{
	char *type = strstr(mail, "text/plain"), *text, *end;

	if (type == NULL || strstr(mail, "\n\n") == NULL)
		return mail;
	text = strstr(mail, "multipart/") != NULL ? strstr(type, "\n\n") : strstr(mail, "\n\n");
	end = strstr(text, "\n--==");
	if (end == NULL)
		end = strstr(text, "\n--4f7");
	if (end == NULL)
		end = strstr(text, "\n--0016");
	if (end != NULL)
		*end = '\0';
	return text + 2;
}

static void
drop_cr(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++)
		if (*text != '\r')
			*to++ = *text;
	*to = '\0';
}

static bool
is_right(const struct real *r, FILE *in)
{
	AUTO(arena) struct arena *a = arena_new();
	char *octets = arena_alloc(a, 100000), *text, *own;
	const struct mail_span *span;
	size_t n = fread(octets, 1, 99999, in), n_own;

	(void)fclose(in);
	octets[n] = '\0';
	drop_cr(octets);
	text = strstr(r->path, ".eml") != NULL ? plain_text(octets) : octets;
	body_mark(a, text, &span, &n);
	own = body_own_words(a, text, span, n);
	n_own = strlen(own);
	if (strncmp(own, r->begins, strlen(r->begins)) == 0 && n_own >= strlen(r->ends)
	    && strcmp(own + n_own - strlen(r->ends), r->ends) == 0)
		return true;
	printf("# own words: %.300s\n", own);
	return false;
}

static void
test_real(void)
{
	const char *corpus = getenv("POSTERN_CORPUS"), *srcdir = getenv("srcdir");
	AUTO(arena) struct arena *a = arena_new();

	if (corpus == NULL)
		corpus = arena_printf(a, "%s/../shared/corpus", srcdir != NULL ? srcdir : ".");
	for (size_t i = 0; i < N_ELEMENTS(real); i++) {
		FILE *in = fopen(arena_printf(a, "%s/%s", corpus, real[i].path), "r");

		if (in == NULL)
			printf("ok %d - %s # SKIP no corpus\n", ++tap_n, real[i].path);
		else
			OK(is_right(&real[i], in), real[i].path);
	}
}

int
main(void)
{
	test_rows();
	test_unflow();
	test_hostile();
	test_random();
	test_real();
	return tap_done();
}

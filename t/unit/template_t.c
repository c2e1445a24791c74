/* t/unit/template_t.c - every notice in every language; mistakes in templates are found at start */
#include "template.h"

#include "arena.h"
#include "tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_MAX_OCTETS = 998, WIDTH = 78, THREADS = 8, LONG_OCTETS = 250, THREAD_RENDERS = 200 };

#define CANARY "%n %s {x} {{x}} ${x} {token} {if x}\\{"

static const char *const languages[] = { "en", "de", "es", "fr", "it", "ja", "nl", "pt" };

static const struct template_values full = {
	.token = "ACM-104231", .queue_name = "ACME", .queue_address = "acme@example.org",
	.recipient_name = "Anna Rossi", .signature = "The ACME team\nRome",
	.url = "https://help.example.org/ACM-104231", .heir = "ACM-104244", .count = 3,
	.date_s = 1583143200
};
static const struct template_values none = { .token = "ACM-104231", .count = 1 };

static const char *
templates_dir(struct arena *a)
{
	const char *srcdir = getenv("srcdir");

	return arena_printf(a, "%s/templates", srcdir != NULL ? srcdir : ".");
}

/* How often needle stands in text. */
static size_t
count(const char *text, const char *needle)
{
	size_t n = 0;

	while ((text = strstr(text, needle)) != NULL) {
		n++;
		text += strlen(needle);
	}
	return n;
}

/* Octets of the longest line. */
static size_t
longest(const char *text)
{
	size_t most = 0;

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		most = n > most ? n : most;
		text += n + (text[n] == '\n');
	}
	return most;
}

/* Lines longer than WIDTH characters. */
static size_t
count_wide(const char *text)
{
	size_t n_wide = 0, width = 0;

	for (; *text != '\0'; text++) {
		width = *text == '\n' ? 0 : width + ((*text & 0xC0) != 0x80);
		n_wide += width == WIDTH + 1;
	}
	return n_wide;
}

static void
look_at(const struct template_set *set, enum notice_kind kind, const char *language,
        const struct template_values *some)
{
	AUTO(arena) struct arena *a = arena_new();
	struct template_values values = *some;
	struct template_words words = { "", "" };
	const char *subject, *text;
	struct why why = { "" };
	const char *what = arena_printf(a, "%s in %s", notice_kind_name[kind], language);

	values.language = language;
	OK(template_render(set, a, kind, &values, &words, &why) == TEMPLATE_OK, what);
	subject = words.subject;
	text = words.text;
	OK(count(subject, "[ACM-104231]") == 1, "its subject has the token once");
	OK(count(subject, "  ") == 0 && strchr(subject, '\n') == NULL, "and is one tidy line");
	OK(strstr(text, "ACM-104231") != NULL, "its text has the number");
	OK(count_wide(text) == 0 && count_wide(subject) == 0, "no line is wide");
	OK(count(text, "\n\n\n") == 0 && text[0] != '\n', "no empty lines in a row");
	OK(strchr(text, '{') == NULL && strchr(text, '}') == NULL, "nothing is left unexpanded");
	OK((strstr(text, "https://") != NULL) == (values.url != NULL), "a link when there is one");
	OK((strstr(text, "\n-- \nThe ACME team\nRome\n") != NULL) == (values.signature != NULL),
	   "a signature only when there is one");
}

/* The names of a long queue, person and link do not make a line that no mail may have. */
static void
look_at_long(const struct template_set *set, enum notice_kind kind, const char *language)
{
	AUTO(arena) struct arena *a = arena_new();
	struct template_values values = full;
	struct template_words words = { "", "" };
	struct why why = { "" };
	char name[LONG_OCTETS + 1];

	memset(name, 'x', LONG_OCTETS);
	name[LONG_OCTETS] = '\0';
	values.language = language;
	values.queue_name = values.recipient_name = name;
	values.held = "17";
	values.list = "17 forged";
	values.more = 2;
	OK(template_render(set, a, kind, &values, &words, &why) == TEMPLATE_OK,
	   arena_printf(a, "%s in %s with long names", notice_kind_name[kind], language));
	OK(longest(words.text) <= LINE_MAX_OCTETS && longest(words.subject) <= LINE_MAX_OCTETS,
	   "no line over 998 octets");
	OK(words.subject[0] != '\0' && words.text[0] != '\0', "something is said");
}

static void
test_long(const struct template_set *set)
{
	for (size_t k = 0; k < NOTICE_KIND_COUNT; k++)
		for (size_t i = 0; i < N_ELEMENTS(languages); i++)
			look_at_long(set, (enum notice_kind)k, languages[i]);
}

static void
test_all(const struct template_set *set)
{
	for (size_t k = 0; k < NOTICE_HELD; k++)
		for (size_t i = 0; i < N_ELEMENTS(languages); i++) {
			look_at(set, (enum notice_kind)k, languages[i], &full);
			look_at(set, (enum notice_kind)k, languages[i], &none);
		}
}

static const char *
subject_of(const struct template_set *set, struct arena *a, enum notice_kind kind,
           const char *language, const struct template_values *some)
{
	struct template_values values = *some;
	struct template_words words = { "(none)", "" };

	values.language = language;
	(void)!template_render(set, a, kind, &values, &words, NULL);
	return words.subject;
}

static void
test_words(const struct template_set *set)
{
	AUTO(arena) struct arena *a = arena_new();
	struct template_values values = none;

	IS_STR(subject_of(set, a, NOTICE_COMMENT, "en", &values),
	       "[ACM-104231] New comment on request",
	       "one, in English");
	IS_STR(subject_of(set, a, NOTICE_COMMENT, "fr", &values),
	       "[ACM-104231] Nouveau commentaire sur la demande", "one, in French");
	values.count = 3;
	IS_STR(subject_of(set, a, NOTICE_COMMENT, "en", &values),
	       "[ACM-104231] 3 new comments on request", "three, in English");
	IS_STR(subject_of(set, a, NOTICE_COMMENT, "it", &values),
	       "[ACM-104231] 3 nuovi commenti alla richiesta", "three, in Italian");
	IS_STR(subject_of(set, a, NOTICE_COMMENT, "de", &values),
	       "[ACM-104231] 3 neue Kommentare zur Anfrage", "three, in German");
	IS_STR(subject_of(set, a, NOTICE_COMMENT, "ja", &values),
	       "[ACM-104231] お問い合わせに新しいコメントが 3 件あります", "three, in Japanese");
	values.count = 0;
	IS_STR(subject_of(set, a, NOTICE_COMMENT, "nl", &values),
	       "[ACM-104231] 0 nieuwe opmerkingen bij de aanvraag", "nought is plural in Dutch");
	IS_STR(subject_of(set, a, NOTICE_COMMENT, "pt", &values),
	       "[ACM-104231] Novo comentário no pedido", "and singular in Portuguese");
	IS_STR(subject_of(set, a, NOTICE_COMMENT, "fr", &values),
	       "[ACM-104231] Nouveau commentaire sur la demande", "nought is singular in French");
	values.subject = "Printer on fire";
	IS_STR(subject_of(set, a, NOTICE_ACKNOWLEDGEMENT, "it", &values),
	       "[ACM-104231] Printer on fire", "the customer's subject, when given");
	values.subject = " a\r\nBcc: evil@example.com\x1b[0m\u202e  b ";
	IS_STR(subject_of(set, a, NOTICE_ACKNOWLEDGEMENT, "en", &values),
	       "[ACM-104231] a Bcc: evil@example.com [0m? b", "made safe for the header");
}

static void
test_canary(const struct template_set *set)
{
	AUTO(arena) struct arena *a = arena_new();
	struct template_values values = full;
	struct template_words words = { "", "" };

	values.subject = CANARY;
	values.recipient_name = CANARY;
	values.queue_name = "one\nline\x07";
	values.signature = CANARY "\r\n\x1b!";
	OK(template_render(set, a, NOTICE_ACKNOWLEDGEMENT, &values, &words, NULL) == TEMPLATE_OK,
	   "a value full of template text");
	IS_STR(words.subject, "[ACM-104231] " CANARY, "comes out as it is, in the subject");
	OK(strstr(words.text, "Dear " CANARY ",\n") != NULL, "and in the text");
	OK(strstr(words.text, "\n-- \n" CANARY "\n\uFFFD!\n") != NULL, "and in the signature");
	OK(strstr(words.text, "writing to one line .\n") != NULL, "a name cannot make lines");
}

static void
test_languages(const struct template_set *set)
{
	static const char *const wish[][2] = {
		{ "it", "it" }, { "IT", "it" }, { "fr-ca", "fr" }, { "en_GB", "en" }, { "de-at", "de" },
		{ "pt-br", "pt" }, { "ja", "ja" }, { "sv", NULL }, { "", NULL }, { "-", NULL }, { "frx", NULL }, { "../en", NULL }
	};

	for (size_t i = 0; i < N_ELEMENTS(wish); i++) {
		const char *got = template_language(set, wish[i][0]);

		OK(wish[i][1] == NULL ? got == NULL : got != NULL && strcmp(got, wish[i][1]) == 0,
		   wish[i][0]);
	}
	AUTO(arena) struct arena *a = arena_new();
	IS_STR(subject_of(set, a, NOTICE_CLOSED, NULL, &none),
	       "[ACM-104231] The request has been closed", "no language is English");
	IS_STR(subject_of(set, a, NOTICE_CLOSED, "xx", &none), "(none)", "an unknown one fails");
}

static void *
render_often(void *arg)
{
	const struct template_set *set = arg;
	size_t n_wrong = 0;

	for (int i = 0; i < THREAD_RENDERS; i++) {
		AUTO(arena) struct arena *a = arena_new();

		n_wrong += strcmp(subject_of(set, a, NOTICE_COMMENT, "it", &full),
		                  "[ACM-104231] 3 nuovi commenti alla richiesta") != 0;
	}
	return n_wrong == 0 ? NULL : arg;
}

static void
test_threads(struct template_set *set)
{
	pthread_t thread[THREADS];
	size_t n_wrong = 0;

	for (size_t i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, render_often, set) != 0)
			abort();
	for (size_t i = 0; i < THREADS; i++) {
		void *wrong = NULL;

		(void)pthread_join(thread[i], &wrong);
		n_wrong += wrong != NULL;
	}
	IS_INT(n_wrong, 0, "many threads read one set");
}

static void
put_file(struct arena *a, const char *dir, const char *name, const char *text)
{
	FILE *out = fopen(arena_printf(a, "%s/%s.txt", dir, name), "w");

	if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0)
		abort();
}

/* What loading says when one English notice is `text` ("" = missing) and the others are good. */
static const char *
complaint(struct arena *a, const char *text)
{
	char *top = arena_strdup(a, "/tmp/postern-template-XXXXXX");
	struct template_set *set = NULL;
	struct why why = { "" };
	const char *en;

	if (mkdtemp(top) == NULL || mkdir(en = arena_printf(a, "%s/en", top), 0700) != 0)
		abort();
	for (size_t k = 0; k < NOTICE_KIND_COUNT; k++)
		put_file(a, en, notice_kind_name[k], "Subject: [{token}] x\n\n{token} y\n");
	put_file(a, en, "closed", text);
	if (*text == '\0')
		(void)unlink(arena_printf(a, "%s/closed.txt", en));
	if (template_load(top, &set, &why) == TEMPLATE_OK)
		(void)snprintf(why.text, sizeof why.text, "fine");
	template_free(&set);
	for (size_t k = 0; k < NOTICE_KIND_COUNT; k++)
		(void)unlink(arena_printf(a, "%s/%s.txt", en, notice_kind_name[k]));
	(void)rmdir(en);
	(void)rmdir(top);
	return arena_strdup(a, why.text);
}

struct mistake {
	const char *text, *says;
};

static void
test_mistakes(void)
{
	static const struct mistake mistakes[] = {
		{ "Subject: a\n\nb\n", "fine" },
		{ "subject: a\r\n\r\nb\r\n", "fine" },
		{ "", "closed.txt is missing" },
		{ "Subject: a\n\nb\n{tokn}\n",
		  "closed.txt:4: unknown name \"tokn\", did you mean \"token\"?" },
		{ "Subject: a\n\n{if count == 9}{zzz}{end}b\n", "closed.txt:3: unknown name \"zzz\""
		  },
		{ "Subject: {zzz}\n\nb\n", "closed.txt:1: unknown name" },
		{ "Subject: a\n\n{for i in token}b{end}\n", "closed.txt:3: unknown name \"for\"" },
		{ "Subject: a\n\nb\n\n{if count}\n", "closed.txt:6: Unclosed" },
		{ "Subject: a\n\nb }\n", "closed.txt:3: Unexpected character" },
		{ "Subject: a\n\nb {token\n", "closed.txt:4: " },
		{ "Subject: a {if count}\n\nb {end}\n", "closed.txt:1: Unclosed" },
		{ "Subject: a\nFrom: b\n\nc\n", "closed.txt:2: a blank line must stand" },
		{ "From: b\nSubject: a\n\nc\n", "closed.txt:1: a notice begins" },
		{ "Subject: a", "closed.txt:2: " },
		{ "Subject: a\n\n", "the text is empty with some values" },
		{ "Subject: {subject}\n\nb\n", "the subject is empty with some values" },
		{ "Subject: a\n\n{url}\n", "the text is empty with some values" },
		{ "Subject: a\n\n\xff\n", "closed.txt: not UTF-8" },
		{ "Subject: a\n\n{\"zzz { }\"} \\{zzz\\} b\n", "fine" },
	};
	AUTO(arena) struct arena *a = arena_new();
	struct template_set *set = NULL;
	struct why why = { "" };

	for (size_t i = 0; i < N_ELEMENTS(mistakes); i++) {
		const char *says = complaint(a, mistakes[i].text);

		OK(strstr(says, mistakes[i].says) != NULL, mistakes[i].says);
		if (strstr(says, mistakes[i].says) == NULL)
			printf("# %s\n", says);
	}
	OK(template_load("/nonexistent", &set, &why) == TEMPLATE_BAD && set == NULL
	   && strstr(why.text, "/nonexistent") != NULL, "a directory that is not there");
	OK(template_load(arena_printf(a, "%s/en", templates_dir(a)), &set, &why) == TEMPLATE_BAD
	   && strstr(why.text, "/en is missing") != NULL, "a directory without languages");
}

int
main(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct template_set *set = NULL;
	struct why why = { "" };

	OK(template_load(templates_dir(a), &set, &why) == TEMPLATE_OK, "our templates are good");
	if (set == NULL) {
		printf("# %s\n", why.text);
		return tap_done();
	}
	test_all(set);
	test_long(set);
	test_words(set);
	test_canary(set);
	test_languages(set);
	test_threads(set);
	test_mistakes();
	template_free(&set);
	template_free(&set);
	return tap_done();
}

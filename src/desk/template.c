/* src/desk/template.c - notices out of templates, with CTPL
 *
 * A value goes into CTPL as a value, never as template text, so nothing in it is ever expanded. */
#include "template.h"

#include "arena.h"
#include "buf.h"
#include "durable.h"
#include "text.h"

#include <ctpl/ctpl.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	VALUE_MAX_OCTETS = 1000,
	SIGNATURE_MAX_OCTETS = 4000,
	LIST_MAX_OCTETS = 32 * 1024,
	SUBJECT_MAX_OCTETS = 1500,
	TEXT_MAX_OCTETS = 64 * 1024,
	LANGUAGE_MAX_OCTETS = 35, /* RFC 5646 4.4.1 */
	BLANK_LINES_MAX = 1,
	DATE_OCTETS = 32
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CtplEnviron, ctpl_environ_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CtplOutputStream, ctpl_output_stream_unref)

struct notice {
	const char *path;
	CtplToken *subject, *text;
};

struct language {
	const char *name; /* lower case */
	struct notice notice[NOTICE_KIND_COUNT];
};

/* 1. Every language has every notice. 2. One language is "en". */
struct template_set {
	struct arena *arena;
	struct language *language;
	size_t n;
};

/* Where a text of a value stands in struct template_values, and how it is told to templates. */
struct known {
	const char *name;
	size_t offset;
};

#define TEXT_VALUE(field) { #field, offsetof(struct template_values, field) }
static const struct known known_text[] = {
	TEXT_VALUE(token), TEXT_VALUE(queue_name), TEXT_VALUE(queue_address),
	TEXT_VALUE(recipient_name), TEXT_VALUE(subject), TEXT_VALUE(signature), TEXT_VALUE(url),
	TEXT_VALUE(heir), TEXT_VALUE(held), TEXT_VALUE(list)
};
#undef TEXT_VALUE

/* What may stand between braces: the values, and CTPL's words. It has loops too, but there is no
 * list. */
static const char *const known_names[] = {
	"token", "queue_name", "queue_address", "recipient_name", "subject", "signature", "url",
	"heir", "held", "list", "count", "more", "date", "if", "else", "end", NULL
};

static const char *
text_value(const struct template_values *values, const struct known *known)
{
	const char *text;

	memcpy(&text, (const char *)values + known->offset, sizeof text);
	return text != NULL ? text : "";
}

static void
push_date(CtplEnviron *env, int64_t date_s)
{
	char text[DATE_OCTETS] = "";
	time_t seconds = (time_t)date_s;
	struct tm utc;

	if (date_s != 0 && gmtime_r(&seconds, &utc) != NULL)
		(void)strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc);
	ctpl_environ_push_string(env, "date", text);
}

/* How much text of several lines a value may be; 0: it is one line. */
static size_t
lines_max_octets(const char *name)
{
	return strcmp(name, "signature") == 0 ? SIGNATURE_MAX_OCTETS
	       : strcmp(name, "list") == 0    ? LIST_MAX_OCTETS
	                                      : 0;
}

/* The values, each made safe for its place: one line in the header; in the text one line too, so
 * that no name can pass for a paragraph of ours, but for the signature, which is the operator's,
 * and the list, which is ours. */
static CtplEnviron *
environ_new(struct arena *a, const struct template_values *values, bool header)
{
	CtplEnviron *env = ctpl_environ_new();

	for (size_t i = 0; i < N_ELEMENTS(known_text); i++) {
		const char *text = text_value(values, &known_text[i]);
		size_t n = strlen(text), most = header ? 0 : lines_max_octets(known_text[i].name);

		text = most > 0 ? text_lines(a, text, n, most)
		                : text_line(a, text, n, VALUE_MAX_OCTETS);
		ctpl_environ_push_string(env, known_text[i].name, text);
	}
	ctpl_environ_push_int(env, "count", (glong)values->count);
	ctpl_environ_push_int(env, "more", (glong)values->more);
	push_date(env, values->date_s);
	return env;
}

/* Expand one template.
 * Gives  the text in the arena, or NULL with why */
static char *
expand(struct arena *a, const struct notice *notice, const CtplToken *tree, CtplEnviron *env,
       struct why *why)
{
	g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
	g_autoptr(CtplOutputStream) out = ctpl_output_stream_new(memory);
	g_autoptr(GError) error = NULL;
	GMemoryOutputStream *written = G_MEMORY_OUTPUT_STREAM(memory);

	if (!ctpl_parser_parse(tree, env, out, &error)) {
		why_set(why, "%s: %s", notice->path, error->message);
		return NULL;
	}
	return arena_memdup(a, g_memory_output_stream_get_data(written),
	                    g_memory_output_stream_get_data_size(written));
}

/* Conditions leave empty lines behind: keep one of several, none at both ends, and no blanks at
 * the end of a line but the signature's. */
static char *
tidy_text(struct arena *a, char *text)
{
	AUTO(buf) struct buf tidy = { 0 };
	size_t n_blank = 0;

	buf_text(&tidy, "");
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		size_t n = strlen(line);

		while (n > 0 && strcmp(line, "-- ") != 0 && strchr(" \t\r", line[n - 1]) != NULL)
			n--;
		if (n == 0) {
			n_blank++;
			continue;
		}
		if (n_blank > 0 && tidy.n > 0)
			for (size_t i = 0; i < n_blank && i < BLANK_LINES_MAX; i++)
				buf_octet(&tidy, '\n');
		n_blank = 0;
		buf_add(&tidy, line, n);
		buf_octet(&tidy, '\n');
	}
	return text_lines(a, tidy.octets, tidy.n, TEXT_MAX_OCTETS);
}

/* One line, single spaces, none at its ends. */
static char *
tidy_subject(struct arena *a, const char *subject)
{
	char *tidy = text_line(a, subject, strlen(subject), SUBJECT_MAX_OCTETS), *to = tidy;

	for (const char *c = tidy; *c != '\0'; c++)
		if (*c != ' ' || (to > tidy && to[-1] != ' '))
			*to++ = *c;
	if (to > tidy && to[-1] == ' ')
		to--;
	*to = '\0';
	return tidy;
}

static enum template_err
render(struct arena *a, const struct notice *notice, const struct template_values *values,
       struct template_words *words_r, struct why *why)
{
	g_autoptr(CtplEnviron) header = environ_new(a, values, true);
	g_autoptr(CtplEnviron) body = environ_new(a, values, false);
	char *subject = expand(a, notice, notice->subject, header, why);
	char *text = subject != NULL ? expand(a, notice, notice->text, body, why) : NULL;

	if (text == NULL)
		return TEMPLATE_BAD;
	*words_r = (struct template_words){ tidy_subject(a, subject), tidy_text(a, text) };
	return TEMPLATE_OK;
}

static bool
is_name_char(char c)
{
	return g_ascii_isalnum(c) || c == '_';
}

/* The end of a name, a number or a quoted text in an expression; at + 1 for anything else. */
static const char *
skip_term(const char *at)
{
	if (*at == '"') {
		for (at++; *at != '\0' && *at != '"'; at++)
			at += at[0] == '\\' && at[1] != '\0';
		return at + (*at == '"');
	}
	if (!is_name_char(*at))
		return at + 1;
	while (is_name_char(*at))
		at++;
	return at;
}

static bool
is_known(const char *name)
{
	for (size_t i = 0; known_names[i] != NULL; i++)
		if (strcmp(known_names[i], name) == 0)
			return true;
	return false;
}

static void
say_unknown(const char *path, size_t line, const char *name, struct why *why)
{
	const char *near = text_nearest(name, known_names);

	if (near != NULL)
		why_set(why, "%s:%zu: unknown name \"%s\", did you mean \"%s\"?", path, line,
		        name, near);
	else
		why_set(why, "%s:%zu: unknown name \"%s\" (templates/README has all names)", path,
		        line, name);
}

/* Whether all names between braces are known. CTPL finds an unknown one only where a condition
 * leads to it, and does not say where it stands. */
static bool
are_names_known(struct arena *a, const char *path, const char *text, struct why *why)
{
	bool inside = false;
	size_t line = 1;

	for (const char *at = text, *next; *at != '\0'; at = next) {
		next = at + 1;
		line += *at == '\n';
		if (!inside) {
			inside = *at == '{';
			next += at[0] == '\\' && at[1] != '\0' && at[1] != '\n';
			continue;
		}
		inside = *at != '}';
		next = skip_term(at);
		if (is_name_char(*at) && !g_ascii_isdigit(*at)) {
			const char *name = arena_strndup(a, at, (size_t)(next - at));

			if (!is_known(name)) {
				say_unknown(path, line, name, why);
				return false;
			}
		}
	}
	return true;
}

static void
free_tree(void *tree)
{
	ctpl_token_free(tree);
}

/* Read template text into a tree.
 * Takes   line  of the file where the text begins
 * Gives   the tree, tied to the arena; or NULL with why */
static CtplToken *
read_tree(struct arena *a, const char *path, size_t line, const char *text, struct why *why)
{
	g_autoptr(GError) error = NULL;
	CtplToken *tree = ctpl_lexer_lex_string(text, &error);
	const char *says;
	size_t at = 0;
	int n_read = 0;

	if (tree != NULL) {
		arena_defer(a, free_tree, tree);
		return tree;
	}
	says = error != NULL ? error->message : "it is empty";
	if (sscanf(says, "<stream>:%zu:%*d: %n", &at, &n_read) >= 1 && n_read > 0)
		says += n_read;
	why_set(why, "%s:%zu: %s", path, line + (at > 0 ? at - 1 : 0), says);
	return NULL;
}

/* Cut a file into its subject and its text, both in place.
 * Gives   the text, or NULL with why */
static char *
cut_header(char *file, const char *path, char **subject_r, struct why *why)
{
	char *text = file;
	char *first = strsep(&text, "\n");

	if (!text_begins(first, "Subject:")) {
		why_set(why, "%s:1: a notice begins with \"Subject:\", no other field", path);
		return NULL;
	}
	if (text == NULL || *text != '\n') {
		why_set(why, "%s:2: a blank line must stand between \"Subject:\" and the text; "
		        "there is no other header field", path);
		return NULL;
	}
	*subject_r = first + strlen("Subject:");
	*subject_r += strspn(*subject_r, " ");
	return text + 1;
}

/* Read a file of text.
 * Gives   its lines with LF, or NULL with why */
static char *
read_lines(struct arena *a, int dir_fd, const char *name, const char *path, struct why *why)
{
	struct durable_file file = {NULL, 0};
	enum durable_err e = durable_read(a, dir_fd, name, TEMPLATE_MAX_OCTETS, &file, why);

	if (e == DURABLE_ABSENT)
		why_set(why, "%s is missing: every language has every notice", path);
	if (e != DURABLE_OK)
		return NULL;
	if (!text_is_utf8(file.octets, file.n) || memchr(file.octets, '\0', file.n) != NULL) {
		why_set(why, "%s: not UTF-8 text", path);
		return NULL;
	}
	return text_lines(a, file.octets, file.n, TEMPLATE_MAX_OCTETS);
}

/* Whether a notice comes out with all values and with none. */
static bool
can_render(const struct notice *notice, struct why *why)
{
	static const struct template_values some = {
		.token = "ACM-18", .queue_name = "ACME", .queue_address = "acme@example.org",
		.recipient_name = "Anna Rossi", .subject = "Printer", .signature = "ACME\nRome",
		.url = "https://example.org/", .heir = "ACM-26", .held = "17",
		.list = "17\n18", .count = 3, .more = 2, .date_s = 1583143200
	};
	static const struct template_values none = { .count = 1 };
	const struct template_values *const all[] = { &some, &none };
	AUTO(arena) struct arena *a = arena_new();

	for (size_t i = 0; i < N_ELEMENTS(all); i++) {
		struct template_words words;

		if (render(a, notice, all[i], &words, why) != TEMPLATE_OK)
			return false;
		if (*words.subject == '\0' || *words.text == '\0') {
			why_set(why, "%s: %s is empty with some values", notice->path,
			        *words.subject == '\0' ? "the subject" : "the text");
			return false;
		}
	}
	return true;
}

static bool
load_notice(struct arena *a, int dir_fd, const char *name, struct notice *notice, struct why *why)
{
	char *file = read_lines(a, dir_fd, name, notice->path, why);
	char *subject, *text;

	if (file == NULL || !are_names_known(a, notice->path, file, why))
		return false;
	text = cut_header(file, notice->path, &subject, why);
	if (text == NULL)
		return false;
	notice->subject = read_tree(a, notice->path, 1, subject, why);
	if (notice->subject == NULL)
		return false;
	notice->text = read_tree(a, notice->path, 3, text, why);
	return notice->text != NULL && can_render(notice, why);
}

static bool
load_language(struct template_set *set, int dir_fd, const char *dir, const char *entry,
              struct why *why)
{
	struct language *language = &set->language[set->n];
	char *name = arena_strdup(set->arena, entry);
	AUTO(fd) int fd = openat(dir_fd, entry, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		why_errno(why, errno, "%s/%s", dir, entry);
		return false;
	}
	text_lower(name);
	language->name = name;
	set->n++;
	for (size_t i = 0; i < NOTICE_KIND_COUNT; i++) {
		const char *file = arena_printf(set->arena, "%s.txt", notice_kind_name[i]);

		language->notice[i].path = arena_printf(set->arena, "%s/%s/%s", dir, entry, file);
		if (!load_notice(set->arena, fd, file, &language->notice[i], why))
			return false;
	}
	return true;
}

/* Whether a name is a language tag, and so a directory of ours: two or three letters, then
 * subtags. */
static bool
is_language_tag(const char *name)
{
	size_t n = 0;

	while (g_ascii_isalpha(name[n]))
		n++;
	if (n < 2 || n > 3 || (name[n] != '\0' && name[n] != '-')
	    || strlen(name) > LANGUAGE_MAX_OCTETS)
		return false;
	while (g_ascii_isalnum(name[n]) || name[n] == '-')
		n++;
	return name[n] == '\0';
}

static bool
load_all(struct template_set *set, const char *path, DIR *dir, struct why *why)
{
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		if (!is_language_tag(entry->d_name) || entry->d_type == DT_REG)
			continue;
		if (set->n == TEMPLATE_LANGUAGES_MAX) {
			why_set(why, "%s: more than %d languages", path, TEMPLATE_LANGUAGES_MAX);
			return false;
		}
		if (!load_language(set, dirfd(dir), path, entry->d_name, why))
			return false;
	}
	if (template_language(set, "en") == NULL) {
		why_set(why, "%s/en is missing: English serves where no other language does", path);
		return false;
	}
	return true;
}

enum template_err
template_load(const char *dir, struct template_set **set_r, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	struct template_set *set = arena_alloc(a, sizeof *set);
	DIR *open_dir = opendir(dir);
	bool fine;

	if (open_dir == NULL) {
		why_errno(why, errno, "template_dir %s", dir);
		return TEMPLATE_BAD;
	}
	set->arena = a;
	set->language = arena_array(a, TEMPLATE_LANGUAGES_MAX, sizeof *set->language);
	fine = load_all(set, dir, open_dir, why);
	(void)closedir(open_dir);
	if (!fine)
		return TEMPLATE_BAD;
	*set_r = set;
	a = NULL; /* the set's from here */
	return TEMPLATE_OK;
}

void
template_free(struct template_set **set)
{
	if (*set != NULL) {
		struct arena *a = (*set)->arena; /* the set lies in it */

		arena_free(&a);
	}
	*set = NULL;
}

static const struct language *
find_language(const struct template_set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++)
		if (text_same(set->language[i].name, name))
			return &set->language[i];
	return NULL;
}

const char *
template_language(const struct template_set *set, const char *wanted)
{
	const struct language *found = find_language(set, wanted);
	char primary[LANGUAGE_MAX_OCTETS + 1];

	if (found == NULL) {
		(void)snprintf(primary, sizeof primary, "%.*s", (int)strcspn(wanted, "-_"), wanted);
		found = find_language(set, primary);
	}
	return found != NULL ? found->name : NULL;
}

enum template_err
template_render(const struct template_set *set, struct arena *a, enum notice_kind notice,
                const struct template_values *values, struct template_words *words_r,
                struct why *why)
{
	const char *language = values->language != NULL ? values->language : "en";
	const struct language *in = find_language(set, language);

	if (in == NULL) {
		why_set(why, "there are no templates in language \"%s\"", language);
		return TEMPLATE_BAD;
	}
	return render(a, &in->notice[notice], values, words_r, why);
}

/* src/mail/language.c - in which language a text is written, where the library is sure of it */
#include "language.h"
#include "arena.h"
#include "buf.h"
#include "durable.h"
#include "own.h"
#include "text.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <textcat.h>

enum {
	LETTERS_LEAST = 40,        /* below, names and greetings decide */
	LOOKED_AT_MOST_OCTETS = 500, /* more tells nothing new, and costs by the letter */
	LIBRARY_LEAST_OCTETS = 20,
	DIFFERENT_LEAST = 9,       /* octets, the blank among them */
	TAG_MOST_OCTETS = 10,
	LIST_MOST_OCTETS = 64 * 1024,
	IDEOGRAPH_LETTERS = 2      /* that one of them is worth */
};

/* Languages with few writers look like their large neighbour, in text as short as a mail: where
 * the neighbour is as likely, it is meant. Scots is always taken for English, which its writers
 * read. */
static const char *const neighbours[][2] = {
	{"af", "nl"},  {"ast", "es"}, {"bs", "hr"},  {"fy", "nl"},  {"gl", "pt"},  {"ht", "fr"},
	{"lb", "de"},  {"nds", "de"}, {"nds", "nl"}, {"nn", "nb"},  {"oc", "fr"},  {"rue", "uk"},
	{"wa", "fr"},  {"fur", "it"}, {"sc", "it"},  {"ia", "it"},  {"ia", "es"},  {"la", "it"},
	{"ms", "id"},  {"eo", "es"},  {"rm", "it"},  {"zh-tw", "zh-cn"},
};

/* Of the library's 160 languages, those in which support is often written: each one more makes
 * every guess dearer. */
static const char *const known[] = {
	"af--", "ar--", "bg--", "ca--", "cs--", "da--", "de--", "el--", "en--", "es--", "et--",
	"eu--", "fa--", "fi--", "fr--", "gl--", "he--", "hi--", "hr--", "hu--", "id--", "is--",
	"it--", "ja--", "ko--", "lt--", "lv--", "nb--", "nl--", "nn--", "pl--", "pt--", "ro--",
	"ru--", "sk--", "sl--", "sr--", "sv--", "th--", "tr--", "uk--", "vi--", "zh-CN-",
	"zh-TW-"};

/* The library keeps its database behind one handle, read before the jail closes. */
static void *fingerprints;

/* The library's own list, cut down to the known languages.
 * Gives   a descriptor that it can be read from by name, or -1 */
static int
list_known(struct arena *a, const char *path)
{
	struct durable_file file = {NULL, 0};
	AUTO(fd) int fd = memfd_create("languages", MFD_CLOEXEC);
	AUTO(buf) struct buf list = {0};
	char *rest = NULL;
	int given = -1;

	if (fd < 0 ||
	    durable_read(a, AT_FDCWD, path, LIST_MOST_OCTETS, &file, NULL) != DURABLE_OK)
		return -1;
	for (char *line = strtok_r(file.octets, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		const char *tag = line[0] == '#' ? "" : line + strcspn(line, " \t");

		tag += strspn(tag, " \t");
		for (size_t i = 0; i < N_ELEMENTS(known); i++)
			if (text_begins(tag, known[i]))
				buf_printf(&list, "%s\n", line);
	}
	if (list.n > 0 && write(fd, list.octets, list.n) == (ssize_t)list.n) {
		given = fd;
		fd = -1;
	}
	return given;
}

bool
language_warm_up(const char *dir)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *from = dir != NULL ? dir : TEXTCAT_DIR;

	if (fingerprints != NULL)
		return true;
	AUTO(fd) int list = list_known(a, arena_printf(a, "%s/fpdb.conf", from));
	if (list >= 0)
		fingerprints = special_textcat_Init(arena_printf(a, "/proc/self/fd/%d", list),
		                                    arena_printf(a, "%s/", from));
	if (fingerprints != NULL) {
		(void)textcat_SetProperty(fingerprints, TCPROP_UTF8AWARE, TC_TRUE);
		(void)textcat_SetProperty(fingerprints, TCPROP_MINIMUM_DOCUMENT_SIZE,
		                          LIBRARY_LEAST_OCTETS);
	}
	return fingerprints != NULL;
}

/* How many letters the character that begins with this octet is worth. */
static size_t
letters_of(unsigned char c)
{
	bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0xC0;

	return c >= 0xE3 ? IDEOGRAPH_LETTERS : is_letter;
}

/* Addresses, links, numbers and code are the same in all languages. */
static bool
is_word(const char *word, size_t n)
{
	static const char never[] = "@/\\_<>{}[]=#0123456789";
	bool fine = true;

	for (size_t i = 0; fine && i < n; i++)
		fine = strchr(never, word[i]) == NULL;
	return fine;
}

/* Not more than n octets, and no half of a character. */
static size_t
cut(const char *text, size_t n)
{
	while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--;
	return n;
}

/* Append the words of a text. Gives  how many letters they have */
static size_t
put_words(struct buf *out, const char *text)
{
	size_t n_letters = 0;

	while (*text != '\0' && out->n < LOOKED_AT_MOST_OCTETS) {
		size_t n = strcspn(text, " \t\n");

		if (n > LOOKED_AT_MOST_OCTETS)
			n = cut(text, LOOKED_AT_MOST_OCTETS);
		if (n > 0 && is_word(text, n)) {
			buf_add(out, text, n);
			buf_octet(out, ' ');
			for (size_t i = 0; i < n; i++)
				n_letters += letters_of((unsigned char)text[i]);
		}
		text += n;
		text += strspn(text, " \t\n");
	}
	return n_letters;
}

/* "de--utf8" is "de", "zh-CN-utf8" is "zh-cn". */
static const char *
tag_of(struct arena *a, const char *name)
{
	const char *end = strstr(name, "-utf8");
	size_t n = end != NULL ? (size_t)(end - name) : strlen(name);

	while (n > 0 && name[n - 1] == '-')
		n--;
	char *tag = arena_strndup(a, name, n < TAG_MOST_OCTETS ? n : TAG_MOST_OCTETS);
	text_lower(tag);
	return strcmp(tag, "sco") == 0 ? "en" : tag;
}

static bool
stands_for(const char *small, const char *large)
{
	bool found = strcmp(small, large) == 0;

	for (size_t i = 0; !found && i < N_ELEMENTS(neighbours); i++)
		found = strcmp(neighbours[i][0], small) == 0 &&
		        strcmp(neighbours[i][1], large) == 0;
	return found;
}

/* Of the likely languages, the one that all the others may be taken for; or "". */
static const char *
choose(struct arena *a, const candidate_t *likely, size_t n)
{
	const char *found = "";

	for (size_t i = 0; found[0] == '\0' && i < n; i++) {
		const char *large = tag_of(a, likely[i].name);
		bool all = true;

		for (size_t k = 0; all && k < n; k++)
			all = stands_for(tag_of(a, likely[k].name), large);
		found = all ? large : "";
	}
	return found;
}

static const char *
ask(struct arena *a, const char *words, size_t n_words)
{
	candidate_t *likely = textcat_GetClassifyFullOutput(fingerprints);
	const char *found = "";

	if (likely == NULL)
		abort(); /* out of memory */
	int n = textcat_ClassifyFull(fingerprints, words, n_words, likely);
	if (n > 0)
		found = choose(a, likely, (size_t)n);
	textcat_ReleaseClassifyFullOutput(fingerprints, likely);
	return found;
}

/* "eeeee…" and "ha ha ha" are like some language most of all, and are none. */
static bool
is_varied(const struct buf *words)
{
	bool seen[256] = {false};
	size_t n = 0;

	for (size_t i = 0; i < words->n; i++) {
		unsigned char c = (unsigned char)words->octets[i];

		n += !seen[c];
		seen[c] = true;
	}
	return n >= DIFFERENT_LEAST;
}

const char *
language_guess(struct arena *a, const char *text)
{
	AUTO(buf) struct buf words = {0};

	if (fingerprints == NULL || put_words(&words, text) < LETTERS_LEAST ||
	    !is_varied(&words))
		return "";
	size_t half = cut(words.octets, words.n / 2);
	const char *all = ask(a, words.octets, words.n);
	const char *parts[] = {ask(a, words.octets, half),
	                       ask(a, words.octets + half, words.n - half)};
	/* The same text in two languages, one below the other, is common. */
	for (size_t i = 0; i < N_ELEMENTS(parts); i++)
		if (parts[i][0] != '\0' && !stands_for(parts[i], all))
			all = "";
	return all;
}

/* t/unit/text_t.c - hostile octets in, safe text out */
#include "arena.h"
#include "buf.h"
#include "tap.h"
#include "text.h"

#define REPLACED "\xef\xbf\xbd"

struct octets {
	const char *octets;
	size_t n;
};

#define OCTETS(literal) {literal, sizeof(literal) - 1}

static void
test_utf8(void)
{
	static const struct octets good[] = {
		OCTETS(""), OCTETS("a\0b"), OCTETS("\xc2\x80"), OCTETS("\xdf\xbf"),
		OCTETS("\xe0\xa0\x80"), OCTETS("\xed\x9f\xbf"), OCTETS("\xee\x80\x80"),
		OCTETS("\xef\xbf\xbf"), OCTETS("\xf0\x90\x80\x80"), OCTETS("\xf4\x8f\xbf\xbf"),
	};
	static const struct octets bad[] = {
		OCTETS("\x80"), OCTETS("a\xbf"), OCTETS("\xc0\x80"), OCTETS("\xc1\xbf"),
		OCTETS("\xe0\x9f\xbf"), OCTETS("\xed\xa0\x80"), OCTETS("\xed\xbf\xbf"),
		OCTETS("\xf0\x8f\xbf\xbf"), OCTETS("\xf4\x90\x80\x80"), OCTETS("\xf5\x80\x80\x80"),
		OCTETS("\xff"), OCTETS("\xfe"), OCTETS("\xc3"), OCTETS("\xe2\x82"),
		OCTETS("\xf0\x9f\x98"), OCTETS("\xe2\x28\xa1"), OCTETS("\xf8\x88\x80\x80\x80"),
	};
	char what[80];

	for (size_t i = 0; i < N_ELEMENTS(good); i++) {
		(void)snprintf(what, sizeof what, "good UTF-8 number %zu", i);
		OK(text_is_utf8(good[i].octets, good[i].n), what);
	}
	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		(void)snprintf(what, sizeof what, "bad UTF-8 number %zu", i);
		OK(!text_is_utf8(bad[i].octets, bad[i].n), what);
	}
}

static void
test_line(void)
{
	static const struct {
		struct octets in;
		const char *line, *lines, *what;
	} rows[] = {
		{OCTETS("plain \xc3\xa9"), "plain \xc3\xa9", "plain \xc3\xa9", "plain"},
		{OCTETS("a\r\nBcc: b"), "a Bcc: b", "a\nBcc: b", "CR LF"},
		{OCTETS("a\rb\nc"), "a b c", "a\nb\nc", "CR, LF"},
		{OCTETS("a\0b"), "a b", "a" REPLACED "b", "NUL"},
		{OCTETS("a\tb"), "a b", "a\tb", "tab"},
		{OCTETS("\x1b[2J\x7f"), " [2J ", REPLACED "[2J" REPLACED, "escape, delete"},
		{OCTETS("a\xc2\x85z\xc2\x9b"), "a z ", "a" REPLACED "z" REPLACED, "C1"},
		{OCTETS("a\xe2\x80\xa8z\xe2\x80\xa9"), "a z ", "a\nz\n", "U+2028, U+2029"},
		{OCTETS("a\xe2\x80\xaez"), "a?z", "a" REPLACED "z", "U+202E"},
		{OCTETS("a\xe2\x81\xa6z"), "a?z", "a" REPLACED "z", "U+2066"},
		{OCTETS("a\xe2\x80\x8bz"), "a?z", "a\xe2\x80\x8bz", "ZWSP"},
		{OCTETS("\xef\xbb\xbfz"), "?z", "\xef\xbb\xbfz", "byte order mark"},
		{OCTETS("a\xf3\xa0\x81\x81z"), "a?z", "a\xf3\xa0\x81\x81z", "a tag character"},
		{OCTETS("a\xe2\x80\x8dz"), "a\xe2\x80\x8dz", "a\xe2\x80\x8dz", "joiner"},
		{OCTETS("\xc0\x80z"), "\?\?z", REPLACED REPLACED "z", "overlong NUL"},
		{OCTETS("\xc0\xafz"), "\?\?z", REPLACED REPLACED "z", "overlong slash"},
		{OCTETS("\xed\xa0\x80"), "\?\?\?", REPLACED REPLACED REPLACED, "surrogate"},
		{OCTETS("z\xe2\x82"), "z\?\?", "z" REPLACED REPLACED, "cut in a character"},
		{OCTETS(""), "", "", "nothing"},
	};
	AUTO(arena) struct arena *a = arena_new();
	char copy[64];

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		const struct octets *in = &rows[i].in;

		IS_STR(text_line(a, in->octets, in->n, 1000), rows[i].line, rows[i].what);
		IS_STR(text_lines(a, in->octets, in->n, 1000), rows[i].lines, rows[i].what);
		memcpy(copy, in->octets, in->n + 1);
		text_clean_line(copy);
		if (strlen(in->octets) == in->n)
			IS_STR(copy, rows[i].line, "the same in place");
	}
	IS_STR(text_line(a, "ab\xc3\xa9", 4, 3), "ab", "cut on a character border");
	IS_STR(text_line(a, "ab\xc3\xa9", 4, 4), "ab\xc3\xa9", "just fits");
	IS_STR(text_lines(a, "ab\xff", 3, 4), "ab", "a replacement that does not fit");
	IS_STR(text_line(a, "abc", 3, 0), "", "no room at all");
	IS_STR(text_lines(a, "a\r\n", 3, SIZE_MAX), "a\n", "no bound");
}

/* Whatever the octets: one line of valid UTF-8 without control characters. */
static void
test_line_any(void)
{
	AUTO(arena) struct arena *a = arena_new();
	unsigned char octets[64];
	uint32_t seed = 1;
	int n_good = 0;

	for (int round = 0; round < 2000; round++) {
		for (size_t i = 0; i < sizeof octets; i++) {
			seed = seed * 1664525 + 1013904223;
			octets[i] = (unsigned char)(seed >> 24);
		}
		const char *line = text_line(a, octets, sizeof octets, 40);
		const char *lines = text_lines(a, octets, sizeof octets, 100);
		bool good = strlen(line) <= 40 && text_is_utf8(line, strlen(line));

		for (const char *p = line; *p != '\0'; p++)
			good = good && (unsigned char)*p >= ' ' && *p != 0x7f;
		n_good += good && strlen(lines) <= 100 && text_is_utf8(lines, strlen(lines)) &&
		          strchr(lines, '\r') == NULL;
	}
	IS_INT(n_good, 2000, "any octets become clean text");
}

static void
test_compare(void)
{
	static const char *const names[] = {"lmtp_idle_s", "lmtp_listen", "smtp_port", NULL};

	OK(text_same("Content-Type", "content-TYPE"), "same, ignoring case");
	OK(!text_same("abc", "abcd") && !text_same("abcd", "abc"), "not the same length");
	OK(!text_same("\xc3\x89", "\xc3\xa9"), "only ASCII has case");
	OK(!text_same("@", "`") && !text_same("[", "{"), "only letters have case");
	OK(text_begins("Re: x", "RE:") && !text_begins("R", "RE:"), "begins");
	OK(text_begins("x", ""), "everything begins with nothing");
	IS_STR(text_find("one Two three", "tWo"), "Two three", "find");
	OK(text_find("aab", "ac") == NULL && text_find("", "a") == NULL, "find nothing");
	IS_STR(text_find("aaab", "aab"), "aab", "find after a false start");
	char mixed[] = "A\xc3\x89Z[";
	text_lower(mixed);
	IS_STR(mixed, "a\xc3\x89z[", "lower");
	OK(text_same_secret("a\0b", "a\0b", 3) && !text_same_secret("a\0b", "a\0c", 3), "secrets");
	OK(text_same_secret("a", "b", 0), "secrets of no octets");
	IS_STR(text_nearest("lmtp_idel_s", names), "lmtp_idle_s", "nearest");
	IS_STR(text_nearest("SMTP_PORT", names), "smtp_port", "nearest ignores case");
	OK(text_nearest("xyz", names) == NULL, "nothing is near");
	OK(text_nearest("", names) == NULL, "nothing is near nothing");
}

static void
test_escapes(void)
{
	AUTO(buf) struct buf b = {0};

	text_log(&b, "a \"\\\r\n\0\xc3\xa9\xff\xe2\x80\xae", 13, 100);
	IS_STR(b.octets, "a \\x22\\x5c\\x0d\\x0a\\x00\xc3\xa9\\xff\\xe2\\x80\\xae", "for the log");
	buf_clear(&b);
	text_log(&b, "abcdef", 6, 3);
	IS_STR(b.octets, "abc...", "for the log, cut");
	buf_clear(&b);
	text_log(&b, "ab\xc3\xa9", 4, 3);
	IS_STR(b.octets, "ab...", "for the log, cut on a character border");
	buf_clear(&b);
	text_html(&b, "<a href=\"x\">'&amp;\xc3\xa9</a>");
	IS_STR(b.octets,
	       "&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;\xc3\xa9&lt;/a&gt;", "for HTML");
	buf_clear(&b);
	text_xtext(&b, "a+b=c d\xc3\xa9~");
	IS_STR(b.octets, "a+2Bb+3Dc+20d+C3+A9~", "to xtext");
	AUTO(buf) struct buf back = {0};
	OK(text_unxtext(&back, b.octets), "xtext is read back");
	IS_STR(back.octets, "a+b=c d\xc3\xa9~", "as it was");
}

static void
test_unxtext(void)
{
	static const char *const bad[] = {"+", "+4", "+4g", "+g4", "a+00", "+0D", "+0a",
	                                  "a b", "a=b", "\xc3\xa9", "a\r\nb"};
	AUTO(buf) struct buf b = {0};
	char what[80];

	buf_text(&b, "kept:");
	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		(void)snprintf(what, sizeof what, "bad xtext number %zu", i);
		OK(!text_unxtext(&b, bad[i]), what);
	}
	IS_STR(b.octets, "kept:", "bad xtext adds nothing");
	OK(text_unxtext(&b, "") && text_unxtext(&b, "+c3+A9"), "empty, lower case");
	IS_STR(b.octets, "kept:\xc3\xa9", "good xtext is added");
}

int
main(void)
{
	test_utf8();
	test_line();
	test_line_any();
	test_compare();
	test_escapes();
	test_unxtext();
	return tap_done();
}

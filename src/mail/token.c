/* src/mail/token.c - the reference number in the subject: [ACM-104231] */
#include "token.h"
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	GLYPHS_MAX = 4096,    /* characters of a subject that are looked at */
	GAP_MAX = 4,          /* spaces on one side of the hyphen, or between digits in brackets */
	REPLY_WORD_MAX = 24,  /* characters of the longest reply prefix, with room */
	REPLY_COUNT_MAX = 4,  /* digits in Re[12]: */
	ABSENT = 0x110000     /* no character: beyond either end */
};

/* One character that counts, in its plain form, and where the original begins. */
struct glyph {
	uint32_t plain;
	size_t at;
};

struct line {
	size_t n;
	struct glyph glyph[GLYPHS_MAX + 1]; /* glyph[n].at is the end of the text */
};

/* What a match attempt found. */
enum match { MATCH_NONE, MATCH_TOKEN, MATCH_MISTYPED };

/* What answering and forwarding mail programs put in front, lower case. */
static const char *const reply_words[] = {
	"re",          "fw",     "fwd",  "aw",       "wg",      "antw",  "antwort", "doorst",
	"rif",         "r",      "i",    "inoltro",  "inoltra", "tr",    "rép",     "réf",
	"transf",      "rv",     "res",  "resp",     "enc",     "sv",    "svar",    "vs",
	"vb",          "vl",     "vl.",  "fs",       "vid",     "ad",    "odp",     "pd",
	"odg",         "prepsl", "ynt",  "yan",      "ilt",     "i̇lt",   "vá",      "továbbítás",
	"atb",         "pārs",   "ats",  "fwd.",     "hov",     "hot",   "ref",     "ang",
	"bls",         "trs",    "bal",  "σχετ",     "απ",      "πρθ",   "отв",     "ответ",
	"пересл",      "на",     "відп", "תגובה",    "השב",     "הועבר", "רד",      "رد",
	"回复",        "回復",   "回覆", "答复",     "答覆",    "答复",  "转发",    "轉寄",
	"轉發",        "返信",   "転送", "回信",     "답장",    "회신",  "전달",    "trả lời",
	"chuyển tiếp", "ตอบกลับ", "ส่งต่อ", "redirect", NULL};

/* Damm's example of a totally anti-symmetric quasigroup of order 10 (thesis, 2004). */
static const unsigned char damm[10][10] = {
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2}, {7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9}, {1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8}, {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4}, {8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5}, {2, 5, 8, 1, 4, 3, 6, 7, 9, 0}};

unsigned
token_check_digit(uint64_t number)
{
	char digits[24];
	unsigned check = 0;

	(void)snprintf(digits, sizeof digits, "%" PRIu64, number);
	for (const char *d = digits; *d != '\0'; d++)
		check = damm[check][*d - '0'];
	return check;
}

void
token_print(const struct token *t, char text_r[TOKEN_TEXT])
{
	(void)snprintf(text_r, TOKEN_TEXT, "%s-%" PRIu64 "%u", t->prefix, t->number,
	               token_check_digit(t->number));
}

/* Mail programs and people put these in without meaning anything by them. */
static bool
is_ignorable(uint32_t c)
{
	return c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF || (c >= 0xFE00 && c <= 0xFE0F);
}

static uint32_t
plain(uint32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		c -= 0xFF01 - '!';
	if (c == '\t' || c == '\r' || c == '\n' || (c > 0x7F && g_unichar_isspace(c)))
		c = ' ';
	else if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE58 || c == 0xFE63)
		c = '-';
	else if (c == 0x3010 || c == 0x3014 || c == 0x301A) /* CJK brackets */
		c = '[';
	else if (c == 0x3011 || c == 0x3015 || c == 0x301B)
		c = ']';
	return c;
}

static void
read_line(const char *text, struct line *line)
{
	size_t at = 0;

	line->n = 0;
	while (text[at] != '\0' && line->n < GLYPHS_MAX) {
		gunichar c = g_utf8_get_char_validated(text + at, -1);
		bool valid = c < ABSENT;

		if (!valid)
			c = 0xFFFD;
		if (!is_ignorable(c))
			line->glyph[line->n++] = (struct glyph){plain(c), at};
		at += valid ? (size_t)(g_utf8_next_char(text + at) - (text + at)) : 1;
	}
	line->glyph[line->n].at = at;
}

static uint32_t
glyph_at(const struct line *line, size_t i)
{
	return i < line->n ? line->glyph[i].plain : ABSENT;
}

/* Letters and digits that make a token part of a longer word. Scripts written without spaces
 * between words (CJK, Thai) do not: a Japanese sentence runs straight into the number. */
static bool
is_joined(uint32_t c)
{
	if (c >= ABSENT || (c >= 0x0E00 && c <= 0x0EFF) || c >= 0x2E80)
		return false;
	return g_unichar_isalnum(c) || g_unichar_ismark(c);
}

static bool
is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static size_t
skip_gap(const struct line *line, size_t i)
{
	size_t end = i;

	while (end < i + GAP_MAX && glyph_at(line, end) == ' ')
		end++;
	return end;
}

/* Add the digits at i to digits[0 .. *n-1]; more than TOKEN_DIGITS_MAX are counted but not kept. */
static size_t
read_digits(const struct line *line, size_t i, char *digits, size_t *n)
{
	for (; is_digit(glyph_at(line, i)); i++, (*n)++) {
		if (*n < TOKEN_DIGITS_MAX)
			digits[*n] = (char)glyph_at(line, i);
	}
	return i;
}

static enum match
judge_digits(const char *digits, size_t n, uint64_t *number_r)
{
	uint64_t number = 0;

	if (n < 2 || n > TOKEN_DIGITS_MAX)
		return MATCH_NONE;
	for (size_t i = 0; i + 1 < n; i++)
		number = number * 10 + (uint64_t)(digits[i] - '0');
	if (digits[0] == '0' || token_check_digit(number) != (unsigned)(digits[n - 1] - '0'))
		return MATCH_MISTYPED;
	*number_r = number;
	return MATCH_TOKEN;
}

/* The digits behind the hyphen. In brackets they may be torn by spaces where a mail program
 * folded. */
static enum match
match_number(const struct line *line, size_t i, bool bracket, size_t *end_r, uint64_t *number_r)
{
	char digits[TOKEN_DIGITS_MAX];
	size_t n = 0, end = read_digits(line, i, digits, &n);
	enum match found = is_joined(glyph_at(line, end)) ? MATCH_NONE
	                                                  : judge_digits(digits, n, number_r);

	*end_r = end;
	if (found == MATCH_TOKEN || !bracket || n == 0)
		return found;
	for (size_t next = skip_gap(line, end); next != end && is_digit(glyph_at(line, next));
	     next = skip_gap(line, end))
		end = read_digits(line, next, digits, &n);
	if (glyph_at(line, skip_gap(line, end)) == ']' &&
	    judge_digits(digits, n, number_r) == MATCH_TOKEN) {
		*end_r = end;
		found = MATCH_TOKEN;
	}
	return found;
}

/* A token of this prefix that begins at glyph i. */
static enum match
match_prefix(const struct line *line, size_t i, const char *prefix, size_t *end_r,
             struct token *t_r)
{
	size_t n = strlen(prefix), end = i + n;
	bool bracket = i > 0 && glyph_at(line, i - 1) == '[';

	if (n < TOKEN_PREFIX_MIN || n > TOKEN_PREFIX_MAX)
		return MATCH_NONE;
	for (size_t k = 0; k < n; k++) {
		uint32_t c = glyph_at(line, i + k);
		if (c > 0x7F || g_ascii_toupper((char)c) != prefix[k])
			return MATCH_NONE;
	}
	end = skip_gap(line, end);
	if (glyph_at(line, end) != '-')
		return MATCH_NONE;
	*t_r = (struct token){.number = 0};
	memcpy(t_r->prefix, prefix, n);
	return match_number(line, skip_gap(line, end + 1), bracket, end_r, &t_r->number);
}

static enum match
match_any(const struct line *line, size_t i, const char *const prefixes[], size_t *end_r,
          struct token *t_r)
{
	enum match found = MATCH_NONE;

	if (i > 0 && is_joined(glyph_at(line, i - 1)))
		return MATCH_NONE;
	for (size_t p = 0; prefixes[p] != NULL && found == MATCH_NONE; p++)
		found = match_prefix(line, i, prefixes[p], end_r, t_r);
	return found;
}

bool
token_parse(const char *text, struct token *t_r, bool *mistyped_r)
{
	struct line line;
	size_t first = 0, end = 0, n = 0;
	char prefix[TOKEN_PREFIX_MAX + 1] = "";
	struct token t;

	if (mistyped_r != NULL)
		*mistyped_r = false;
	read_line(text, &line);
	while (glyph_at(&line, first) == ' ')
		first++;
	bool bracket = glyph_at(&line, first) == '[';
	first += bracket;
	while (n < TOKEN_PREFIX_MAX && glyph_at(&line, first + n) < 0x80 &&
	       g_ascii_isalpha((char)glyph_at(&line, first + n))) {
		prefix[n] = g_ascii_toupper((char)glyph_at(&line, first + n));
		n++;
	}
	enum match found = match_prefix(&line, first, prefix, &end, &t);
	if (found != MATCH_NONE && bracket) {
		end = skip_gap(&line, end);
		found = glyph_at(&line, end) == ']' ? found : MATCH_NONE;
		end++;
	}
	while (glyph_at(&line, end) == ' ')
		end++;
	if (end < line.n)
		found = MATCH_NONE;
	if (found == MATCH_TOKEN)
		*t_r = t;
	if (mistyped_r != NULL)
		*mistyped_r = found == MATCH_MISTYPED;
	return found == MATCH_TOKEN;
}

static size_t
add_token(struct token *list, size_t n, const struct token *t)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].number == t->number && strcmp(list[i].prefix, t->prefix) == 0)
			return n;
	}
	if (n < TOKEN_FOUND_MAX)
		list[n++] = *t;
	return n;
}

size_t
token_find(const char *subject, const char *const prefixes[], struct token found_r[TOKEN_FOUND_MAX],
           size_t *n_mistyped_r)
{
	struct line line;
	size_t n_found = 0, n_mistyped = 0;

	read_line(subject, &line);
	for (size_t i = 0, end = 0; i < line.n; i = end) {
		struct token t;
		enum match found = match_any(&line, i, prefixes, &end, &t);

		if (found == MATCH_TOKEN)
			n_found = add_token(found_r, n_found, &t);
		else if (found == MATCH_MISTYPED)
			n_mistyped++;
		else
			end = i + 1;
	}
	if (n_mistyped_r != NULL)
		*n_mistyped_r = n_mistyped;
	return n_found;
}

/* Where the number of Re[2]:, Re(2):, Re^2: or Re2: ends. */
static size_t
skip_count(const struct line *line, size_t i)
{
	uint32_t open = glyph_at(line, i);
	size_t end = i + (open == '[' || open == '(' || open == '^' || open == '*');
	size_t first = end;

	while (end < first + REPLY_COUNT_MAX && is_digit(glyph_at(line, end)))
		end++;
	if (end == first)
		return i;
	if (open == '[' || open == '(')
		end = glyph_at(line, end) == (open == '[' ? ']' : ')') ? end + 1 : i;
	return end;
}

/* Where the reply prefix at i ends, or i when there is none. */
static size_t
skip_reply(const struct line *line, size_t i)
{
	for (size_t w = 0; reply_words[w] != NULL; w++) {
		const char *word = reply_words[w];
		size_t end = i;

		while (*word != '\0' && end < i + REPLY_WORD_MAX && glyph_at(line, end) < ABSENT &&
		       g_unichar_tolower(glyph_at(line, end)) == g_utf8_get_char(word)) {
			word = g_utf8_next_char(word);
			end++;
		}
		end = skip_gap(line, skip_count(line, end));
		if (*word == '\0' && glyph_at(line, end) == ':')
			return end + 1;
	}
	return i;
}

/* Where the bracketed token at i ends, or i when there is none. */
static size_t
skip_token(const struct line *line, size_t i, const char *const prefixes[])
{
	struct token t;
	size_t end;

	if (glyph_at(line, i) != '[' ||
	    match_any(line, i + 1, prefixes, &end, &t) != MATCH_TOKEN)
		return i;
	end = skip_gap(line, end);
	return glyph_at(line, end) == ']' ? end + 1 : i;
}

void
token_strip(const char *subject, const char *const prefixes[], char *text_r, size_t room)
{
	struct line line;
	size_t n = 0;
	bool leading = true, space = false;

	read_line(subject, &line);
	for (size_t i = 0, next; i < line.n; i = next) {
		size_t from = line.glyph[i].at, n_octets = line.glyph[i + 1].at - from;

		next = skip_token(&line, i, prefixes);
		if (next == i && leading)
			next = skip_reply(&line, i);
		if (next == i && glyph_at(&line, i) == ' ')
			next = i + 1;
		if (next != i) {
			space = true;
			continue;
		}
		next = i + 1;
		space = space && n > 0;
		if (n + space + n_octets >= room)
			break;
		if (space)
			text_r[n++] = ' ';
		memcpy(text_r + n, subject + from, n_octets);
		n += n_octets;
		leading = space = false;
	}
	text_r[n] = '\0';
}

/* src/base/number.c - numbers as people write them in settings and arguments, and back */
#include "number.h"
#include "buf.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

enum { MODE_DIGITS = 4, MODE_MOST = 0777 };

struct unit {
	char letter;
	uint64_t factor;
};

/* Largest first; the last one is what a bare number means. */
static const struct unit times[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
static const struct unit sizes[] = {
	{'T', 1ULL << 40}, {'G', 1ULL << 30}, {'M', 1ULL << 20}, {'K', 1ULL << 10}, {'\0', 1}};

/* Digits of one base from *p on; leaves *p behind them. */
static enum number_err
digits(const char **p, unsigned base, uint64_t *n_r)
{
	const char *first = *p;
	uint64_t n = 0;

	for (; **p >= '0' && **p < (char)('0' + base); ++*p) {
		unsigned digit = (unsigned)(**p - '0');

		if (n > (UINT64_MAX - digit) / base)
			return NUMBER_TOO_BIG;
		n = n * base + digit;
	}
	if (*p == first)
		return NUMBER_GARBAGE;
	*n_r = n;
	return NUMBER_OK;
}

enum number_err
number_unsigned(const char *text, uint64_t *n_r)
{
	uint64_t n = 0;
	enum number_err e = digits(&text, 10, &n);

	if (e == NUMBER_OK && *text != '\0')
		e = NUMBER_GARBAGE;
	if (e == NUMBER_OK)
		*n_r = n;
	return e;
}

static enum number_err
with_unit(const char *text, const struct unit units[], size_t n_units, uint64_t *n_r)
{
	uint64_t n = 0;
	enum number_err e = digits(&text, 10, &n);
	size_t u = n_units - 1;

	if (e != NUMBER_OK)
		return e;
	if (*text != '\0') {
		char letter[2] = {*text, '\0'};

		for (u = 0; u < n_units; u++) {
			char name[2] = {units[u].letter, '\0'};
			if (text_same(letter, name))
				break;
		}
		if (u == n_units || text[1] != '\0')
			return NUMBER_GARBAGE;
	}
	if (n > UINT64_MAX / units[u].factor)
		return NUMBER_TOO_BIG;
	*n_r = n * units[u].factor;
	return NUMBER_OK;
}

enum number_err
number_duration(const char *text, int64_t *s_r)
{
	uint64_t s = 0;
	enum number_err e = with_unit(text, times, N_ELEMENTS(times), &s);

	if (e == NUMBER_OK && s > INT64_MAX)
		e = NUMBER_TOO_BIG;
	if (e == NUMBER_OK)
		*s_r = (int64_t)s;
	return e;
}

enum number_err
number_size(const char *text, uint64_t *octets_r)
{
	return with_unit(text, sizes, N_ELEMENTS(sizes), octets_r);
}

enum number_err
number_yesno(const char *text, bool *yes_r)
{
	static const struct {
		const char *word;
		bool yes;
	} words[] = {{"yes", true},  {"no", false}, {"true", true},
	             {"false", false}, {"on", true},  {"off", false}};

	for (size_t i = 0; i < N_ELEMENTS(words); i++) {
		if (text_same(text, words[i].word)) {
			*yes_r = words[i].yes;
			return NUMBER_OK;
		}
	}
	return NUMBER_GARBAGE;
}

enum number_err
number_mode(const char *text, unsigned *mode_r)
{
	const char *first = text;
	uint64_t mode = 0;
	enum number_err e = digits(&text, 8, &mode);

	if (e != NUMBER_OK)
		return e;
	if (*text != '\0')
		return NUMBER_GARBAGE;
	if (text - first > MODE_DIGITS || mode > MODE_MOST)
		return NUMBER_TOO_BIG;
	*mode_r = (unsigned)mode;
	return NUMBER_OK;
}

static void
put_with_unit(struct buf *b, uint64_t n, const struct unit units[], size_t n_units)
{
	size_t u = 0;

	while (u < n_units - 1 && (n == 0 || n % units[u].factor != 0))
		u++;
	buf_printf(b, "%" PRIu64, n / units[u].factor);
	if (units[u].letter != '\0')
		buf_octet(b, units[u].letter);
}

void
number_put_duration(struct buf *b, int64_t s)
{
	put_with_unit(b, (uint64_t)s, times, N_ELEMENTS(times));
}

void
number_put_size(struct buf *b, uint64_t octets)
{
	put_with_unit(b, octets, sizes, N_ELEMENTS(sizes));
}

void
number_put_mode(struct buf *b, unsigned mode)
{
	buf_printf(b, "%04o", mode);
}

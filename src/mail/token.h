/* src/mail/token.h - the reference number in the subject: [ACM-104231]
 *
 * The digits are a sequential number and a check digit (Damm's algorithm: catches every single
 * wrong digit and every swap of two neighbours). */
#ifndef TOKEN_H
#define TOKEN_H
#include "own.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TOKEN_PREFIX_MIN = 2,
	TOKEN_PREFIX_MAX = 8,
	TOKEN_DIGITS_MAX = 18,    /* with the check digit */
	TOKEN_TEXT = TOKEN_PREFIX_MAX + 1 + TOKEN_DIGITS_MAX + 1,
	TOKEN_FOUND_MAX = 8       /* tokens looked at in one subject */
};

struct token {
	char prefix[TOKEN_PREFIX_MAX + 1]; /* upper case */
	uint64_t number;                   /* without the check digit, >= 1 */
};

/* The check digit of a number (Damm, totally anti-symmetric quasigroup of order 10). */
unsigned token_check_digit(uint64_t number);

/* Write PREFIX-NUMBERc, e.g. "ACM-104231". */
void token_print(const struct token *t, char text_r[TOKEN_TEXT]);

/* Read exactly one token: "acm-104231", "[ACM-104231]", with or without brackets, any case.
 * Gives   false when it is not one, or when the check digit is wrong (*mistyped_r, may be NULL,
 *         says which) */
bool token_parse(const char *text, struct token *t_r, bool *mistyped_r);

/* Find tokens anywhere in a decoded, unfolded subject: any case, with or without brackets, after
 * any chain of prefixes, full-width digits, letters, brackets and hyphens, no-break or thin spaces
 * inside the token ("[ACM -\u00a0104237]"), soft hyphens, other dashes (U+2010..U+2015, U+2212). A
 * token touching other letters or digits ("XACM-104231", "ACM-1042311") is not one.
 * Takes   prefixes  upper-case known prefixes, ends with NULL: only these count
 * Gives   how many distinct tokens with a right check digit stand in found_r (at most
 *         TOKEN_FOUND_MAX), in order; *n_mistyped_r (may be NULL): how many looked like one but
 *         had a wrong check digit */
size_t token_find(const char *subject, const char *const prefixes[],
                  struct token found_r[TOKEN_FOUND_MAX], size_t *n_mistyped_r);

/* The subject without reply and forward prefixes (Re, Fwd, AW, WG, RIF, R, I, TR, RE[2], SV, VS,
 * Antw, Odp, YNT, 回复, 转发, 返信, 転送, …, also with full-width colon), without
 * bracketed tokens of the given prefixes, spaces collapsed.
 * Takes   room  size of text_r, at least 1 */
void token_strip(const char *subject, const char *const prefixes[], char *text_r, size_t room);
#endif

/* src/base/number.h - numbers as people write them in settings and arguments, and back */
#ifndef NUMBER_H
#define NUMBER_H
#include "own.h"
#include <stdbool.h>
#include <stdint.h>

struct buf;

enum number_err {
	NUMBER_OK = 0,
	NUMBER_GARBAGE, /* empty, a sign, a space, an unknown unit, something behind the number */
	NUMBER_TOO_BIG  /* does not fit */
};

/* Decimal digits only. */
enum number_err number_unsigned(const char *text, uint64_t *n_r) MUST_USE;

/* A duration: digits and a unit s, m, h, d or w (any case); no unit means seconds. */
enum number_err number_duration(const char *text, int64_t *s_r) MUST_USE;

/* A size: digits and K, M, G or T, powers of 1024 (any case); no unit means octets. */
enum number_err number_size(const char *text, uint64_t *octets_r) MUST_USE;

/* yes, no, true, false, on or off, in any case. */
enum number_err number_yesno(const char *text, bool *yes_r) MUST_USE;

/* Permission bits as chmod takes them: one to four octal digits, 0 to 0777. */
enum number_err number_mode(const char *text, unsigned *mode_r) MUST_USE;

/* Append a duration in the largest unit that divides it: 300 is 5m, 0 is 0s.
 * Takes   s  0 or more; number_duration reads it back */
void number_put_duration(struct buf *b, int64_t s);

/* Append a size in the largest unit that divides it: 65536 is 64K. */
void number_put_size(struct buf *b, uint64_t octets);

/* Append permission bits as four octal digits. */
void number_put_mode(struct buf *b, unsigned mode);
#endif

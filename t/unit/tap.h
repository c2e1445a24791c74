/* t/unit/tap.h - enough TAP for a C unit test */
#ifndef TAP_H
#define TAP_H
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_n, tap_bad;

#define OK(cond, what)                                                         \
	do {                                                                   \
		int ok_ = !!(cond);                                            \
		tap_bad += !ok_;                                               \
		printf("%sok %d - %s\n", ok_ ? "" : "not ", ++tap_n, (what));  \
		if (!ok_)                                                      \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);    \
		fflush(stdout);                                                \
	} while (0)

#define IS_STR(got, want, what)                                                \
	do {                                                                   \
		const char *g_ = (got), *w_ = (want);                          \
		OK(g_ && w_ && strcmp(g_, w_) == 0, what);                     \
		if (!g_ || !w_ || strcmp(g_, w_) != 0)                         \
			printf("# got  %s\n# want %s\n", g_ ? g_ : "(null)",   \
			       w_ ? w_ : "(null)");                            \
	} while (0)

#define IS_INT(got, want, what)                                                \
	do {                                                                   \
		int64_t g_ = (int64_t)(got), w_ = (int64_t)(want);             \
		OK(g_ == w_, what);                                            \
		if (g_ != w_)                                                  \
			printf("# got  %" PRId64 "\n# want %" PRId64 "\n", g_, \
			       w_);                                            \
	} while (0)

static inline int
tap_done(void)
{
	printf("1..%d\n", tap_n);
	return tap_bad != 0;
}
#endif

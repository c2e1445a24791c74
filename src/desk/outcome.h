/* src/desk/outcome.h - what became of one mail for one recipient, said once for LMTP and pipe(8) */
#ifndef OUTCOME_H
#define OUTCOME_H
#include <sysexits.h>

/*        meaning         LMTP  enhanced  pipe(8) exit    text for the peer */
#define OUTCOMES(X)                                                                       \
	X(OUT_FILED,      250, "2.0.0", EX_OK,          "filed")                          \
	X(OUT_DUPLICATE,  250, "2.0.0", EX_OK,          "already filed")                  \
	X(OUT_HELD,       250, "2.0.0", EX_OK,          "kept for a person to look at")   \
	X(OUT_RETRY,      451, "4.3.0", EX_TEMPFAIL,    "local problem, try again later") \
	X(OUT_FULL,       452, "4.3.1", EX_TEMPFAIL,    "the ticket store is full")       \
	X(OUT_NOQUEUE,    550, "5.1.1", EX_NOUSER,      "no such support queue")

#define OUTCOME_NAME(name, lmtp, enhanced, exit_status, text) name,
enum outcome { OUTCOMES(OUTCOME_NAME) OUT_COUNT };
#undef OUTCOME_NAME

struct outcome_row {
	const char *name;     /* for the log: "filed" */
	int lmtp;
	const char *enhanced; /* its first digit is that of lmtp (RFC 2034) */
	int exit_status;      /* sysexits; 4xx is EX_TEMPFAIL, so that pipe(8) defers */
	const char *text;
};

/* The row of an outcome. Takes  o  0 .. OUT_COUNT - 1 */
const struct outcome_row *outcome_row(enum outcome o);
#endif

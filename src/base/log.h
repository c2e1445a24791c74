/* src/base/log.h - one line per event, keyed, greppable by Postfix queue id
 *
 * Only src/prog, base/child and base/serve speak; everything below returns what it found. */
#ifndef LOG_H
#define LOG_H
#include "own.h"

enum log_level { LOG_ERRORS, LOG_WARNINGS, LOG_EVENTS, LOG_DETAILS };

/* Where lines go.
 * Takes   program  static text, the first word of each line
 *         to       "syslog" (facility mail), "stderr", or an absolute file path (reopened by log_reopen)
 *         level    lines above it are dropped */
void log_open(const char *program, const char *to, enum log_level level);

/* Open the file again after a rotation; never blocks the mail path; failure falls back to stderr. */
void log_reopen(void);

/* Every later line of this thread starts with `id` (queue id or request id); "" or NULL clears. */
void log_subject(const char *id);

/* Write one event.
 * Takes   event  lower-case-words
 *         fmt    space-separated key=value; pass values of strangers through log_value
 *         The line is cleaned of control characters and cut at 1,000 octets.
 *         Never pass message text; addresses are allowed, they are what a postmaster greps for. */
void log_event(enum log_level level, const char *event, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* A value for log_event in double quotes, escaped, cut at 200 octets.
 * Gives   one of 8 static buffers of this thread, taken in turn; NULL text gives "-" */
const char *log_value(const char *text);
#endif

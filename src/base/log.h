/* src/base/log.h - one line per event, keyed, greppable by Postfix queue id
 *
 * Only src/prog, base/child and base/serve speak; everything below returns what it found. */
#ifndef LOG_H
#define LOG_H
#include "own.h"

enum log_level { LOG_ERRORS, LOG_WARNINGS, LOG_EVENTS, LOG_DETAILS };

/* Where lines go. Before the first call: stderr, LOG_EVENTS.
 * Takes   program  static text, the first word of each line
 *         to       keeps a copy; "syslog" (facility mail, by /dev/log), "syslog:PATH" (another
 *                  socket), "stderr", or an absolute file path; what cannot be opened is stderr
 *         level    lines above it are dropped
 * Call it before there are threads. A dead syslog or a full pipe costs a line at most 100 ms, then
 * the line is lost and counted: the next one that gets through is led by a line `log-lost n=N`. */
void log_open(const char *program, const char *to, enum log_level level);

/* Open the file again after a rotation; failure falls back to stderr. Any thread may call it. */
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

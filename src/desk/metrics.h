/* src/desk/metrics.h - the figures of posternd in the text form that Prometheus reads */
#ifndef METRICS_H
#define METRICS_H
#include "desk.h"

struct buf;

enum { METRICS_EVERY_S = 15 };

/* Append all figures.
 * Source  Prometheus, text-based exposition format 0.0.4
 * Cost    reads up to 1,000 rows of the outbox */
void metrics_print(struct desk *d, struct buf *out);

/* Write them to a file, for the textfile collector of node_exporter: wholly there or as it was.
 * Not flushed: after a crash of the machine nobody wants them.
 * Takes   path  absolute, in a directory that we may write
 * Fails   false: why says what */
bool metrics_save(struct desk *d, const char *path, struct why *why) MUST_USE;
#endif

/* src/base/clock.h - what time it is */
#ifndef CLOCK_H
#define CLOCK_H
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* Gives   UTC seconds; can jump when the operator sets the clock: for records and mail only */
int64_t clock_now_s(void);

/* Gives   milliseconds that only grow, also over a change of the wall clock: for waiting */
int64_t clock_mono_ms(void);

/* An instant of clock_mono_ms as pthread_cond_timedwait wants it, for a condition that was set to
 * CLOCK_MONOTONIC. */
void clock_mono_at(int64_t at_ms, struct timespec *at_r);

/* How long poll(2) may wait until an instant of clock_mono_ms.
 * Gives   milliseconds, 0 when it has passed, at most INT_MAX */
int clock_left_ms(int64_t deadline_ms);

/* The CPU seconds that a process used since its birth, rounded up.
 * Gives   -1 when there is no such process, or the kernel does not tell */
int64_t clock_cpu_s(pid_t pid);

/* The date and time of an instant in UTC, as RFC 3339 writes it.
 * Takes   text_r  room for 32 octets */
void clock_rfc3339(int64_t at_s, char text_r[32]);

/* The date and time as RFC 5322 3.3 writes it, in UTC with zone +0000.
 * Takes   text_r  room for 40 octets */
void clock_rfc5322(int64_t at_s, char text_r[40]);

/* The date and time as RFC 3164 4.1.2 writes it for syslog: local time, no year.
 * Takes   text_r  room for 24 octets */
void clock_rfc3164(int64_t at_s, char text_r[24]);
#endif

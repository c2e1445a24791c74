/* src/base/clock.c - what time it is */
#include "clock.h"
#include <limits.h>
#include <stdio.h>
#include <time.h>

int64_t
clock_now_s(void)
{
	return (int64_t)time(NULL);
}

void
clock_mono_at(int64_t at_ms, struct timespec *at_r)
{
	at_r->tv_sec = at_ms / 1000;
	at_r->tv_nsec = at_ms % 1000 * 1000000;
}

int64_t
clock_mono_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
clock_left_ms(int64_t deadline_ms)
{
	int64_t left_ms = deadline_ms - clock_mono_ms();

	if (left_ms < 0)
		return 0;
	return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

int64_t
clock_cpu_s(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
		return -1;
	return (int64_t)used.tv_sec + (used.tv_nsec > 0);
}

void
clock_rfc3339(int64_t at_s, char text_r[32])
{
	time_t at = (time_t)at_s;
	struct tm utc = {0};

	(void)gmtime_r(&at, &utc);
	if (strftime(text_r, 32, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		text_r[0] = '\0';
}

/* Names of our own: strftime would follow the locale, the RFCs have English only. */
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

void
clock_rfc5322(int64_t at_s, char text_r[40])
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	time_t at = (time_t)at_s;
	struct tm utc = {0};

	(void)gmtime_r(&at, &utc);
	(void)snprintf(text_r, 40, "%s, %d %s %04d %02d:%02d:%02d +0000", days[utc.tm_wday % 7],
	               utc.tm_mday, months[utc.tm_mon % 12], utc.tm_year + 1900, utc.tm_hour,
	               utc.tm_min, utc.tm_sec);
}

void
clock_rfc3164(int64_t at_s, char text_r[24])
{
	time_t at = (time_t)at_s;
	struct tm local = {0};

	(void)localtime_r(&at, &local);
	(void)snprintf(text_r, 24, "%s %2d %02d:%02d:%02d", months[local.tm_mon % 12],
	               local.tm_mday % 32, local.tm_hour % 24, local.tm_min % 60,
	               local.tm_sec % 61);
}

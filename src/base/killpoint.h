/* src/base/killpoint.h - die here when a test asks; nothing otherwise
 *
 * Built in with ./configure --enable-kill-points; POSTERN_KILL_AT names the point. */
#ifndef KILLPOINT_H
#define KILLPOINT_H
#ifdef WITH_KILL_POINTS
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define KILL_POINT(name)                                                       \
	do {                                                                   \
		const char *at_ = getenv("POSTERN_KILL_AT");                   \
		if (at_ && strcmp(at_, name) == 0)                             \
			(void)kill(getpid(), SIGKILL);                         \
	} while (0)
#else
#define KILL_POINT(name) ((void)0)
#endif
#endif

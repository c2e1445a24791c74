/* src/base/sd.c - the service manager's two small protocols */
#include "sd.h"
#include "clock.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { FIRST_FD = 3, MESSAGE_OCTETS = 512, NUMBER_OCTETS = 20 };

/* One datagram, or nothing: never waits for the manager. */
static void
notify(const char *message)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	size_t n = path != NULL ? strlen(path) : 0;

	if (n < 2 || n >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* the abstract name space */
	AUTO(fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		(void)sendto(fd, message, strlen(message), MSG_DONTWAIT | MSG_NOSIGNAL,
		             (struct sockaddr *)&to,
		             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
}

void
sd_ready(void)
{
	notify("READY=1");
}

void
sd_reloading(void)
{
	char message[MESSAGE_OCTETS];

	/* Rounded up: a time before the manager's own request would not count as its answer. */
	(void)snprintf(message, sizeof message, "RELOADING=1\nMONOTONIC_USEC=%lld",
	               (long long)(clock_mono_ms() + 1) * 1000);
	notify(message);
}

void
sd_stopping(void)
{
	notify("STOPPING=1");
}

void
sd_status(const char *fmt, ...)
{
	char message[MESSAGE_OCTETS] = "STATUS=";
	size_t n = strlen(message);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(message + n, sizeof message - n, fmt, args);
	va_end(args);
	/* A line end would begin another assignment. */
	text_clean_line(message);
	notify(message);
}

void
sd_alive(void)
{
	notify("WATCHDOG=1");
}

/* A variable that is a number. Gives  -1 when it is not there or none */
static int64_t
number_of(const char *variable)
{
	const char *text = getenv(variable);
	size_t n = text != NULL ? strlen(text) : 0;

	if (n == 0 || n >= NUMBER_OCTETS - 1 || strspn(text, "0123456789") != n)
		return -1;
	return strtoll(text, NULL, 10);
}

int64_t
sd_alive_every_ms(void)
{
	int64_t limit_us = number_of("WATCHDOG_USEC");

	if (getenv("WATCHDOG_PID") != NULL && number_of("WATCHDOG_PID") != getpid())
		return 0;
	return limit_us > 0 ? limit_us / 2000 : 0;
}

/* Copy the next name of a list with colons. Gives  what follows it */
static const char *
take_name(const char *names, char name_r[SD_NAME_OCTETS])
{
	size_t n = strcspn(names, ":");

	(void)snprintf(name_r, SD_NAME_OCTETS, "%.*s", n < SD_NAME_OCTETS ? (int)n : 0, names);
	return names[n] == ':' ? names + n + 1 : names + n;
}

static enum sd_err
take_sockets(int64_t n, struct sd_socket *sockets_r, struct why *why)
{
	const char *names = getenv("LISTEN_FDNAMES");

	if (n < 0 || n > SD_LISTEN_MOST) {
		why_set(why, "LISTEN_FDS must be a number of sockets, at most %d", SD_LISTEN_MOST);
		return SD_BAD;
	}
	for (int i = 0; i < n; i++) {
		int is_listening = 0;
		socklen_t n_opt = sizeof is_listening;
		sockets_r[i] = (struct sd_socket){.fd = FIRST_FD + i};
		if (names != NULL)
			names = take_name(names, sockets_r[i].name);
		int e = getsockopt(FIRST_FD + i, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &n_opt);
		if (e != 0 || !is_listening) {
			why_set(why, "LISTEN_FDS: descriptor %d is not a listening socket",
			        FIRST_FD + i);
			return SD_BAD;
		}
		(void)fcntl(FIRST_FD + i, F_SETFD, FD_CLOEXEC);
	}
	return SD_OK;
}

enum sd_err
sd_sockets(struct sd_socket *sockets_r, size_t *n_r, struct why *why)
{
	enum sd_err e = SD_OK;
	size_t n = 0;

	if (getenv("LISTEN_FDS") != NULL && number_of("LISTEN_PID") == getpid()) {
		e = take_sockets(number_of("LISTEN_FDS"), sockets_r, why);
		n = e == SD_OK ? (size_t)number_of("LISTEN_FDS") : 0;
	}
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDNAMES");
	if (e == SD_OK)
		*n_r = n;
	return e;
}

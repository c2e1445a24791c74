/* t/unit/sd_t.c - what the service manager hears, and the sockets it hands over */
#include "clock.h"
#include "sd.h"
#include "tap.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

static int
manager(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	if (path[0] == '@')
		at.sun_path[0] = '\0';
	socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	OK(bind(fd, (struct sockaddr *)&at, n) == 0, "a manager listens");
	return fd;
}

static const char *
heard(int fd)
{
	static char message[1000];
	ssize_t n = recv(fd, message, sizeof message - 1, 0);

	message[n > 0 ? n : 0] = '\0';
	return message;
}

static void
test_words(int fd)
{
	sd_ready();
	IS_STR(heard(fd), "READY=1", "ready");
	int64_t before_us = clock_mono_ms() * 1000;
	sd_reloading();
	const char *message = heard(fd);
	OK(strncmp(message, "RELOADING=1\nMONOTONIC_USEC=", 27) == 0, "reloading");
	int64_t at_us = atoll(message + 27);
	OK(at_us > before_us && at_us < before_us + 1000000, "... when");
	sd_stopping();
	IS_STR(heard(fd), "STOPPING=1", "stopping");
	sd_status("%s mails", "three\nREADY=1\t");
	IS_STR(heard(fd), "STATUS=three READY=1  mails", "status: one line, whatever is in it");
	sd_alive();
	IS_STR(heard(fd), "WATCHDOG=1", "alive");
	(void)close(fd);
	sd_ready();
	OK(1, "a manager that is gone harms none");
}

static void
test_watchdog(void)
{
	char pid[32];

	(void)snprintf(pid, sizeof pid, "%d", (int)getpid());
	IS_INT(sd_alive_every_ms(), 0, "no watchdog");
	(void)setenv("WATCHDOG_USEC", "30000000", 1);
	IS_INT(sd_alive_every_ms(), 15000, "half of its limit");
	(void)setenv("WATCHDOG_PID", pid, 1);
	IS_INT(sd_alive_every_ms(), 15000, "... for this process");
	(void)setenv("WATCHDOG_PID", "1", 1);
	IS_INT(sd_alive_every_ms(), 0, "... not for another");
	(void)setenv("WATCHDOG_USEC", "soon", 1);
	(void)unsetenv("WATCHDOG_PID");
	IS_INT(sd_alive_every_ms(), 0, "... nor for a word");
}

static void
announce(const char *n, const char *pid, const char *names)
{
	(void)setenv("LISTEN_FDS", n, 1);
	(void)setenv("LISTEN_PID", pid, 1);
	(void)setenv("LISTEN_FDNAMES", names, 1);
}

static void
test_sockets(void)
{
	struct sd_socket sockets[SD_LISTEN_MOST];
	struct why why = {""};
	char pid[32];
	size_t n = 99;

	(void)snprintf(pid, sizeof pid, "%d", (int)getpid());
	OK(sd_sockets(sockets, &n, &why) == SD_OK && n == 0, "no sockets");
	announce("2", "1", "lmtp:control");
	OK(sd_sockets(sockets, &n, &why) == SD_OK && n == 0, "sockets of another process");
	OK(getenv("LISTEN_FDS") == NULL && getenv("LISTEN_PID") == NULL, "... and forgotten");
	for (int fd = 3; fd < 5; fd++) {
		int made = socket(AF_INET, SOCK_STREAM, 0);
		(void)listen(made, 5);
		if (made != fd) {
			(void)dup2(made, fd);
			(void)close(made);
		}
	}
	announce("2", pid, "lmtp:control");
	OK(sd_sockets(sockets, &n, &why) == SD_OK && n == 2, "two sockets");
	IS_STR(sockets[0].name, "lmtp", "the first's name");
	IS_STR(sockets[1].name, "control", "the second's");
	IS_INT(sockets[1].fd, 4, "its descriptor");
	OK(fcntl(4, F_GETFD) == FD_CLOEXEC, "closed on exec");
	announce("2", pid, "lmtp");
	OK(sd_sockets(sockets, &n, &why) == SD_OK && sockets[1].name[0] == '\0', "a name short");
	announce("200", pid, "");
	OK(sd_sockets(sockets, &n, &why) == SD_BAD, "too many");
	(void)close(4);
	announce("2", pid, "");
	OK(sd_sockets(sockets, &n, &why) == SD_BAD, "one that is not there");
	OK(strstr(why.text, "descriptor 4") != NULL, "... named");
}

int
main(void)
{
	char path[64];

	/* First: descriptors 3 and 4 must be free. */
	test_sockets();
	(void)unsetenv("NOTIFY_SOCKET");
	sd_ready();
	(void)snprintf(path, sizeof path, "/tmp/sd_t.%d", (int)getpid());
	(void)setenv("NOTIFY_SOCKET", path, 1);
	test_words(manager(path));
	(void)unlink(path);
	path[0] = '@';
	(void)setenv("NOTIFY_SOCKET", path, 1);
	test_words(manager(path));
	test_watchdog();
	return tap_done();
}

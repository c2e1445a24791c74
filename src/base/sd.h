/* src/base/sd.h - tell the service manager, and take the sockets it opened (sd_notify(3),
 * sd_listen_fds(3): the protocols, not the library)
 *
 * Without NOTIFY_SOCKET every sd_ call of the first kind does nothing. A manager that does not
 * listen is never an error: the mail matters. */
#ifndef SD_H
#define SD_H
#include "own.h"
#include "why.h"
#include <stddef.h>
#include <stdint.h>

enum { SD_LISTEN_MOST = 16, SD_NAME_OCTETS = 64 };

enum sd_err {
	SD_OK = 0,
	SD_BAD /* the environment speaks of sockets that are not there, or of too many */
};

struct sd_socket {
	int fd;                    /* close on exec */
	char name[SD_NAME_OCTETS]; /* FileDescriptorName= of the socket unit; "" when not given */
};

/* READY=1: start or reload is done. */
void sd_ready(void);

/* RELOADING=1 with the monotonic time; sd_ready ends it. */
void sd_reloading(void);

/* STOPPING=1. */
void sd_stopping(void);

/* STATUS=: one line for `systemctl status`; control characters are removed. */
void sd_status(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* WATCHDOG=1: still alive. */
void sd_alive(void);

/* How often the manager wants sd_alive: half of its limit, in milliseconds.
 * Gives   0 when it does not, or when it means another process */
int64_t sd_alive_every_ms(void);

/* Take the sockets opened for us, once; the variables are removed from the environment.
 * Takes   sockets_r  room for SD_LISTEN_MOST
 * Gives   *n_r = 0 when there are none or they are meant for another process
 * Fails   SD_BAD
 * Cost    before any thread exists (it changes the environment) */
enum sd_err sd_sockets(struct sd_socket *sockets_r, size_t *n_r, struct why *why) MUST_USE;
#endif

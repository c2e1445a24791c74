/* src/base/launcher.h - the one process that may start programs, so that posternd never execs
 *
 * A small process forked while posternd is still single-threaded. It keeps one socket to posternd
 * and a table of programs that was fixed at its birth: a request is a row number, never a path or
 * an argument. It ends when posternd ends, and its children end with it (PR_SET_PDEATHSIG).
 *
 * The order in main: listen, jail_drop, launcher_start, jail_daemon, threads. So the children run
 * as the unprivileged user, and posternd's own filter (no exec) does not reach them.
 * A launcher that died cannot be made anew from a jailed posternd: every start of a child then
 * gives LAUNCHER_GONE, mail is answered with a temporary failure, and main ends with EX_TEMPFAIL as
 * soon as launcher_alive says no, for the service manager to start everything again.
 *
 * The launcher and its children ignore SIGTERM, SIGINT, SIGHUP, SIGQUIT and SIGPIPE: a signal to
 * the whole control group must not look like a mail that kills its parser. They end by end of file,
 * or by SIGKILL. */
#ifndef LAUNCHER_H
#define LAUNCHER_H
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { LAUNCHER_PROGRAMS_MOST = 16, LAUNCHER_CHILDREN_MOST = 256, LAUNCHER_CHILD_FD = 3 };

enum launcher_err {
	LAUNCHER_OK = 0,
	LAUNCHER_GONE,   /* the launcher died or does not answer */
	LAUNCHER_FAILED, /* it answered that it could not; why says what */
	LAUNCHER_ALIVE   /* launcher_reap: the child has not ended yet */
};

struct launcher;

struct launcher_child {
	int fd;    /* our end of a stream socket; the child has the other as LAUNCHER_CHILD_FD */
	int pidfd; /* readable when the child has ended; pidfd_send_signal reaches no one else */
	pid_t pid; /* stays the child's until launcher_reap, because it is not waited for before */
};

/* Fork the launcher.
 * Takes   programs  keeps a copy (by the fork): n rows, each an argument vector that ends with NULL
 *                   and begins with an absolute path
 *         n         1..LAUNCHER_PROGRAMS_MOST
 * Fails   LAUNCHER_FAILED: no process or descriptor to be had
 * Cost    a fork; must be called before any thread exists and after jail_drop */
enum launcher_err launcher_start(const char *const *const programs[], size_t n,
                                 struct launcher **l_r, struct why *why) MUST_USE;

/* Start a child: standard input and output are /dev/null, standard error is posternd's, descriptor
 * 3 is its socket, nothing else is open.
 * Takes   program  row of the table
 * Gives   child_r, whose two descriptors the caller closes (close on exec)
 * Fails   LAUNCHER_GONE, LAUNCHER_FAILED (no such program, out of processes)
 * Cost    a fork and an exec in the launcher; safe from any thread, one at a time */
enum launcher_err launcher_spawn(struct launcher *l, size_t program,
                                 struct launcher_child *child_r, struct why *why) MUST_USE;

/* Ask how a child ended, and release its process id. Call when pidfd is readable.
 * Gives   status_r as waitpid(2) tells it
 * Fails   LAUNCHER_ALIVE (nothing is released), LAUNCHER_GONE, LAUNCHER_FAILED (no such child) */
enum launcher_err launcher_reap(struct launcher *l, pid_t pid, int *status_r,
                                struct why *why) MUST_USE;

/* Whether the launcher still holds its end of the socket. */
bool launcher_alive(struct launcher *l);

/* The process id, for stats and tests. */
pid_t launcher_pid(const struct launcher *l);

/* End the launcher and with it every child that is left. Takes  l  takes; *l is NULL afterwards */
void launcher_stop(struct launcher **l);
#endif

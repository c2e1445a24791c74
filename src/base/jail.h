/* src/base/jail.h - give up what the process does not need, for good
 *
 * The only file that includes <seccomp.h>. */
#ifndef JAIL_H
#define JAIL_H
#include "why.h"
#include <stddef.h>

enum jail_err {
	JAIL_OK = 0,
	JAIL_NO_USER, /* no such user or group, or could not look it up */
	JAIL_DENIED,  /* not allowed to become that user, or root where none was named */
	JAIL_FAILED   /* the kernel refused a step that must not fail */
};

struct jail_limits {
	size_t memory_octets; /* address space; 0: no limit. Not set under the sanitizers */
	size_t n_files;       /* descriptors that may be open, at least 4 */
	size_t stack_octets;  /* 0: 8 MiB, which GMime's recursion needs */
	unsigned connect_port; /* not 0: internet sockets may be made and connected; TCP only to
	                        * this port, where Landlock can hold that (ABI 4) */
};

/* Drop root for good; then no new privileges, no core, not dumpable, umask 077.
 * Takes   user   a name; "" when started by the user himself. Root stays root only when user is
 *                "root" in so many words
 *         group  a name, or "" for the user's own group
 * Fails   JAIL_NO_USER, JAIL_DENIED, JAIL_FAILED; the process must then end
 * Cost    before any thread exists and before launcher_start */
enum jail_err jail_drop(const char *user, const char *group, struct why *why) MUST_USE;

/* Lock a child in: it can read and write what is open, compute, and end (and talk to the internet
 * where connect_port says so). A call outside the list (open, socket, exec, fork, ...) kills the
 * process with SIGSYS.
 * Open and load everything first: iconv_open of each charset, g_mime_init, locale, time zone.
 * Standard error may be a file: RLIMIT_FSIZE makes a write to it fail, not kill.
 * Fails   JAIL_FAILED; the child must then end. A kernel without Landlock is no failure (see
 *         jail_level): seccomp alone forbids the same
 * Cost    about 0.2 ms */
enum jail_err jail_child(const struct jail_limits *limits, struct why *why) MUST_USE;

/* Take from posternd what it never needs: exec, ptrace, mounts, modules, clocks, namespaces,
 * io_uring (which goes round a filter). Such a call then fails with EPERM; posternd lives on.
 * Applies to every thread, and to what is forked later. Call after launcher_start.
 * Fails   JAIL_FAILED */
enum jail_err jail_daemon(struct why *why) MUST_USE;

/* What jail_drop, jail_child and jail_daemon reached in this process, in words for the log and
 * `postern stats`: "user postern, rlimits, landlock 7, seccomp 37 calls". "none" before.
 * Gives   static text, at most 190 octets; written by those three only */
const char *jail_level(void);
#endif

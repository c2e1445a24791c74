/* t/unit/jail_t.c - dropped root stays dropped; a jailed child that tries is killed */
#include "arena.h"
#include "child.h"
#include "jail.h"
#include "launcher.h"
#include "log.h"
#include "tap.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#ifndef __has_feature
#define __has_feature(what) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

/* Run a test in a process of its own. Gives  its exit status, or 1000 + the signal */
static int
in_child(int (*test)(void))
{
	int status = 0;

	(void)fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		_exit(test());
	(void)waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- dropping root ---- */

static int
drop_to_nobody(void)
{
	struct rlimit core;
	struct why why = {""};

	if (jail_drop("nobody", "", &why) != JAIL_OK) {
		printf("# %s\n", why.text);
		return 1;
	}
	if (getuid() == 0 || geteuid() == 0 || getegid() == 0 || getgroups(0, NULL) > 1)
		return 2;
	if (setuid(0) == 0 || setgid(0) == 0 || open("/etc/shadow", O_RDONLY) >= 0)
		return 3;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl(PR_GET_DUMPABLE) != 0)
		return 4;
	if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0 || umask(0) != 077)
		return 5;
	if (strstr(jail_level(), "user nobody") == NULL)
		return 6;
	/* To the same user again: nothing to do. To another: denied. */
	if (jail_drop("nobody", "", &why) != JAIL_OK || jail_drop("", "", &why) != JAIL_OK)
		return 7;
	return jail_drop("daemon", "", &why) == JAIL_DENIED ? 0 : 8;
}

static int
drop_with_group(void)
{
	return jail_drop("nobody", "daemon", NULL) == JAIL_OK && getegid() != 0 &&
	               jail_drop("nobody", "adm", NULL) == JAIL_DENIED
	           ? 0
	           : 1;
}

static int
drop_badly(void)
{
	struct why why = {""};

	if (jail_drop("", "", &why) != JAIL_DENIED || strstr(why.text, "root") == NULL)
		return 1;
	if (jail_drop("no-such-user", "", &why) != JAIL_NO_USER)
		return 2;
	if (jail_drop("nobody", "no-such-group", &why) != JAIL_NO_USER || geteuid() != 0)
		return 3;
	return jail_drop("root", "", &why) == JAIL_OK ? 0 : 4;
}

/* ---- the daemon's filter ---- */

static void *
do_nothing(void *arg)
{
	return arg;
}

static int
daemon_filter(void)
{
	char *argv[] = {"true", NULL};
	pthread_t thread;
	int pair[2];
	struct why why = {""};

	if (jail_daemon(&why) != JAIL_OK) {
		printf("# %s\n", why.text);
		return 1;
	}
	if (execv("/bin/true", argv) == 0 || errno != EPERM)
		return 2;
	if (unshare(CLONE_NEWNS) == 0 || errno != EPERM || chroot("/") == 0 || errno != EPERM)
		return 3;
	if (pthread_create(&thread, NULL, do_nothing, NULL) != 0 || pthread_join(thread, NULL) != 0)
		return 4;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 || open("/etc/passwd", O_RDONLY) < 0)
		return 5;
	/* What it forks cannot exec either. */
	pid_t pid = fork();
	if (pid == 0) {
		(void)execv("/bin/true", argv);
		_exit(errno == EPERM ? 33 : 0);
	}
	int status = 0;
	(void)waitpid(pid, &status, 0);
	return WEXITSTATUS(status) == 33 ? 0 : 6;
}

/* ---- the jailed child ---- */

static enum child_err
say(struct child_pool *p, struct arena *a, const char *word, const char **text_r, struct why *why)
{
	struct child_octets reply = {"", 0};
	enum child_err e = child_call(p, a, (struct child_octets){word, strlen(word)}, &reply, why);

	*text_r = reply.octets;
	return e;
}

static void
check_word(struct child_pool *p, const char *word, const char *want)
{
	AUTO(arena) struct arena *a = arena_new();
	struct why why = {""};
	const char *text = "";

	IS_INT(say(p, a, word, &text, &why), CHILD_OK, word);
	IS_STR(text, want, "... answers");
}

static void
check_killed(struct child_pool *p, const char *word)
{
	AUTO(arena) struct arena *a = arena_new();
	struct why why = {""};
	const char *text = "";

	IS_INT(say(p, a, word, &text, &why), CHILD_DIED, word);
	OK(strstr(why.text, "SIGSYS") != NULL, "... killed by the filter");
	if (strstr(why.text, "SIGSYS") == NULL)
		printf("# got %s\n", why.text);
	check_word(p, "next", "next");
}

/* A first use of stdio asks fstat and isatty. Where standard error is a file, RLIMIT_FSIZE keeps it
 * silent; either way the child lives. */
static void
check_stderr(struct child_pool *p)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *text = "";

	IS_INT(say(p, a, "stderr", &text, NULL), CHILD_OK, "a word on standard error");
	OK(strcmp(text, "spoke") == 0 || strcmp(text, "silent") == 0, "... does not kill");
}

static void
test_jailed(void)
{
	static const char *const forbidden[] = {"open", "socket", "exec", "fork", "code", "kill"};
	const struct child_limits limits = {.n_children = 1, .deadline_ms = 10000,
	                                    .max_reply_octets = 1 << 22};
	char peer[PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", peer, PATH_MAX);
	peer[n > 0 ? n : 0] = '\0';
	(void)strcpy(strrchr(peer, '/') + 1, "child_peer");
	const char *const argv[] = {peer, "jailed", NULL};
	const char *const *const programs[] = {argv};
	struct launcher *l = NULL;
	struct child_stats stats;
	struct why why = {""};

	OK(launcher_start(programs, 1, &l, &why) == LAUNCHER_OK, "launcher");
	struct child_pool *p = child_pool_new(l, 0, &limits);
	IS_INT(child_pool_warm(p, &why), CHILD_OK, "a jailed child starts");
	child_pool_stats(p, &stats);
	printf("# %s\n", stats.hello);
	OK(strstr(stats.hello, "rlimits") != NULL, "it says its level");
	check_word(p, "echo", "echo");
	check_stderr(p);
	if (IS_SANITIZED) {
		OK(strstr(stats.hello, "no seccomp") != NULL, "no seccomp here, and said");
		check_word(p, "open", "-1"); /* by Landlock or the limit on files */
	} else {
		OK(strstr(stats.hello, "seccomp") != NULL, "seccomp is on");
		check_word(p, "memory", "refused");
		for (size_t i = 0; i < N_ELEMENTS(forbidden); i++)
			check_killed(p, forbidden[i]);
		AUTO(arena) struct arena *a = arena_new();
		const char *text;
		IS_INT(say(p, a, "abort", &text, &why), CHILD_DIED, "abort");
		OK(strstr(why.text, "SIGABRT") != NULL, "... keeps its own cause");
	}
	child_pool_free(&p);
	launcher_stop(&l);
}

/* ---- the child that may ask the internet ---- */

/* Gives  0, or what was wrong */
static int
ask_internet(void)
{
	struct jail_limits limits = {.n_files = 8, .connect_port = 53};
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(9),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct why why = {""};

	if (jail_child(&limits, &why) != JAIL_OK)
		return 1;
	int udp = socket(AF_INET, SOCK_DGRAM, 0), tcp = socket(AF_INET6, SOCK_STREAM, 0);
	if (udp < 0 || tcp < 0 || connect(udp, (struct sockaddr *)&at, sizeof at) != 0)
		return 2;
	(void)close(tcp);
	/* Port 9 is not port 53, where the kernel can tell; else nobody listens there. */
	tcp = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(tcp, (struct sockaddr *)&at, sizeof at) == 0)
		return 3;
	if (strstr(jail_level(), "landlock") != NULL && strstr(jail_level(), "no landlock") == NULL)
		return errno == EACCES || errno == ECONNREFUSED ? 0 : 4;
	return errno == ECONNREFUSED ? 0 : 5;
}

static int
make_unix_socket(void)
{
	struct jail_limits limits = {.n_files = 8, .connect_port = 53};

	if (jail_child(&limits, NULL) != JAIL_OK)
		return 1;
	return socket(AF_UNIX, SOCK_STREAM, 0) < 0;
}

static int
listen_to_internet(void)
{
	struct jail_limits limits = {.n_files = 8, .connect_port = 53};

	if (jail_child(&limits, NULL) != JAIL_OK)
		return 1;
	return listen(socket(AF_INET, SOCK_STREAM, 0), 1) != 0;
}

static void
test_internet(void)
{
	IS_INT(in_child(ask_internet), 0, "a child that may ask the internet");
	if (IS_SANITIZED)
		return;
	IS_INT(in_child(make_unix_socket), 1000 + SIGSYS, "... makes no other sockets");
	IS_INT(in_child(listen_to_internet), 1000 + SIGSYS, "... and does not listen");
}

int
main(void)
{
	log_open("jail_t", "/dev/null", LOG_ERRORS);
	IS_STR(jail_level(), "none", "no level before");
	if (geteuid() == 0) {
		IS_INT(in_child(drop_to_nobody), 0, "root is dropped for good");
		IS_INT(in_child(drop_with_group), 0, "... with another group");
		IS_INT(in_child(drop_badly), 0, "... only to a named user that there is");
	} else {
		printf("ok %d - dropping root # SKIP not started as root\n", ++tap_n);
	}
	IS_INT(in_child(daemon_filter), 0, "the daemon's filter denies exec and lets it live");
	test_jailed();
	test_internet();
	return tap_done();
}

/* src/base/launcher.c - the one process that may start programs
 *
 * Client and launcher talk over a SOCK_SEQPACKET pair, one request and one answer at a time. */
#include "launcher.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
	ANSWER_MS = 5000, /* a fork and an exec; more means the launcher is stuck */
	N_PASSED = 2,     /* descriptors in an answer to SPAWN: socket, pidfd */
	CONTROL_OCTETS = CMSG_SPACE(N_PASSED * sizeof(int))
};

enum verb {
	VERB_SPAWN,
	VERB_REAP,
	VERB_DROP /* kill and reap: its descriptors did not arrive */
};

struct request {
	enum verb verb;
	uint32_t program; /* SPAWN */
	pid_t pid;        /* REAP, DROP */
};

struct answer {
	int error; /* of errno, 0 for success */
	pid_t pid;
	int status; /* REAP */
};

struct launcher {
	pthread_mutex_t lock;
	int fd;
	pid_t pid;
};

/* What the launcher process itself knows. */
struct bench {
	int fd;
	const char *const *const *programs;
	size_t n_programs;
	pid_t children[LAUNCHER_CHILDREN_MOST]; /* 0: free row */
};

/* SIGPIPE, because a jailed child may not change it any more: its write then tells. */
static const int ignored_signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE};

/* ---- the launcher process ---- */

static void
set_signals(void)
{
	struct sigaction act = {0};
	sigset_t none;

	(void)sigemptyset(&none);
	act.sa_handler = SIG_DFL;
	for (int sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &act, NULL);
	act.sa_handler = SIG_IGN;
	for (size_t i = 0; i < N_ELEMENTS(ignored_signals); i++)
		(void)sigaction(ignored_signals[i], &act, NULL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The service manager's variables are for posternd alone. */
static void
clean_environment(void)
{
	static const char *const names[] = {"NOTIFY_SOCKET", "LISTEN_FDS",    "LISTEN_PID",
	                                    "LISTEN_FDNAMES", "WATCHDOG_USEC", "WATCHDOG_PID"};

	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		(void)unsetenv(names[i]);
}

/* End a child that could not become its program. */
static _Noreturn void
tell_and_end(int report, int error)
{
	bool is_told = write(report, &error, sizeof error) == (ssize_t)sizeof error;

	_exit(is_told ? 127 : 126);
}

/* Between fork and exec. Gives back only when something failed: the errno. */
static int
become(const char *const argv[], int sock, int report, pid_t launcher)
{
	/* The report pipe must be out of the way of descriptor 3. */
	int kept = fcntl(report, F_DUPFD_CLOEXEC, LAUNCHER_CHILD_FD + 1);
	if (kept < 0)
		return errno;
	if (dup2(sock, LAUNCHER_CHILD_FD) < 0 || fcntl(LAUNCHER_CHILD_FD, F_SETFD, 0) != 0)
		return errno;
	if (close_range(LAUNCHER_CHILD_FD + 1, (unsigned)kept - 1, 0) != 0 &&
	    kept > LAUNCHER_CHILD_FD + 1)
		return errno;
	if (close_range((unsigned)kept + 1, ~0U, 0) != 0)
		return errno;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return errno;
	if (getppid() != launcher)
		_exit(1); /* it died before the line above */
	(void)execv(argv[0], (char *const *)(uintptr_t)argv);
	tell_and_end(kept, errno);
}

static int
fork_child(const char *const argv[], int sock, pid_t *pid_r)
{
	int report[2], error = 0;
	pid_t launcher = getpid();

	if (pipe2(report, O_CLOEXEC) != 0)
		return errno;
	AUTO(fd) int read_end = report[0];
	pid_t pid = fork();
	if (pid == 0) {
		error = become(argv, sock, report[1], launcher);
		tell_and_end(report[1], error);
	}
	if (pid < 0)
		error = errno;
	(void)close(report[1]);
	/* End of file without a word: exec closed the pipe, the program runs. */
	if (pid > 0 && read(read_end, &error, sizeof error) == (ssize_t)sizeof error) {
		(void)waitpid(pid, NULL, 0);
	} else if (pid > 0) {
		error = 0;
		*pid_r = pid;
	}
	return error;
}

static void
send_answer(int fd, const struct answer *answer, const int passed[N_PASSED])
{
	union {
		struct cmsghdr align;
		char octets[CONTROL_OCTETS];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)answer, sizeof *answer};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};

	if (passed != NULL) {
		msg.msg_control = control.octets;
		msg.msg_controllen = sizeof control.octets;
		struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(N_PASSED * sizeof(int));
		memcpy(CMSG_DATA(head), passed, N_PASSED * sizeof(int));
	}
	(void)sendmsg(fd, &msg, MSG_NOSIGNAL);
}

static pid_t *
row_of(struct bench *b, pid_t pid)
{
	for (size_t i = 0; i < LAUNCHER_CHILDREN_MOST; i++)
		if (b->children[i] == pid)
			return &b->children[i];
	return NULL;
}

static void
spawn(struct bench *b, uint32_t program)
{
	struct answer answer = {0};
	pid_t *row = row_of(b, 0);
	int pair[2] = {-1, -1};

	if (program >= b->n_programs)
		answer.error = EINVAL;
	else if (row == NULL)
		answer.error = EAGAIN;
	else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		answer.error = errno;
	else
		answer.error = fork_child(b->programs[program], pair[1], &answer.pid);

	if (pair[1] >= 0)
		(void)close(pair[1]);
	AUTO(fd) int ours = pair[0];
	AUTO(fd) int pidfd = -1;
	if (answer.error == 0) {
		*row = answer.pid;
		pidfd = (int)syscall(SYS_pidfd_open, answer.pid, 0);
		if (pidfd < 0) {
			answer.error = errno;
			(void)kill(answer.pid, SIGKILL);
			(void)waitpid(answer.pid, NULL, 0);
			*row = 0;
		}
	}
	send_answer(b->fd, &answer, answer.error == 0 ? (int[N_PASSED]){ours, pidfd} : NULL);
}

static void
reap(struct bench *b, pid_t pid, bool drop)
{
	struct answer answer = {.pid = pid};
	pid_t *row = pid > 0 ? row_of(b, pid) : NULL;

	if (row == NULL) {
		answer.error = ECHILD;
	} else {
		if (drop)
			(void)kill(pid, SIGKILL);
		pid_t got = waitpid(pid, &answer.status, drop ? 0 : WNOHANG);
		answer.error = got == pid ? 0 : got == 0 ? EBUSY : errno;
		if (got != 0)
			*row = 0;
	}
	send_answer(b->fd, &answer, NULL);
}

static void
run_launcher(int fd, const char *const *const programs[], size_t n)
{
	struct bench b = {.fd = fd, .programs = programs, .n_programs = n};
	struct request request;
	ssize_t got;

	while ((got = recv(fd, &request, sizeof request, 0)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got != (ssize_t)sizeof request)
			break;
		if (request.verb == VERB_SPAWN)
			spawn(&b, request.program);
		else
			reap(&b, request.pid, request.verb == VERB_DROP);
	}
	_exit(0); /* and PR_SET_PDEATHSIG ends the children */
}

static void
enter_launcher(int fd, pid_t parent, const char *const *const programs[], size_t n)
{
	int null = open("/dev/null", O_RDWR);

	(void)prctl(PR_SET_NAME, "postern-launch");
	set_signals();
	clean_environment();
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		_exit(1);
	/* Listening sockets and logs of posternd must not live on here. */
	if (dup2(fd, LAUNCHER_CHILD_FD) < 0 || close_range(LAUNCHER_CHILD_FD + 1, ~0U, 0) != 0)
		_exit(1);
	/* Not only end of file: a fork of posternd's may hold the other end. */
	if (fcntl(LAUNCHER_CHILD_FD, F_SETFD, FD_CLOEXEC) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
	run_launcher(LAUNCHER_CHILD_FD, programs, n);
}

/* ---- the client ---- */

enum launcher_err
launcher_start(const char *const *const programs[], size_t n, struct launcher **l_r,
               struct why *why)
{
	int pair[2];
	pid_t parent = getpid();

	if (n == 0 || n > LAUNCHER_PROGRAMS_MOST)
		abort();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		why_errno(why, errno, "cannot make the launcher's socket");
		return LAUNCHER_FAILED;
	}
	pid_t pid = fork();
	if (pid == 0) {
		(void)close(pair[0]);
		enter_launcher(pair[1], parent, programs, n);
	}
	(void)close(pair[1]);
	if (pid < 0) {
		why_errno(why, errno, "cannot fork the launcher");
		(void)close(pair[0]);
		return LAUNCHER_FAILED;
	}
	struct launcher *l = calloc(1, sizeof *l);
	if (l == NULL)
		abort();
	(void)pthread_mutex_init(&l->lock, NULL);
	l->fd = pair[0];
	l->pid = pid;
	*l_r = l;
	return LAUNCHER_OK;
}

static enum launcher_err
receive_answer(int fd, struct answer *answer_r, int passed_r[N_PASSED])
{
	union {
		struct cmsghdr align;
		char octets[CONTROL_OCTETS];
	} control = {0};
	struct iovec part = {answer_r, sizeof *answer_r};
	struct msghdr msg = {.msg_iov = &part,
	                     .msg_iovlen = 1,
	                     .msg_control = control.octets,
	                     .msg_controllen = sizeof control.octets};
	ssize_t got;

	do
		got = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
	/* Fewer than were sent when this process has no room for more. */
	if (got == (ssize_t)sizeof *answer_r && head != NULL && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len <= CMSG_LEN(N_PASSED * sizeof(int)))
		memcpy(passed_r, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
	return got == (ssize_t)sizeof *answer_r ? LAUNCHER_OK : LAUNCHER_GONE;
}

static enum launcher_err
ask(struct launcher *l, const struct request *request, struct answer *answer_r,
    int passed_r[N_PASSED])
{
	enum launcher_err e = LAUNCHER_GONE;
	struct pollfd ready = {.events = POLLIN};

	(void)pthread_mutex_lock(&l->lock);
	ready.fd = l->fd;
	if (l->fd >= 0 && send(l->fd, request, sizeof *request, MSG_NOSIGNAL) > 0) {
		int n;
		do
			n = poll(&ready, 1, ANSWER_MS);
		while (n < 0 && errno == EINTR);
		if (n == 1)
			e = receive_answer(l->fd, answer_r, passed_r);
	}
	/* A late answer would be taken for the next request's: never speak to it again. */
	if (e != LAUNCHER_OK && l->fd >= 0) {
		(void)close(l->fd);
		l->fd = -1;
	}
	(void)pthread_mutex_unlock(&l->lock);
	return e;
}

static enum launcher_err
say_gone(struct why *why)
{
	why_set(why, "the launcher process is gone: children cannot be started until a restart");
	return LAUNCHER_GONE;
}

enum launcher_err
launcher_spawn(struct launcher *l, size_t program, struct launcher_child *child_r,
               struct why *why)
{
	struct request request = {.verb = VERB_SPAWN, .program = (uint32_t)program};
	struct answer answer = {0};
	int passed[N_PASSED] = {-1, -1};

	if (program >= LAUNCHER_PROGRAMS_MOST)
		abort();
	if (ask(l, &request, &answer, passed) != LAUNCHER_OK)
		return say_gone(why);
	if (answer.error == 0 && passed[1] < 0) {
		request = (struct request){.verb = VERB_DROP, .pid = answer.pid};
		if (passed[0] >= 0)
			(void)close(passed[0]);
		if (ask(l, &request, &answer, passed) != LAUNCHER_OK)
			return say_gone(why);
		answer.error = EMFILE;
	}
	if (answer.error != 0) {
		why_errno(why, answer.error, "cannot start program %zu of the launcher's table",
		          program);
		return LAUNCHER_FAILED;
	}
	*child_r = (struct launcher_child){.fd = passed[0], .pidfd = passed[1], .pid = answer.pid};
	return LAUNCHER_OK;
}

enum launcher_err
launcher_reap(struct launcher *l, pid_t pid, int *status_r, struct why *why)
{
	struct request request = {.verb = VERB_REAP, .pid = pid};
	struct answer answer = {0};
	int passed[N_PASSED] = {-1, -1};

	if (ask(l, &request, &answer, passed) != LAUNCHER_OK)
		return say_gone(why);
	if (answer.error == EBUSY)
		return LAUNCHER_ALIVE;
	if (answer.error != 0) {
		why_errno(why, answer.error, "cannot wait for child %d", (int)pid);
		return LAUNCHER_FAILED;
	}
	*status_r = answer.status;
	return LAUNCHER_OK;
}

bool
launcher_alive(struct launcher *l)
{
	struct pollfd end = {0};

	(void)pthread_mutex_lock(&l->lock);
	end.fd = l->fd;
	bool alive = l->fd >= 0 && poll(&end, 1, 0) == 0;
	(void)pthread_mutex_unlock(&l->lock);
	return alive;
}

pid_t
launcher_pid(const struct launcher *l)
{
	return l->pid;
}

void
launcher_stop(struct launcher **l)
{
	if (*l == NULL)
		return;
	if ((*l)->fd >= 0)
		(void)close((*l)->fd);
	else
		(void)kill((*l)->pid, SIGKILL); /* one that does not answer does not end either */
	(void)waitpid((*l)->pid, NULL, 0);
	(void)pthread_mutex_destroy(&(*l)->lock);
	free(*l);
	*l = NULL;
}

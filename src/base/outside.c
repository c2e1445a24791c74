/* src/base/outside.c - run a program of somebody else's on one mail, and take its answer */
#include "outside.h"
#include "arena.h"
#include "buf.h"
#include "clock.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
	OUTPUT_OCTETS = 4096,   /* read at a time */
	STRAY_ROUNDS = 100,     /* a program that forks faster than it is ended is left to the
	                         * service manager */
	LIST_OCTETS = 4096,
	CANNOT_RUN = 127        /* as a shell says it */
};

struct running {
	pid_t pid;
	int pidfd;
	int output; /* what it writes */
	int64_t until_ms;
	struct buf text;
};

void
outside_prepare(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* ---- in the program's process ---- */

static void
cap(int what, rlim_t most)
{
	struct rlimit limit = {most, most};

	(void)setrlimit(what, &limit);
}

static void
restore_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		(void)signal(sig, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Its end of everything: a session of its own, nothing open but what it may read and write. */
static _Noreturn void
become(const char *path, const struct outside_question *q, const struct outside_limits *limits,
       int input, int output)
{
	static char search[] = "PATH=/usr/local/bin:/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8";
	char *argv[] = {(char *)(uintptr_t)path, NULL};
	char *env[OUTSIDE_FACTS_MOST + 3] = {search, locale};
	int null = open("/dev/null", O_WRONLY);

	for (size_t i = 0; i < q->n_facts && i < OUTSIDE_FACTS_MOST; i++)
		env[i + 2] = (char *)(uintptr_t)q->fact[i];
	restore_signals();
	cap(RLIMIT_CORE, 0);
	cap(RLIMIT_FSIZE, OUTSIDE_FILE_MOST_OCTETS);
	cap(RLIMIT_CPU, (rlim_t)(limits->deadline_ms / 1000 + 1));
	if (limits->memory_octets > 0)
		cap(RLIMIT_AS, limits->memory_octets);
	(void)umask(077);
	if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() == 1 ||
	    chdir("/") != 0 || dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0 || close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
		_exit(CANNOT_RUN);
	(void)execve(path, argv, env);
	_exit(CANNOT_RUN);
}

/* ---- in ours ---- */

/* The mail as something that can be read, sought in, and left unread. */
static int
make_input(const struct child_octets *mail)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);
	size_t n_done = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && n_done < mail->n) {
		n = write(fd, mail->octets + n_done, mail->n - n_done);
		n_done += n > 0 ? (size_t)n : 0;
	}
	if (n > 0 && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* End those whom nobody waits for any more: what the program started became ours. */
static void
end_strays(void)
{
	char path[64], list[LIST_OCTETS], *at = list;

	(void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
	for (int i = 0; at != NULL && i < STRAY_ROUNDS; i++) {
		AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? 0 : read(fd, list, sizeof list - 1);

		at = n > 0 ? list : NULL;
		list[n > 0 ? n : 0] = '\0';
		for (long pid; at != NULL && (pid = strtol(at, &at, 10)) > 1;) {
			(void)kill((pid_t)pid, SIGKILL);
			(void)waitpid((pid_t)pid, NULL, 0);
		}
	}
}

static bool
start(const char *path, const struct outside_question *q, const struct outside_limits *limits,
      struct running *r, struct why *why)
{
	int output[2];
	AUTO(fd) int input = make_input(&q->mail);

	if (input < 0 || pipe2(output, O_CLOEXEC | O_NONBLOCK) != 0) {
		why_errno(why, errno, "no memory or descriptor for the mail");
		return false;
	}
	r->pid = fork();
	if (r->pid == 0) {
		(void)fcntl(output[1], F_SETFL, 0); /* a program expects to wait */
		become(path, q, limits, input, output[1]);
	}
	(void)close(output[1]);
	r->output = output[0];
	r->pidfd = r->pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, r->pid, 0);
	r->until_ms = clock_mono_ms() + limits->deadline_ms;
	if (r->pidfd < 0)
		why_errno(why, errno, "no process for it");
	return r->pidfd >= 0;
}

/* Read what is there. Gives  false at its end */
static bool
drain(struct running *r)
{
	ssize_t n = 1;

	while (n > 0 && r->text.n <= OUTSIDE_ANSWER_MOST_OCTETS) {
		n = read(r->output, buf_reserve(&r->text, OUTPUT_OCTETS), OUTPUT_OCTETS);
		r->text.n += n > 0 ? (size_t)n : 0;
	}
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Until it has ended. Gives  false, with why, when it has to be ended */
static bool
follow(struct running *r, struct why *why)
{
	struct pollfd on[] = {{.fd = r->output, .events = POLLIN},
	                      {.fd = r->pidfd, .events = POLLIN}};
	int64_t left_ms = 1;

	while (on[1].revents == 0 && left_ms > 0 && r->text.n <= OUTSIDE_ANSWER_MOST_OCTETS) {
		left_ms = r->until_ms - clock_mono_ms();
		if (left_ms > 0 && poll(on, N_ELEMENTS(on), (int)left_ms) > 0 &&
		    on[0].revents != 0 && !drain(r))
			on[0].fd = -1;
	}
	/* What it left running may hold the other end for ever: what is there now is the answer. */
	if (on[1].revents != 0)
		(void)drain(r);
	if (r->text.n > OUTSIDE_ANSWER_MOST_OCTETS)
		why_set(why, "it answered more than %d octets", OUTSIDE_ANSWER_MOST_OCTETS);
	else if (on[1].revents == 0)
		why_set(why, "it took too long and was ended");
	return on[1].revents != 0 && r->text.n <= OUTSIDE_ANSWER_MOST_OCTETS;
}

/* End what is left of it, and take how it ended. */
static int
finish(struct running *r)
{
	int status = 0;

	if (r->pid > 0) {
		(void)kill(-r->pid, SIGKILL);
		(void)kill(r->pid, SIGKILL); /* before its setsid it is no group yet */
		(void)waitpid(r->pid, &status, 0);
		end_strays();
	}
	if (r->pidfd >= 0)
		(void)close(r->pidfd);
	if (r->output >= 0)
		(void)close(r->output);
	return status;
}

enum outside_err
outside_run(struct arena *a, const char *path, const struct outside_question *q,
            const struct outside_limits *limits, struct outside_answer *answer_r, struct why *why)
{
	struct running r = {.pid = -1, .pidfd = -1, .output = -1};
	bool fine = start(path, q, limits, &r, why) && follow(&r, why);
	int status = finish(&r);

	if (fine && WIFSIGNALED(status)) {
		why_set(why, "it was ended by signal %d", WTERMSIG(status));
		fine = false;
	} else if (fine && WEXITSTATUS(status) == CANNOT_RUN) {
		why_set(why, "it cannot be run");
		fine = false;
	}
	if (fine)
		*answer_r = (struct outside_answer){(unsigned)WEXITSTATUS(status),
		                                    arena_strndup(a, "", 0), r.text.n};
	if (fine && r.text.n > 0)
		answer_r->text = arena_memdup(a, r.text.octets, r.text.n + 1);
	buf_free(&r.text);
	return fine ? OUTSIDE_OK : OUTSIDE_FAILED;
}

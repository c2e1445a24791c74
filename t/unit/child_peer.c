/* t/unit/child_peer.c - a child that does what its request says, good or bad
 *
 * The first argument is how it starts: "free", "jailed", "mute" (no hello), "broken" (ends at
 * once). A request is a word: see the table. */
#include "arena.h"
#include "buf.h"
#include "child.h"
#include "jail.h"
#include "launcher.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* Past the frames of child_serve. */
static void
put(const char *octets, size_t n)
{
	if (write(LAUNCHER_CHILD_FD, octets, n) < 0)
		_exit(11);
}

static void
do_echo(struct child_octets request, struct buf *reply)
{
	buf_add(reply, request.octets, request.n);
}

static void
do_segv(struct child_octets request, struct buf *reply)
{
	(void)request, (void)reply;
	(void)raise(SIGSEGV);
}

static void
do_abort(struct child_octets request, struct buf *reply)
{
	(void)request, (void)reply;
	abort();
}

static void
do_exit(struct child_octets request, struct buf *reply)
{
	(void)request, (void)reply;
	_exit(7);
}

static void
do_hang(struct child_octets request, struct buf *reply)
{
	(void)request, (void)reply;
	for (;;)
		(void)pause();
}

static void
do_spin(struct child_octets request, struct buf *reply)
{
	(void)request, (void)reply;
	for (volatile unsigned n = 0;; n++)
		;
}

/* A head that promises 1,000 octets, then one every 20 ms. */
static void
do_dribble(struct child_octets request, struct buf *reply)
{
	(void)request, (void)reply;
	put("\0\0\3\350", 4);
	for (;;) {
		put("x", 1);
		(void)usleep(20000);
	}
}

static void
do_huge(struct child_octets request, struct buf *reply)
{
	(void)request;
	size_t n = 2 << 20;
	memset(buf_reserve(reply, n), 'x', n);
	reply->n += n;
}

/* The right answer, and more of it. */
static void
do_twice(struct child_octets request, struct buf *reply)
{
	(void)request;
	put("\0\0\0\3oneX", 8);
	buf_text(reply, "two");
}

static void
do_close(struct child_octets request, struct buf *reply)
{
	(void)request, (void)reply;
	(void)close(LAUNCHER_CHILD_FD);
	for (;;)
		(void)pause();
}

static void
do_pid(struct child_octets request, struct buf *reply)
{
	(void)request;
	buf_printf(reply, "%d", (int)getpid());
}

/* What is open beside 0 to 3, and whether the signals of a control group are ignored. */
static void
do_state(struct child_octets request, struct buf *reply)
{
	struct sigaction term;

	(void)request;
	for (int fd = LAUNCHER_CHILD_FD + 1; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			buf_printf(reply, "fd%d ", fd);
	(void)sigaction(SIGTERM, NULL, &term);
	buf_printf(reply, "%s %s", term.sa_handler == SIG_IGN ? "ignores" : "hears",
	           getenv("NOTIFY_SOCKET") == NULL ? "clean" : "leaky");
}

static void
do_memory(struct child_octets request, struct buf *reply)
{
	(void)request;
	void *much = mmap(NULL, 1UL << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	                  0);
	buf_text(reply, much == MAP_FAILED ? "refused" : "given");
}

static void
do_stderr(struct child_octets request, struct buf *reply)
{
	(void)request;
	buf_text(reply, fprintf(stderr, "# the child speaks\n") > 0 ? "spoke" : "silent");
}

static void
do_open(struct child_octets request, struct buf *reply)
{
	(void)request;
	buf_printf(reply, "%d", open("/etc/passwd", O_RDONLY));
}

static void
do_socket(struct child_octets request, struct buf *reply)
{
	(void)request;
	buf_printf(reply, "%d", socket(AF_INET, SOCK_STREAM, 0));
}

static void
do_exec(struct child_octets request, struct buf *reply)
{
	char *argv[] = {"true", NULL};

	(void)request;
	(void)execv("/bin/true", argv);
	buf_printf(reply, "%d", errno);
}

static void
do_fork(struct child_octets request, struct buf *reply)
{
	(void)request;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	buf_printf(reply, "%d", (int)pid);
}

static void
do_code(struct child_octets request, struct buf *reply)
{
	(void)request;
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	buf_printf(reply, "%d", mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static void
do_kill(struct child_octets request, struct buf *reply)
{
	(void)request;
	buf_printf(reply, "%d", kill(getppid(), SIGTERM));
}

static const struct {
	const char *word;
	void (*act)(struct child_octets request, struct buf *reply);
} acts[] = {
	{"segv", do_segv},     {"abort", do_abort}, {"exit", do_exit},     {"hang", do_hang},
	{"spin", do_spin},     {"dribble", do_dribble}, {"huge", do_huge}, {"twice", do_twice},
	{"close", do_close},   {"pid", do_pid},     {"state", do_state},   {"memory", do_memory},
	{"stderr", do_stderr}, {"open", do_open},   {"socket", do_socket}, {"exec", do_exec},
	{"fork", do_fork},     {"code", do_code},   {"kill", do_kill},
};

static void
handle(void *arg, struct arena *a, struct child_octets request, struct buf *reply)
{
	(void)arg, (void)a;
	for (size_t i = 0; i < N_ELEMENTS(acts); i++)
		if (strcmp(request.octets, acts[i].word) == 0) {
			acts[i].act(request, reply);
			return;
		}
	do_echo(request, reply);
}

int
main(int argc, char *argv[])
{
	const char *how = argc > 1 ? argv[1] : "free";
	struct child_service service = {.hello = "free", .max_request_octets = 64 << 20,
	                                .handle = handle};
	struct jail_limits limits = {.memory_octets = 256 << 20, .n_files = 4};
	struct why why = {""};

	if (strcmp(how, "broken") == 0)
		return 9;
	if (strcmp(how, "mute") == 0)
		(void)pause();
	if (strcmp(how, "jailed") == 0) {
		if (jail_child(&limits, &why) != JAIL_OK) {
			fprintf(stderr, "# %s\n", why.text);
			return 10;
		}
		service.hello = jail_level();
	}
	return child_serve(LAUNCHER_CHILD_FD, &service) == 0 ? 0 : 1;
}

/* t/unit/log_t.c */
#include "clock.h"
#include "arena.h"
#include "durable.h"
#include "log.h"
#include "tap.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { MOST = 1000000 };

static char top[] = "/tmp/log_t.XXXXXX";

/* All lines of a file, or "" when it cannot be read. */
static const char *
slurp(struct arena *a, const char *path)
{
	struct durable_file file = {NULL, 0};

	return durable_read(a, AT_FDCWD, path, MOST, &file, NULL) == DURABLE_OK ? file.octets : "";
}

static bool
ends(const char *text, const char *end)
{
	size_t n = strlen(text), n_end = strlen(end);

	return n >= n_end && strcmp(text + n - n_end, end) == 0;
}

static void *
other_thread(void *arg)
{
	log_event(LOG_EVENTS, "other", "n=%d", 1);
	return arg;
}

static void
test_file(struct arena *a)
{
	const char *path = arena_printf(a, "%s/log", top);
	const char *moved = arena_printf(a, "%s/log.1", top);
	pthread_t thread;
	char wide[3000];

	log_open("unit", path, LOG_EVENTS);
	log_event(LOG_EVENTS, "filed", "ticket=%d by=%s", 7, log_value("a \"b\"\r\n"));
	const char *text = slurp(a, path);
	OK(ends(text, arena_printf(a, "Z unit[%d]: filed ticket=7 by=\"a \\x22b\\x22\\x0d\\x0a\"\n",
	                           (int)getpid())), "a line");
	OK(text[4] == '-' && text[10] == 'T', "with date and time before it");
	log_event(LOG_DETAILS, "unheard", "n=%d", 1);
	OK(strstr(slurp(a, path), "unheard") == NULL, "lines above the level are dropped");
	log_subject("4XyZ\n");
	log_event(LOG_ERRORS, "bad", "text=%s", "a\nb\x1b\xff");
	OK(ends(slurp(a, path), ": 4XyZ : bad text=a b ?\n"), "a subject; all is cleaned");
	(void)pthread_create(&thread, NULL, other_thread, NULL);
	(void)pthread_join(thread, NULL);
	OK(ends(slurp(a, path), ": other n=1\n"), "a subject is of its thread");
	log_subject(NULL);
	memset(wide, 'w', sizeof wide - 1);
	wide[sizeof wide - 1] = '\0';
	log_event(LOG_EVENTS, "wide", "%s", wide);
	OK(strlen(strstr(slurp(a, path), "wide")) == 1001, "cut at 1,000 octets");
	(void)rename(path, moved);
	log_event(LOG_EVENTS, "before", "n=%d", 1);
	log_reopen();
	log_event(LOG_EVENTS, "after", "n=%d", 1);
	OK(ends(slurp(a, moved), ": before n=1\n"), "until reopened the old file is written");
	OK(strstr(slurp(a, path), "before") == NULL && ends(slurp(a, path), ": after n=1\n"),
	   "then a new one");
	(void)unlink(path);
	(void)unlink(moved);
}

static void
test_values(void)
{
	char wide[400];
	const char *first = log_value("first");

	IS_STR(log_value(NULL), "-", "no value");
	IS_STR(log_value(""), "\"\"", "an empty value");
	for (int i = 0; i < 7; i++)
		(void)log_value("other");
	OK(strcmp(first, "\"first\"") != 0, "buffers are taken in turn");
	memset(wide, 1, sizeof wide - 1);
	wide[sizeof wide - 1] = '\0';
	IS_INT(strlen(log_value(wide)), 200 * 4 + 5, "cut at 200 octets, quoted");
}

/* A log daemon of our own; -1 when it cannot be. */
static int
listen_at(const char *path)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)snprintf(where.sun_path, sizeof where.sun_path, "%s", path);
	return bind(fd, (struct sockaddr *)&where, sizeof where) == 0 ? fd : -1;
}

static const char *
receive(int fd)
{
	static char line[2000];
	ssize_t n = recv(fd, line, sizeof line - 1, 0);

	line[n < 0 ? 0 : n] = '\0';
	return line;
}

static void
test_syslog(struct arena *a)
{
	const char *path = arena_printf(a, "%s/dev", top);
	int fd = listen_at(path);

	log_open("unit", arena_printf(a, "syslog:%s", path), LOG_DETAILS);
	log_event(LOG_WARNINGS, "low", "n=%d", 1);
	const char *line = receive(fd);
	OK(strncmp(line, "<20>", 4) == 0, "facility mail, severity warning");
	OK(ends(line, arena_printf(a, " unit[%d]: low n=1", (int)getpid())), "the line");
	OK(line[7] == ' ' && line[10] == ' ' && line[13] == ':', "a date as RFC 3164 wants it");
	(void)close(fd);
	(void)unlink(path);
	log_event(LOG_EVENTS, "lost", "n=%d", 1);
	log_event(LOG_EVENTS, "lost", "n=%d", 2);
	fd = listen_at(path);
	log_event(LOG_EVENTS, "found", "n=%d", 1);
	OK(ends(receive(fd), ": log-lost n=2"), "lost lines are counted");
	OK(ends(receive(fd), ": found n=1"), "a log daemon that is back is found");
	int64_t begin_ms = clock_mono_ms();
	for (int i = 0; i < 20; i++)
		log_event(LOG_EVENTS, "many", "n=%d", i);
	OK(clock_mono_ms() - begin_ms < 20 * 200, "a daemon that does not read blocks nobody long");
	(void)close(fd);
	(void)unlink(path);
}

/* A child writes to a stderr of ours. */
static void
test_stderr(struct arena *a)
{
	const char *path = arena_printf(a, "%s/stderr", top);
	int kept = dup(STDERR_FILENO);
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	(void)dup2(fd, STDERR_FILENO);
	log_open("unit", arena_printf(a, "%s/no/such/file", top), LOG_EVENTS);
	log_event(LOG_EVENTS, "heard", "n=%d", 1);
	log_reopen();
	(void)dup2(kept, STDERR_FILENO);
	OK(ends(slurp(a, path), ": heard n=1\n"), "what cannot be opened goes to stderr");
	(void)close(fd);
	(void)close(kept);
	(void)unlink(path);
}

int
main(void)
{
	AUTO(arena) struct arena *a = arena_new();

	if (mkdtemp(top) == NULL)
		return 1;
	test_file(a);
	test_values();
	test_syslog(a);
	test_stderr(a);
	(void)rmdir(top);
	return tap_done();
}

/* src/base/log.c - one line per event, keyed, greppable by Postfix queue id
 *
 * Not syslog(3): that blocks for as long as the log daemon does, holding a lock. */
#include "log.h"
#include "buf.h"
#include "clock.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
	LINE_OCTETS = 1000,
	SUBJECT_OCTETS = 64,
	VALUE_OCTETS = 200,
	VALUE_ROOM = 4 * VALUE_OCTETS + 8, /* each octet as \xHH, quotes, dots */
	N_VALUES = 8,
	WAIT_MS = 100,
	FACILITY_MAIL = 2 << 3 /* RFC 3164 4.1.1 */
};

enum sink { SINK_STDERR, SINK_FILE, SINK_SYSLOG };

/* The one static state the design allows here: written by log_open before there are threads. */
static struct {
	const char *program;
	enum sink sink;
	enum log_level level;
	int fd; /* keeps its number for life: log_reopen puts another file under it */
	char path[PATH_MAX];
	atomic_ullong n_lost;
} state = {.program = "postern", .level = LOG_EVENTS, .fd = STDERR_FILENO};

static _Thread_local char subject[SUBJECT_OCTETS + 1];

static int
open_file(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
}

static bool
connect_syslog(int fd)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};

	if (strlen(state.path) >= sizeof where.sun_path)
		return false;
	memcpy(where.sun_path, state.path, strlen(state.path) + 1);
	return connect(fd, (struct sockaddr *)&where, sizeof where) == 0;
}

static void
set_path(const char *path)
{
	(void)snprintf(state.path, sizeof state.path, "%s", path);
}

/* The descriptor for `to`, or -1. */
static int
open_sink(const char *to)
{
	state.sink = SINK_STDERR;
	if (strcmp(to, "syslog") == 0 || strncmp(to, "syslog:/", 8) == 0) {
		state.sink = SINK_SYSLOG;
		set_path(to[6] == ':' ? to + 7 : "/dev/log");
		int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		/* A log daemon that is not there yet is asked again with each line. */
		if (fd >= 0)
			(void)connect_syslog(fd);
		return fd;
	}
	if (to[0] == '/') {
		state.sink = SINK_FILE;
		set_path(to);
		return open_file(to);
	}
	return -1;
}

void
log_open(const char *program, const char *to, enum log_level level)
{
	if (state.fd != STDERR_FILENO)
		(void)close(state.fd);
	state.program = program;
	state.level = level;
	state.fd = open_sink(to);
	if (state.fd < 0) {
		state.fd = STDERR_FILENO;
		state.sink = SINK_STDERR;
	}
}

void
log_reopen(void)
{
	if (state.sink == SINK_FILE) {
		AUTO(fd) int fd = open_file(state.path);
		(void)dup3(fd >= 0 ? fd : STDERR_FILENO, state.fd, O_CLOEXEC);
	}
}

void
log_subject(const char *id)
{
	(void)snprintf(subject, sizeof subject, "%s", id == NULL ? "" : id);
	text_clean_line(subject);
}

/* The head of a line: priority and time for syslog, time alone elsewhere; then who speaks. */
static void
add_head(struct buf *line, enum log_level level)
{
	static const int severities[] = {
		[LOG_ERRORS] = 3, [LOG_WARNINGS] = 4, [LOG_EVENTS] = 6, [LOG_DETAILS] = 7};
	char time_text[32];

	if (state.sink == SINK_SYSLOG) {
		clock_rfc3164(clock_now_s(), time_text);
		buf_printf(line, "<%d>%s ", FACILITY_MAIL | severities[level], time_text);
	} else {
		clock_rfc3339(clock_now_s(), time_text);
		buf_printf(line, "%s ", time_text);
	}
	buf_printf(line, "%s[%d]: ", state.program, (int)getpid());
}

static bool
send_syslog(const struct buf *line)
{
	ssize_t sent = send(state.fd, line->octets, line->n, MSG_NOSIGNAL);

	/* The log daemon was started again: its socket is a new one under the old name. */
	if (sent < 0 && errno != EAGAIN && connect_syslog(state.fd))
		sent = send(state.fd, line->octets, line->n, MSG_NOSIGNAL);
	return sent >= 0;
}

static bool
put(struct buf *line)
{
	struct pollfd ready = {.fd = state.fd, .events = POLLOUT};
	ssize_t n_written;

	if (poll(&ready, 1, WAIT_MS) == 0)
		return false;
	if (state.sink == SINK_SYSLOG)
		return send_syslog(line);
	buf_octet(line, '\n');
	/* One write a line: with O_APPEND lines of several threads and processes do not mix. */
	n_written = write(state.fd, line->octets, line->n);
	return n_written == (ssize_t)line->n;
}

static void
put_lost(enum log_level level)
{
	unsigned long long n_lost = atomic_exchange(&state.n_lost, 0);

	if (n_lost > 0) {
		AUTO(buf) struct buf line = {0};
		add_head(&line, level);
		buf_printf(&line, "log-lost n=%llu", n_lost);
		if (!put(&line))
			atomic_fetch_add(&state.n_lost, n_lost);
	}
}

void
log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	char words[LINE_OCTETS + 1];
	va_list args;

	if (level > state.level)
		return;
	int n = snprintf(words, sizeof words, "%s%s%s%s", subject, subject[0] == '\0' ? "" : ": ",
	                 event, fmt[0] == '\0' ? "" : " ");
	if (n >= 0 && (size_t)n < sizeof words) {
		va_start(args, fmt);
		(void)vsnprintf(words + n, sizeof words - (size_t)n, fmt, args);
		va_end(args);
	}
	text_clean_line(words);
	AUTO(buf) struct buf line = {0};
	add_head(&line, level);
	buf_text(&line, words);
	put_lost(LOG_WARNINGS);
	if (!put(&line))
		atomic_fetch_add(&state.n_lost, 1);
}

const char *
log_value(const char *text)
{
	static _Thread_local char values[N_VALUES][VALUE_ROOM];
	static _Thread_local unsigned turn;
	char *value = values[turn++ % N_VALUES];
	AUTO(buf) struct buf b = {0};

	if (text == NULL)
		return "-";
	buf_octet(&b, '"');
	text_log(&b, text, strlen(text), VALUE_OCTETS);
	buf_octet(&b, '"');
	(void)snprintf(value, VALUE_ROOM, "%s", b.octets);
	return value;
}

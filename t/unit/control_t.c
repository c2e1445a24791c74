/* t/unit/control_t.c - frames of the control socket, good and bad */
#include "clock.h"
#include "control.h"
#include "json.h"
#include "net.h"
#include "tap.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

struct daemon {
	int fd;
	int n_frames; /* to answer; 0: close without an answer */
	struct buf name;
	struct buf raw;
	enum control_err read;
	struct why why;
};

static void
pair_of(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
		abort();
}

static void *
answer(void *arg)
{
	struct daemon *d = arg;
	AUTO(json) struct json *request = NULL;

	d->read = control_read(d->fd, clock_mono_ms() + 5000, &request, &d->raw, &d->why);
	if (d->read == CONTROL_OK)
		buf_text(&d->name, json_get_str(request, "do", "?"));
	for (int i = 0; i < d->n_frames; i++) {
		AUTO(json) struct json *frame = json_new_object();

		json_set_int(frame, "row", i);
		if (control_answer(d->fd, clock_mono_ms() + 5000, frame, i < d->n_frames - 1))
			break;
	}
	(void)close(d->fd);
	return NULL;
}

struct reading {
	int64_t n;
	int64_t stop_at;
	bool in_order;
};

static bool
count(void *self, const struct json *frame)
{
	struct reading *r = self;

	r->in_order = r->in_order && json_get_int(frame, "row", -1) == r->n;
	return ++r->n != r->stop_at;
}

static void
try_ask(const char *what, int n_frames, const struct buf *raw, int64_t stop_at,
        enum control_err want)
{
	struct daemon d = { .n_frames = n_frames };
	struct reading r = { .stop_at = stop_at, .in_order = true };
	AUTO(json) struct json *body = json_new_object();
	struct why why = { "" };
	pthread_t thread;
	int fds[2];

	pair_of(fds);
	d.fd = fds[1];
	json_set_str(body, "do", "list");
	struct control_request request = { body, raw->octets, raw->n };
	if (pthread_create(&thread, NULL, answer, &d) != 0)
		abort();
	IS_INT(control_ask(fds[0], &request, 5000, count, &r, &why), want, what);
	(void)close(fds[0]);
	(void)pthread_join(thread, NULL);
	IS_INT(d.read, CONTROL_OK, what);
	IS_STR(d.name.octets, "list", "the request came");
	OK(d.raw.n == raw->n && (raw->n == 0 || memcmp(d.raw.octets, raw->octets, raw->n) == 0),
	   "the raw octets came");
	OK(r.in_order, "frames in order");
	if (want == CONTROL_OK)
		IS_INT(r.n, n_frames, "all frames came");
	else
		OK(want == CONTROL_STOPPED || *why.text, "why says why");
	buf_free(&d.name);
	buf_free(&d.raw);
}

/* Octets that are no request. */
static void
try_bad(const char *what, const char *octets, size_t n, bool close_it, enum control_err want)
{
	struct buf raw = { 0 };
	AUTO(json) struct json *body = NULL;
	struct why why = { "" };
	int fds[2];

	pair_of(fds);
	IS_INT(write(fds[0], octets, n), n, what);
	if (close_it)
		(void)close(fds[0]);
	IS_INT(control_read(fds[1], clock_mono_ms() + 100, &body, &raw, &why), want, what);
	OK(body == NULL && raw.n == 0, "nothing is given");
	if (!close_it)
		(void)close(fds[0]);
	(void)close(fds[1]);
}

#define BAD(what, octets, close_it, want) try_bad(what, octets, sizeof(octets) - 1, close_it, want)

static void
try_bad_requests(void)
{
	BAD("nothing", "", true, CONTROL_CLOSED);
	BAD("silence", "", false, CONTROL_TIMEOUT);
	BAD("half a length", "\0\0", true, CONTROL_CLOSED);
	BAD("half a frame", "\0\0\0\4{\"", true, CONTROL_CLOSED);
	BAD("half a frame, silence", "\0\0\0\4{\"", false, CONTROL_TIMEOUT);
	BAD("length 0", "\0\0\0\0", false, CONTROL_BAD);
	BAD("length over the limit", "\0\1\0\1{}", false, CONTROL_BAD);
	BAD("length 2^32-1", "\377\377\377\377{}", false, CONTROL_BAD);
	BAD("text instead of a frame", "GET / HTTP/1.0\r\n\r\n", false, CONTROL_BAD);
	BAD("not JSON", "\0\0\0\2}{", false, CONTROL_BAD);
	BAD("raw octets over the limit", "\0\0\0\25{\"n_octets\":33554433}", false, CONTROL_BAD);
	BAD("raw octets below none", "\0\0\0\17{\"n_octets\":-1}", false, CONTROL_BAD);
	BAD("fewer raw octets than said", "\0\0\0\16{\"n_octets\":4}\0\0\0\3abc", false, CONTROL_BAD);
	BAD("more raw octets than said", "\0\0\0\16{\"n_octets\":4}\0\0\0\5abcde", false,
	    CONTROL_BAD);
	BAD("raw octets missing", "\0\0\0\16{\"n_octets\":4}", true, CONTROL_CLOSED);
}

static void
try_limits(void)
{
	static char large[CONTROL_REQUEST_MAX_OCTETS + 10];
	AUTO(json) struct json *body = json_new_object();
	struct reading r = { .in_order = true };
	struct why why = { "" };
	int fds[2], fd = -1;

	pair_of(fds);
	memset(large, 'x', sizeof large - 1);
	json_set_str(body, "do", large);
	struct control_request request = { body, NULL, 0 };
	IS_INT(control_ask(fds[0], &request, 100, count, &r, &why), CONTROL_BAD, "request too large");
	OK(*why.text, "why says why");
	AUTO(json) struct json *small = json_new_object();
	request = (struct control_request){ small, NULL, 0 };
	IS_INT(control_ask(fds[0], &request, 100, count, &r, &why), CONTROL_TIMEOUT, "no answer");
	(void)close(fds[0]);
	(void)close(fds[1]);
	IS_INT(control_open("/nonexistent/control", 1000, &fd, &why), CONTROL_AWAY, "no daemon");
	OK(strstr(why.text, "/nonexistent/control"), "why names the socket");
}

int
main(void)
{
	AUTO(buf) struct buf none = { 0 };
	AUTO(buf) struct buf mail = { 0 };

	for (int i = 0; i < 300000; i++)
		buf_octet(&mail, (char)(i % 251));
	try_ask("one frame", 1, &none, 0, CONTROL_OK);
	try_ask("many frames", 5000, &none, 0, CONTROL_OK);
	try_ask("a mail goes along", 2, &mail, 0, CONTROL_OK);
	try_ask("no answer", 0, &none, 0, CONTROL_CLOSED);
	try_ask("enough of it", 5000, &none, 3, CONTROL_STOPPED);
	try_bad_requests();
	try_limits();
	return tap_done();
}

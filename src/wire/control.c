/* src/wire/control.c - frames on the control socket: JSON, and a mail where one is needed */
#include "control.h"
#include "clock.h"
#include "json.h"
#include "net.h"
#include <stdint.h>
#include <string.h>

enum { HEAD_OCTETS = 4 };

static enum control_err
from_net(enum net_err e)
{
	switch (e) {
	case NET_OK:
		return CONTROL_OK;
	case NET_AWAY:
		return CONTROL_AWAY;
	case NET_TIMEOUT:
		return CONTROL_TIMEOUT;
	case NET_BAD:
		return CONTROL_BAD;
	case NET_IN_USE:
	case NET_CLOSED:
	case NET_FAILED:
		return CONTROL_CLOSED;
	}
	return CONTROL_CLOSED;
}

static enum control_err
explain(enum control_err e, struct why *why)
{
	if (e == CONTROL_TIMEOUT)
		why_set(why, "the daemon took too long to answer");
	else if (e == CONTROL_CLOSED)
		why_set(why, "the connection to the daemon broke off; its log says why");
	return e;
}

static enum control_err
read_exactly(int fd, char *octets_r, size_t n, int64_t deadline_ms)
{
	size_t n_got = 0;
	enum net_err e = NET_OK;

	while (n_got < n && e == NET_OK) {
		size_t n_now = 0;

		e = net_read(fd, octets_r + n_got, n - n_got, deadline_ms, &n_now);
		if (e == NET_OK)
			n_got += n_now;
	}
	return from_net(e);
}

/* Read one frame. Memory grows with what came, not with what the length claims. */
static enum control_err
read_frame(int fd, size_t max_octets, int64_t deadline_ms, struct buf *frame_r, struct why *why)
{
	enum { STEP_OCTETS = 64 * 1024 };
	uint8_t head[HEAD_OCTETS];

	enum control_err e = read_exactly(fd, (char *)head, sizeof head, deadline_ms);
	if (e != CONTROL_OK)
		return e;
	size_t n = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	if (n == 0 || n > max_octets) {
		why_set(why, "a frame of %zu octets; 1 to %zu are allowed", n, max_octets);
		return CONTROL_BAD;
	}
	while (frame_r->n < n && e == CONTROL_OK) {
		size_t n_now = n - frame_r->n < STEP_OCTETS ? n - frame_r->n : STEP_OCTETS;

		e = read_exactly(fd, buf_reserve(frame_r, n_now), n_now, deadline_ms);
		if (e == CONTROL_OK) {
			frame_r->n += n_now;
			frame_r->octets[frame_r->n] = '\0';
		}
	}
	return e;
}

static enum control_err
write_frame(int fd, const void *octets, size_t n, int64_t deadline_ms)
{
	const uint8_t head[HEAD_OCTETS] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16),
		                            (uint8_t)(n >> 8), (uint8_t)n };

	enum net_err e = net_write(fd, head, sizeof head, deadline_ms);
	if (e == NET_OK)
		e = net_write(fd, octets, n, deadline_ms);
	return from_net(e);
}

static enum control_err
read_json(int fd, size_t max_octets, int64_t deadline_ms, struct json **json_r, struct why *why)
{
	AUTO(buf) struct buf frame = { 0 };
	enum control_err e = read_frame(fd, max_octets, deadline_ms, &frame, why);

	if (e != CONTROL_OK)
		return e;
	return json_parse(frame.octets, frame.n, max_octets, json_r, why) == JSON_OK ? CONTROL_OK
	                                                                             : CONTROL_BAD;
}

enum control_err
control_open(const char *path, int64_t timeout_ms, int *fd_r, struct why *why)
{
	struct net_place place = { .is_unix = true };

	if (strlen(path) >= sizeof place.path) {
		why_set(why, "the path of the control socket is too long: %s", path);
		return CONTROL_AWAY;
	}
	memcpy(place.path, path, strlen(path) + 1);
	struct why cause = { "" };
	enum net_err e = net_connect(&place, timeout_ms, fd_r, &cause);
	if (e != NET_OK)
		why_set(why, "cannot reach posternd at %s: %s (is it running, and may you?)", path,
		        cause.text);
	return e == NET_OK || e == NET_TIMEOUT ? from_net(e) : CONTROL_AWAY;
}

static enum control_err
send_request(int fd, const struct control_request *request, int64_t deadline_ms)
{
	AUTO(buf) struct buf text = { 0 };

	if (request->n_octets > CONTROL_RAW_MAX_OCTETS)
		return CONTROL_BAD;
	json_set_int(request->body, "n_octets", (int64_t)request->n_octets);
	json_dump(request->body, false, &text);
	if (text.n > CONTROL_REQUEST_MAX_OCTETS)
		return CONTROL_BAD;
	enum control_err e = write_frame(fd, text.octets, text.n, deadline_ms);
	if (e == CONTROL_OK && request->n_octets > 0)
		e = write_frame(fd, request->octets, request->n_octets, deadline_ms);
	return e;
}

enum control_err
control_ask(int fd, const struct control_request *request, int64_t timeout_ms,
            control_reader *read, void *self, struct why *why)
{
	enum control_err e = send_request(fd, request, clock_mono_ms() + timeout_ms);
	bool more = e == CONTROL_OK;

	if (e == CONTROL_BAD)
		why_set(why, "the request is too large");
	for (int i = 0; more && i < CONTROL_ANSWER_MAX_FRAMES; i++) {
		AUTO(json) struct json *answer = NULL;

		e = read_json(fd, CONTROL_ANSWER_MAX_OCTETS, clock_mono_ms() + timeout_ms, &answer,
		              why);
		more = e == CONTROL_OK && json_get_bool(answer, "more", false);
		if (e == CONTROL_OK && !read(self, answer)) {
			e = CONTROL_STOPPED;
			more = false;
		}
	}
	if (more) {
		why_set(why, "the answer has no end");
		e = CONTROL_BAD;
	}
	return explain(e, why);
}

enum control_err
control_read(int fd, int64_t deadline_ms, struct json **body_r, struct buf *raw_r, struct why *why)
{
	AUTO(json) struct json *body = NULL;
	enum control_err e = read_json(fd, CONTROL_REQUEST_MAX_OCTETS, deadline_ms, &body, why);

	if (e != CONTROL_OK)
		return e;
	int64_t n = json_get_int(body, "n_octets", 0);
	if (n < 0 || n > CONTROL_RAW_MAX_OCTETS) {
		why_set(why, "n_octets is 0 to %d", CONTROL_RAW_MAX_OCTETS);
		return CONTROL_BAD;
	}
	AUTO(buf) struct buf raw = { 0 };
	if (n > 0)
		e = read_frame(fd, (size_t)n, deadline_ms, &raw, why);
	if (e == CONTROL_OK && raw.n != (size_t)n) {
		why_set(why, "n_octets is not the length of the frame behind the request");
		e = CONTROL_BAD;
	}
	if (e != CONTROL_OK)
		return e;
	*raw_r = raw;
	raw = (struct buf){ 0 };
	*body_r = GIVE(body);
	return CONTROL_OK;
}

enum control_err
control_answer(int fd, int64_t deadline_ms, struct json *answer, bool more)
{
	AUTO(buf) struct buf text = { 0 };

	json_set_bool(answer, "more", more);
	json_dump(answer, false, &text);
	if (text.n > CONTROL_ANSWER_MAX_OCTETS)
		return CONTROL_BAD;
	return write_frame(fd, text.octets, text.n, deadline_ms);
}

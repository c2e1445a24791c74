/* src/wire/control.h - frames on the control socket: JSON both ways, and a mail where one is needed
 *
 * A frame is four octets of length, most significant first, and that many octets. A request is a
 * frame of JSON; when it says "n_octets": N, N over 0, one frame of exactly N raw octets follows (a
 * mail for explain: base64 would cost a third more and a second bound). An answer is one frame of
 * JSON or more; every one but the last says "more": true. A connection carries one request. */
#ifndef CONTROL_H
#define CONTROL_H
#include "buf.h"
#include "why.h"
#include <stdbool.h>
#include <stdint.h>

struct json;

enum {
	CONTROL_REQUEST_MAX_OCTETS = 64 * 1024,      /* JSON of a request */
	CONTROL_RAW_MAX_OCTETS = 32 * 1024 * 1024,   /* the raw frame behind it */
	CONTROL_ANSWER_MAX_OCTETS = 4 * 1024 * 1024, /* each frame of an answer */
	CONTROL_ANSWER_MAX_FRAMES = 1000000
};

enum control_err {
	CONTROL_OK = 0,
	CONTROL_AWAY,    /* nobody listens there, or we are not allowed to ask */
	CONTROL_TIMEOUT, /* the deadline passed */
	CONTROL_CLOSED,  /* the peer went away in the middle */
	CONTROL_BAD,     /* not a frame, over a limit, not JSON */
	CONTROL_STOPPED  /* the reader of answers had enough */
};

/* --- the asking side --- */

struct control_request {
	struct json *body;  /* borrowed: an object; "n_octets" is set in it */
	const void *octets; /* borrowed: the raw frame, NULL for none */
	size_t n_octets;    /* 0 .. CONTROL_RAW_MAX_OCTETS */
};

/* Takes one frame of an answer; borrowed for the call. Gives false to stop asking. */
typedef bool control_reader(void *self, const struct json *answer);

/* Connect to the daemon.
 * Takes   path       of the UNIX socket
 *         timeout_ms  for connecting
 * Gives   *fd_r, to be closed by the caller
 * Fails   CONTROL_AWAY, CONTROL_TIMEOUT, with words that say what to do */
enum control_err control_open(const char *path, int64_t timeout_ms, int *fd_r,
                              struct why *why) MUST_USE;

/* Ask, and hand each frame of the answer to read as it comes.
 * Takes   timeout_ms  between two frames, not for all of them: a long list may take its time
 * Fails   CONTROL_TIMEOUT, CONTROL_CLOSED, CONTROL_BAD, CONTROL_STOPPED */
enum control_err control_ask(int fd, const struct control_request *request, int64_t timeout_ms,
                             control_reader *read, void *self, struct why *why) MUST_USE;

/* --- the answering side --- */

/* Read one request.
 * Takes   deadline_ms  instant of clock_mono_ms
 * Gives   *body_r, ended by json_free; raw_r has the raw frame, empty when there is none
 * Fails   CONTROL_TIMEOUT, CONTROL_CLOSED, CONTROL_BAD; nothing is given then */
enum control_err control_read(int fd, int64_t deadline_ms, struct json **body_r, struct buf *raw_r,
                              struct why *why) MUST_USE;

/* Write one frame of an answer; sets "more" in it.
 * Fails   CONTROL_TIMEOUT, CONTROL_CLOSED; CONTROL_BAD when it is over CONTROL_ANSWER_MAX_OCTETS */
enum control_err control_answer(int fd, int64_t deadline_ms, struct json *answer,
                                bool more) MUST_USE;
#endif

/* src/desk/call.c - one request of an operator being answered */
#include "call.h"
#include "arena.h"
#include "base64.h"
#include "clock.h"
#include "control.h"
#include "token.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

enum { CALL_OCTETS_A_FRAME = 768 * 1024, CALL_FAIL_OCTETS = 400 };

void
call_say(struct call *c, struct json *answer, bool more)
{
	AUTO(json) struct json *mine = answer;

	if (!c->cut)
		c->cut = control_answer(c->fd, clock_mono_ms() + CALL_ANSWER_MS, mine, more) !=
		         CONTROL_OK;
}

void
call_fail(struct call *c, int status, const char *fmt, ...)
{
	char text[CALL_FAIL_OCTETS];
	struct json *o = json_new_object();
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	json_set_str(o, "error", text);
	json_set_int(o, "status", status);
	call_say(c, o, false);
}

void
call_fail_store(struct call *c, enum store_err e, const char *what)
{
	int status = e == STORE_ABSENT ? EX_NOINPUT : e == STORE_BROKEN ? EX_IOERR : EX_TEMPFAIL;

	if (e == STORE_ABSENT)
		call_fail(c, status, "%s: there is none", what);
	else
		call_fail(c, status, "%s: %s", what, c->why.text);
}

bool
call_ref(struct call *c, const char **prefix_r, uint64_t *number_r)
{
	const char *text = json_get_str(c->request, "ref", "");
	struct token t;
	bool mistyped = false, fine = token_parse(text, &t, &mistyped);

	if (fine) {
		*prefix_r = arena_strdup(c->arena, t.prefix);
		*number_r = t.number;
	} else if (mistyped) {
		call_fail(c, EX_USAGE, "\"%s\" is mistyped: its last digit does not fit the others",
		          text);
	} else {
		call_fail(c, EX_USAGE, "\"%s\" is no reference number; they look like %s-104231",
		          text, c->conf->prefixes[0]);
	}
	return fine;
}

static void
say_piece(struct call *c, const char *octets, size_t n, bool more)
{
	AUTO(buf) struct buf text = {0};
	struct json *o = json_new_object();

	base64_put(&text, octets, n);
	json_set_str(o, "base64", n > 0 ? text.octets : "");
	call_say(c, o, more);
}

bool
call_say_file(struct call *c, int fd)
{
	char *piece = arena_alloc(c->arena, CALL_OCTETS_A_FRAME);
	off_t at = 0;
	ssize_t got = 1;

	while (got > 0 && !c->cut) {
		got = pread(fd, piece, CALL_OCTETS_A_FRAME, at);
		if (got > 0)
			say_piece(c, piece, (size_t)got, true);
		at += got > 0 ? got : 0;
	}
	if (got < 0)
		why_errno(&c->why, errno, "cannot read what was written");
	else
		say_piece(c, "", 0, false);
	return got >= 0;
}

void
call_say_octets(struct call *c, const char *octets, size_t n)
{
	size_t at = 0;

	do {
		size_t piece = n - at < CALL_OCTETS_A_FRAME ? n - at : CALL_OCTETS_A_FRAME;

		say_piece(c, octets + at, piece, at + piece < n);
		at += piece;
	} while (at < n && !c->cut);
}

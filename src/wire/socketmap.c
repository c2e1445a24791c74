/* src/wire/socketmap.c - the answering side of socketmap_table(5) as a function of octets */
#include "socketmap.h"
#include "text.h"
#include <string.h>

enum { LENGTH_DIGITS_MAX = 4 }; /* of SOCKETMAP_REQUEST_MAX_OCTETS */

static const char *const word[] = {
	[SOCKETMAP_FOUND] = "OK",
	[SOCKETMAP_NOT_FOUND] = "NOTFOUND",
	[SOCKETMAP_TEMPORARY] = "TEMP",
	[SOCKETMAP_TIMEOUT] = "TIMEOUT",
	[SOCKETMAP_PERMANENT] = "PERM",
};

/* Send one answer. */
static void
answer(enum socketmap_answer what, struct buf *text, struct buf *out)
{
	char line[SOCKETMAP_TEXT_MAX_OCTETS + 1] = "";
	size_t n = text->n < sizeof line ? text->n : sizeof line - 1;

	if (n > 0)
		memcpy(line, text->octets, n);
	line[n] = '\0';
	text_clean_line(line);
	if (what == SOCKETMAP_FOUND && line[0] == '\0')
		memcpy(line, "OK", sizeof "OK");
	buf_printf(out, "%zu:%s %s,", strlen(word[what]) + 1 + strlen(line), word[what], line);
}

static bool
is_clean(const char *octets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)octets[i] < ' ' || octets[i] == 0x7F)
			return false;
	return text_is_utf8(octets, n);
}

/* Answer one request. Gives  false when it is not a name and a key */
static bool
serve(const struct socketmap_calls *calls, const char *request, size_t n, struct buf *out)
{
	const char *space = memchr(request, ' ', n);
	AUTO(buf) struct buf text = {0};
	AUTO(buf) struct buf copy = {0};
	enum socketmap_answer what = SOCKETMAP_NOT_FOUND;

	if (space == NULL || space == request)
		return false;
	if (is_clean(request, n) && space + 1 < request + n) {
		buf_add(&copy, request, n);
		copy.octets[space - request] = '\0';
		what = calls->look_up(calls->self, copy.octets,
		                      copy.octets + (space - request) + 1, &text);
	}
	answer(what, &text, out);
	return true;
}

enum progress { PROGRESS_MORE, PROGRESS_SERVED, PROGRESS_BAD };

/* Where a netstring's length ends: n_digits_r digits and a colon. */
static enum progress
read_length(const struct buf *b, size_t *n_digits_r, size_t *n_r)
{
	size_t n_digits = 0, n = 0;

	for (; n_digits < b->n && n_digits <= LENGTH_DIGITS_MAX; n_digits++) {
		unsigned digit = (unsigned)b->octets[n_digits] - '0';

		if (digit > 9)
			break;
		n = n * 10 + digit;
	}
	if (n_digits > LENGTH_DIGITS_MAX || (n_digits > 1 && b->octets[0] == '0') ||
	    n > SOCKETMAP_REQUEST_MAX_OCTETS)
		return PROGRESS_BAD;
	if (n_digits == b->n)
		return PROGRESS_MORE;
	*n_digits_r = n_digits;
	*n_r = n;
	return n_digits > 0 && b->octets[n_digits] == ':' ? PROGRESS_SERVED : PROGRESS_BAD;
}

/* Serve the request at the beginning of what is pending, if it is whole. */
static enum progress
step(struct socketmap *s, const struct socketmap_calls *calls, struct buf *out)
{
	size_t n_digits = 0, n = 0;
	enum progress p = read_length(&s->pending, &n_digits, &n);
	size_t first = n_digits + 1;

	if (p != PROGRESS_SERVED)
		return p;
	if (s->pending.n <= first + n)
		return PROGRESS_MORE;
	if (s->pending.octets[first + n] != ',' ||
	    !serve(calls, s->pending.octets + first, n, out))
		return PROGRESS_BAD;
	buf_consume(&s->pending, first + n + 1);
	return PROGRESS_SERVED;
}

bool
socketmap_feed(struct socketmap *s, const struct socketmap_calls *calls, const void *in, size_t n,
               struct buf *out)
{
	enum { PIECE_OCTETS = SOCKETMAP_REQUEST_MAX_OCTETS };
	const char *at = in;

	/* In pieces, so that what is pending stays small whatever came at once. */
	while (n > 0 && !s->cut_off) {
		size_t n_piece = n < PIECE_OCTETS ? n : PIECE_OCTETS;
		enum progress p = PROGRESS_SERVED;

		buf_add(&s->pending, at, n_piece);
		at += n_piece;
		n -= n_piece;
		while (p == PROGRESS_SERVED)
			p = step(s, calls, out);
		s->cut_off = p == PROGRESS_BAD;
	}
	return !s->cut_off;
}

void
socketmap_reset(struct socketmap *s)
{
	buf_free(&s->pending);
	*s = (struct socketmap){0};
}

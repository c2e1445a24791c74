/* src/wire/dotted.c - the octets between DATA and CR LF . CR LF (RFC 5321 4.5.2) */
#include "dotted.h"

/* How much of CR LF . CR LF stands right before the next octet. Zero must be the line start: DATA's
 * own CR LF counts (RFC 5321 4.1.1.4), so that an empty mail is a lone dot. */
enum { AT_LINE_START = 0, AT_DOT, AT_DOT_CR, AT_CR, AT_MIDDLE };

bool
dotted_too_big(const struct dotted *d, const struct dotted_limits *limits)
{
	return d->n_came > limits->message_octets;
}

/* Keep a run of octets, none of which ends a line. */
static void
keep(struct dotted *d, const struct dotted_limits *limits, const char *octets, size_t n)
{
	d->n_came += n;
	if (!dotted_too_big(d, limits))
		buf_add(&d->mail, octets, n);
	else if (d->mail.n > 0)
		buf_free(&d->mail);
	if (!d->body && d->n_came > limits->header_octets)
		d->flags |= LMTP_HEADER_TOO_LONG;
}

static void
keep_text(struct dotted *d, const struct dotted_limits *limits, const char *octets, size_t n)
{
	unsigned char all = 0;

	for (size_t i = 0; i < n; i++) {
		all |= (unsigned char)octets[i];
		if (octets[i] == '\0')
			d->flags |= LMTP_NUL;
	}
	if (all > 127)
		d->flags |= LMTP_8BIT;
	d->n_line += n;
	if (d->n_line > limits->line_octets)
		d->flags |= LMTP_LINE_TOO_LONG;
	keep(d, limits, octets, n);
}

/* A parser may take a bare LF for a line end, so lines are measured from LF to LF. */
static void
keep_lf(struct dotted *d, const struct dotted_limits *limits)
{
	keep(d, limits, "\n", 1);
	if (d->n_line == 0)
		d->body = true;
	d->n_line = 0;
}

/* An octet at a place where it cannot be part of the end of the mail. */
static int
step_plain(struct dotted *d, const struct dotted_limits *limits, char c)
{
	if (c == '\r') {
		keep(d, limits, "\r", 1);
		return AT_CR;
	}
	if (c == '\n') {
		d->flags |= LMTP_BARE_LF;
		keep_lf(d, limits);
		return AT_MIDDLE;
	}
	keep_text(d, limits, &c, 1);
	return AT_MIDDLE;
}

static int
step_after_cr(struct dotted *d, const struct dotted_limits *limits, char c)
{
	if (c == '\n') {
		keep_lf(d, limits);
		return AT_LINE_START;
	}
	d->flags |= LMTP_BARE_CR;
	return step_plain(d, limits, c);
}

/* Gives  true at the LF that ends the mail */
static bool
step(struct dotted *d, const struct dotted_limits *limits, char c)
{
	switch (d->at) {
	case AT_LINE_START:
		d->at = c == '.' ? AT_DOT : step_plain(d, limits, c);
		return false;
	case AT_DOT: /* the dot is not kept: it ends the mail or was put there by the sender */
		d->at = c == '\r' ? AT_DOT_CR : step_plain(d, limits, c);
		return false;
	case AT_DOT_CR:
		if (c == '\n')
			return true;
		keep(d, limits, "\r", 1);
		d->at = step_after_cr(d, limits, c);
		return false;
	case AT_CR:
		d->at = step_after_cr(d, limits, c);
		return false;
	default:
		d->at = step_plain(d, limits, c);
		return false;
	}
}

/* Octets that can be taken in one go: the rest of a line without its end. */
static size_t
run_length(const char *in, size_t n)
{
	size_t i = 0;

	while (i < n && in[i] != '\r' && in[i] != '\n')
		i++;
	return i;
}

bool
dotted_feed(struct dotted *d, const struct dotted_limits *limits, const char *in, size_t n,
            size_t *n_used_r)
{
	size_t i = 0;
	bool over = false;

	while (i < n && !over) {
		size_t n_run = d->at == AT_MIDDLE ? run_length(in + i, n - i) : 0;

		if (n_run > 0)
			keep_text(d, limits, in + i, n_run);
		else
			over = step(d, limits, in[i]);
		i += n_run > 0 ? n_run : 1;
	}
	*n_used_r = i;
	return over;
}

void
dotted_reset(struct dotted *d)
{
	buf_free(&d->mail);
	*d = (struct dotted){ 0 };
}

/* src/wire/lmtp_out.c - hand one mail to an LMTP server: the client of `postern deliver`
 *
 * libetpan has maillmtp_data_message, but it turns a bare CR into a line end, gives codes without
 * their text, and takes a lost answer for a code 0 among the others; it knows nothing of XFORWARD.
 * So only its stream is used, guarded by peer.c. */
#include "lmtp_out.h"
#include "clock.h"
#include "path.h"
#include "peer.h"
#include "text.h"
#include "xforward.h"
#include <stdio.h>
#include <string.h>

/* One delivery under way. */
struct delivery {
	const struct lmtp_out_mail *mail;
	struct lmtp_out_reply *replies;
	struct why *why;
	struct peer *peer;
	struct peer_reply hello; /* to LHLO */
	struct peer_reply last;
	size_t n_accepted; /* recipients that RCPT took */
};

static enum lmtp_out_err
unreachable(const struct delivery *d, const char *step)
{
	const char *trouble = peer_trouble(d->peer);

	if (*trouble)
		why_set(d->why, "no answer of %s to %s: %s", d->mail->server, step, trouble);
	else
		why_set(d->why, "%s said to %s: %d %.*s", d->mail->server, step, d->last.code,
		        (int)strcspn(d->last.text.octets, "\n"), d->last.text.octets);
	return LMTP_OUT_UNREACHABLE;
}

/* Send a command that must be answered with 2xx before anything can be said about recipients. */
static enum lmtp_out_err
ask(struct delivery *d, const char *step, const char *command)
{
	return peer_ask(d->peer, command, &d->last) / 100 == 2 ? LMTP_OUT_OK
	                                                       : unreachable(d, step);
}

static enum lmtp_out_err
say_hello(struct delivery *d)
{
	AUTO(buf) struct buf command = { 0 };

	if (peer_reply_read(d->peer, &d->last) / 100 != 2)
		return unreachable(d, "connecting");
	buf_printf(&command, "LHLO %s", d->mail->hostname);
	enum lmtp_out_err e = ask(d, "LHLO", command.octets);
	if (e == LMTP_OUT_OK) {
		d->hello = d->last;
		d->last = (struct peer_reply){ 0 };
	}
	return e;
}

/* Whether the server's XFORWARD line names an attribute. */
static bool
is_wanted(const char *offered, const char *keyword)
{
	size_t n_keyword = strlen(keyword);

	while (*offered == ' ') {
		offered++;
		size_t n = strcspn(offered, " \n");
		if (n == n_keyword && strncasecmp(offered, keyword, n) == 0)
			return true;
		offered += n;
	}
	return false;
}

static void
add_fact(struct buf *command, const char *offered, enum xforward_name name, const char *value)
{
	const char *keyword = xforward_keyword(name);

	if (!value || !*value || !is_wanted(offered, keyword))
		return;
	if (strlen(value) > XFORWARD_VALUE_MAX_OCTETS)
		return;
	buf_printf(command, " %s=", keyword);
	if (name == XFORWARD_ADDR && strchr(value, ':'))
		buf_text(command, "IPV6:");
	text_xtext(command, value);
}

/* A command each, so that a value which the server dislikes takes no other with it. The mail is
 * delivered in any case: without its facts the client is a stranger. */
static enum lmtp_out_err
forward_facts(struct delivery *d)
{
	const char *const values[XFORWARD_COUNT] = {
		[XFORWARD_NAME] = d->mail->client_name,   [XFORWARD_ADDR] = d->mail->client_address,
		[XFORWARD_PORT] = d->mail->client_port,   [XFORWARD_PROTO] = d->mail->client_proto,
		[XFORWARD_HELO] = d->mail->client_helo,   [XFORWARD_IDENT] = d->mail->ident,
		[XFORWARD_LOGIN] = d->mail->login,
	};
	const char *offered = peer_extension(&d->hello, "XFORWARD");
	AUTO(buf) struct buf command = { 0 };

	for (enum xforward_name i = XFORWARD_NAME; offered && i < XFORWARD_COUNT; i++) {
		buf_clear(&command);
		buf_text(&command, "XFORWARD");
		add_fact(&command, offered, i, values[i]);
		if (strchr(command.octets, ' ') && peer_ask(d->peer, command.octets, &d->last) == 0)
			return unreachable(d, "XFORWARD");
	}
	return LMTP_OUT_OK;
}

/* 3xx is no answer here, and 0 is none at all. */
static bool
is_verdict(int code)
{
	return code / 100 == 2 || code >= 400;
}

static bool
has_8bit(const unsigned char *octets, size_t n)
{
	unsigned char all = 0;

	for (size_t i = 0; i < n; i++)
		all |= octets[i];
	return all > 127;
}

static bool
needs_utf8(const struct lmtp_out_mail *mail)
{
	bool needs = mail->smtputf8 || path_is_8bit(mail->sender);

	for (size_t i = 0; i < mail->n_rcpt; i++)
		needs = needs || path_is_8bit(mail->rcpt[i]);
	return needs;
}

static enum lmtp_out_err
say_mail(struct delivery *d)
{
	AUTO(buf) struct buf command = { 0 };

	buf_printf(&command, "MAIL FROM:<%s>", d->mail->sender);
	if (peer_extension(&d->hello, "8BITMIME") && has_8bit(d->mail->octets, d->mail->n_octets))
		buf_text(&command, " BODY=8BITMIME");
	if (peer_extension(&d->hello, "SMTPUTF8") && needs_utf8(d->mail))
		buf_text(&command, " SMTPUTF8");
	(void)peer_ask(d->peer, command.octets, &d->last);
	/* a 4xx or 5xx is the answer for each recipient */
	return is_verdict(d->last.code) ? LMTP_OUT_OK : unreachable(d, "MAIL");
}

static void
keep_reply(struct delivery *d, size_t i)
{
	d->replies[i].code = d->last.code;
	peer_reply_line(d->last.text.octets, d->replies[i].text, sizeof d->replies[i].text);
}

static enum lmtp_out_err
say_recipients(struct delivery *d)
{
	bool refused = d->last.code / 100 != 2; /* MAIL */
	AUTO(buf) struct buf command = { 0 };

	for (size_t i = 0; i < d->mail->n_rcpt; i++) {
		buf_clear(&command);
		buf_printf(&command, "RCPT TO:<%s>", d->mail->rcpt[i]);
		if (!refused && !is_verdict(peer_ask(d->peer, command.octets, &d->last)))
			return unreachable(d, "RCPT");
		keep_reply(d, i);
		d->n_accepted += !refused && d->last.code / 100 == 2;
	}
	return LMTP_OUT_OK;
}

/* The text with LF as CR LF, dots doubled, and the end. Every LF goes out as CR LF, and a dot
 * behind one is always doubled: nothing in the mail ends it early. */
static bool
send_text(struct delivery *d)
{
	const char *at = d->mail->octets;
	const char *end = at + d->mail->n_octets;
	bool good = true;

	while (at < end && good) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *line_end = lf ? lf : end;

		if (*at == '.')
			good = peer_send(d->peer, ".", 1);
		if (lf && line_end > at && line_end[-1] == '\r')
			line_end--;
		good = good && peer_send(d->peer, at, (size_t)(line_end - at)) &&
		       peer_send(d->peer, "\r\n", 2);
		at = lf ? lf + 1 : end;
	}
	return good && peer_send(d->peer, ".\r\n", 3);
}

/* RFC 2033 4.2: an answer for each recipient that was taken, in order. */
static enum lmtp_out_err
read_verdicts(struct delivery *d)
{
	for (size_t i = 0; i < d->mail->n_rcpt; i++) {
		if (d->replies[i].code / 100 != 2)
			continue;
		if (!is_verdict(peer_reply_read(d->peer, &d->last)))
			return unreachable(d, "the mail");
		keep_reply(d, i);
	}
	return LMTP_OUT_OK;
}

static enum lmtp_out_err
say_data(struct delivery *d)
{
	if (d->n_accepted == 0)
		return LMTP_OUT_OK;
	(void)peer_ask(d->peer, "DATA", &d->last);
	if (d->last.code != 354)
		return unreachable(d, "DATA");
	if (!send_text(d))
		return unreachable(d, "the mail");
	return read_verdicts(d);
}

static enum lmtp_out_err
converse(struct delivery *d)
{
	enum lmtp_out_err e = say_hello(d);

	if (e == LMTP_OUT_OK)
		e = forward_facts(d);
	if (e == LMTP_OUT_OK)
		e = say_mail(d);
	if (e == LMTP_OUT_OK)
		e = say_recipients(d);
	if (e == LMTP_OUT_OK)
		e = say_data(d);
	if (e == LMTP_OUT_OK && peer_send(d->peer, "QUIT\r\n", 6))
		(void)mailstream_flush(peer_stream(d->peer)); /* its answer matters to nobody */
	return e;
}

static bool
are_safe(const struct lmtp_out_mail *mail, struct why *why)
{
	const char *bad = *mail->sender && !path_is_safe(mail->sender) ? mail->sender : NULL;

	for (size_t i = 0; i < mail->n_rcpt && !bad; i++)
		bad = path_is_safe(mail->rcpt[i]) ? NULL : mail->rcpt[i];
	if (bad)
		why_set(why, "not an address: %s", bad);
	return !bad;
}

enum lmtp_out_err
lmtp_out_send(const struct lmtp_out_mail *mail, struct lmtp_out_reply replies_r[], struct why *why)
{
	struct delivery d = { .mail = mail, .replies = replies_r, .why = why };
	struct net_place place;

	if (!are_safe(mail, why))
		return LMTP_OUT_BAD_ADDRESS;
	if (net_parse(mail->server, &place, why) != NET_OK ||
	    peer_open(&place, clock_mono_ms() + mail->timeout_s * 1000, &d.peer, why) != NET_OK)
		return LMTP_OUT_UNREACHABLE;
	enum lmtp_out_err e = converse(&d);
	peer_close(&d.peer);
	buf_free(&d.hello.text);
	buf_free(&d.last.text);
	for (size_t i = 0; i < mail->n_rcpt && e != LMTP_OUT_OK; i++)
		replies_r[i] = (struct lmtp_out_reply){ 0 }; /* 250 to RCPT is not yet filed */
	return e;
}

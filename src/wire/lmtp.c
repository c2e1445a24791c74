/* src/wire/lmtp.c - the server side of LMTP (RFC 2033) as a function of octets */
#include "lmtp.h"
#include "arena.h"
#include "buf.h"
#include "dotted.h"
#include "path.h"
#include "text.h"
#include "xforward.h"
#include <string.h>

enum { REPLY_TEXT_MAX_OCTETS = 400, LHLO_MAX_OCTETS = 255 };

enum phase { PHASE_COMMAND, PHASE_MAIL, PHASE_OVER };

struct lmtp {
	struct arena *arena;      /* holds this struct */
	const struct lmtp_limits *limits;
	const struct lmtp_calls *calls;
	enum phase phase;
	enum lmtp_state end;      /* what lmtp_feed says once the phase is PHASE_OVER */
	unsigned n_errors;        /* since the last mail */
	struct buf line;          /* the command on its way in */
	bool line_too_long;
	struct buf lhlo;          /* empty until LHLO */
	struct xforward xforward;
	struct arena *txn;        /* sender and recipients; NULL outside a transaction */
	const char **rcpt;        /* room for max_recipients */
	struct lmtp_envelope env; /* sender is NULL outside a transaction */
	struct dotted dotted;
	struct buf *out;          /* the caller's, during one call */
};

struct command {
	const char *verb;
	void (*run)(struct lmtp *l, const char *args);
};

struct lmtp *
lmtp_new(const struct lmtp_limits *limits, const struct lmtp_calls *calls)
{
	struct arena *a = arena_new();
	struct lmtp *l = arena_alloc(a, sizeof *l);

	l->arena = a;
	l->limits = limits;
	l->calls = calls;
	return l;
}

/* Forget the transaction, and what was forwarded for it. */
static void
end_transaction(struct lmtp *l)
{
	arena_free(&l->txn);
	l->rcpt = NULL;
	l->env = (struct lmtp_envelope){ 0 };
	xforward_reset(&l->xforward);
	dotted_reset(&l->dotted);
}

void
lmtp_free(struct lmtp **l)
{
	if (!*l)
		return;
	end_transaction(*l);
	buf_free(&(*l)->line);
	buf_free(&(*l)->lhlo);
	struct arena *a = (*l)->arena;
	*l = NULL;
	arena_free(&a);
}

static void
finish(struct lmtp *l, enum lmtp_state end)
{
	end_transaction(l);
	l->phase = PHASE_OVER;
	l->end = end;
}

/* One reply line. Text of strangers may be in it, so it is made printable US-ASCII. */
static void
say(struct lmtp *l, const struct lmtp_reply *reply)
{
	size_t n = strnlen(reply->text, REPLY_TEXT_MAX_OCTETS);

	buf_printf(l->out, "%03d %s ", reply->code, reply->enhanced);
	for (size_t i = 0; i < n; i++) {
		char c = reply->text[i];

		buf_octet(l->out, c >= ' ' && c < 127 ? c : '?');
	}
	buf_text(l->out, "\r\n");
}

static void
answer(struct lmtp *l, int code, const char *enhanced, const char *text)
{
	say(l, &(struct lmtp_reply){ code, enhanced, text });
}

/* Refuse a command; a peer that goes on and on is cut off (it is not an LMTP client). */
static void
refuse(struct lmtp *l, int code, const char *enhanced, const char *text)
{
	answer(l, code, enhanced, text);
	if (++l->n_errors < l->limits->max_errors)
		return;
	answer(l, 421, "4.7.0", "Too many errors, closing");
	finish(l, LMTP_CUT_OFF);
}

void
lmtp_greet(struct lmtp *l, struct buf *out)
{
	buf_printf(out, "220 %s LMTP Postern\r\n", l->limits->hostname);
}

/* Whether a name can stand in LHLO: printable US-ASCII, no space (RFC 5321 4.1.1.1). */
static bool
is_host_name(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] >= 127)
			return false;
	return n > 0 && n <= LHLO_MAX_OCTETS;
}

static void
run_lhlo(struct lmtp *l, const char *args)
{
	if (!is_host_name(args)) {
		refuse(l, 501, "5.5.4", "Syntax: LHLO hostname");
		return;
	}
	end_transaction(l); /* RFC 5321 4.1.4: LHLO resets like RSET */
	buf_clear(&l->lhlo);
	buf_text(&l->lhlo, args);
	buf_printf(l->out, "250-%s\r\n250-PIPELINING\r\n250-SIZE %zu\r\n", l->limits->hostname,
	           l->limits->message_max_octets);
	buf_text(l->out, "250-8BITMIME\r\n250-SMTPUTF8\r\n");
	if (l->limits->allow_xforward) {
		buf_text(l->out, "250-XFORWARD");
		for (enum xforward_name i = XFORWARD_NAME; i < XFORWARD_COUNT; i++)
			buf_printf(l->out, " %s", xforward_keyword(i));
		buf_text(l->out, "\r\n");
	}
	buf_text(l->out, "250 ENHANCEDSTATUSCODES\r\n");
}

static void
run_smtp_hello(struct lmtp *l, const char *args)
{
	(void)args; /* RFC 2033 4.1: never a positive answer */
	refuse(l, 500, "5.5.1", "This is LMTP, not SMTP: send LHLO (in Postfix, lmtp:, not smtp:)");
}

static void
run_xforward(struct lmtp *l, const char *args)
{
	if (!l->limits->allow_xforward)
		refuse(l, 550, "5.7.0", "XFORWARD is not allowed from here");
	else if (l->env.sender)
		refuse(l, 503, "5.5.1", "XFORWARD must come before MAIL");
	else if (!xforward_read(&l->xforward, args))
		refuse(l, 501, "5.5.4", "Bad XFORWARD attribute or value");
	else
		answer(l, 250, "2.0.0", "Ok");
}

/* A parameter of MAIL, keyword=value, split in place. */
struct parameter {
	char *keyword;
	char *value; /* NULL when there is no '=' */
};

/* Gives  NULL, or the reply that refuses the parameter */
static const struct lmtp_reply *
take_size(struct lmtp *l, const char *value)
{
	static const struct lmtp_reply bad = { 501, "5.5.4", "Bad SIZE" };
	static const struct lmtp_reply big = { 552, "5.3.4", "Message is over the size limit" };

	if (!value || !*value || strspn(value, "0123456789") != strlen(value))
		return &bad;
	unsigned long long size = strtoull(value, NULL, 10); /* ULLONG_MAX when it is more */
	if (size > l->limits->message_max_octets)
		return &big;
	l->env.declared_octets = (size_t)size;
	return NULL;
}

static const struct lmtp_reply *
take_body(struct lmtp *l, const char *value)
{
	static const struct lmtp_reply bad = { 501, "5.5.4", "BODY is 7BIT or 8BITMIME" };

	l->env.body_8bitmime = value && text_same(value, "8BITMIME");
	return l->env.body_8bitmime || (value && text_same(value, "7BIT")) ? NULL : &bad;
}

static const struct lmtp_reply *
take_parameter(struct lmtp *l, const struct parameter *p)
{
	static const struct lmtp_reply unknown = { 555, "5.5.4", "Unknown MAIL parameter" };

	if (text_same(p->keyword, "SIZE"))
		return take_size(l, p->value);
	if (text_same(p->keyword, "BODY"))
		return take_body(l, p->value);
	if (text_same(p->keyword, "SMTPUTF8") && !p->value) {
		l->env.smtputf8 = true;
		return NULL;
	}
	/* RFC 4954 5: a server that does not know the authority ignores AUTH= */
	if (text_same(p->keyword, "AUTH") && p->value && *p->value)
		return NULL;
	return &unknown;
}

static const struct lmtp_reply *
take_parameters(struct lmtp *l, char *args)
{
	const struct lmtp_reply *bad = NULL;
	char *rest = NULL;

	for (char *word = strtok_r(args, " ", &rest); word && !bad;
	     word = strtok_r(NULL, " ", &rest)) {
		char *equals = strchr(word, '=');

		if (equals)
			*equals = '\0';
		bad = take_parameter(l, &(struct parameter){ word, equals ? equals + 1 : NULL });
	}
	return bad;
}

/* The path behind "FROM:" or "TO:". What follows it on the line is *params_r.
 * Fails   false after having refused the command */
static bool
take_path(struct lmtp *l, const char *args, bool is_sender, struct buf *address_r,
          const char **params_r)
{
	const char *prefix = is_sender ? "FROM:" : "TO:";
	struct path path = { 0 };
	enum path_err e = PATH_SYNTAX;

	if (text_begins(args, prefix)) {
		args += strlen(prefix);
		e = path_read(args, strlen(args), &path, address_r);
	}
	const char *params = args + path.n_used;
	/* postmaster alone (RFC 5321 4.5.1) and <> each stand in one of the two commands only */
	bool odd = e == PATH_OK && !path.is_domain && path.is_null != is_sender;

	if (e == PATH_OK && !odd && (*params == '\0' || *params == ' ')) {
		*params_r = params;
		return true;
	}
	if (e == PATH_TOO_LONG)
		refuse(l, 501, is_sender ? "5.1.7" : "5.1.3", "Path is too long");
	else
		refuse(l, 501, is_sender ? "5.1.7" : "5.1.3",
		       is_sender ? "Bad sender address; syntax: MAIL FROM:<address>"
		                 : "Bad recipient address; syntax: RCPT TO:<address>");
	return false;
}

static void
forget_mail(struct lmtp *l)
{
	l->env.sender = NULL;
	l->env.declared_octets = 0;
	l->env.body_8bitmime = l->env.smtputf8 = false;
}

static void
run_mail(struct lmtp *l, const char *args)
{
	static const struct lmtp_reply needs_utf8 = { 553, "5.6.7",
		                                      "This sender needs SMTPUTF8" };
	AUTO(buf) struct buf address = { 0 };
	AUTO(buf) struct buf params = { 0 };
	const char *rest = NULL;

	if (l->lhlo.n == 0) {
		refuse(l, 503, "5.5.1", "Send LHLO first");
		return;
	}
	if (l->env.sender) {
		refuse(l, 503, "5.5.1", "Nested MAIL");
		return;
	}
	buf_text(&address, "");
	if (!take_path(l, args, true, &address, &rest))
		return;
	buf_text(&params, rest);
	const struct lmtp_reply *bad = take_parameters(l, params.octets);
	if (!bad && path_is_8bit(address.octets) && !l->env.smtputf8)
		bad = &needs_utf8;
	if (bad) {
		forget_mail(l);
		refuse(l, bad->code, bad->enhanced, bad->text);
		return;
	}
	l->txn = arena_new();
	l->rcpt = arena_array(l->txn, l->limits->max_recipients, sizeof *l->rcpt);
	l->env.rcpt = l->rcpt;
	l->env.sender = arena_strdup(l->txn, address.octets);
	answer(l, 250, "2.1.0", "Ok");
}

/* Put what is known of the client where the callbacks read it. */
static void
fill_client(struct lmtp *l)
{
	const struct xforward *x = &l->xforward;

	l->env.lhlo = l->lhlo.octets;
	l->env.client_name = xforward_value(x, XFORWARD_NAME);
	l->env.client_address = xforward_value(x, XFORWARD_ADDR);
	l->env.client_port = xforward_value(x, XFORWARD_PORT);
	l->env.client_proto = xforward_value(x, XFORWARD_PROTO);
	l->env.client_helo = xforward_value(x, XFORWARD_HELO);
	l->env.ident = xforward_value(x, XFORWARD_IDENT);
	l->env.source = xforward_value(x, XFORWARD_SOURCE);
	l->env.login = xforward_value(x, XFORWARD_LOGIN);
}

/* A reply that the peer understands; anything else is our bug, and then the peer keeps the mail. */
static void
say_checked(struct lmtp *l, struct lmtp_reply *reply)
{
	bool good = reply->enhanced && reply->text && reply->code >= 200 && reply->code < 600 &&
	            reply->code / 100 != 3 && reply->enhanced[0] - '0' == reply->code / 100;

	if (!good)
		*reply = (struct lmtp_reply){ 451, "4.3.0", "Local problem, try again later" };
	say(l, reply);
}

static void
judge_rcpt(struct lmtp *l, const char *mailbox)
{
	struct lmtp_reply reply = { 250, "2.1.5", "Ok" };

	fill_client(l);
	l->calls->rcpt(l->calls->self, &l->env, mailbox, &reply);
	say_checked(l, &reply);
	if (reply.code / 100 == 2)
		l->rcpt[l->env.n_rcpt++] = arena_strdup(l->txn, mailbox);
}

static void
run_rcpt(struct lmtp *l, const char *args)
{
	AUTO(buf) struct buf address = { 0 };
	const char *params = NULL;

	if (!l->env.sender)
		refuse(l, 503, "5.5.1", "Send MAIL first");
	else if (!take_path(l, args, false, &address, &params))
		return;
	else if (params[strspn(params, " ")] != '\0')
		refuse(l, 555, "5.5.4", "RCPT takes no parameters here");
	else if (path_is_8bit(address.octets) && !l->env.smtputf8)
		refuse(l, 553, "5.6.7", "This recipient needs SMTPUTF8");
	else if (l->env.n_rcpt == l->limits->max_recipients)
		answer(l, 452, "4.5.3", "Too many recipients, send the rest in another mail");
	else
		judge_rcpt(l, address.octets);
}

static void
run_data(struct lmtp *l, const char *args)
{
	if (*args)
		refuse(l, 501, "5.5.4", "DATA takes no argument");
	else if (!l->env.sender)
		refuse(l, 503, "5.5.1", "Send MAIL first");
	else if (l->env.n_rcpt == 0) /* RFC 2033 4.2 */
		refuse(l, 503, "5.5.1", "No valid recipients");
	else {
		buf_text(l->out, "354 End data with <CR><LF>.<CR><LF>\r\n");
		l->phase = PHASE_MAIL;
	}
}

static void
run_rset(struct lmtp *l, const char *args)
{
	if (*args) {
		refuse(l, 501, "5.5.4", "RSET takes no argument");
		return;
	}
	end_transaction(l);
	answer(l, 250, "2.0.0", "Ok");
}

static void
run_quit(struct lmtp *l, const char *args)
{
	if (*args) {
		refuse(l, 501, "5.5.4", "QUIT takes no argument");
		return;
	}
	answer(l, 221, "2.0.0", "Bye");
	finish(l, LMTP_QUIT);
}

static void
run_noop(struct lmtp *l, const char *args)
{
	(void)args; /* RFC 5321 4.1.1.9: to be ignored */
	answer(l, 250, "2.0.0", "Ok");
}

static void
run_vrfy(struct lmtp *l, const char *args)
{
	if (*args)
		answer(l, 252, "2.0.0", "Send the mail and see");
	else
		refuse(l, 501, "5.5.4", "Syntax: VRFY address");
}

static void
run_help(struct lmtp *l, const char *args)
{
	(void)args;
	answer(l, 214, "2.0.0", "LHLO XFORWARD MAIL RCPT DATA RSET NOOP VRFY QUIT (RFC 2033)");
}

static const struct command commands[] = {
	{ "LHLO", run_lhlo },       { "HELO", run_smtp_hello }, { "EHLO", run_smtp_hello },
	{ "XFORWARD", run_xforward }, { "MAIL", run_mail },     { "RCPT", run_rcpt },
	{ "DATA", run_data },       { "RSET", run_rset },       { "NOOP", run_noop },
	{ "VRFY", run_vrfy },       { "HELP", run_help },       { "QUIT", run_quit },
};

/* A command line without its CR LF. */
static void
run_line(struct lmtp *l, const char *line)
{
	size_t n_verb = strcspn(line, " ");

	for (size_t i = 0; i < N_ELEMENTS(commands); i++) {
		if (strlen(commands[i].verb) != n_verb ||
		    strncasecmp(commands[i].verb, line, n_verb) != 0)
			continue;
		commands[i].run(l, line + n_verb + (line[n_verb] == ' '));
		return;
	}
	refuse(l, 500, "5.5.2", "Unknown command");
}

/* Controls have no place in a command. A bare LF or CR least of all: another program on the way may
 * have seen one command where we would see two (SMTP smuggling). */
static bool
has_controls(const struct buf *line)
{
	for (size_t i = 0; i < line->n; i++)
		if ((unsigned char)line->octets[i] < ' ' || line->octets[i] == 127)
			return true;
	return false;
}

/* The line in l->line ended with an LF, which is not in it. */
static void
end_line(struct lmtp *l)
{
	bool crlf = l->line.n > 0 && l->line.octets[l->line.n - 1] == '\r';

	if (crlf) {
		l->line.octets[--l->line.n] = '\0';
		while (l->line.n > 0 && l->line.octets[l->line.n - 1] == ' ')
			l->line.octets[--l->line.n] = '\0';
	}
	if (l->line_too_long)
		refuse(l, 500, "5.5.2", "Line is too long");
	else if (!crlf || has_controls(&l->line))
		refuse(l, 500, "5.5.2", "Lines end with CR LF and have no other controls");
	else
		run_line(l, l->line.octets);
	buf_clear(&l->line);
	l->line_too_long = false;
}

/* Gives  the octets taken: to the end of one command line at most */
static size_t
feed_command(struct lmtp *l, const char *in, size_t n)
{
	const char *lf = memchr(in, '\n', n);
	size_t n_line = lf ? (size_t)(lf - in) : n;

	if (l->line.n + n_line + 1 > l->limits->command_max_octets) {
		l->line_too_long = true;
		buf_clear(&l->line);
	} else {
		buf_add(&l->line, in, n_line);
	}
	if (lf)
		end_line(l);
	return lf ? n_line + 1 : n;
}

static void
end_mail(struct lmtp *l, const struct dotted_limits *bounds)
{
	static const struct lmtp_reply big = { 552, "5.3.4", "Message is over the size limit" };
	static const struct lmtp_reply kept = { 451, "4.3.0", "Local problem, try again later" };
	bool too_big = dotted_too_big(&l->dotted, bounds);
	struct lmtp_reply *replies = arena_array(l->txn, l->env.n_rcpt, sizeof *replies);

	for (size_t i = 0; i < l->env.n_rcpt; i++)
		replies[i] = too_big ? big : kept;
	fill_client(l);
	l->env.flags = l->dotted.flags;
	if (!too_big) {
		const char *mail = l->dotted.mail.octets;

		l->calls->message(l->calls->self, &l->env, mail ? mail : "", l->dotted.mail.n,
		                  replies);
	}
	for (size_t i = 0; i < l->env.n_rcpt; i++)
		say_checked(l, &replies[i]);
	end_transaction(l);
	l->n_errors = 0;
	l->phase = PHASE_COMMAND;
}

static size_t
feed_mail(struct lmtp *l, const char *in, size_t n)
{
	const struct dotted_limits bounds = { l->limits->message_max_octets,
		                              l->limits->header_max_octets,
		                              l->limits->line_max_octets };
	size_t n_used = 0;

	if (dotted_feed(&l->dotted, &bounds, in, n, &n_used))
		end_mail(l, &bounds);
	return n_used;
}

enum lmtp_state
lmtp_feed(struct lmtp *l, const void *in, size_t n, struct buf *out)
{
	const char *octets = in;

	l->out = out;
	for (size_t i = 0; i < n && l->phase != PHASE_OVER;)
		i += l->phase == PHASE_MAIL ? feed_mail(l, octets + i, n - i)
		                            : feed_command(l, octets + i, n - i);
	l->out = NULL;
	return l->phase == PHASE_OVER ? l->end : LMTP_GOING;
}

static void
close_with(struct lmtp *l, const char *enhanced, const char *text, struct buf *out)
{
	l->out = out;
	if (l->phase != PHASE_OVER)
		answer(l, 421, enhanced, text);
	finish(l, LMTP_CUT_OFF);
	l->out = NULL;
}

void
lmtp_timed_out(struct lmtp *l, struct buf *out)
{
	close_with(l, "4.4.2", "Silent for too long, closing", out);
}

void
lmtp_stopping(struct lmtp *l, struct buf *out)
{
	close_with(l, "4.3.2", "Service is stopping, try again later", out);
}

bool
lmtp_busy_with_message(const struct lmtp *l)
{
	return l->phase == PHASE_MAIL;
}

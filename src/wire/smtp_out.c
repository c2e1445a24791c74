/* src/wire/smtp_out.c - the only sender of mail, over libetpan: one recipient a mail
 *
 * mailsmtp does greeting, RCPT, DATA, the text with its dots, RSET and QUIT. It cannot say our own
 * name in EHLO, BODY= or SMTPUTF8 in MAIL, nor AUTH without plug-ins of SASL: those few commands go
 * through peer_ask on the same stream. The connection is guarded by peer.c. */
#include "smtp_out.h"
#include "arena.h"
#include "clock.h"
#include "path.h"
#include "peer.h"
#include "text.h"
#include <gnutls/gnutls.h>
#include <string.h>

/* A mail may take this many times as long as one command: it has some commands, and a text. */
enum { QUIT_MS = 1000, MAIL_STEPS = 10 };

struct smtp_out {
	struct arena *arena; /* holds this struct */
	const struct smtp_out_settings *settings;
	struct net_place place;  /* of the server, once parsed */
	struct peer *peer;       /* NULL while not connected */
	mailsmtp *session;       /* over peer's stream */
	struct peer_reply hello; /* of the last EHLO */
	bool used;               /* a transaction was begun on this connection */
	int64_t last_used_ms;
	int64_t deadline_ms; /* of the mail that is being sent */
};

/* Where to say what became of one mail. */
struct outcome {
	struct smtp_out_reply *reply;
	struct why *why; /* may be NULL */
};

struct smtp_out *
smtp_out_new(const struct smtp_out_settings *settings)
{
	struct arena *a = arena_new();
	struct smtp_out *so = arena_alloc(a, sizeof *so);

	so->arena = a;
	so->settings = settings;
	return so;
}

/* Say QUIT, which libetpan does without waiting for an answer, and close. */
static void
disconnect(struct smtp_out *so)
{
	if (so->peer)
		peer_set_deadline(so->peer, clock_mono_ms() + QUIT_MS);
	if (so->session)
		mailsmtp_free(so->session);
	so->session = NULL;
	peer_close(&so->peer);
	so->used = false;
}

void
smtp_out_free(struct smtp_out **so)
{
	if (!*so)
		return;
	disconnect(*so);
	buf_free(&(*so)->hello.text);
	struct arena *a = (*so)->arena;
	*so = NULL;
	arena_free(&a);
}

void
smtp_out_rest(struct smtp_out *so, int64_t idle_s)
{
	if (so->peer && clock_mono_ms() - so->last_used_ms >= idle_s * 1000)
		disconnect(so);
}

/* Give the next command its time. A server that answers by drops does not gain any. */
static void
begin_step(struct smtp_out *so)
{
	int64_t step_ms = clock_mono_ms() + so->settings->timeout_s * 1000;

	peer_set_deadline(so->peer, step_ms < so->deadline_ms ? step_ms : so->deadline_ms);
}

/* Turn an answer into a result.
 * Takes   want  the class of answer (code / 100) that lets us go on
 *         lines of the answer; used when there is a code
 * Gives   SMTP_OUT_SENT when the class is the one wanted */
static enum smtp_out_result
judge(const struct smtp_out *so, const char *step, int code, const char *lines, int want,
      const struct outcome *o)
{
	char text[SMTP_OUT_REPLY_OCTETS] = "";
	bool answered = code >= 200 && code < 600;

	if (answered)
		peer_reply_line(lines, text, sizeof text);
	o->reply->code = answered ? code : 0;
	memcpy(o->reply->text, text, sizeof text);
	if (code / 100 == want)
		return SMTP_OUT_SENT;
	if (answered && code >= 400) {
		why_set(o->why, "%s said to %s: %d %s", so->settings->server, step, code, text);
		return code < 500 ? SMTP_OUT_TEMPORARY : SMTP_OUT_PERMANENT;
	}
	const char *trouble = so->peer ? peer_trouble(so->peer) : "";
	why_set(o->why, "no good answer of %s to %s: %s", so->settings->server, step,
	        *trouble ? trouble : "it does not speak SMTP");
	return SMTP_OUT_UNREACHABLE;
}

/* The answer to a command that libetpan has sent. */
static enum smtp_out_result
judge_session(const struct smtp_out *so, const char *step, int want, const struct outcome *o)
{
	bool dead = *peer_trouble(so->peer) != '\0';
	int code = dead ? 0 : so->session->response_code;

	return judge(so, step, code, so->session->response, want, o);
}

static enum smtp_out_result
ask(struct smtp_out *so, const char *step, const char *command, int want, const struct outcome *o)
{
	AUTO(peer_reply) struct peer_reply reply = { 0 };

	begin_step(so);
	(void)peer_ask(so->peer, command, &reply);
	return judge(so, step, reply.code, reply.text.octets, want, o);
}

static bool
say_hello(struct smtp_out *so, const struct outcome *o)
{
	AUTO(buf) struct buf command = { 0 };

	buf_printf(&command, "EHLO %s", so->settings->hostname);
	begin_step(so);
	(void)peer_ask(so->peer, command.octets, &so->hello);
	return judge(so, "EHLO", so->hello.code, so->hello.text.octets, 2, o) == SMTP_OUT_SENT;
}

static bool
greet(struct smtp_out *so, const struct outcome *o)
{
	so->session = mailsmtp_new(0, NULL);
	if (!so->session)
		abort();
	/* on failure it closes the stream; the answer stays readable */
	bool connected = mailsmtp_connect(so->session, peer_stream(so->peer)) == MAILSMTP_NO_ERROR;
	int code = so->session->response_code;

	return judge(so, "connecting", code, so->session->response, 2, o) == SMTP_OUT_SENT &&
	       connected && say_hello(so, o);
}

static bool
start_tls(struct smtp_out *so, const struct outcome *o)
{
	const struct smtp_out_settings *set = so->settings;

	if (!peer_extension(&so->hello, "STARTTLS")) {
		why_set(o->why, "%s offers no STARTTLS, and smtp_tls asks for it", set->server);
		return false;
	}
	return ask(so, "STARTTLS", "STARTTLS", 2, o) == SMTP_OUT_SENT &&
	       peer_start_tls(so->peer, so->place.host, set->ca_file, o->why) &&
	       say_hello(so, o);
}

/* Whether what we say can be heard on this machine only. */
static bool
is_local(const struct net_place *place)
{
	struct net_address a;
	static const uint8_t mapped[13] = { [10] = 0xff, [11] = 0xff, [12] = 127 };
	static const uint8_t loopback[16] = { [15] = 1 };

	if (place->is_unix || text_same(place->host, "localhost"))
		return true;
	return net_address_parse(place->host, &a) &&
	       (memcmp(a.octets, mapped, sizeof mapped) == 0 ||
	        memcmp(a.octets, loopback, sizeof loopback) == 0);
}

/* Append a word in base64; secret ones do not stay in memory. */
static void
add_base64(struct buf *b, const void *octets, size_t n)
{
	gnutls_datum_t plain = { (unsigned char *)(uintptr_t)octets, (unsigned)n };
	gnutls_datum_t coded = { NULL, 0 };

	if (gnutls_base64_encode2(&plain, &coded) != 0)
		abort();
	buf_add(b, coded.data, coded.size);
	explicit_bzero(coded.data, coded.size);
	gnutls_free(coded.data);
}

static bool
auth_plain(struct smtp_out *so, const struct outcome *o)
{
	AUTO(buf) struct buf plain = { 0 };
	AUTO(buf) struct buf command = { 0 };

	buf_octet(&plain, '\0');
	buf_add(&plain, so->settings->login, strlen(so->settings->login) + 1);
	buf_text(&plain, so->settings->password);
	buf_text(&command, "AUTH PLAIN ");
	add_base64(&command, plain.octets, plain.n);
	bool good = ask(so, "AUTH", command.octets, 2, o) == SMTP_OUT_SENT;
	explicit_bzero(plain.octets, plain.n);
	explicit_bzero(command.octets, command.n);
	return good;
}

static bool
auth_login(struct smtp_out *so, const struct outcome *o)
{
	AUTO(buf) struct buf login = { 0 };
	AUTO(buf) struct buf password = { 0 };

	add_base64(&login, so->settings->login, strlen(so->settings->login));
	add_base64(&password, so->settings->password, strlen(so->settings->password));
	bool good = ask(so, "AUTH", "AUTH LOGIN", 3, o) == SMTP_OUT_SENT &&
	            ask(so, "AUTH (login)", login.octets, 3, o) == SMTP_OUT_SENT &&
	            ask(so, "AUTH (password)", password.octets, 2, o) == SMTP_OUT_SENT;
	explicit_bzero(password.octets, password.n);
	return good;
}

/* Whether the server's AUTH line names a mechanism. */
static bool
has_mechanism(const char *line, const char *name)
{
	size_t n_name = strlen(name);

	while (*line && *line != '\n') {
		line += strspn(line, " =");
		size_t n = strcspn(line, " \n");
		if (n == n_name && strncasecmp(line, name, n) == 0)
			return true;
		line += n;
	}
	return false;
}

static bool
authenticate(struct smtp_out *so, const struct outcome *o)
{
	const char *offered = peer_extension(&so->hello, "AUTH");

	if (so->settings->tls == SMTP_OUT_TLS_NONE && !is_local(&so->place)) {
		why_set(o->why, "a password is not sent to %s without TLS: set smtp_tls",
		        so->settings->server);
		return false;
	}
	if (offered && has_mechanism(offered, "PLAIN"))
		return auth_plain(so, o);
	if (offered && has_mechanism(offered, "LOGIN"))
		return auth_login(so, o);
	why_set(o->why, "%s offers neither AUTH PLAIN nor AUTH LOGIN", so->settings->server);
	return false;
}

/* What a server refuses before MAIL is not about this mail: it is never a permanent failure. */
static bool
make_connection(struct smtp_out *so, const struct outcome *o)
{
	const struct smtp_out_settings *set = so->settings;
	int64_t deadline_ms = clock_mono_ms() + set->timeout_s * 1000;

	if (net_parse(set->server, &so->place, o->why) != NET_OK ||
	    peer_open(&so->place, deadline_ms, &so->peer, o->why) != NET_OK)
		return false;
	if (set->tls == SMTP_OUT_TLS_WRAPPED &&
	    !peer_start_tls(so->peer, so->place.host, set->ca_file, o->why))
		return false;
	if (!greet(so, o))
		return false;
	if (set->tls == SMTP_OUT_TLS_STARTTLS && !start_tls(so, o))
		return false;
	return !set->login || authenticate(so, o);
}

/* Make sure of a connection that is between two mails. One that was left from the mail before may
 * have been closed by the server meanwhile, which RSET finds out. */
static bool
be_connected(struct smtp_out *so, const struct outcome *o)
{
	if (so->peer) {
		begin_step(so);
		if (!so->used || (mailsmtp_reset(so->session) == MAILSMTP_NO_ERROR &&
		                  so->session->response_code == 250))
			return true;
		disconnect(so);
	}
	return make_connection(so, o);
}

static bool
has_8bit(const unsigned char *octets, size_t n)
{
	unsigned char all = 0;

	for (size_t i = 0; i < n; i++)
		all |= octets[i];
	return all > 127;
}

/* The MAIL command with what this mail needs.
 * Fails   false when the server cannot take such a mail; why says what it lacks */
static bool
write_mail_command(const struct smtp_out *so, const struct smtp_out_mail *mail, struct buf *b,
                   struct why *why)
{
	bool utf8 = mail->smtputf8 || path_is_8bit(mail->sender) || path_is_8bit(mail->rcpt);
	bool eight = has_8bit(mail->octets, mail->n_octets);

	if (utf8 && !peer_extension(&so->hello, "SMTPUTF8")) {
		why_set(why, "%s does not take mail with UTF-8 addresses (SMTPUTF8)",
		        so->settings->server);
		return false;
	}
	if (eight && !peer_extension(&so->hello, "8BITMIME")) {
		why_set(why, "%s does not take 8 bit mail (8BITMIME)", so->settings->server);
		return false;
	}
	buf_printf(b, "MAIL FROM:<%s>", mail->sender);
	if (peer_extension(&so->hello, "SIZE"))
		buf_printf(b, " SIZE=%zu",
		           mailstream_get_data_crlf_size(mail->octets, mail->n_octets));
	buf_text(b, eight ? " BODY=8BITMIME" : "");
	buf_text(b, utf8 ? " SMTPUTF8" : "");
	return true;
}

/* A server that answers before it was asked would have us take one answer for another. */
static bool
in_step(const struct smtp_out *so)
{
	const mailstream *s = peer_stream(so->peer);

	return s && s->read_buffer_len == 0;
}

static enum smtp_out_result
send_text(struct smtp_out *so, const struct smtp_out_mail *mail, const struct outcome *o)
{
	const char *octets = mail->octets;
	size_t n = mail->n_octets;

	if (!in_step(so))
		return judge(so, "DATA", 0, "", 2, o);
	/* libetpan adds CR LF . CR LF, whatever the mail ends with: the last line end is its own */
	if (n > 0 && octets[n - 1] == '\n')
		n -= n > 1 && octets[n - 2] == '\r' ? 2 : 1;
	peer_set_deadline(so->peer, so->deadline_ms);
	(void)mailsmtp_data_message(so->session, octets, n);
	return judge_session(so, "the mail", 2, o);
}

static enum smtp_out_result
transact(struct smtp_out *so, const struct smtp_out_mail *mail, const struct outcome *o)
{
	AUTO(buf) struct buf command = { 0 };

	if (!write_mail_command(so, mail, &command, o->why))
		return SMTP_OUT_PERMANENT;
	so->used = true;
	enum smtp_out_result e = ask(so, "MAIL", command.octets, 2, o);
	if (e != SMTP_OUT_SENT)
		return e;
	begin_step(so);
	(void)mailsmtp_rcpt(so->session, mail->rcpt);
	e = judge_session(so, "RCPT", 2, o);
	if (e != SMTP_OUT_SENT)
		return e;
	begin_step(so);
	(void)mailsmtp_data(so->session);
	e = judge_session(so, "DATA", 3, o);
	return e == SMTP_OUT_SENT ? send_text(so, mail, o) : e;
}

enum smtp_out_result
smtp_out_send(struct smtp_out *so, const struct smtp_out_mail *mail,
              struct smtp_out_reply *reply_r, struct why *why)
{
	struct smtp_out_reply reply = { 0 };
	const struct outcome o = { &reply, why };

	so->deadline_ms = clock_mono_ms() + MAIL_STEPS * so->settings->timeout_s * 1000;
	if (!path_is_safe(mail->rcpt) || (*mail->sender && !path_is_safe(mail->sender))) {
		why_set(why, "not an address that can be sent to: %s from %s", mail->rcpt,
		        mail->sender);
		return SMTP_OUT_BAD_ADDRESS;
	}
	enum smtp_out_result e = SMTP_OUT_UNREACHABLE;
	if (be_connected(so, &o)) {
		e = transact(so, mail, &o);
		so->last_used_ms = clock_mono_ms();
	}
	/* 421: the server closes (RFC 5321 3.8) */
	if (e == SMTP_OUT_UNREACHABLE || reply.code == 421)
		disconnect(so);
	if (reply_r)
		*reply_r = reply;
	return e;
}

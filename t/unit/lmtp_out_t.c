/* t/unit/lmtp_out_t.c - the client of `postern deliver` against our own engine and bad servers */
#include "fake_server.h"
#include "lmtp.h"
#include "lmtp_out.h"
#include "tap.h"
#include <stdlib.h>

/* Our own server, for one connection. */
struct engine {
	struct fake_server net; /* listener and place */
	struct lmtp_limits limits;
	pthread_t thread;
	struct buf mail; /* what was filed */
	struct buf facts;
};

static void
judge(void *self, const struct lmtp_envelope *env, const char *mailbox, struct lmtp_reply *reply_r)
{
	(void)self;
	(void)env;
	if (strncmp(mailbox, "no", 2) == 0)
		*reply_r = (struct lmtp_reply){ 550, "5.1.1", "No such queue" };
}

static void
file(void *self, const struct lmtp_envelope *env, const void *octets, size_t n,
     struct lmtp_reply replies[])
{
	struct engine *e = self;

	buf_add(&e->mail, octets, n);
	buf_printf(&e->facts, "%s %s %s %s %s %s %s%s%s", env->sender,
	           env->client_name ? env->client_name : "-",
	           env->client_address ? env->client_address : "-",
	           env->client_helo ? env->client_helo : "-", env->ident ? env->ident : "-",
	           env->login ? env->login : "-", env->client_proto ? env->client_proto : "-",
	           env->body_8bitmime ? " 8bit" : "", env->smtputf8 ? " utf8" : "");
	for (size_t i = 0; i < env->n_rcpt; i++)
		replies[i] = strncmp(env->rcpt[i], "full", 4) == 0
		                     ? (struct lmtp_reply){ 452, "4.3.1", "Store is full" }
		                     : (struct lmtp_reply){ 250, "2.0.0", env->rcpt[i] };
}

static void *
serve(void *arg)
{
	struct engine *e = arg;
	const struct lmtp_calls calls = { e, judge, file };
	AUTO(lmtp) struct lmtp *l = lmtp_new(&e->limits, &calls);
	AUTO(buf) struct buf out = { 0 };
	AUTO(fd) int fd = accept(e->net.listener, NULL, NULL);
	enum lmtp_state state = LMTP_GOING;
	char piece[777];

	lmtp_greet(l, &out);
	while (state == LMTP_GOING) {
		(void)send(fd, out.octets, out.n, MSG_NOSIGNAL);
		buf_clear(&out);
		ssize_t n = recv(fd, piece, sizeof piece, 0);
		if (n <= 0)
			break;
		state = lmtp_feed(l, piece, (size_t)n, &out);
	}
	return NULL;
}

static void
engine_start(struct engine *e)
{
	*e = (struct engine){ .limits = { "mx.example", 100000, 10000, 998, 1024, 10, 5, true } };
	fake_start(&e->net, "\n"); /* for its listener */
	(void)pthread_join(e->net.thread, NULL);
	if (pthread_create(&e->thread, NULL, serve, e) != 0)
		abort();
}

static void
engine_end(struct engine *e)
{
	(void)pthread_join(e->thread, NULL);
	(void)close(e->net.listener);
	buf_text(&e->mail, "");
	buf_text(&e->facts, "");
}

static void
engine_free(struct engine *e)
{
	buf_free(&e->mail);
	buf_free(&e->facts);
	fake_free(&e->net);
}

static struct lmtp_out_mail
mail_for(const char *server, const char *const rcpt[], size_t n_rcpt, const char *text)
{
	return (struct lmtp_out_mail){ .server = server,
		                       .hostname = "near.example",
		                       .sender = "a@b.example",
		                       .rcpt = rcpt,
		                       .n_rcpt = n_rcpt,
		                       .octets = text,
		                       .n_octets = strlen(text),
		                       .timeout_s = 10 };
}

static const char *const one[] = { "q@x.example" };

/* What our engine keeps of a text. */
static void
try_text(const char *what, const char *text, const char *want)
{
	struct lmtp_out_reply reply;
	struct why why = { "" };
	struct engine e;

	engine_start(&e);
	const struct lmtp_out_mail mail = mail_for(e.net.place, one, 1, text);
	IS_INT(lmtp_out_send(&mail, &reply, &why), LMTP_OUT_OK, what);
	engine_end(&e);
	IS_INT(reply.code, 250, what);
	IS_STR(reply.text, "2.0.0 q@x.example", what);
	IS_STR(e.mail.octets, want, what);
	engine_free(&e);
}

static void
try_texts(void)
{
	try_text("LF", "A: 1\n\nb\n", "A: 1\r\n\r\nb\r\n");
	try_text("CR LF", "A: 1\r\n\r\nb\r\n", "A: 1\r\n\r\nb\r\n");
	try_text("both", "A: 1\r\n\nb\n", "A: 1\r\n\r\nb\r\n");
	try_text("no line end at the end", "A: 1", "A: 1\r\n");
	try_text("bare CR stays", "a\rb\n\r\n", "a\rb\r\n\r\n");
	try_text("dots come back as they were", ".\n..\n.a\na.\n.", ".\r\n..\r\n.a\r\na.\r\n.\r\n");
	try_text("smuggling", "a\r\n.\nb\n.\r\nc\r.\r\nd\n", "a\r\n.\r\nb\r\n.\r\nc\r.\r\nd\r\n");
	try_text("nothing", "", "");
}

static void
try_answers(void)
{
	static const char *const rcpt[] = { "q@x.example", "no@x.example", "full@x.example",
		                            "r@x.example" };
	struct lmtp_out_reply replies[4];
	struct why why = { "" };
	struct engine e;

	engine_start(&e);
	struct lmtp_out_mail mail = mail_for(e.net.place, rcpt, 4, "x\xc3\xa9\n");
	mail.sender = "";
	mail.client_name = "spike.example";
	mail.client_address = "2001:db8::1";
	mail.client_helo = "a b=c+d";
	mail.ident = "4ZxABC";
	mail.login = "jo\xc3\xa9@x";
	mail.client_proto = "";
	IS_INT(lmtp_out_send(&mail, replies, &why), LMTP_OUT_OK, "four recipients");
	engine_end(&e);
	IS_STR(replies[0].text, "2.0.0 q@x.example", "filed");
	IS_STR(replies[1].text, "5.1.1 No such queue", "refused at RCPT");
	IS_STR(replies[2].text, "4.3.1 Store is full", "refused behind the dot");
	IS_STR(replies[3].text, "2.0.0 r@x.example", "the answers stay in order");
	IS_INT(replies[1].code, 550, "code at RCPT");
	IS_INT(replies[2].code, 452, "code behind the dot");
	IS_STR(e.facts.octets, " spike.example 2001:db8::1 a?b=c+d 4ZxABC jo\xc3\xa9@x - 8bit", "facts");
	engine_free(&e);
}

static void
try_utf8_and_plain(void)
{
	static const char *const rcpt[] = { "\xc3\xa9@x.example" };
	struct lmtp_out_reply reply;
	struct why why = { "" };
	struct engine e;

	engine_start(&e);
	e.limits.allow_xforward = false; /* then nothing is forwarded */
	struct lmtp_out_mail mail = mail_for(e.net.place, rcpt, 1, "x\n");
	mail.client_address = "192.0.2.1";
	IS_INT(lmtp_out_send(&mail, &reply, &why), LMTP_OUT_OK, "UTF-8 recipient");
	engine_end(&e);
	IS_INT(reply.code, 250, "taken");
	IS_STR(e.facts.octets, "a@b.example - - - - - - utf8", "no XFORWARD where it is not offered");
	engine_free(&e);
}

/* A bad server. */
static void
try_script(const char *what, const char *script, enum lmtp_out_err want, int want_code)
{
	struct lmtp_out_reply reply = { 0, "" };
	struct why why = { "" };
	struct fake_server s;

	fake_start(&s, script);
	struct lmtp_out_mail mail = mail_for(s.place, one, 1, "x\n");
	mail.timeout_s = 1;
	mail.client_address = "192.0.2.1";
	IS_INT(lmtp_out_send(&mail, &reply, &why), want, what);
	IS_STR(fake_end(&s), "", what);
	IS_INT(reply.code, want_code, what);
	OK(want == LMTP_OUT_OK || *why.text, "why says why");
	printf("# %s\n", why.text);
	fake_free(&s);
}

static void
try_scripts(void)
{
#define HELLO                                                                                      \
	"accept\n>220 x\n<LHLO near.example\n>250-x\n>250 XFORWARD ADDR\n"                         \
	"<XFORWARD ADDR=192.0.2.1\n"
#define MAIL HELLO ">250 ok\n<MAIL FROM:<a@b.example>\n"
#define DATA MAIL ">250 ok\n<RCPT TO:<q@x.example>\n>250 ok\n<DATA\n"
#define TEXT DATA ">354 go\ntext\n"
	try_script("filed", TEXT ">250 2.0.0 ok\n<QUIT\n", LMTP_OUT_OK, 250);
	try_script("later", TEXT ">451 4.3.0 later\n<QUIT\n", LMTP_OUT_OK, 451);
	try_script("XFORWARD refused", HELLO ">501 no\n<MAIL\n>250 ok\n<RCPT\n>550 5.1.1 no\n<QUIT\n",
	           LMTP_OUT_OK, 550);
	try_script("MAIL refused", MAIL ">552 5.3.4 big\n<QUIT\n", LMTP_OUT_OK, 552);
	try_script("greeting 421", "accept\n>421 4.3.2 busy\ngone\n", LMTP_OUT_UNREACHABLE, 0);
	try_script("SMTP server", "accept\n>220 x\n<LHLO\n>500 what\ngone\n", LMTP_OUT_UNREACHABLE, 0);
	try_script("DATA refused", DATA ">451 no\ngone\n", LMTP_OUT_UNREACHABLE, 0);
	try_script("cut at XFORWARD", HELLO "close\n", LMTP_OUT_UNREACHABLE, 0);
	try_script("cut at MAIL", MAIL "close\n", LMTP_OUT_UNREACHABLE, 0);
	try_script("cut behind the dot", TEXT "close\n", LMTP_OUT_UNREACHABLE, 0);
	try_script("silence behind the dot", TEXT "gone\n", LMTP_OUT_UNREACHABLE, 0);
	try_script("nonsense behind the dot", TEXT ">354 more\ngone\n", LMTP_OUT_UNREACHABLE, 0);
	try_script("drops", "accept\ndribble\n", LMTP_OUT_UNREACHABLE, 0);
	try_script("flood", "accept\nendless\n", LMTP_OUT_UNREACHABLE, 0);
}

static void
try_refusals(void)
{
	static const char *const bad[] = { "q@x\r\nDATA" };
	struct lmtp_out_reply reply;
	struct why why = { "" };
	struct lmtp_out_mail mail = mail_for("unix:/nonexistent/lmtp", bad, 1, "x\n");

	IS_INT(lmtp_out_send(&mail, &reply, &why), LMTP_OUT_BAD_ADDRESS, "line end in an address");
	mail.rcpt = one;
	IS_INT(lmtp_out_send(&mail, &reply, &why), LMTP_OUT_UNREACHABLE, "nobody there");
	OK(strstr(why.text, "/nonexistent/lmtp"), "why names the place");
	mail.server = "nonsense";
	IS_INT(lmtp_out_send(&mail, &reply, &why), LMTP_OUT_UNREACHABLE, "no place at all");
}

int
main(void)
{
	try_texts();
	try_answers();
	try_utf8_and_plain();
	try_scripts();
	try_refusals();
	return tap_done();
}

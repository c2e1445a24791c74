/* t/unit/smtp_out_t.c - the sender against a server that refuses, lies, dribbles and floods */
#include "clock.h"
#include "fake_server.h"
#include "peer.h"
#include "smtp_out.h"
#include "tap.h"
#include <stdlib.h>
#include <sys/resource.h>

#define HELLO                                                                                      \
	"accept\n>220 far.example ESMTP\n<EHLO near.example\n>250-far.example\n>250-8BITMIME\n"    \
	">250-SIZE 1000000\n>250-AUTH LOGIN PLAIN\n>250 SMTPUTF8\n"
#define GOOD_DATA "<DATA\n>354 go on\ntext\n"

static const struct smtp_out_mail plain = { "a@b.example", "c@d.example", "A: 1\r\n\r\n", 8,
	                                  false };

/* What one mail met. */
struct met {
	enum smtp_out_result result;
	struct smtp_out_reply reply;
	struct why why;
};

static struct smtp_out_settings
settings_for(const struct fake_server *s)
{
	return (struct smtp_out_settings){ .server = s->place,
		                           .hostname = "near.example",
		                           .timeout_s = 10 };
}

static struct met
send_one(const struct smtp_out_settings *settings, const struct smtp_out_mail *mail)
{
	AUTO(smtp_out) struct smtp_out *so = smtp_out_new(settings);
	struct met met = { 0 };

	met.result = smtp_out_send(so, mail, &met.reply, &met.why);
	return met;
}

/* One mail against one script. */
static void
try(const char *what, const char *script, enum smtp_out_result want, int want_code)
{
	struct fake_server s;

	fake_start(&s, script);
	const struct smtp_out_settings settings = settings_for(&s);
	struct met met = send_one(&settings, &plain);
	IS_STR(fake_end(&s), "", what);
	IS_INT(met.result, want, what);
	IS_INT(met.reply.code, want_code, what);
	OK(want == SMTP_OUT_SENT || *met.why.text, "why says why");
	if (want != SMTP_OUT_SENT)
		printf("# %s\n", met.why.text);
	fake_free(&s);
}

static void
try_each_state(void)
{
#define MAIL4 HELLO "<MAIL\n"
#define RCPT4 HELLO "<MAIL\n>250 ok\n<RCPT\n"
#define DATA4 HELLO "<MAIL\n>250 ok\n<RCPT\n>250 ok\n<DATA\n"
#define DONE4 DATA4 ">354 go\ntext\n"
	try("sent", HELLO "<MAIL FROM:<a@b.example> SIZE=8\n>250 ok\n<RCPT TO:<c@d.example>\n"
	          ">250 ok\n<DATA\n>354 go\ntext\n>250 2.0.0 queued\n<QUIT\n", SMTP_OUT_SENT, 250);
	try("251 is good", RCPT4 ">251 will forward\n<DATA\n>354 go\ntext\n>250 ok\n<QUIT\n",
	    SMTP_OUT_SENT, 250);
	try("several lines", DONE4 ">250-2.0.0 one\n>250 2.0.0 two\n<QUIT\n", SMTP_OUT_SENT, 250);
	/* what is refused before MAIL is not about this mail */
	try("greeting 421", "accept\n>421 busy\ngone\n", SMTP_OUT_UNREACHABLE, 421);
	try("greeting 554", "accept\n>554 no\ngone\n", SMTP_OUT_UNREACHABLE, 554);
	try("EHLO 550", "accept\n>220 x\n<EHLO\n>550 no\n<QUIT\n", SMTP_OUT_UNREACHABLE, 550);
	try("EHLO 421", "accept\n>220 x\n<EHLO\n>421 no\n<QUIT\n", SMTP_OUT_UNREACHABLE, 421);
	try("MAIL 451", MAIL4 ">451 4.3.0 later\n<QUIT\n", SMTP_OUT_TEMPORARY, 451);
	try("MAIL 550", MAIL4 ">550 5.7.1 no\n<QUIT\n", SMTP_OUT_PERMANENT, 550);
	try("MAIL 421", MAIL4 ">421 4.3.2 bye\n<QUIT\n", SMTP_OUT_TEMPORARY, 421);
	try("RCPT 450", RCPT4 ">450 4.2.1 grey\n<QUIT\n", SMTP_OUT_TEMPORARY, 450);
	try("RCPT 550", RCPT4 ">550-5.1.1 no\n>550 5.1.1 such user\n<QUIT\n", SMTP_OUT_PERMANENT, 550);
	try("DATA 451", DATA4 ">451 later\n<QUIT\n", SMTP_OUT_TEMPORARY, 451);
	try("DATA 554", DATA4 ">554 no\n<QUIT\n", SMTP_OUT_PERMANENT, 554);
	try("DATA 250 is no invitation", DATA4 ">250 ok\n<QUIT\n", SMTP_OUT_UNREACHABLE, 250);
	try("end 452", DONE4 ">452 4.3.1 full\n<QUIT\n", SMTP_OUT_TEMPORARY, 452);
	try("end 552", DONE4 ">552 5.3.4 big\n<QUIT\n", SMTP_OUT_PERMANENT, 552);
}

static void
try_cuts(void)
{
	try("closed at once", "accept\nclose\n", SMTP_OUT_UNREACHABLE, 0);
	try("half a greeting", "accept\n~220 far\nclose\n", SMTP_OUT_UNREACHABLE, 0);
	try("closed at EHLO", "accept\n>220 x\n<EHLO\nclose\n", SMTP_OUT_UNREACHABLE, 0);
	try("closed at MAIL", MAIL4 "close\n", SMTP_OUT_UNREACHABLE, 0);
	try("closed at RCPT", RCPT4 "close\n", SMTP_OUT_UNREACHABLE, 0);
	try("closed at DATA", DATA4 "close\n", SMTP_OUT_UNREACHABLE, 0);
	try("closed before the text", DATA4 ">354 go\nclose\n", SMTP_OUT_UNREACHABLE, 0);
	try("closed after the dot", DONE4 "close\n", SMTP_OUT_UNREACHABLE, 0);
	try("half an answer after the dot", DONE4 "~250\nclose\n", SMTP_OUT_UNREACHABLE, 0);
	try("one answer too many", DATA4 "~354 go|250 ok|\ngone\n", SMTP_OUT_UNREACHABLE, 0);
	try("no SMTP", "accept\n>SSH-2.0-OpenSSH_9.2\ngone\n", SMTP_OUT_UNREACHABLE, 0);
	try("no SMTP at EHLO", "accept\n>220 x\n<EHLO\n>hello\ngone\n", SMTP_OUT_UNREACHABLE, 0);
	try("two codes at once", "accept\n>220 x\n<EHLO\n>250-x\n>550 x\ngone\n",
	    SMTP_OUT_UNREACHABLE, 0);
}

static long
peak_kib(void)
{
	struct rusage use;

	(void)getrusage(RUSAGE_SELF, &use);
	return use.ru_maxrss;
}

/* A server that sends without end costs neither memory nor more time than is set. */
static void
try_flood(const char *what, const char *script)
{
	struct fake_server s;

	fake_start(&s, script);
	struct smtp_out_settings settings = settings_for(&s);
	settings.timeout_s = 1;
	int64_t start_ms = clock_mono_ms();
	long before_kib = peak_kib();
	struct met met = send_one(&settings, &plain);
	OK(clock_mono_ms() - start_ms < 11000, what);
	IS_STR(fake_end(&s), "", what);
	IS_INT(met.result, SMTP_OUT_UNREACHABLE, what);
	OK(peak_kib() - before_kib < 32 * 1024, "memory stays bounded");
	printf("# %s; server sent %zu octets\n", met.why.text, s.n_sent);
	fake_free(&s);
}

static void
try_floods(void)
{
	try_flood("silence", "accept\ngone\n");
	try_flood("greeting without end", "accept\nendless\n");
	try_flood("greeting line without end", "accept\nlong\n");
	try_flood("greeting by drops", "accept\ndribble\n");
	try_flood("EHLO without end", "accept\n>220 x\n<EHLO\nendless\n");
	try_flood("RCPT line without end", RCPT4 "long\n");
	try_flood("silence after the dot", DONE4 "gone\n");
	try_flood("answer without end after the dot", DONE4 "endless\n");
}

/* What the server gets between DATA and the end, for some text of ours. */
static void
try_text(const char *what, const char *text, const char *want)
{
	struct fake_server s;

	fake_start(&s, DONE4 ">250 ok\n<QUIT\n");
	const struct smtp_out_settings settings = settings_for(&s);
	const struct smtp_out_mail mail = { "", "c@d.example", text, strlen(text), false };
	struct met met = send_one(&settings, &mail);
	IS_STR(fake_end(&s), "", what);
	IS_INT(met.result, SMTP_OUT_SENT, what);
	const char *at = strstr(s.seen.octets, "DATA\r\n");
	OK(at && strncmp(at + 6, want, strlen(want)) == 0 &&
	       strcmp(at + 6 + strlen(want), "QUIT\r\n") == 0, what);
	OK(strstr(s.seen.octets, "MAIL FROM:<> SIZE="), "null sender");
	fake_free(&s);
}

static void
try_texts(void)
{
	try_text("CR LF stays", "a\r\nb\r\n", "a\r\nb\r\n.\r\n");
	try_text("LF becomes CR LF", "a\nb\n", "a\r\nb\r\n.\r\n");
	try_text("a line end is added", "a\r\nb", "a\r\nb\r\n.\r\n");
	try_text("dots are doubled", ".\r\n..a\r\nb.\r\n", "..\r\n...a\r\nb.\r\n.\r\n");
	try_text("dot behind a bare LF", "a\n.\nb\n", "a\r\n..\r\nb\r\n.\r\n");
	try_text("dot behind a bare CR", "a\r.\rb\n", "a\r\n..\r\nb\r\n.\r\n");
	try_text("dot at the very end", "a\r\n.", "a\r\n..\r\n.\r\n");
	try_text("empty lines at the end stay", "a\r\n\r\n\r\n", "a\r\n\r\n\r\n.\r\n");
}

static void
try_addresses(void)
{
	static const char *const bad[] = { "", "a@b>\r\nRCPT TO:<v@w", "a@b\n", "a b@c", "<a@b>",
		                           "a@b\x7f", "a@b\xff", "a@b\xc2\x85" };
	struct fake_server s;

	fake_start(&s, "\n");
	IS_STR(fake_end(&s), "", "server is gone");
	const struct smtp_out_settings settings = settings_for(&s);
	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		struct smtp_out_mail mail = plain;

		mail.rcpt = bad[i];
		IS_INT(send_one(&settings, &mail).result, SMTP_OUT_BAD_ADDRESS, "bad recipient");
		mail.rcpt = plain.rcpt;
		mail.sender = bad[i];
		if (*bad[i])
			IS_INT(send_one(&settings, &mail).result, SMTP_OUT_BAD_ADDRESS, "bad sender");
	}
	char longest[400];
	memset(longest, 'a', sizeof longest);
	longest[321] = '\0';
	struct smtp_out_mail mail = plain;
	mail.rcpt = longest;
	IS_INT(send_one(&settings, &mail).result, SMTP_OUT_BAD_ADDRESS, "321 octets");
	IS_INT(send_one(&settings, &plain).result, SMTP_OUT_UNREACHABLE, "nobody listens");
	fake_free(&s);
}

static void
try_needs(void)
{
#define BARE "accept\n>220 x\n<EHLO\n>250 x\n<QUIT\n"
	static const struct smtp_out_mail cases[] = {
		{ "a@b", "\xc3\xa9@d", "x", 1, false },
		{ "\xc3\xa9@b", "c@d", "x", 1, false },
		{ "a@b", "c@d", "x", 1, true },
		{ "a@b", "c@d", "\xc3\xa9", 2, false },
	};
	static const char *const commands[] = { " SIZE=1 SMTPUTF8\r\n", " SIZE=1 SMTPUTF8\r\n",
		                                " SIZE=1 SMTPUTF8\r\n", " SIZE=2 BODY=8BITMIME\r\n" };

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		struct fake_server s;

		fake_start(&s, BARE);
		struct smtp_out_settings settings = settings_for(&s);
		struct met met = send_one(&settings, &cases[i]);
		IS_STR(fake_end(&s), "", "server without extensions");
		IS_INT(met.result, SMTP_OUT_PERMANENT, "cannot take such a mail");
		fake_free(&s);
		fake_start(&s, DONE4 ">250 ok\n<QUIT\n");
		settings = settings_for(&s);
		met = send_one(&settings, &cases[i]);
		IS_STR(fake_end(&s), "", "server with extensions");
		IS_INT(met.result, SMTP_OUT_SENT, "takes it");
		OK(strstr(s.seen.octets, commands[i]), "MAIL says what is needed");
		fake_free(&s);
	}
}

/* One connection for many mails, and a new one when the server closed it between two. */
static void
try_reuse(void)
{
#define AGAIN "<RSET\n>250 ok\n"
#define MORE "<MAIL\n>250 ok\n<RCPT\n>250 ok\n" GOOD_DATA ">250 ok\n"
	struct fake_server s;

	fake_start(&s, HELLO MORE AGAIN "<MAIL\n>550 no\n" AGAIN MORE AGAIN MORE "close\n" HELLO MORE
	                     "<RSET\n>421 idle\nclose\n" HELLO MORE "<QUIT\n");
	const struct smtp_out_settings settings = settings_for(&s);
	AUTO(smtp_out) struct smtp_out *so = smtp_out_new(&settings);
	static const enum smtp_out_result want[] = { SMTP_OUT_SENT, SMTP_OUT_PERMANENT, SMTP_OUT_SENT,
		                                     SMTP_OUT_SENT, SMTP_OUT_SENT, SMTP_OUT_SENT };
	for (size_t i = 0; i < N_ELEMENTS(want); i++)
		IS_INT(smtp_out_send(so, &plain, NULL, NULL), want[i], "next mail");
	smtp_out_rest(so, 3600);
	OK(!strstr(s.seen.octets, "QUIT"), "not idle for long");
	smtp_out_rest(so, 0);
	IS_STR(fake_end(&s), "", "three connections, six mails");
	fake_free(&s);
}

static void
try_auth(void)
{
	struct fake_server s;

	fake_start(&s, HELLO "<AUTH PLAIN AGpvZQBzM2NyZXQ=\n>235 ok\n" MORE "<QUIT\n");
	struct smtp_out_settings settings = settings_for(&s);
	settings.login = "joe";
	settings.password = "s3cret";
	IS_INT(send_one(&settings, &plain).result, SMTP_OUT_SENT, "AUTH PLAIN");
	IS_STR(fake_end(&s), "", "AUTH PLAIN");
	fake_free(&s);
	fake_start(&s, "accept\n>220 x\n<EHLO\n>250-x\n>250 AUTH LOGIN\n<AUTH LOGIN\n>334 VXNlcg==\n"
	               "<am9l\n>334 UGFzcw==\n<czNjcmV0\n>235 ok\n" MORE "<QUIT\n");
	IS_INT(send_one(&settings, &plain).result, SMTP_OUT_SENT, "AUTH LOGIN");
	IS_STR(fake_end(&s), "", "AUTH LOGIN");
	fake_free(&s);
	fake_start(&s, HELLO "<AUTH PLAIN\n>535 5.7.8 wrong\n<QUIT\n");
	struct met met = send_one(&settings, &plain);
	IS_INT(met.result, SMTP_OUT_UNREACHABLE, "a wrong password fails no mail for good");
	OK(!strstr(met.why.text, "s3cret"), "the password is not told");
	IS_STR(fake_end(&s), "", "AUTH refused");
	fake_free(&s);
	fake_start(&s, "accept\n>220 x\n<EHLO\n>250 x\n<QUIT\n");
	IS_INT(send_one(&settings, &plain).result, SMTP_OUT_UNREACHABLE, "no AUTH offered");
	IS_STR(fake_end(&s), "", "no AUTH offered");
	fake_free(&s);
}

static void
try_tls(void)
{
	struct fake_server s;

	fake_start(&s, "accept\n>220 x\n<EHLO\n>250 x\n<QUIT\n");
	struct smtp_out_settings settings = settings_for(&s);
	settings.tls = SMTP_OUT_TLS_STARTTLS;
	IS_INT(send_one(&settings, &plain).result, SMTP_OUT_UNREACHABLE, "STARTTLS not offered");
	IS_STR(fake_end(&s), "", "nothing was sent in the clear");
	fake_free(&s);
	fake_start(&s, "accept\n>220 x\n<EHLO\n>250-x\n>250 STARTTLS\n<STARTTLS\n"
	               "~220 go|250 injected|\ngone\n");
	IS_INT(send_one(&settings, &plain).result, SMTP_OUT_UNREACHABLE, "answers before TLS");
	IS_STR(fake_end(&s), "", "answers before TLS");
	fake_free(&s);
	fake_start(&s, "accept\n>220 this is not TLS\ngone\n");
	settings.tls = SMTP_OUT_TLS_WRAPPED;
	IS_INT(send_one(&settings, &plain).result, SMTP_OUT_UNREACHABLE, "no TLS there");
	IS_STR(fake_end(&s), "", "no TLS there");
	fake_free(&s);
}

int
main(void)
{
	try_each_state();
	try_cuts();
	try_texts();
	try_addresses();
	try_needs();
	try_reuse();
	try_auth();
	try_tls();
	try_floods();
	return tap_done();
}

/* t/bench/lmtp_sink.c - an LMTP server that answers 250 and keeps nothing: what Postern is measured by
 *
 * The same engine and service loop as posternd's, so that what differs is the work behind the reply.
 * usage: lmtp_sink PLACE, as inet:127.0.0.1:2424 or unix:/path; ends at SIGTERM */
#include "buf.h"
#include "clock.h"
#include "lmtp.h"
#include "serve.h"
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>

enum { SINK_READ_OCTETS = 64 * 1024, SINK_WAIT_MS = 300 * 1000, SINK_CONNECTIONS = 200 };

static struct serve *sink_serve;

static void
accept_recipient(void *self, const struct lmtp_envelope *env, const char *mailbox,
                 struct lmtp_reply *reply_r)
{
	(void)self, (void)env, (void)mailbox, (void)reply_r;
}

static void
drop_message(void *self, const struct lmtp_envelope *env, const void *octets, size_t n,
             struct lmtp_reply replies[])
{
	(void)self, (void)octets, (void)n;
	for (size_t i = 0; i < env->n_rcpt; i++)
		replies[i] = (struct lmtp_reply){250, "2.0.0", "dropped"};
}

static void
converse(void *self, int fd, const struct serve_peer *peer)
{
	static const struct lmtp_limits limits = {.hostname = "sink.test",
	                                          .message_max_octets = 25 * 1024 * 1024,
	                                          .header_max_octets = 256 * 1024,
	                                          .line_max_octets = 1024 * 1024,
	                                          .command_max_octets = 2048,
	                                          .max_recipients = 1000,
	                                          .max_errors = 20,
	                                          .allow_xforward = true};
	const struct lmtp_calls calls = {.rcpt = accept_recipient, .message = drop_message};
	AUTO(lmtp) struct lmtp *l = lmtp_new(&limits, &calls);
	AUTO(buf) struct buf out = {0}, in = {0};
	char *octets = buf_reserve(&in, SINK_READ_OCTETS);
	enum lmtp_state state = LMTP_GOING;
	size_t n = 0;

	(void)self;
	lmtp_greet(l, &out);
	for (;;) {
		int64_t until_ms = clock_mono_ms() + SINK_WAIT_MS;

		if (out.n > 0 && net_write(fd, out.octets, out.n, until_ms) != NET_OK)
			break;
		buf_clear(&out);
		if (state != LMTP_GOING || serve_wait(peer, fd, until_ms) != SERVE_READABLE ||
		    net_read(fd, octets, SINK_READ_OCTETS, until_ms, &n) != NET_OK)
			break;
		state = lmtp_feed(l, octets, n, &out);
	}
}

static void
stop(int signal_number)
{
	(void)signal_number;
	serve_stop(sink_serve);
}

int
main(int argc, char *argv[])
{
	struct net_place place;
	struct net_listeners at = {0};
	struct serve_listener row[NET_LISTEN_MOST] = {0};
	struct why why = {""};

	if (argc != 2 || net_parse(argv[1], &place, &why) != NET_OK ||
	    net_listen(&place, &(struct net_socket){.mode = 0666, .setting = "PLACE"}, &at, &why) !=
	            NET_OK) {
		(void)fprintf(stderr, "usage: lmtp_sink PLACE\n%s\n", why.text);
		return EX_USAGE;
	}
	for (size_t i = 0; i < at.n; i++)
		row[i] = (struct serve_listener){.fd = at.fds[i],
		                                 .name = "sink",
		                                 .n_most = SINK_CONNECTIONS,
		                                 .handle = converse};
	sink_serve = serve_new(row, at.n, &why);
	if (sink_serve == NULL) {
		(void)fprintf(stderr, "lmtp_sink: %s\n", why.text);
		return EX_OSERR;
	}
	(void)signal(SIGTERM, stop);
	(void)printf("ready\n");
	(void)fflush(stdout);
	return serve_run(sink_serve, 0) == 0 ? EX_OK : EX_SOFTWARE;
}

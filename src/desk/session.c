/* src/desk/session.c - one LMTP conversation: from socket to engine, from mail to intake */
#include "session.h"
#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "intake.h"
#include "lmtp.h"
#include "log.h"
#include "net.h"
#include <string.h>

enum { SESSION_READ_OCTETS = 64 * 1024, SESSION_WRITE_MS = 60 * 1000 };

static const char closed_door[] = "554 5.7.1 this address may not deliver here (lmtp_trusted)\r\n";

struct session {
	struct desk *desk;
	const struct settings *settings;
	struct arena *arena; /* of the mail being answered: the engine borrows its texts */
};

static const char *
text_or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* The queue id stands at the head of each line, as in Postfix's own log. */
static struct envelope_record
record_of(const struct lmtp_envelope *env)
{
	return (struct envelope_record){.sender = env->sender,
	                                .recipient = "",
	                                .client_address = text_or_empty(env->client_address),
	                                .client_name = text_or_empty(env->client_name),
	                                .helo = text_or_empty(env->client_helo),
	                                .queue_id = text_or_empty(env->ident),
	                                .login = text_or_empty(env->login)};
}

static void
set_reply(struct lmtp_reply *reply, enum outcome o, const char *text)
{
	const struct outcome_row *row = outcome_row(o);

	*reply = (struct lmtp_reply){row->lmtp, row->enhanced, text};
}

static void
judge_recipient(void *self, const struct lmtp_envelope *env, const char *mailbox,
                struct lmtp_reply *reply_r)
{
	struct session *s = self;

	log_subject(env->ident);
	if (intake_recipient(s->desk, mailbox) != OUT_FILED) {
		atomic_fetch_add(&s->desk->counts.unknown_recipients, 1);
		log_event(LOG_EVENTS, "unknown-recipient", "to=%s from=%s", log_value(mailbox),
		          log_value(env->sender));
		set_reply(reply_r, OUT_NOQUEUE, outcome_row(OUT_NOQUEUE)->text);
	}
}

static void
take_message(void *self, const struct lmtp_envelope *env, const void *octets, size_t n,
             struct lmtp_reply replies[])
{
	struct session *s = self;
	struct intake_mail in = {.octets = octets,
	                         .n = n,
	                         .envelope = record_of(env),
	                         .too_long = env->flags &
	                                     (LMTP_LINE_TOO_LONG | LMTP_HEADER_TOO_LONG),
	                         .now_s = clock_now_s()};

	arena_free(&s->arena);
	s->arena = arena_new();
	struct intake_answer *answer = arena_array(s->arena, env->n_rcpt, sizeof *answer);
	log_subject(env->ident);
	intake_take(s->desk, &in, env->rcpt, env->n_rcpt, answer);
	for (size_t i = 0; i < env->n_rcpt; i++)
		set_reply(&replies[i], answer[i].outcome, answer[i].text);
	log_subject(NULL);
}

bool
session_may_enter(const struct session_door *door, const struct settings *set,
                  const struct serve_peer *peer)
{
	AUTO(arena) struct arena *a = arena_new();
	struct net_cidrs trusted = {0};
	struct why why;

	return !door->tcp || peer->net.is_unix ||
	       (net_cidrs_parse(a, set->lmtp_trusted, &trusted, &why) == NET_OK &&
	        net_cidrs_have(&trusted, &peer->net.address));
}

static struct lmtp_limits
limits_of(const struct settings *set)
{
	return (struct lmtp_limits){.hostname = set->instance,
	                            .message_max_octets = set->message_max_octets,
	                            .header_max_octets = set->header_max_octets,
	                            .line_max_octets = set->lmtp_line_max_octets,
	                            .command_max_octets = set->lmtp_command_max_octets,
	                            .max_recipients = (unsigned)set->lmtp_max_recipients,
	                            .max_errors = (unsigned)set->lmtp_max_errors,
	                            .allow_xforward = true};
}

/* When the peer must have said something: each command in its time, and a whole mail in its own, so
 * that one octet a minute keeps nothing busy. */
static int64_t
deadline(const struct settings *set, const struct lmtp *l, int64_t *mail_until_ms)
{
	int64_t now_ms = clock_mono_ms(), idle_ms = now_ms + set->lmtp_idle_s * 1000;

	if (!lmtp_busy_with_message(l))
		*mail_until_ms = 0;
	else if (*mail_until_ms == 0)
		*mail_until_ms = now_ms + set->lmtp_message_s * 1000;
	return *mail_until_ms != 0 && *mail_until_ms < idle_ms ? *mail_until_ms : idle_ms;
}

static bool
send_out(int fd, struct buf *out)
{
	bool sent = out->n == 0 || net_write(fd, out->octets, out->n,
	                                     clock_mono_ms() + SESSION_WRITE_MS) == NET_OK;

	buf_clear(out);
	return sent;
}

static void
converse(const struct settings *set, struct lmtp *l, int fd, const struct serve_peer *peer)
{
	AUTO(buf) struct buf out = {0}, in = {0};
	char *octets = buf_reserve(&in, SESSION_READ_OCTETS);
	enum lmtp_state state = LMTP_GOING;
	int64_t mail_until_ms = 0;
	size_t n = 0;

	lmtp_greet(l, &out);
	while (send_out(fd, &out) && state == LMTP_GOING) {
		int64_t until_ms = deadline(set, l, &mail_until_ms);
		enum serve_wait w = serve_wait(peer, fd, until_ms);
		enum net_err e = w == SERVE_READABLE
		                         ? net_read(fd, octets, SESSION_READ_OCTETS, until_ms, &n)
		                         : NET_OK;

		if (w == SERVE_STOPPING) {
			lmtp_stopping(l, &out);
			state = LMTP_QUIT;
		} else if (w == SERVE_TIMEOUT || e == NET_TIMEOUT) {
			lmtp_timed_out(l, &out);
			state = LMTP_CUT_OFF;
			log_event(LOG_WARNINGS, "timed-out", "peer=%s", log_value(peer->net.text));
		} else if (e != NET_OK) {
			state = LMTP_CUT_OFF;
		} else {
			state = lmtp_feed(l, octets, n, &out);
		}
	}
	(void)send_out(fd, &out);
}

void
session_serve(void *self, int fd, const struct serve_peer *peer)
{
	const struct session_door *door = self;
	AUTO(conf) const struct conf *conf = desk_conf(door->desk);
	struct session s = {door->desk, conf->settings, NULL};
	struct lmtp_limits limits = limits_of(conf->settings);
	struct lmtp_calls calls = {&s, judge_recipient, take_message};

	if (session_may_enter(door, conf->settings, peer)) {
		AUTO(lmtp) struct lmtp *l = lmtp_new(&limits, &calls);

		converse(conf->settings, l, fd, peer);
	} else {
		log_event(LOG_WARNINGS, "turned-away", "peer=%s", log_value(peer->net.text));
		AUTO(buf) struct buf out = {0};

		buf_text(&out, closed_door);
		(void)send_out(fd, &out);
	}
	arena_free(&s.arena);
	log_subject(NULL);
}

/* src/desk/gatehouse.c - Postfix's questions to the gate: from socket to engine to answer */
#include "gatehouse.h"
#include "buf.h"
#include "clock.h"
#include "gate.h"
#include "log.h"
#include "net.h"
#include "policy.h"
#include "socketmap.h"
#include <string.h>

enum {
	GATEHOUSE_READ_OCTETS = 4096,
	GATEHOUSE_QUESTION_MS = 10 * 1000, /* for a whole one; Postfix writes each at once */
	GATEHOUSE_WRITE_MS = 10 * 1000
};

/* One connection. Each question holds the configuration of its moment: Postfix keeps connections
 * for minutes, and an address that a reload added must count at once. */
struct visit {
	struct desk *desk;
	const char *door; /* for the log */
	bool (*feed)(struct visit *v, const void *in, size_t n, struct buf *out);
	bool (*is_waiting)(const struct visit *v);
	struct socketmap socketmap;
	struct policy policy;
};

/* The tables by name; a policy request is answered as the access table answers. */
static const char recipient_table[] = "recipient", access_table[] = "access", policy[] = "policy";

static void
count(struct desk *d, const char *table, enum gate_answer answer)
{
	atomic_fetch_add(&d->counts.gate_asked, 1);
	/* The recipient table cannot refuse it: Postfix asks again without the extension. */
	if (answer == GATE_INVALID && table != recipient_table)
		atomic_fetch_add(&d->counts.gate_refused, 1);
	if (answer == GATE_UNASKED)
		atomic_fetch_add(&d->counts.gate_unasked, 1);
}

/* Ask, count, log. Takes  from  a sender or client for the log; NULL where none was told */
static const struct gate_row *
ask(struct visit *v, const char *table, const char *address, const char *from)
{
	AUTO(conf) const struct conf *conf = desk_conf(v->desk);
	struct gate g = {conf, v->desk->sign, v->desk->store, clock_now_s()};
	struct why why = {""};
	enum gate_answer answer = gate_ask(&g, address, &why);
	const struct gate_row *row = gate_row(answer);

	count(v->desk, table, answer);
	if (answer == GATE_UNASKED)
		log_event(LOG_WARNINGS, "gate-unasked", "door=%s table=%s to=%s from=%s why=%s",
		          v->door, table, log_value(address), log_value(from),
		          log_value(why.text));
	else
		log_event(answer == GATE_INVALID ? LOG_EVENTS : LOG_DETAILS, "gate",
		          "door=%s table=%s answer=%s to=%s from=%s", v->door, table, row->name,
		          log_value(address), log_value(from));
	return row;
}

static enum socketmap_answer
look_up(void *self, const char *name, const char *key, struct buf *text_r)
{
	bool access = strcmp(name, access_table) == 0;
	enum socketmap_answer answer = SOCKETMAP_PERMANENT;

	if (access || strcmp(name, recipient_table) == 0) {
		const struct gate_row *row =
			ask(self, access ? access_table : recipient_table, key, NULL);

		answer = access ? row->access : row->recipient;
		if (answer == SOCKETMAP_TEMPORARY)
			buf_text(text_r, "cannot look the address up now");
		else if (access)
			buf_text(text_r, row->action);
	} else {
		buf_text(text_r, "there are two tables, \"access\" and \"recipient\"");
		log_event(LOG_WARNINGS, "gate-no-table", "table=%s", log_value(name));
	}
	return answer;
}

static bool
feed_socketmap(struct visit *v, const void *in, size_t n, struct buf *out)
{
	const struct socketmap_calls calls = {v, look_up};

	return socketmap_feed(&v->socketmap, &calls, in, n, out);
}

static bool
socketmap_is_waiting(const struct visit *v)
{
	return v->socketmap.pending.n > 0;
}

/* What stands at the head of the log line: the queue id, when the mail has one already. */
static const char *
subject_of(const struct policy_request *r)
{
	const char *id = policy_value(r, "queue_id");

	return id != NULL && id[0] != '\0' ? id : policy_value(r, "instance");
}

static void
decide(void *self, const struct policy_request *r, struct buf *action_r)
{
	const char *state = policy_value(r, "protocol_state");
	const char *recipient = policy_value(r, "recipient");

	if (state != NULL && strcmp(state, "RCPT") == 0 && recipient != NULL) {
		log_subject(subject_of(r));
		buf_text(action_r, ask(self, policy, recipient, policy_value(r, "sender"))->action);
		log_subject(NULL);
	}
}

static bool
feed_policy(struct visit *v, const void *in, size_t n, struct buf *out)
{
	const struct policy_calls calls = {v, decide};

	return policy_feed(&v->policy, &calls, in, n, out);
}

static bool
policy_is_waiting(const struct visit *v)
{
	return v->policy.pending.n > 0;
}

static bool
send_out(int fd, struct buf *out)
{
	bool sent = out->n == 0 || net_write(fd, out->octets, out->n,
	                                     clock_mono_ms() + GATEHOUSE_WRITE_MS) == NET_OK;

	buf_clear(out);
	return sent;
}

/* Answer until the peer goes, says nonsense, or is too slow: the first question must come soon, as
 * Postfix connects only when it has one, and none may come octet by octet for ever. */
static void
converse(struct visit *v, int fd, const struct serve_peer *peer, int64_t idle_ms)
{
	AUTO(buf) struct buf out = {0}, in = {0};
	char *octets = buf_reserve(&in, GATEHOUSE_READ_OCTETS);
	int64_t until_ms = clock_mono_ms() + GATEHOUSE_QUESTION_MS;
	bool going = true;
	size_t n = 0;

	while (going) {
		enum serve_wait w = serve_wait(peer, fd, until_ms);
		bool was_waiting = v->is_waiting(v);

		going = w == SERVE_READABLE &&
		        net_read(fd, octets, GATEHOUSE_READ_OCTETS, until_ms, &n) == NET_OK;
		if (w == SERVE_TIMEOUT && was_waiting)
			log_event(LOG_WARNINGS, "timed-out", "door=%s peer=%s", v->door,
			          log_value(peer->net.text));
		if (going && !v->feed(v, octets, n, &out)) {
			log_event(LOG_WARNINGS, "gate-nonsense", "door=%s peer=%s", v->door,
			          log_value(peer->net.text));
			going = false;
		}
		if (!v->is_waiting(v))
			until_ms = clock_mono_ms() + idle_ms;
		else if (!was_waiting || out.n > 0)
			until_ms = clock_mono_ms() + GATEHOUSE_QUESTION_MS;
		going = send_out(fd, &out) && going;
	}
}

static void
receive(struct visit *v, const struct session_door *door, int fd, const struct serve_peer *peer)
{
	AUTO(conf) const struct conf *conf = desk_conf(door->desk);
	int64_t idle_ms = conf->settings->gate_idle_s * 1000;
	bool enters = session_may_enter(door, conf->settings, peer);

	conf_release(&conf); /* a connection may outlive many configurations */
	if (enters)
		converse(v, fd, peer, idle_ms);
	else
		log_event(LOG_WARNINGS, "turned-away", "door=%s peer=%s", v->door,
		          log_value(peer->net.text));
	socketmap_reset(&v->socketmap);
	policy_reset(&v->policy);
}

void
gatehouse_socketmap(void *self, int fd, const struct serve_peer *peer)
{
	const struct session_door *door = self;
	struct visit v = {.desk = door->desk,
	                  .door = "socketmap",
	                  .feed = feed_socketmap,
	                  .is_waiting = socketmap_is_waiting};

	receive(&v, door, fd, peer);
}

void
gatehouse_policy(void *self, int fd, const struct serve_peer *peer)
{
	const struct session_door *door = self;
	struct visit v = {.desk = door->desk,
	                  .door = "policy",
	                  .feed = feed_policy,
	                  .is_waiting = policy_is_waiting};

	receive(&v, door, fd, peer);
}

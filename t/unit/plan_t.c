/* t/unit/plan_t.c - filing decided and carried out over a real store: what is then kept, and what is owed */
#include "plan.h"
#include "arena.h"
#include "audit.h"
#include "blob.h"
#include "digest.h"
#include "filing.h"
#include "held.h"
#include "message.h"
#include "outbox.h"
#include "sender.h"
#include "sign.h"
#include "store_fix.h"
#include "ticket.h"

#define ANN "ann@example.net"
#define BOB "bob@example.net"
#define EVE "eve@example.com"
#define DESK "desk@example.org"
#define ITDESK "itdesk@example.org"

enum { NOW_S = 1700000000, DAY_S = 86400, WINDOW_S = 14 * DAY_S };

struct bench {
	struct arena *arena;
	struct store *store;
	struct sign *sign;
	struct settings *settings;
	struct conf conf;
	int64_t now_s;
	unsigned n_mails; /* gives each mail a content of its own */
};

/* One mail, as a test writes it; NULL texts are "". */
struct spec {
	const char *from, *subject, *id, *in_reply_to, *cc, *returned;
	const char *to;         /* NULL: support@example.org */
	const char *login;
	enum mail_class class;
	const char *again;      /* the content of an earlier mail: its digest word */
	unsigned n_busy;        /* so many times the transaction is made to run again */
	unsigned n_raced;       /* so many times somebody claims the same mail behind the plan */
	bool unreadable;
};

static const char *
text(const char *given)
{
	return given != NULL ? given : "";
}

struct filing_work {
	struct plan_in in;
	struct plan plan;
	struct arena *arena;
	unsigned n_busy, n_raced;
};

static const char octets[] = "From: x\r\n\r\nx\r\n";

static enum store_err
work(struct store_txn *txn, void *arg)
{
	struct filing_work *w = arg;
	enum store_err e = plan_make(txn, w->arena, &w->in, &w->plan, &fix_why);

	if (e == STORE_OK && w->n_raced > 0) {
		struct message_place other = {77, 1}, first;

		w->n_raced--;
		e = duplicate_claim(txn, w->in.queue->key, w->in.digest, &other, &first, &fix_why);
	}
	if (e == STORE_OK)
		e = filing_write(txn, &w->in, &w->plan, octets, &fix_why);
	return e == STORE_OK && w->n_busy > 0 ? w->n_busy--, STORE_BUSY : e;
}

static struct mail_mailboxes
mailboxes(struct arena *a, const char *list)
{
	struct mail_mailbox *box = arena_array(a, 16, sizeof *box);
	struct mail_mailboxes m = {box, 0};
	char *rest = NULL;

	for (char *w = strtok_r(arena_strdup(a, list), " ", &rest); w != NULL; w = strtok_r(NULL, " ", &rest))
		box[m.n++] = (struct mail_mailbox){"", w};
	return m;
}

static struct mail *
make_mail(struct bench *b, const struct spec *s)
{
	struct mail *m = arena_alloc(b->arena, sizeof *m);
	const char **id = arena_array(b->arena, 2, sizeof *id);

	id[0] = s->in_reply_to;
	id[1] = s->returned;
	*m = (struct mail){.subject = text(s->subject),
	                   .subject_raw = text(s->subject),
	                   .message_id = text(s->id),
	                   .in_reply_to = id,
	                   .n_in_reply_to = s->in_reply_to != NULL,
	                   .from_state = s->from != NULL ? MAIL_FROM_ONE : MAIL_FROM_ODD,
	                   .from_address = text(s->from),
	                   .from_name = "",
	                   .from_raw = text(s->from),
	                   .cc = mailboxes(b->arena, text(s->cc)),
	                   .text = "",
	                   .type = "text/plain",
	                   .report_type = "",
	                   .language = "",
	                   .dsn = {.returned_ids = id + 1, .n_returned_ids = s->returned != NULL}};
	return m;
}

/* File it as intake does. */
static struct plan
file(struct bench *b, const struct spec *s)
{
	struct plan_numbers numbers = {0};
	struct mail *m = make_mail(b, s);
	const char *to = s->to != NULL ? s->to : "support@example.org";
	struct chain_result chain = {.class = s->class};
	struct filing_work w = {
		.arena = b->arena,
		.n_busy = s->n_busy,
		.n_raced = s->n_raced,
		.in = {.conf = &b->conf,
	               .sign = b->sign,
	               .store = b->store,
	               .queue = conf_queue_for(&b->conf, b->arena, to, NULL),
	               .mail = s->unreadable ? NULL : m,
	               .chain = &chain,
	               .held = s->unreadable,
	               .cause = HELD_PARSER_DIED,
	               .held_detail = "it died",
	               .envelope = {text(s->from), to, "192.0.2.1", "", "", "", text(s->login)},
	               .now_s = b->now_s,
	               .numbers = &numbers}};

	const char *content =
		s->again != NULL ? s->again : arena_printf(b->arena, "mail %u", ++b->n_mails);
	digest_of(content, strlen(content), w.in.digest);
	w.in.sender = sender_check(b->arena, &(struct sender_in){&b->conf, m, &w.in.envelope, NULL});
	enum store_err e = blob_prepare(b->store, octets, sizeof octets - 1, &w.in.blob, &fix_why);
	if (e == STORE_OK)
		e = store_run(b->store, work, &w, &fix_why);
	if (e != STORE_OK)
		printf("# %s\n", fix_why.text);
	IS_INT(e, STORE_OK, "filed");
	return w.plan;
}

/* ---- What the store has afterwards. ---- */

struct state {
	struct arena *arena;
	uint64_t id;
	struct ticket ticket;
	struct message *message;
	size_t n_messages;
	struct audit_entry *audit;
	size_t n_audit;
	struct outbox_row *row;
	size_t n_rows;
	struct held_entry *held;
	size_t n_held;
	struct ticket_page page;
};

static enum store_err
look(struct store_txn *txn, void *arg)
{
	struct state *s = arg;
	struct store_range of_ticket = {s->id, 0, 1000}, all = {0, 0, 1000};
	struct ticket_query q = {.state = -1, .max = 1000};
	enum store_err e = ticket_find(txn, s->arena, s->id, &s->ticket, &fix_why);

	if (e == STORE_ABSENT)
		e = STORE_OK;
	if (e == STORE_OK)
		e = message_list(txn, s->arena, &of_ticket, &s->message, &s->n_messages, &fix_why);
	if (e == STORE_OK)
		e = audit_list(txn, s->arena, &of_ticket, &s->audit, &s->n_audit, &fix_why);
	if (e == STORE_OK)
		e = outbox_list(txn, s->arena, &(struct outbox_range){.max = 1000}, &s->row, &s->n_rows, &fix_why);
	if (e == STORE_OK)
		e = held_list(txn, s->arena, &all, &s->held, &s->n_held, &fix_why);
	return e == STORE_OK ? ticket_list(txn, s->arena, &q, &s->page, &fix_why) : e;
}

static struct state
see(struct bench *b, uint64_t id)
{
	struct state s = {.arena = b->arena, .id = id};

	if (store_peek(b->store, look, &s, &fix_why) != STORE_OK)
		printf("Bail out! %s\n", fix_why.text);
	return s;
}

/* What is owed about a ticket: "kind:address:count ...", in the order of the addresses. */
static const char *
owed(struct bench *b, uint64_t id)
{
	static const char *const people[] = {ANN, BOB, DESK, EVE, ITDESK};
	struct state s = see(b, id);
	const char *all = "";

	for (size_t p = 0; p < N_ELEMENTS(people); p++)
		for (size_t i = 0; i < s.n_rows; i++)
			if (s.row[i].ticket == id && strcasecmp(s.row[i].to_address, people[p]) == 0)
				all = arena_printf(b->arena, "%s%s%s:%s:%u", all, all[0] == '\0' ? "" : " ",
				                   notice_kind_name[s.row[i].kind], people[p], s.row[i].count);
	return all;
}

struct change {
	struct arena *arena;
	uint64_t id;
	enum ticket_state state;
	int64_t closed_s;
	uint64_t heir;
};

static enum store_err
change(struct store_txn *txn, void *arg)
{
	struct change *c = arg;
	struct ticket before = {0};
	enum store_err e = ticket_lock(txn, c->arena, c->id, &before, &fix_why);
	struct ticket after = before;

	after.state = c->state;
	after.closed_s = c->closed_s;
	after.heir = c->heir;
	return e == STORE_OK ? ticket_update(txn, &before, &after, &fix_why) : e;
}

static void
close_ticket(struct bench *b, uint64_t id, int64_t closed_s)
{
	struct change c = {b->arena, id, TICKET_CLOSED, closed_s, 0};

	IS_INT(store_run(b->store, change, &c, &fix_why), STORE_OK, "closed by hand");
}

/* ---- The cases. ---- */

static void
is_to(const struct plan *p, enum route_to to, const char *what)
{
	IS_STR(route_to_name[p->to], route_to_name[to], what);
}

/* A request of Ann's, Bob in Cc: the ticket that most cases go on with. */
static struct plan
request(struct bench *b, const char *id)
{
	return file(b, &(struct spec){.from = ANN,
	                              .subject = "Re: Printer on fire",
	                              .id = id,
	                              .cc = BOB " support@example.org support+x@example.org "
	                                        "noreply@example.net Bob@Example.NET"});
}

static void
test_new(struct bench *b)
{
	struct plan p = request(b, "new@example.net");
	struct state s = see(b, p.ticket);

	is_to(&p, ROUTE_NEW, "a new request opens a ticket");
	IS_INT(s.ticket.state, TICKET_NEW, "new");
	IS_STR(s.ticket.subject, "Printer on fire", "its subject without reply prefix");
	IS_STR(s.ticket.queue, "support", "in the queue that it was sent to");
	IS_INT(s.ticket.n_participants, 2, "sender and Cc are on it: neither ourselves, nor noreply, none twice");
	IS_INT(s.n_messages, 1, "one mail");
	IS_STR(s.n_messages == 1 ? s.message[0].message_id : NULL, "new@example.net", "the one");
	OK(s.n_audit >= 1 && strcmp(s.audit[0].what, "opened") == 0, "its history begins");
	IS_STR(owed(b, p.ticket), "acknowledgement:" ANN ":1", "its sender is acknowledged, nobody else");
	for (size_t i = 0; i < s.n_rows; i++)
		if (s.row[i].ticket == p.ticket) {
			IS_INT(s.row[i].due_s, b->now_s, "at once");
			IS_STR(s.row[i].in_reply_to, "new@example.net", "as an answer to it");
		}
}

static void
test_comments(struct bench *b)
{
	struct plan first = request(b, "comments@example.net");
	const char *subject = arena_printf(b->arena, "Re: [%s] Printer", first.token);
	struct plan p = file(b, &(struct spec){.from = ANN, .subject = subject});
	const char *ack = first.n_outbox == 1 ? first.outbox[0].row.message_id : "";

	is_to(&p, ROUTE_COMMENT, "an answer with the token is added");
	IS_INT(p.ticket, first.ticket, "to that ticket");
	IS_STR(owed(b, p.ticket), "acknowledgement:" ANN ":1 comment:" BOB ":1 comment:" DESK ":1",
	       "the others and the agents are told");
	p = file(b, &(struct spec){.from = ANN, .in_reply_to = "comments@example.net"});
	is_to(&p, ROUTE_COMMENT, "an answer to a known mail is added");
	IS_STR(owed(b, p.ticket), "acknowledgement:" ANN ":1 comment:" BOB ":2 comment:" DESK ":2",
	       "two comments, one notice");
	p = file(b, &(struct spec){.from = BOB, .in_reply_to = ack});
	is_to(&p, ROUTE_COMMENT, "an answer to our acknowledgement is added");
	IS_STR(owed(b, p.ticket),
	       "acknowledgement:" ANN ":1 comment:" ANN ":1 comment:" BOB ":2 comment:" DESK ":3",
	       "each is told of the others' comments");
	p = file(b, &(struct spec){.from = EVE, .in_reply_to = ack});
	is_to(&p, ROUTE_COMMENT, "even from an address that we do not know: who has it had our mail");
	struct state s = see(b, first.ticket);
	IS_INT(s.n_messages, 5, "five mails");
	IS_INT(s.ticket.n_participants, 2, "that address is not put on the ticket");
}

static void
test_stranger(struct bench *b)
{
	struct plan first = request(b, "stranger@example.net");
	const char *subject = arena_printf(b->arena, "[%s] let me in", first.token);
	struct plan p = file(b, &(struct spec){.from = EVE, .subject = subject});
	struct state s = see(b, p.ticket);

	is_to(&p, ROUTE_NEW_LINKED, "a stranger with the token is not let in (P4)");
	OK(p.ticket != first.ticket, "he gets a ticket of his own");
	IS_INT(s.ticket.linked, first.ticket, "linked, for the agents");
	IS_INT(see(b, first.ticket).n_messages, 1, "the other one is as it was");
	IS_STR(s.ticket.subject, "let me in", "nothing of the other one stands in it");
	p = file(b, &(struct spec){.from = EVE, .in_reply_to = "stranger@example.net"});
	is_to(&p, ROUTE_NEW_LINKED, "nor by a known id");
	p = file(b, &(struct spec){.subject = subject});
	is_to(&p, ROUTE_NEW_LINKED, "nor a sender who could not be read");
	IS_STR(owed(b, p.ticket), "", "who is not answered either");
}

static void
test_conflict(struct bench *b)
{
	struct plan one = request(b, "one@example.net"), two = request(b, "two@example.net");
	size_t n_held = see(b, 0).n_held, n_rows = see(b, 0).n_rows;
	struct plan p = file(b, &(struct spec){.from = ANN,
	                                       .subject = arena_printf(b->arena, "[%s]", two.token),
	                                       .in_reply_to = "one@example.net"});
	struct state s = see(b, one.ticket);

	is_to(&p, ROUTE_HOLD, "contradicting evidence is held");
	IS_INT(p.held.cause, HELD_CONFLICT, "with that cause");
	IS_INT(s.n_held, n_held + 1, "and kept");
	IS_INT(s.n_rows, n_rows, "nobody is told");
	IS_INT(s.n_messages + see(b, two.ticket).n_messages, 2, "neither ticket changed");
}

static void
test_duplicate(struct bench *b)
{
	struct plan first = file(b, &(struct spec){.from = ANN, .again = "twice", .id = "twice@example.net"});
	struct state before = see(b, first.ticket);
	struct plan p = file(b, &(struct spec){.from = ANN, .again = "twice", .id = "twice@example.net"});
	struct state after = see(b, first.ticket);

	OK(p.duplicate, "the same mail again is a duplicate (P2)");
	IS_STR(p.token, first.token, "known by its ticket");
	IS_INT(after.page.n, before.page.n, "no ticket more");
	IS_INT(after.n_messages, before.n_messages, "no mail more");
	IS_INT(after.n_rows, before.n_rows, "no notice more");
	IS_INT(after.n_audit, before.n_audit, "no history");
	p = file(b, &(struct spec){.from = ANN, .id = "twice@example.net"});
	OK(!p.duplicate, "the same Message-ID with another content is another mail");
	p = file(b, &(struct spec){.from = ANN, .again = "raced", .n_raced = 1});
	OK(p.ticket != 0, "a claim behind the plan's back makes it run again");
	file(b, &(struct spec){.from = ANN, .again = "dead", .unreadable = true});
	p = file(b, &(struct spec){.from = ANN, .again = "dead", .unreadable = true});
	OK(p.duplicate, "a held mail again too");
	IS_STR(p.token, "", "which has no ticket");
}

static void
test_two_queues(struct bench *b)
{
	struct plan p = file(b, &(struct spec){.from = ANN, .again = "both"});
	struct plan q = file(b, &(struct spec){.from = ANN, .again = "both", .to = "it@example.org"});

	OK(p.ticket != 0 && q.ticket != 0 && p.ticket != q.ticket, "a request to two queues is one for each");
	OK(strncmp(q.token, "IT-", 3) == 0, "with the prefix of each");
	const char *subject = arena_printf(b->arena, "[%s]", p.token);
	struct plan r = file(b, &(struct spec){.from = ANN, .subject = subject, .again = "x1"});
	OK(file(b, &(struct spec){.from = ANN, .subject = subject, .again = "x1", .to = "it@example.org"}).duplicate,
	   "an answer to two queues is filed once");
	IS_INT(r.ticket, p.ticket, "in the ticket that it names");
	r = file(b, &(struct spec){.from = ANN, .subject = subject, .again = "x2", .to = "it@example.org"});
	OK(r.ticket == p.ticket && r.to == ROUTE_COMMENT, "in whichever order they come");
	OK(file(b, &(struct spec){.from = ANN, .subject = subject, .again = "x2"}).duplicate, "once");
	IS_INT(see(b, p.ticket).n_messages, 3, "three mails");
	r = file(b, &(struct spec){.from = ITDESK, .login = ITDESK, .subject = subject, .to = "it@example.org"});
	is_to(&r, ROUTE_NEW_LINKED, "another queue's agent is a stranger to it, through his own address too");
	IS_STR(owed(b, p.ticket), "acknowledgement:" ANN ":1 comment:" DESK ":2",
	       "and the agents told are those of the ticket's queue");
}

static void
test_closed(struct bench *b)
{
	struct plan first = request(b, "closed@example.net");
	const char *subject = arena_printf(b->arena, "[%s]", first.token);

	close_ticket(b, first.ticket, b->now_s - WINDOW_S);
	struct plan p = file(b, &(struct spec){.from = ANN, .subject = subject, .class = CLASS_AUTO});
	is_to(&p, ROUTE_STORE, "a vacation message is stored");
	IS_INT(see(b, first.ticket).ticket.state, TICKET_CLOSED, "and reopens nothing (P5)");
	IS_STR(owed(b, first.ticket), "acknowledgement:" ANN ":1", "and tells nobody");
	p = file(b, &(struct spec){.from = ANN, .subject = subject});
	is_to(&p, ROUTE_REOPEN, "an answer on the last second of the window reopens");
	IS_INT(see(b, first.ticket).ticket.state, TICKET_OPEN, "open");
	IS_INT(see(b, first.ticket).ticket.closed_s, 0, "again");
	IS_STR(owed(b, first.ticket), "acknowledgement:" ANN ":1 reopened:" BOB ":1 reopened:" DESK ":1", "told");
	close_ticket(b, first.ticket, b->now_s - WINDOW_S - 1);
	p = file(b, &(struct spec){.from = ANN, .subject = subject});
	is_to(&p, ROUTE_NEW_LINKED, "a second later it is a new one");
	IS_INT(see(b, p.ticket).ticket.linked, first.ticket, "linked");
	IS_INT(see(b, first.ticket).ticket.state, TICKET_CLOSED, "the old one stays closed");

	struct plan it = file(b, &(struct spec){.from = ANN, .to = "it@example.org"});
	close_ticket(b, it.ticket, b->now_s);
	subject = arena_printf(b->arena, "[%s]", it.token);
	p = file(b, &(struct spec){.from = ANN, .subject = subject});
	is_to(&p, ROUTE_NEW_LINKED, "never, where the ticket's queue says never");
	close_ticket(b, it.ticket, b->now_s + DAY_S);
	p = file(b, &(struct spec){.from = ANN, .subject = subject});
	is_to(&p, ROUTE_NEW_LINKED, "nor when the clock was set back");
}

static void
test_agent(struct bench *b)
{
	struct plan first = request(b, "agent@example.net");
	const char *subject = arena_printf(b->arena, "[%s]", first.token);
	const char *ack = first.n_outbox == 1 ? first.outbox[0].row.message_id : "";
	struct plan p = file(b, &(struct spec){.from = DESK, .subject = subject});

	is_to(&p, ROUTE_HOLD, "an agent who is not proven is held");
	IS_INT(p.held.cause, HELD_FORGED, "as forged");
	p = file(b, &(struct spec){.from = DESK, .in_reply_to = ack});
	is_to(&p, ROUTE_HOLD, "with a signed id too");
	p = file(b, &(struct spec){.from = DESK, .subject = subject, .login = ANN});
	is_to(&p, ROUTE_HOLD, "or logged in as somebody else");
	p = file(b, &(struct spec){.from = DESK, .subject = subject, .login = "Desk@example.org"});
	is_to(&p, ROUTE_COMMENT, "logged in as himself he answers");
	struct state s = see(b, first.ticket);
	IS_INT(s.ticket.state, TICKET_OPEN, "the ticket is open");
	IS_INT(s.ticket.first_response_s, b->now_s, "and was answered");
	IS_STR(owed(b, first.ticket), "acknowledgement:" ANN ":1 comment:" ANN ":1 comment:" BOB ":1",
	       "the customers are told, he is not");
}

static void
test_machines(struct bench *b)
{
	struct plan first = request(b, "machine@example.net");
	const char *ack = first.n_outbox == 1 ? first.outbox[0].row.message_id : "";
	struct plan p = file(b, &(struct spec){.class = CLASS_BOUNCE, .returned = ack});

	is_to(&p, ROUTE_NOTE, "a bounce of our mail is a note");
	IS_INT(p.ticket, first.ticket, "on its ticket");
	IS_STR(owed(b, first.ticket), "acknowledgement:" ANN ":1", "of which nobody is told");
	p = file(b, &(struct spec){.class = CLASS_BOUNCE, .returned = "machine@example.net"});
	is_to(&p, ROUTE_HOLD, "one of a mail that we cannot prove to have sent is held");
	p = file(b, &(struct spec){.from = EVE, .class = CLASS_LIST});
	is_to(&p, ROUTE_NEW_QUIET, "list mail is a ticket");
	IS_STR(owed(b, p.ticket), "", "that answers nobody");
	p = file(b, &(struct spec){.from = EVE, .class = CLASS_OWN});
	IS_INT(p.held.cause, HELD_LOOP, "our own mail is held");
	p = file(b, &(struct spec){.from = ANN, .unreadable = true});
	is_to(&p, ROUTE_HOLD, "a mail that killed the parser is held (P6)");
	IS_INT(p.held.cause, HELD_PARSER_DIED, "with that cause");
}

static void
test_merged(struct bench *b)
{
	struct plan old = request(b, "old@example.net"), heir = request(b, "heir@example.net");
	struct change c = {b->arena, old.ticket, TICKET_MERGED, 0, heir.ticket};

	IS_INT(store_run(b->store, change, &c, &fix_why), STORE_OK, "merged by hand");
	struct plan p = file(
		b, &(struct spec){.from = ANN, .subject = arena_printf(b->arena, "[%s]", old.token)});
	is_to(&p, ROUTE_COMMENT, "mail to a merged ticket is added");
	IS_INT(p.ticket, heir.ticket, "to its heir");
}

/* A transaction that must run again gives the same numbers and leaves one of everything. */
static void
test_again(struct bench *b)
{
	struct state before = see(b, 0);
	struct plan p = file(b, &(struct spec){.from = ANN, .n_busy = 3});
	struct state after = see(b, p.ticket);
	struct plan next = file(b, &(struct spec){.from = ANN});

	IS_INT(after.page.n, before.page.n + 1, "one ticket");
	IS_INT(after.n_rows, before.n_rows + 1, "one notice");
	IS_INT(after.n_messages, 1, "one mail");
	IS_INT(next.ticket, p.ticket + 1, "no number was used up");
}

static void
open_bench(struct bench *b)
{
	static const char *const said[] = {"instance=tickets.example.org",
	                                   "queue.support.address=support@example.org",
	                                   "queue.support.prefix=ACM",
	                                   "queue.support.agents=Desk@Example.org",
	                                   "queue.it.address=it@example.org",
	                                   "queue.it.prefix=IT",
	                                   "queue.it.reopen_window_s=never",
	                                   "queue.it.agents=itdesk@example.org",
	                                   "limit_ticket=", "limit_recipient=",
	                                   "limit_unverified=", "limit_same_subject=",
	                                   "limit_same_text=", "flood_sender="};
	static const char *const prefixes[] = {"ACM", "IT", NULL};

	fix_make_dir();
	struct store_options options = fix_options();
	b->store = fix_open(&options);
	if (sign_open(fix_dir, &b->sign, &fix_why) != SIGN_OK ||
	    settings_load(NULL, said, N_ELEMENTS(said), &b->settings, &fix_why) != SETTINGS_OK) {
		printf("Bail out! %s\n", fix_why.text);
		exit(1);
	}
	b->conf = (struct conf){.settings = b->settings, .prefixes = prefixes};
}

static const char *
audited(const struct state *s, const char *what)
{
	const char *all = "";

	for (size_t i = 0; i < s->n_audit; i++)
		if (strcmp(s->audit[i].what, what) == 0)
			all = arena_printf(s->arena, "%s%s%s", all, all[0] == '\0' ? "" : " | ",
			                   s->audit[i].detail);
	return all;
}

/* Who is on a ticket since when: "address:1 ...". */
static const char *
people(const struct state *s)
{
	const char *all = "";

	for (size_t i = 0; i < s->ticket.n_participants; i++)
		all = arena_printf(s->arena, "%s%s%s:%u", all, i == 0 ? "" : " ",
		                   s->ticket.participant[i].address, s->ticket.participant[i].since_seq);
	return all;
}

static void
test_joining(struct bench *b)
{
	struct plan first = request(b, "people@example.net");
	const char *subject = arena_printf(b->arena, "Re: [%s]", first.token);
	struct state s;

	(void)file(b, &(struct spec){.from = ANN, .subject = subject, .cc = EVE});
	s = see(b, first.ticket);
	IS_STR(people(&s), ANN ":1 " BOB ":1", "who says to be the requester and proves nothing adds nobody");
	IS_STR(audited(&s, "participants-refused"), "1 in To and Cc: nothing proves the sender", "which is on record");
	OK(strstr(owed(b, first.ticket), EVE) == NULL, "nobody else is told");
	(void)file(b, &(struct spec){.from = ANN, .login = ANN, .subject = subject,
	                             .cc = EVE " Desk@example.org support+x@example.org noreply@example.com Eve@Example.COM"});
	s = see(b, first.ticket);
	IS_STR(people(&s), ANN ":1 " BOB ":1 " EVE ":3", "the proven one does: nobody of ours, none twice, from that mail on");
	IS_STR(audited(&s, "participant-added"), EVE, "which is on record");
	OK(strstr(owed(b, first.ticket), "comment:" EVE ":1") != NULL, "the newcomer is told of that comment and no earlier one");
	struct plan p = file(b, &(struct spec){.from = EVE, .login = EVE, .subject = subject, .cc = "fay@example.com"});
	is_to(&p, ROUTE_COMMENT, "the newcomer answers");
	IS_INT(p.facts.role, ROLE_PARTICIPANT, "as one of them");
	s = see(b, first.ticket);
	IS_STR(people(&s), ANN ":1 " BOB ":1 " EVE ":3 fay@example.com:4", "and adds others");
	uint64_t most = b->settings->participants_max;
	b->settings->participants_max = 5;
	(void)file(b, &(struct spec){.from = DESK, .login = DESK, .subject = subject, .cc = "gus@example.com hal@example.com"});
	b->settings->participants_max = most;
	s = see(b, first.ticket);
	IS_STR(people(&s), ANN ":1 " BOB ":1 " EVE ":3 fay@example.com:4 gus@example.com:5", "so does an agent, up to the limit");
	IS_STR(audited(&s, "participants-refused"),
	       "1 in To and Cc: nothing proves the sender | 1 in To and Cc: as many are on the ticket as may be", "which is on record");
}

static void
test_organisation(struct bench *b)
{
	struct plan open = file(b, &(struct spec){.from = ANN});
	struct plan proven = file(b, &(struct spec){.from = "ann@mail.example.net", .login = "ann@mail.example.net"});
	struct plan free = file(b, &(struct spec){.from = "ann@gmail.com", .login = "ann@gmail.com"});
	struct plan relay = file(b, &(struct spec){.from = "x@privaterelay.appleid.com", .login = "x@privaterelay.appleid.com"});
	struct plan suffix = file(b, &(struct spec){.from = "ann@co.uk", .login = "ann@co.uk"});
	const char *subject = arena_printf(b->arena, "[%s]", proven.token);

	IS_STR(see(b, open.ticket).ticket.organisation, "", "nothing proves the requester: no organisation");
	IS_STR(see(b, proven.ticket).ticket.organisation, "example.net", "proven: the registered domain");
	IS_STR(see(b, free.ticket).ticket.organisation, "", "free mail is no organisation");
	IS_STR(see(b, relay.ticket).ticket.organisation, "", "nor is a part of a domain that is");
	IS_STR(see(b, suffix.ticket).ticket.organisation, "", "nor a public suffix");
	struct plan p = file(b, &(struct spec){.from = BOB, .login = BOB, .subject = subject});
	IS_INT(p.facts.role, ROLE_COLLEAGUE, "a proven sender of that domain is a colleague");
	is_to(&p, ROUTE_NEW_LINKED, "and has no part in the ticket");
	p = file(b, &(struct spec){.from = BOB, .subject = subject});
	IS_INT(p.facts.role, ROLE_STRANGER, "who proves nothing is none");
	p = file(b, &(struct spec){.from = EVE, .login = EVE, .subject = subject});
	IS_INT(p.facts.role, ROLE_STRANGER, "nor is one of another domain");
}

int
main(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct bench b = {.arena = a, .now_s = NOW_S};

	open_bench(&b);
	test_new(&b);
	test_comments(&b);
	test_stranger(&b);
	test_conflict(&b);
	test_duplicate(&b);
	test_two_queues(&b);
	test_closed(&b);
	test_agent(&b);
	test_machines(&b);
	test_merged(&b);
	test_again(&b);
	test_joining(&b);
	test_organisation(&b);
	settings_free(&b.settings);
	sign_close(&b.sign);
	store_close(&b.store);
	fix_remove(fix_dir);
	return tap_done();
}

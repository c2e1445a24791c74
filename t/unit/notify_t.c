/* t/unit/notify_t.c - who is told what: a table of facts, and what must hold of every combination */
#include "notify.h"
#include "arena.h"
#include "buf.h"
#include "tap.h"

#define ANN "ann@example.net"
#define BOB "bob@example.net"
#define CAT "cat@example.net"
#define NOBODY "noreply@example.net"
#define DESK "desk1@example.org"
#define DESK2 "desk2@example.org"

static const struct participant people[] = {
	{ANN, "Ann", ROLE_REQUESTER, 1, false},
	{BOB, "Bob", ROLE_PARTICIPANT, 1, false},
	{CAT, "Cat", ROLE_PARTICIPANT, 1, true},      /* wants no notices */
	{NOBODY, "", ROLE_PARTICIPANT, 1, false},
	{DESK2, "", ROLE_PARTICIPANT, 1, false},      /* an agent who was in Cc too */
};
static const struct ticket ticket = {
	.id = 10423, .prefix = "ACM", .participant = people, .n_participants = N_ELEMENTS(people)};
static const char *const agents[] = {"Desk1@Example.org", DESK2};

static struct notify_facts
facts(enum route_to to, const char *author)
{
	return (struct notify_facts){.to = to,
	                             .class = CLASS_HUMAN,
	                             .auth = AUTH_UNVERIFIED,
	                             .acknowledge = true,
	                             .acknowledge_unverified = true,
	                             .author = author,
	                             .author_name = "A name",
	                             .ticket = &ticket,
	                             .agents = agents,
	                             .n_agents = N_ELEMENTS(agents)};
}

/* "kind:address kind:address", those that are sent only. */
static const char *
told(struct arena *a, const struct notify_facts *f)
{
	struct notify_notice *notice = NULL;
	size_t n = 0;
	const char *text = "";

	notify_decide(a, f, &notice, &n);
	for (size_t i = 0; i < n; i++)
		if (notice[i].suppressed == NULL)
			text = arena_printf(a, "%s%s%s:%s", text, text[0] == '\0' ? "" : " ",
			                    notice_kind_name[notice[i].kind], notice[i].address);
	return text;
}

static void
test_others(struct arena *a)
{
	static const struct {
		enum route_to to;
		const char *author, *told, *what;
	} rows[] = {
		{ROUTE_COMMENT, ANN, "comment:" BOB " comment:" DESK2 " comment:Desk1@Example.org",
	         "the requester comments: the others, each once"},
		{ROUTE_COMMENT, BOB, "comment:" ANN " comment:" DESK2 " comment:Desk1@Example.org",
	         "a participant comments"},
		{ROUTE_COMMENT, DESK, "comment:" ANN " comment:" BOB " comment:" DESK2,
	         "an agent comments: not told himself, however his address is written in the settings"},
		{ROUTE_COMMENT, DESK2, "comment:" ANN " comment:" BOB " comment:Desk1@Example.org",
	         "an agent who is a participant comments"},
		{ROUTE_COMMENT, "eve@example.com",
	         "comment:" ANN " comment:" BOB " comment:" DESK2 " comment:Desk1@Example.org",
	         "somebody else with a signed id comments"},
		{ROUTE_COMMENT, "", "comment:" ANN " comment:" BOB " comment:" DESK2 " comment:Desk1@Example.org",
	         "a sender who could not be read comments"},
		{ROUTE_REOPEN, ANN, "reopened:" BOB " reopened:" DESK2 " reopened:Desk1@Example.org",
	         "reopened"},
		{ROUTE_STORE, ANN, "", "automatic mail tells nobody"},
		{ROUTE_NOTE, ANN, "", "a bounce tells nobody"},
		{ROUTE_HOLD, ANN, "", "a held mail tells nobody"},
		{ROUTE_HEIR, ANN, "", "nor does one that is decided again"},
	};

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct notify_facts f = facts(rows[i].to, rows[i].author);

		IS_STR(told(a, &f), rows[i].told, rows[i].what);
	}
}

/* Why the sender of a new request is not acknowledged, each reason alone. */
static void
test_acknowledgement(struct arena *a)
{
	struct notify_facts f = facts(ROUTE_NEW, ANN);

	IS_STR(told(a, &f), "acknowledgement:" ANN, "a new request is acknowledged");
	f = facts(ROUTE_NEW_LINKED, ANN);
	IS_STR(told(a, &f), "acknowledgement:" ANN, "one that names another's ticket too");
	f = facts(ROUTE_NEW, "");
	IS_STR(told(a, &f), "", "not a sender who could not be read");
	f = facts(ROUTE_NEW, ANN);
	f.null_sender = true;
	IS_STR(told(a, &f), "", "not the null sender");
	f = facts(ROUTE_NEW, ANN);
	f.quiet = true;
	IS_STR(told(a, &f), "", "not who asks for silence");
	f = facts(ROUTE_NEW, NOBODY);
	IS_STR(told(a, &f), "", "not where nobody reads");
	f = facts(ROUTE_NEW, ANN);
	f.auth = AUTH_FAILED;
	IS_STR(told(a, &f), "", "not a forged sender: the answer would hit somebody else");
	f = facts(ROUTE_NEW, ANN);
	f.acknowledge = false;
	IS_STR(told(a, &f), "", "not where the queue acknowledges nothing");
	f = facts(ROUTE_NEW, ANN);
	f.acknowledge_unverified = false;
	IS_STR(told(a, &f), "", "not an unverified sender where those are not answered");
	f.auth = AUTH_VERIFIED;
	IS_STR(told(a, &f), "acknowledgement:" ANN, "a verified one all the same");
	for (int class = CLASS_HUMAN + 1; class < CLASS_COUNT; class++) {
		f = facts(ROUTE_NEW, ANN);
		f.class = (enum mail_class)class;
		IS_STR(told(a, &f), "", "not a machine");
	}
}

/* The name in the sender's mail is the sender's text: only one who is proven gets it back. */
static void
test_name(struct arena *a)
{
	struct notify_facts f = facts(ROUTE_NEW, ANN);
	struct notify_notice *notice = NULL;
	size_t n = 0;

	notify_decide(a, &f, &notice, &n);
	IS_STR(n == 1 ? notice[0].name : NULL, "", "an unverified sender's name is not repeated");
	f.auth = AUTH_VERIFIED;
	notify_decide(a, &f, &notice, &n);
	IS_STR(n == 1 ? notice[0].name : NULL, "A name", "a verified one's is");
	f = facts(ROUTE_COMMENT, ANN);
	notify_decide(a, &f, &notice, &n);
	for (size_t i = 0; i < n; i++)
		IS_STR(notice[i].name, "", "nor is that of somebody from To or Cc");
}

/* Every suppressed row says why. */
static void
test_reasons(struct arena *a)
{
	struct notify_facts f = facts(ROUTE_COMMENT, ANN);
	struct notify_notice *notice = NULL;
	size_t n = 0, n_suppressed = 0, n_empty = 0;

	notify_decide(a, &f, &notice, &n);
	for (size_t i = 0; i < n; i++) {
		n_suppressed += notice[i].suppressed != NULL;
		n_empty += notice[i].suppressed != NULL && notice[i].suppressed[0] == '\0';
	}
	IS_INT(n_suppressed, 2, "who is muted and who cannot be written to stand there, with the reason");
	IS_INT(n_empty, 0, "in words");
}

/* ---- Over all combinations of the small facts. ---- */

struct survey {
	unsigned n, n_author, n_twice, n_machine_answered, n_null_answered, n_unanswerable;
};

static void
look_at(struct survey *s, struct arena *a, const struct notify_facts *f)
{
	struct notify_notice *notice = NULL;
	size_t n = 0;

	notify_decide(a, f, &notice, &n);
	s->n++;
	for (size_t i = 0; i < n; i++) {
		bool sent = notice[i].suppressed == NULL;
		bool answer = notice[i].kind == NOTICE_ACKNOWLEDGEMENT;

		s->n_author += sent && !answer && strcasecmp(notice[i].address, f->author) == 0;
		s->n_unanswerable += sent && !notify_answerable(notice[i].address);
		s->n_machine_answered += sent && answer && f->class != CLASS_HUMAN;
		s->n_null_answered += sent && answer && f->null_sender;
		for (size_t j = 0; j < i; j++)
			s->n_twice += strcasecmp(notice[i].address, notice[j].address) == 0;
	}
}

static void
test_product(struct arena *a)
{
	static const char *const authors[] = {"", ANN, BOB, CAT, NOBODY, DESK, DESK2, "eve@example.com"};
	struct survey s = {0};

	for (unsigned i = 0; i < N_ELEMENTS(authors) * ROUTE_COUNT; i++)
		for (unsigned j = 0; j < CLASS_COUNT * AUTH_COUNT * 16; j++) {
			struct notify_facts f = facts((enum route_to)(i % ROUTE_COUNT), authors[i / ROUTE_COUNT]);

			f.class = (enum mail_class)(j / 16 % CLASS_COUNT);
			f.auth = (enum sender_auth)(j / 16 / CLASS_COUNT);
			f.quiet = j & 1;
			f.null_sender = j & 2;
			f.acknowledge = j & 4;
			f.acknowledge_unverified = j & 8;
			look_at(&s, a, &f);
		}
	printf("# %u combinations\n", s.n);
	IS_INT(s.n_author, 0, "nobody is told of his own mail");
	IS_INT(s.n_twice, 0, "nobody is told twice");
	IS_INT(s.n_machine_answered, 0, "no machine is answered");
	IS_INT(s.n_null_answered, 0, "the null sender is never answered");
	IS_INT(s.n_unanswerable, 0, "no mail goes where nobody reads");
}

static void
test_many(struct arena *a)
{
	struct participant *p = arena_array(a, 1000, sizeof *p);
	struct ticket crowded = {.participant = p, .n_participants = 1000};
	struct notify_facts f = facts(ROUTE_COMMENT, ANN);
	struct notify_notice *notice = NULL;
	const char **crew = arena_array(a, 1000, sizeof *crew);
	size_t n = 0;

	for (size_t i = 0; i < 1000; i++) {
		crew[i] = arena_printf(a, "a%zu@example.org", i);
		p[i] = (struct participant){arena_printf(a, "p%zu@example.net", i), "", ROLE_PARTICIPANT, 1, false};
	}
	crowded.n_participants = 200;
	f.ticket = &crowded;
	f.agents = crew;
	f.n_agents = 1000;
	notify_decide(a, &f, &notice, &n);
	IS_INT(n, 1200, "as many as the settings allow are all told");
	OK(notice[n - 1].suppressed == NULL, "to the last");
	crowded.n_participants = 1000;
	notify_decide(a, &f, &notice, &n);
	IS_INT(n, NOTIFY_MAX, "a greater crowd is bounded");
	OK(notice[n - 1].suppressed != NULL && notice[n - 1].address[0] == '\0',
	   "and not in silence");
}

static void
test_answerable(void)
{
	static const struct {
		const char *address;
		bool fine;
	} rows[] = {
		{"ann@example.net", true},         {"Rooter@example.net", true},
		{"abuser@example.net", true},      {"bouncer@example.net", true},
		{"noreplying.ann@example.net", false}, /* a beginning: rather one answer too few */
		{"request@example.net", true},     {"owner@example.net", true},
		{"", false},                       {"ann", false},
		{"@example.net", false},           {"MAILER-DAEMON@example.net", false},
		{"mailer-daemon@example.net", false}, {"Postmaster@example.net", false},
		{"abuse@example.net", false},      {"root@example.net", false},
		{"noreply@example.net", false},    {"no-reply+x@example.net", false},
		{"No_Reply@example.net", false},   {"no.reply@example.net", false},
		{"donotreply@example.net", false}, {"do-not-reply@example.net", false},
		{"owner-list@example.net", false}, {"list-request@example.net", false},
		{"list-bounces@example.net", false}, {"bounces+ann=example.net@example.com", false},
		{"bounce-123@example.net", false}, {"prvs=0123=ann@example.net", false},
		{"SRS0=abcd=12=example.net=ann@example.com", false},
	};

	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		IS_INT(notify_answerable(rows[i].address), rows[i].fine, rows[i].address);
}

int
main(void)
{
	AUTO(arena) struct arena *a = arena_new();

	test_others(a);
	test_acknowledgement(a);
	test_name(a);
	test_reasons(a);
	test_product(a);
	test_many(a);
	test_answerable();
	return tap_done();
}

/* t/unit/filters_t.c - each filter: a table of (header, envelope) and what it must find */
#include "arena.h"
#include "chain.h"
#include "conf.h"
#include "filter.h"
#include "tap.h"

extern const struct filter filter_loop, filter_bounce, filter_report, filter_autoreply, filter_list,
	filter_sender, filter_daemon, filter_subject, filter_wording, filter_returned, filter_shape;

enum { FIELDS_MAX = 300 };

struct filter_case {
	const char *header;  /* lines; those that begin with '=' set a fact that the parser would find */
	const char *sender;  /* of the envelope */
	enum verdict verdict;
	enum mail_class class;
};

#define ANN "ann@example.net"
#define PASS VERDICT_PASS, CLASS_HUMAN
#define BOUNCE VERDICT_CLASS, CLASS_BOUNCE
#define DELAY VERDICT_CLASS, CLASS_DELAY
#define HINT(class) VERDICT_HINT, CLASS_##class
#define MACHINE VERDICT_CLASS, CLASS_AUTO
#define LIST VERDICT_CLASS, CLASS_LIST
#define OWN VERDICT_CLASS, CLASS_OWN
#define QUIET VERDICT_QUIET, CLASS_HUMAN

static const struct filter_case bounce_cases[] = {
	{"Subject: Printer on fire", ANN, PASS},
	{"", "", PASS},
	{"=report-type: delivery-status", ANN, BOUNCE},
	{"=report-type: Delivery-Status; x", ANN, BOUNCE},
	{"=report-type: delivery-status-not", ANN, PASS},
	{"=report-type: disposition-notification", ANN, PASS},
	{"=dsn: yes", ANN, BOUNCE},
	{"=dsn: yes\n=action: failed", ANN, BOUNCE},
	{"=dsn: yes\n=action: delayed", ANN, DELAY},
	{"=dsn: yes\n=action: delivered\n=action: relayed", ANN, DELAY},
	{"=dsn: yes\n=action: delayed\n=action: failed", ANN, BOUNCE},
	{"=dsn: yes\n=action: ", ANN, BOUNCE},
	{"=dsn: yes\n=action: expired", ANN, BOUNCE},
	{"X-Failed-Recipients: bob@example.net", ANN, BOUNCE},
	{"From: MAILER-DAEMON@example.net", "", BOUNCE},
	{"From: Mailer-Daemon@example.net\nSubject: Hello", ANN, PASS},
	{"From: mailer-daemon@example.net\nSubject: Returned mail: see transcript", ANN, BOUNCE},
	{"From: postmaster@example.net\nSubject: Undeliverable: Printer", ANN, BOUNCE},
	{"From: postmaster@example.net\nSubject: Our new rules", ANN, PASS},
	{"From: mailer-daemon-fan@example.net\nSubject: Undeliverable", ANN, PASS},
	{"Subject: Undeliverable: Printer", "", BOUNCE},
	{"Subject: UNDELIVERED MAIL returned to sender", "", BOUNCE},
	{"Subject: Unzustellbar: Drucker", "", BOUNCE},
	{"Subject: Undeliverable: Printer", ANN, PASS},
	{"Subject: Re: Undeliverable: Printer", "", PASS},
	{"Subject: Printer", "mailer-daemon@example.net", PASS},
	{"Subject: failure notice", "MAILER-DAEMON@example.net", BOUNCE},
};

static const struct filter_case report_cases[] = {
	{"Subject: Read: Printer", ANN, PASS},
	{"=report-type: disposition-notification", ANN, VERDICT_CLASS, CLASS_MDN},
	{"=report-type: feedback-report", ANN, VERDICT_CLASS, CLASS_REPORT},
	{"=part: message/feedback-report", ANN, VERDICT_CLASS, CLASS_REPORT},
	{"=part: message/disposition-notification", ANN, VERDICT_CLASS, CLASS_MDN},
	{"=report-type: delivery-status", ANN, PASS},
	{"=part: message/rfc822", ANN, PASS},
};

static const struct filter_case daemon_cases[] = {
	{"From: " ANN, ANN, PASS},
	{"From: " ANN, "", HINT(BOUNCE)},
	{"From: Mail-Daemon@example.net", ANN, HINT(BOUNCE)},
	{"From: post_master@example.net", ANN, HINT(BOUNCE)},
	{"From: postmasters-friend@example.net", ANN, PASS},
	{"=from-name: Mail Delivery Subsystem", ANN, HINT(BOUNCE)},
	{"=from-name: MAILER-DAEMON", ANN, HINT(BOUNCE)},
	{"=from-name: Ann Postmaster", ANN, PASS},
};

static const struct filter_case subject_cases[] = {
	{"Subject: Printer on fire", ANN, PASS},
	{"", ANN, PASS},
	{"Subject: Automatic reply: Printer", ANN, HINT(AUTO)},
	{"Subject: OUT-OF-OFFICE", ANN, HINT(AUTO)},
	{"Subject: Réponse automatique : Imprimante", ANN, HINT(AUTO)},
	{"Subject: RÉPONSE AUTOMATIQUE", ANN, HINT(AUTO)},
	{"Subject: Автоматический ответ: принтер", ANN, HINT(AUTO)},
	{"Subject: 自動返信", ANN, HINT(AUTO)},
	{"Subject: Printer, I am out of office", ANN, HINT(AUTO)},
	{"Subject: The smooothest printer", ANN, PASS},
	{"Subject: Undeliverable: Printer", ANN, HINT(BOUNCE)},
	{"Subject: Unzustellbar: Drucker", ANN, HINT(BOUNCE)},
	{"Subject: Re: Undeliverable: Printer", ANN, PASS},
	{"Subject: Fwd: Undelivered Mail Returned to Sender", ANN, PASS},
	{"Subject: WG: Unzustellbar: Drucker", ANN, PASS},
	{"Subject: Delivery delayed: Printer", ANN, HINT(DELAY)},
	{"Subject: Warning: could not send message for past 4 hours", ANN, HINT(DELAY)},
	{"Subject: Delivery Status Notification (Delay)", ANN, HINT(DELAY)},
	{"Subject: Gelesen: Drucker", ANN, HINT(MDN)},
	{"Subject: Reading: a hobby", ANN, PASS},
	{"Subject: complaint about message from 192.0.2.1", ANN, HINT(REPORT)},
};

static const struct filter_case wording_cases[] = {
	{"=text: The printer is on fire.", ANN, PASS},
	{"=text: I am currently out of the office.", ANN, HINT(AUTO)},
	{"=text: This message was generated automatically.", ANN, HINT(AUTO)},
	{"=text: Ich bin bis Montag im Urlaub.", ANN, HINT(AUTO)},
	{"=text: Мы в отпуске", ANN, HINT(AUTO)},
	{"=text: This is the mail system at host mx.example.net.", ANN, HINT(BOUNCE)},
	{"=text: Your message has not yet been delivered.", ANN, HINT(DELAY)},
	{"=text: My mail to Bob could not be delivered.", ANN, HINT(BOUNCE)},
	{"Subject: Re: x\n=text: My mail to Bob could not be delivered.", ANN, PASS},
	{"=text: Your message was read on Monday.", ANN, HINT(MDN)},
	{"=quote: 0\n=text: I am currently out of the office.", ANN, PASS},
};

static const struct filter_case returned_cases[] = {
	{"=text: The printer is on fire.", ANN, PASS},
	{"=part: message/rfc822", ANN, HINT(BOUNCE)},
	{"=part: text/rfc822-headers", ANN, HINT(BOUNCE)},
	{"Subject: Fwd: x\n=part: message/rfc822", ANN, PASS},
	{"=text: 550 5.1.1 no such user", ANN, HINT(BOUNCE)},
	{"=text: we paid 550 euros for 20 of them", ANN, PASS},
	{"=text: call 555 1234", ANN, PASS},
};

static const struct filter_case shape_cases[] = {
	{"From: " ANN, ANN, HINT(AUTO)},
	{"MIME-Version: 1.0", ANN, PASS},
	{"X-Mailer: x", ANN, PASS},
	{"MIME-Version: 1.0\n=in-reply-to: x@example.org", ANN, HINT(AUTO)},
	{"MIME-Version: 1.0\n=in-reply-to: x@example.org\n=quote: 0", ANN, PASS},
	{"User-Agent: x\n=in-reply-to: x@example.org", ANN, PASS},
};

static const struct filter_case autoreply_cases[] = {
	{"Subject: Printer on fire", ANN, PASS},
	{"Auto-Submitted: no", ANN, PASS},
	{"Auto-Submitted: NO", ANN, PASS},
	{"Auto-Submitted: No", ANN, PASS},
	{"Auto-Submitted:   no  ", ANN, PASS},
	{"Auto-Submitted: no; x", ANN, PASS},
	{"Auto-Submitted: no (not at all)", ANN, PASS},
	{"Auto-Submitted: no(not at all)", ANN, PASS},
	{"Auto-Submitted: \"no\"", ANN, PASS},
	{"auto-submitted: auto-replied", ANN, MACHINE},
	{"Auto-Submitted: auto-replied (vacation)", ANN, MACHINE},
	{"Auto-Submitted: auto-generated; type=zimbra", ANN, MACHINE},
	{"Auto-Submitted: auto-notified; owner-email=\"a@b\"", ANN, MACHINE},
	{"Auto-Submitted: AUTO-REPLIED", ANN, MACHINE},
	{"Auto-Submitted:", ANN, MACHINE},
	{"Auto-Submitted: not", ANN, MACHINE},
	{"Auto-Submitted: yes", ANN, MACHINE},
	{"Auto-Submitted: no\nAuto-Submitted: auto-replied", ANN, MACHINE},
	{"Auto-Submitted: auto-replied\nAuto-Submitted: no", ANN, MACHINE},
	{"X-Auto-Submitted: auto-replied", ANN, PASS},
	{"Precedence: bulk", ANN, MACHINE},
	{"Precedence: Bulk", ANN, MACHINE},
	{"Precedence: junk (really)", ANN, MACHINE},
	{"Precedence: auto_reply", ANN, MACHINE},
	{"X-Precedence: auto-reply", ANN, MACHINE},
	{"Precedence: first-class", ANN, PASS},
	{"Precedence: bulky", ANN, PASS},
	{"Precedence: list", ANN, PASS},
	{"Precedence:", ANN, PASS},
	{"X-Autoreply: yes", ANN, MACHINE},
	{"X-AutoReply-From: x", ANN, MACHINE},
	{"X-Autorespond:", ANN, MACHINE},
	{"X-Autoresponse: x", ANN, MACHINE},
	{"X-Mail-Autoreply: x", ANN, MACHINE},
	{"X-AG-Autoreply: x", ANN, MACHINE},
	{"X-Loop: x", ANN, MACHINE},
	{"X-No-Loop: x", ANN, MACHINE},
	{"X-Autogenerated: reply", ANN, MACHINE},
	{"X-Autogenerated: Forward", ANN, PASS},
	{"X-FC-Machinegenerated: true", ANN, MACHINE},
	{"X-FC-Machinegenerated: false", ANN, PASS},
	{"Delivered-To: Autoresponder", ANN, MACHINE},
	{"Delivered-To: support@example.org", ANN, PASS},
	{"X-AMAZON-MAIL-RELAY-TYPE: notification", ANN, MACHINE},
	{"X-Auto-Response-Suppress: All", ANN, PASS},
	{"X-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: x", ANN, MACHINE},
	{"X-Auto-Response-Suppress: OOF\nX-MS-Exchange-Inbox-Rules-Loop: x", ANN, PASS},
	{"Subject: Printer on fire", "", MACHINE},
};

static const struct filter_case list_cases[] = {
	{"Subject: Printer on fire", ANN, PASS},
	{"List-Id: <x.example.net>", ANN, LIST},
	{"LIST-ID: <x.example.net>", ANN, LIST},
	{"List-Unsubscribe: <mailto:x@example.net>", ANN, LIST},
	{"List-Post: NO", ANN, LIST},
	{"List-Id:", ANN, LIST},
	{"List-Price: 3", ANN, PASS},
	{"Mailing-List: x", ANN, LIST},
	{"X-BeenThere: x@example.net", ANN, LIST},
	{"Feedback-ID: x", ANN, LIST},
	{"Precedence: list", ANN, LIST},
	{"Precedence: List (x)", ANN, LIST},
	{"X-Precedence: list", ANN, LIST},
	{"Precedence: bulk", ANN, PASS},
};

static const struct filter_case sender_cases[] = {
	{"From: " ANN, ANN, PASS},
	{"", "", PASS},
	{"From: noreply@example.net", ANN, QUIET},
	{"From: No-Reply@example.net", ANN, QUIET},
	{"From: " ANN, "bounces+x@example.net", QUIET},
	{"From: " ANN, "x-bounces@example.net", QUIET},
	{"From: root@example.net", "root@example.net", QUIET},
	{"X-Auto-Response-Suppress: All", ANN, QUIET},
	{"X-Auto-Response-Suppress: DR, oof, AutoReply", ANN, QUIET},
	{"X-Auto-Response-Suppress: AutoReply", ANN, QUIET},
	{"X-Auto-Response-Suppress: DR, RN, NRN", ANN, PASS},
	{"X-Auto-Response-Suppress: None", ANN, PASS},
	{"X-Auto-Response-Suppress:", ANN, PASS},
};

/* The settings are instance=tickets.example.org, support@example.org, hops_max=3. */
static const struct filter_case loop_cases[] = {
	{"From: " ANN, ANN, PASS},
	{"X-Postern-Instance: tickets.example.org", ANN, OWN},
	{"x-postern-instance: Tickets.Example.ORG", ANN, OWN},
	{"X-Postern-Instance: other.example.org", ANN, PASS},
	{"X-Postern-Instance: other.example.org\nX-Postern-Instance: tickets.example.org", ANN, OWN},
	{"X-Postern-Instance:", ANN, PASS},
	{"Message-ID: acm-104231.1.aaaaaaaaaaaaa@tickets.example.org", ANN, OWN},
	{"Message-ID: acm-104231.1.aaaaaaaaaaaaa@other.example.org", ANN, PASS},
	{"Message-ID: x@tickets.example.org", ANN, PASS},
	{"In-Reply-To: acm-104231.1.aaaaaaaaaaaaa@tickets.example.org", ANN, PASS},
	{"From: support@example.org", ANN, OWN},
	{"From: support+acm-104231-x@example.org", ANN, OWN},
	{"From: SUPPORT@example.org", ANN, OWN},
	{"From: supporter@example.org", ANN, PASS},
	{"Received: a\nReceived: b\nReceived: c", ANN, PASS},
	{"Received: a\nReceived: b\nReceived: c\nReceived: d", ANN, OWN},
};

/* ---- A mail as the parser would give it, as far as filters look. ---- */

static void
add_action(struct arena *a, struct mail *m, const char *action)
{
	struct mail_dsn_rcpt *rcpt = arena_array(a, m->dsn.n_rcpt + 1, sizeof *rcpt);

	for (size_t i = 0; i < m->dsn.n_rcpt; i++)
		rcpt[i] = m->dsn.rcpt[i];
	rcpt[m->dsn.n_rcpt++].action = action;
	m->dsn.rcpt = rcpt;
}

static void
add_part(struct arena *a, struct mail *m, const char *type)
{
	struct mail_part *part = arena_alloc(a, sizeof *part);

	part->type = type;
	m->part = part;
	m->n_parts = 1;
}

/* The first line is quoted. */
static void
add_quote(struct arena *a, struct mail *m)
{
	struct mail_span *span = arena_alloc(a, sizeof *span);

	*span = (struct mail_span){.mark = MAIL_MARK_QUOTE};
	m->span = span;
	m->n_spans = 1;
}

static void
set_fact(struct arena *a, struct mail *m, const struct mail_field *f)
{
	if (strcmp(f->name, "=report-type") == 0)
		m->report_type = f->value;
	else if (strcmp(f->name, "=dsn") == 0)
		m->dsn.present = true;
	else if (strcmp(f->name, "=action") == 0)
		add_action(a, m, f->value);
	else if (strcmp(f->name, "=part") == 0)
		add_part(a, m, f->value);
	else if (strcmp(f->name, "=text") == 0)
		m->text = f->value;
	else if (strcmp(f->name, "=quote") == 0)
		add_quote(a, m);
	else if (strcmp(f->name, "=from-name") == 0)
		m->from_name = f->value;
	else if (strcmp(f->name, "=in-reply-to") == 0)
		m->n_in_reply_to = 1;
	else if (strcmp(f->name, "From") == 0)
		m->from_address = f->value;
	else if (strcmp(f->name, "Subject") == 0)
		m->subject = f->value;
	else if (strcmp(f->name, "Message-ID") == 0)
		m->message_id = f->value;
}

static struct mail *
make_mail(struct arena *a, const char *header)
{
	struct mail *m = arena_alloc(a, sizeof *m);
	struct mail_field *field = arena_array(a, FIELDS_MAX, sizeof *field);
	char *rest = NULL;

	*m = (struct mail){.subject = "", .message_id = "", .from_address = "", .from_name = "",
	                   .report_type = "", .text = "", .text_source = MAIL_TEXT_PLAIN, .field = field};
	for (char *line = strtok_r(arena_strdup(a, header), "\n", &rest); line != NULL && m->n_fields < FIELDS_MAX;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *value = strchr(line, ':');

		*value++ = '\0';
		value += strspn(value, " ");
		field[m->n_fields] = (struct mail_field){line, value};
		set_fact(a, m, &field[m->n_fields++]);
	}
	return m;
}

static void
test_filter(struct arena *a, const struct conf *conf, const struct filter *filter,
            const struct filter_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct filter_case *c = &cases[i];
		struct envelope_record envelope = {.sender = c->sender};
		struct filter_in in = {.arena = a, .mail = make_mail(a, c->header),
		                       .envelope = &envelope, .conf = conf, .now_s = 1700000000};
		struct finding f = filter->look(&in);
		char said[300];

		(void)snprintf(said, sizeof said, "%s: from <%s>, %s", filter->name, c->sender, c->header);
		for (char *p = said; *p != '\0'; p++)
			*p = *p == '\n' || *p == '#' ? '|' : *p;
		OK(f.verdict == c->verdict && f.class == c->class, said);
		if (c->verdict == VERDICT_HINT)
			OK(f.confidence > 0 && f.confidence <= 100, "with a confidence");
		if (c->verdict != VERDICT_PASS)
			OK(f.why != NULL && f.why[0] != '\0', "it says why");
	}
}

/* Together: the most certain one speaks first. */
static void
test_order(struct arena *a, const struct conf *conf)
{
	static const struct {
		const char *header, *sender;
		enum mail_class class;
		bool quiet;
	} rows[] = {
		{"From: " ANN "\nSubject: Printer", ANN, CLASS_HUMAN, false},
		{"From: support@example.org\n=report-type: delivery-status", "", CLASS_OWN, false},
		{"From: MAILER-DAEMON@example.net\nAuto-Submitted: auto-replied\n=report-type: delivery-status",
	         "", CLASS_BOUNCE, true},
		{"From: " ANN "\nAuto-Submitted: auto-replied\nList-Id: x", ANN, CLASS_AUTO, false},
		{"From: noreply@example.net\nList-Id: x", ANN, CLASS_LIST, true},
		{"From: noreply@example.net", ANN, CLASS_HUMAN, true},
		/* No header says so; hints together do. */
		{"Subject: Automatic reply: Printer\nX-Mailer: x", ANN, CLASS_AUTO, true},
		{"Subject: Printer\nMIME-Version: 1\n=in-reply-to: x\n=text: I am out of the office. "
	         "In urgent cases, write to Bob. This is an automatic message.",
	         ANN, CLASS_AUTO, true},
		{"Subject: Re: Printer\nMIME-Version: 1\n=in-reply-to: x\n=text: I am on vacation until "
	         "Monday.",
	         ANN, CLASS_HUMAN, true},
		{"Subject: Mail failure\n=text: User unknown: 550 5.1.1 bob@example.net", ANN, CLASS_BOUNCE,
	         true},
		{"=from-name: Mail Delivery System\nAuto-Submitted: auto-replied\nSubject: Warning: message "
	         "delayed 24 hours",
	         ANN, CLASS_DELAY, true},
		{"Auto-Submitted: auto-replied\nSubject: Printer\n=text: I am out of the office.", "",
	         CLASS_AUTO, true},
		/* People speak of such things, too. */
		{"Subject: Mail to Bob\nX-Mailer: x\n=text: My mail to Bob could not be delivered: user "
	         "unknown.",
	         ANN, CLASS_HUMAN, false},
		{"Subject: Printer\nX-Mailer: x\n=text: I will be out of the office from Monday.", ANN,
	         CLASS_HUMAN, false},
		{"Subject: Re: Printer\nMIME-Version: 1\n=text: Your automatic reply says that you are away.",
	         ANN, CLASS_HUMAN, false},
		{"Subject: Fwd: Undelivered Mail Returned to Sender\nMIME-Version: 1\n=part: "
	         "message/rfc822\n=text: See what came back, this is the mail system at host x.",
	         ANN, CLASS_HUMAN, false},
	};

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct envelope_record envelope = {.sender = rows[i].sender};
		struct filter_in in = {.arena = a, .mail = make_mail(a, rows[i].header),
		                       .envelope = &envelope, .conf = conf, .now_s = 1700000000};
		struct chain_result r = chain_ask(filter_order, &in);

		IS_INT(r.class, rows[i].class, "the class that the chain finds");
		IS_INT(r.quiet, rows[i].quiet, "and whether it may be answered");
		OK(!r.held && !r.deferred, "nothing else");
	}
}

#define TEST(name) test_filter(a, &conf, &filter_##name, name##_cases, N_ELEMENTS(name##_cases))

int
main(void)
{
	static const char *const said[] = {"instance=tickets.example.org", "hops_max=3",
	                                   "queue.support.address=Support@example.org",
	                                   "queue.support.prefix=ACM"};
	AUTO(arena) struct arena *a = arena_new();
	AUTO(settings) struct settings *settings = NULL;
	struct why why = {""};

	if (settings_load(NULL, said, N_ELEMENTS(said), &settings, &why) != SETTINGS_OK) {
		printf("Bail out! %s\n", why.text);
		return 1;
	}
	struct conf conf = {.settings = settings};
	TEST(loop);
	TEST(bounce);
	TEST(report);
	TEST(autoreply);
	TEST(list);
	TEST(sender);
	TEST(daemon);
	TEST(subject);
	TEST(wording);
	TEST(returned);
	TEST(shape);
	test_order(a, &conf);
	return tap_done();
}

/* t/unit/policy_t.c - requests of check_policy_service, split at every octet, and what is none */
#include "policy.h"
#include "tap.h"

#define HEAD "request=smtpd_access_policy\n"

/* As Postfix 3.7 sends it. */
static const char real[] =
	HEAD "protocol_state=RCPT\nprotocol_name=ESMTP\nclient_address=192.0.2.7\n"
	"client_name=mail.example.net\nclient_port=40404\nreverse_client_name=mail.example.net\n"
	"server_address=192.0.2.1\nserver_port=25\nhelo_name=mail.example.net\n"
	"sender=ann@example.net\nrecipient=support@example.org\nrecipient_count=0\nqueue_id=\n"
	"instance=1b2c.5f3e.0\nsize=1234\netrn_domain=\nstress=\nsasl_method=\nsasl_username=\n"
	"sasl_sender=\nccert_subject=\nccert_issuer=\nccert_fingerprint=\n"
	"ccert_pubkey_fingerprint=\nencryption_protocol=TLSv1.3\n"
	"encryption_cipher=TLS_AES_256_GCM_SHA384\nencryption_keysize=256\npolicy_context=\n\n";

static void
decide(void *self, const struct policy_request *r, struct buf *action_r)
{
	const char *rcpt = policy_value(r, "recipient");

	++*(unsigned *)self;
	if (rcpt == NULL)
		buf_text(action_r, "DEFER no recipient");
	else if (strcmp(rcpt, "gone@example.org") == 0)
		buf_text(action_r, "550 5.1.1 no such\naddress\r\n");
	else if (strcmp(rcpt, "long@example.org") == 0)
		for (int i = 0; i < 2000; i++)
			buf_text(action_r, "x");
	else if (rcpt[0] == '\0')
		buf_text(action_r, "empty");
	else if (strchr(rcpt, '=') != NULL)
		buf_printf(action_r, "FILTER %s", rcpt);
}

static bool
converse(const char *in, size_t n, size_t first, size_t step, struct buf *out)
{
	struct policy p = {.cut_off = false};
	unsigned n_asked = 0;
	struct policy_calls calls = {&n_asked, decide};
	bool going = true;

	for (size_t at = 0, next = first; at < n; at += next, next = step) {
		next = next < n - at ? next : n - at;
		going = policy_feed(&p, &calls, in + at, next, out);
	}
	policy_reset(&p);
	return going;
}

static void
try_splits(const char *what, const char *in, size_t n, const char *want, bool want_going)
{
	unsigned n_bad = 0;
	AUTO(buf) struct buf whole = {0};

	buf_text(&whole, "");
	OK(converse(in, n, n, n, &whole) == want_going, what);
	OK(strcmp(whole.octets, want) == 0, "its answer");
	if (strcmp(whole.octets, want) != 0)
		printf("# got %s\n", whole.octets);
	for (size_t first = 1; first < n; first++) {
		AUTO(buf) struct buf out = {0};

		buf_text(&out, "");
		n_bad += converse(in, n, first, n, &out) != want_going ||
		         strcmp(out.octets, whole.octets) != 0;
		buf_clear(&out);
		n_bad += converse(in, n, first, first, &out) != want_going ||
		         strcmp(out.octets, whole.octets) != 0;
	}
	IS_INT(n_bad, 0, "the same in every split");
}

#define TRY(what, in, want, going) try_splits(what, in, sizeof(in) - 1, want, going)

static void
test_answers(void)
{
	TRY("what Postfix sends", real, "action=DUNNO\n\n", true);
	TRY("a refusal is one line", HEAD "recipient=gone@example.org\n\n",
	    "action=550 5.1.1 no such address \n\n", true);
	TRY("no recipient", HEAD "\n", "action=DEFER no recipient\n\n", true);
	TRY("an empty one", HEAD "recipient=\n\n", "action=empty\n\n", true);
	TRY("a value with an equals sign", HEAD "recipient=a=b=c\n\n", "action=FILTER a=b=c\n\n",
	    true);
	TRY("the first of two counts", HEAD "recipient=gone@example.org\nrecipient=x\n\n",
	    "action=550 5.1.1 no such address \n\n", true);
	TRY("names are whole", HEAD "recipient_count=1\nxrecipient=a\n\n",
	    "action=DEFER no recipient\n\n", true);
	TRY("names have a case", HEAD "Recipient=a=b\n\n", "action=DEFER no recipient\n\n", true);
	TRY("names that nobody knows", HEAD "new_in_4_0=x\nrecipient=a=b\n\n",
	    "action=FILTER a=b\n\n", true);
	TRY("a control character", HEAD "recipient=a=\x01\n\n", "action=DEFER no recipient\n\n", true);
	TRY("a CR is one", HEAD "recipient=a=b\r\n\n", "action=DEFER no recipient\n\n", true);
	TRY("not UTF-8", HEAD "recipient=a=\xff\n\n", "action=DEFER no recipient\n\n", true);
	TRY("UTF-8", HEAD "recipient=a=\xc3\xa8\n\n", "action=FILTER a=\xc3\xa8\n\n", true);
	TRY("two at once", HEAD "recipient=\n\n" HEAD "recipient=a=b\n\n",
	    "action=empty\n\naction=FILTER a=b\n\n", true);
	TRY("nothing of the first is left", HEAD "recipient=a=b\n\n" HEAD "\n",
	    "action=FILTER a=b\n\naction=DEFER no recipient\n\n", true);
	TRY("one and a half", HEAD "recipient=\n\n" HEAD "recip", "action=empty\n\n", true);
}

static void
test_hostile(void)
{
	TRY("an empty request", "\n", "", false);
	TRY("no kind", "recipient=a\n\n", "", false);
	TRY("another kind", "request=smtpd_other\nrecipient=a\n\n", "", false);
	TRY("a longer kind", "request=smtpd_access_policy2\n\n", "", false);
	TRY("a line without =", HEAD "recipient\n\n", "", false);
	TRY("a line without a name", HEAD "=recipient\n\n", "", false);
	TRY("a NUL", HEAD "recipient=a\0b\n\n", "", false);
	TRY("a NUL in a name", "request=smtpd_access_policy\0=\n\n", "", false);
	TRY("HTTP", "GET / HTTP/1.0\r\n\r\n", "", false);
	TRY("CR LF line ends", "request=smtpd_access_policy\r\nrecipient=a\r\n\r\n", "", false);
	TRY("a request, then rubbish", HEAD "recipient=\n\nrubbish\n" HEAD "\n", "action=empty\n\n",
	    false);
}

/* A request of n lines of a name and n_value octets. */
static bool
try_size(unsigned n_lines, size_t n_value, bool whole)
{
	AUTO(buf) struct buf in = {0};
	AUTO(buf) struct buf out = {0};
	struct policy p = {.cut_off = false};
	unsigned n_asked = 0;
	struct policy_calls calls = {&n_asked, decide};

	buf_text(&in, HEAD);
	for (unsigned i = 1; i < n_lines; i++) {
		buf_text(&in, "a=");
		for (size_t j = 0; j < n_value; j++)
			buf_octet(&in, 'v');
		buf_octet(&in, '\n');
	}
	if (whole)
		buf_octet(&in, '\n');
	bool going = policy_feed(&p, &calls, in.octets, in.n, &out);
	OK(n_asked == (whole && going ? 1 : 0), "asked only when whole");
	OK(p.pending.room <= 4 * (size_t)POLICY_REQUEST_MAX_OCTETS, "little memory");
	policy_reset(&p);
	return going;
}

static void
test_limits(void)
{
	struct policy p = {.cut_off = false};
	unsigned n_asked = 0;
	struct policy_calls calls = {&n_asked, decide};
	AUTO(buf) struct buf out = {0};
	static const char question[] = HEAD "recipient=long@example.org\n\n";

	OK(try_size(POLICY_LINES_MAX, 1, true), "so many lines");
	OK(!try_size(POLICY_LINES_MAX + 1, 1, true), "not one more");
	OK(try_size(2, POLICY_LINE_MAX_OCTETS - 2, true), "so long a line");
	OK(!try_size(2, POLICY_LINE_MAX_OCTETS - 1, true), "not one octet more");
	OK(!try_size(2, 1000000, false), "nor one that never ends");
	OK(try_size(8, 4000, true), "so long a request");
	OK(!try_size(10, 4000, true), "not a much longer one");
	OK(policy_feed(&p, &calls, question, sizeof question - 1, &out), "a long answer");
	IS_INT(out.n, strlen("action=\n\n") + POLICY_ACTION_MAX_OCTETS, "is cut");
	OK(!policy_feed(&p, &calls, "x\n", 2, &out), "after rubbish");
	buf_clear(&out);
	OK(!policy_feed(&p, &calls, question, sizeof question - 1, &out), "nothing is heard");
	IS_INT(out.n, 0, "nor answered");
	policy_reset(&p);
	OK(policy_feed(&p, &calls, question, sizeof question - 1, &out), "until the next one");
	IS_INT(n_asked, 2, "which is asked");
	policy_reset(&p);
}

int
main(void)
{
	test_answers();
	test_hostile();
	test_limits();
	return tap_done();
}

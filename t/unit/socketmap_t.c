/* t/unit/socketmap_t.c - Postfix's questions, split at every octet, and octets that are no question */
#include "socketmap.h"
#include "tap.h"

struct asked {
	unsigned n;
	char name[64], key[SOCKETMAP_REQUEST_MAX_OCTETS];
};

static enum socketmap_answer
look_up(void *self, const char *name, const char *key, struct buf *text_r)
{
	struct asked *a = self;

	a->n++;
	(void)snprintf(a->name, sizeof a->name, "%s", name);
	(void)snprintf(a->key, sizeof a->key, "%s", key);
	if (strcmp(key, "support@example.org") == 0)
		buf_text(text_r, "ok");
	else if (strcmp(key, "empty") == 0)
		return SOCKETMAP_FOUND;
	else if (strcmp(key, "away") == 0) {
		buf_text(text_r, "no\nstore\r\n");
		return SOCKETMAP_TEMPORARY;
	} else if (strcmp(key, "slow") == 0)
		return SOCKETMAP_TIMEOUT;
	else if (strcmp(key, "bad") == 0) {
		buf_text(text_r, "what?");
		return SOCKETMAP_PERMANENT;
	} else if (strcmp(key, "long") == 0) {
		for (int i = 0; i < 9000; i++)
			buf_text(text_r, "\xc3\xa8");
	} else
		return SOCKETMAP_NOT_FOUND;
	return SOCKETMAP_FOUND;
}

/* Feed a conversation in pieces of step octets, the first of them of first octets. */
static bool
converse(const char *in, size_t n, size_t first, size_t step, struct buf *out)
{
	struct socketmap s = {.cut_off = false};
	struct asked asked = {.n = 0};
	struct socketmap_calls calls = {&asked, look_up};
	bool going = true;

	for (size_t at = 0, next = first; at < n; at += next, next = step) {
		next = next < n - at ? next : n - at;
		going = socketmap_feed(&s, &calls, in + at, next, out);
	}
	socketmap_reset(&s);
	return going;
}

static void
try_splits(const char *what, const char *in, size_t n, const char *want, bool want_going)
{
	unsigned n_bad = 0;
	AUTO(buf) struct buf whole = {0};
	char name[80];

	for (size_t i = 0; i <= n && i < sizeof name - 1; i++) {
		name[i] = what[i] >= ' ' && what[i] < 0x7f ? what[i] : '.';
		name[i + 1] = '\0';
	}
	buf_text(&whole, "");
	OK(converse(in, n, n, n, &whole) == want_going, name);
	IS_STR(whole.octets, want, want);
	for (size_t first = 1; first < n && first < 200; first++) {
		AUTO(buf) struct buf out = {0};

		buf_text(&out, "");
		n_bad += converse(in, n, first, n, &out) != want_going || out.n != whole.n ||
		         memcmp(out.octets, whole.octets, out.n) != 0;
	}
	for (size_t step = 1; step < 8; step++) {
		AUTO(buf) struct buf out = {0};

		buf_text(&out, "");
		n_bad += converse(in, n, step, step, &out) != want_going || out.n != whole.n ||
		         memcmp(out.octets, whole.octets, out.n) != 0;
	}
	IS_INT(n_bad, 0, "the same in every split");
}

#define TRY(in, want, going) try_splits(in, in, sizeof(in) - 1, want, going)

static void
test_answers(void)
{
	TRY("24:rcpt support@example.org,", "5:OK ok,", true);
	TRY("24:rcpt nothere@example.org,", "9:NOTFOUND ,", true);
	TRY("24:rcpt support @example.or,", "9:NOTFOUND ,", true);
	TRY("10:rcpt empty,", "5:OK OK,", true);
	TRY("9:rcpt away,", "14:TEMP no store ,", true);
	TRY("9:rcpt slow,", "8:TIMEOUT ,", true);
	TRY("8:rcpt bad,", "10:PERM what?,", true);
	TRY("9:rcpt slow,8:rcpt bad,10:rcpt empty,", "8:TIMEOUT ,10:PERM what?,5:OK OK,", true);
	TRY("3:a b,", "9:NOTFOUND ,", true);
	TRY("2:a ,", "9:NOTFOUND ,", true);
	TRY("6:rcpt \0,", "9:NOTFOUND ,", true);
	TRY("9:rcpt a\r\nb,", "9:NOTFOUND ,", true);
	TRY("7:rcpt \xff\xc3,", "9:NOTFOUND ,", true);
	TRY("6:rcpt \x7f,", "9:NOTFOUND ,", true);
	TRY("9:rcpt slow,9:rcpt s", "8:TIMEOUT ,", true);
}

static void
test_hostile(void)
{
	TRY("0:,", "", false);
	TRY("1: ,", "", false);
	TRY("5: rcpt,", "", false);
	TRY("4:rcpt,", "", false);
	TRY("9:rcpt slow;", "", false);
	TRY("9:rcpt slow1,", "", false);
	TRY("09:rcpt slow,", "", false);
	TRY("00:,", "", false);
	TRY(":rcpt slow,", "", false);
	TRY(",", "", false);
	TRY("-9:rcpt slow,", "", false);
	TRY("+9:rcpt slow,", "", false);
	TRY(" 9:rcpt slow,", "", false);
	TRY("9 :rcpt slow,", "", false);
	TRY("0x9:rcpt slow,", "", false);
	TRY("4097:", "", false);
	TRY("9999:", "", false);
	TRY("10000", "", false);
	TRY("99999999999999999999999999999999", "", false);
	TRY("18446744073709551625:rcpt slow,", "", false);
	TRY("GET / HTTP/1.0\r\n\r\n", "", false);
	TRY("\0\0\0\11rcpt slow", "", false);
	TRY("9:rcpt slow,x9:rcpt slow,", "8:TIMEOUT ,", false);
	TRY("9:rcpt slow,9:rcpt slow", "8:TIMEOUT ,", true);
}

/* What is asked, and how long question and answer may be. */
static void
test_limits(void)
{
	struct socketmap s = {.cut_off = false};
	struct asked asked = {.n = 0};
	struct socketmap_calls calls = {&asked, look_up};
	AUTO(buf) struct buf in = {0};
	AUTO(buf) struct buf out = {0};

	OK(socketmap_feed(&s, &calls, "15:queue \"a b\"@c.d,", 19, &out), "a key may hold spaces");
	IS_STR(asked.name, "queue", "the name ends at the first");
	IS_STR(asked.key, "\"a b\"@c.d", "the key is the rest");
	buf_clear(&out);
	buf_printf(&in, "%d:rcpt ", SOCKETMAP_REQUEST_MAX_OCTETS);
	for (int i = 5; i < SOCKETMAP_REQUEST_MAX_OCTETS; i++)
		buf_octet(&in, 'k');
	buf_octet(&in, ',');
	OK(socketmap_feed(&s, &calls, in.octets, in.n, &out), "the longest key");
	IS_INT(strlen(asked.key), SOCKETMAP_REQUEST_MAX_OCTETS - 5, "comes whole");
	IS_STR(out.octets, "9:NOTFOUND ,", "and is answered");
	IS_INT(s.pending.n, 0, "nothing stays");
	buf_clear(&out);
	OK(socketmap_feed(&s, &calls, "9:rcpt long,", 12, &out), "a long answer");
	IS_INT(out.n, strlen("503:OK ,") + SOCKETMAP_TEXT_MAX_OCTETS, "is cut");
	OK(strncmp(out.octets, "503:OK ", 7) == 0, "and its length is right");
	buf_clear(&in);
	buf_clear(&out);
	asked.n = 0;
	for (int i = 0; i < 20000; i++)
		buf_text(&in, "2:a ,3:a b,");
	OK(socketmap_feed(&s, &calls, in.octets, in.n, &out), "very many at once");
	IS_INT(asked.n, 20000, "each is asked");
	OK(s.pending.room < 4 * SOCKETMAP_REQUEST_MAX_OCTETS, "in little room");
	OK(!socketmap_feed(&s, &calls, "x", 1, &out), "after rubbish");
	buf_clear(&out);
	OK(!socketmap_feed(&s, &calls, "9:rcpt slow,", 12, &out), "nothing is heard");
	IS_INT(out.n, 0, "nor answered");
	socketmap_reset(&s);
	OK(socketmap_feed(&s, &calls, "9:rcpt slow,", 12, &out), "until the next conversation");
	socketmap_reset(&s);
}

int
main(void)
{
	test_answers();
	test_hostile();
	test_limits();
	return tap_done();
}

/* t/unit/spf_check_t.c - checks over a table of DNS records: limits, errors, names, and libspf2's answers against
 * a walk of our own */
#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "spf_check.h"
#include "tap.h"
#include "text.h"
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdlib.h>

enum { ROWS_MOST = 200, N_WALKS = 4000, TERMS = 12, N_SHAKEN = 4000, MINUTE_MS = 60000 };

/* A record of the DNS. text NULL: asking for it fails. */
struct row {
	char name[80];
	enum dns_type type;
	char text[600];
	bool fails;
};

/* A DNS. */
struct zone {
	struct row row[ROWS_MOST];
	size_t n;
	unsigned n_asked;
};

static struct zone zone;
static struct spf_lib *lib;

static struct row *PRINTF_LIKE(3, 4)
add(const char *name, enum dns_type type, const char *fmt, ...)
{
	struct row *r = &zone.row[zone.n++];
	va_list args;

	*r = (struct row){.type = type};
	(void)snprintf(r->name, sizeof r->name, "%s", name);
	va_start(args, fmt);
	(void)vsnprintf(r->text, sizeof r->text, fmt, args);
	va_end(args);
	return r;
}

static struct dns_record
record_of(struct arena *a, const struct row *r)
{
	char octets[16];

	if (r->type != DNS_A && r->type != DNS_AAAA)
		return (struct dns_record){arena_strdup(a, r->text), strlen(r->text)};
	(void)inet_pton(r->type == DNS_A ? AF_INET : AF_INET6, r->text, octets);
	size_t n = r->type == DNS_A ? 4 : 16;
	return (struct dns_record){arena_memdup(a, octets, n), n};
}

static enum dns_err
ask_zone(void *arg, struct arena *a, const struct dns_question *q, struct dns_answer *answer_r,
         struct why *why)
{
	struct dns_record *record = arena_array(a, ROWS_MOST, sizeof *record);
	size_t n = 0;

	(void)arg;
	zone.n_asked++;
	for (size_t i = 0; i < zone.n; i++) {
		const struct row *r = &zone.row[i];
		if (r->type != q->type || !text_same(r->name, q->name))
			continue;
		if (r->fails) {
			why_set(why, "told to fail");
			return DNS_FAILED;
		}
		record[n++] = record_of(a, r);
	}
	*answer_r = (struct dns_answer){record, n, 60};
	return n > 0 ? DNS_OK : DNS_VOID;
}

static enum spf_result
check_at(const char *address, const char *sender, int64_t left_ms, struct spf_answer *answer_r)
{
	static struct arena *a;
	const struct dns_source dns = {ask_zone, NULL};
	struct spf_query q = {address, "helo.example.org", sender};

	arena_free(&a);
	a = arena_new();
	zone.n_asked = 0;
	spf_check(lib, &dns, a, &q, clock_mono_ms() + left_ms, answer_r);
	if (sender[0] == '\0')
		arena_free(&a);
	return answer_r->result;
}

/* One record for a@example.org, and what it says about 192.0.2.1. */
static void
is_result(const char *record, enum spf_result want, const char *words)
{
	struct spf_answer answer;

	size_t n = zone.n;
	(void)add("example.org", DNS_TXT, "%s", record);
	enum spf_result got = check_at("192.0.2.1", "a@example.org", MINUTE_MS, &answer);
	zone.n = n;
	IS_STR(spf_result_name(got), spf_result_name(want), record);
	if (words != NULL && strstr(answer.explanation, words) == NULL)
		IS_STR(answer.explanation, words, "... words");
}

static void
make_zone(void)
{
	zone.n = 0;
	(void)add("host.example.org", DNS_A, "192.0.2.1");
	(void)add("other.example.org", DNS_A, "198.51.100.1");
	add("dead.example.org", DNS_A, " ")->fails = true;
	add("dead.example.org", DNS_TXT, " ")->fails = true;
	add("dead.example.org", DNS_MX, " ")->fails = true;
	(void)add("mx.example.org", DNS_MX, "dead.example.org");
	(void)add("null.example.org", DNS_MX, "%s", "");
	(void)add("pass.example.org", DNS_TXT, "v=spf1 +all");
	(void)add("fail.example.org", DNS_TXT, "v=spf1 -all");
	(void)add("soft.example.org", DNS_TXT, "v=spf1 ~all");
	(void)add("bad.example.org", DNS_TXT, "v=spf1 +all moo");
	(void)add("inc.example.org", DNS_TXT, "v=spf1 a:other.example.org a:other.example.org");
	(void)add("1.2.0.192.in-addr.arpa", DNS_PTR, "dead.example.org");
	(void)add("1.2.0.192.in-addr.arpa", DNS_PTR, "host.example.org");
	(void)add("host.example.org.p.example.org", DNS_A, "127.0.0.2");
}

static void
test_errors(void)
{
	is_result("v=spf1 a:host.example.org -all", SPF_PASS, "192.0.2.1");
	is_result("v=spf1 a:dead.example.org +all", SPF_TEMPERROR, "told to fail");
	is_result("v=spf1 mx:dead.example.org +all", SPF_TEMPERROR, "MX of dead.example.org");
	is_result("v=spf1 mx:mx.example.org +all", SPF_TEMPERROR, "A of dead.example.org");
	is_result("v=spf1 exists:dead.example.org +all", SPF_TEMPERROR, NULL);
	is_result("v=spf1 include:dead.example.org +all", SPF_TEMPERROR, NULL);
	is_result("v=spf1 redirect=dead.example.org", SPF_TEMPERROR, NULL);
	is_result("v=spf1 include:bad.example.org +all", SPF_PERMERROR, "moo");
	is_result("v=spf1 include:host.example.org +all", SPF_PERMERROR, "no SPF record");
	is_result("v=spf1 redirect=nowhere.example.org", SPF_PERMERROR, "no SPF record");
	is_result("v=spf1 include:a..example.org +all", SPF_PERMERROR, NULL);
	is_result("v=spf1 ip4:192.0.2.1 a:dead.example.org", SPF_PASS, NULL);
	is_result("v=spf1 mx:null.example.org -all", SPF_FAIL, NULL);
	is_result("v=spf1 ptr:example.org -all", SPF_PASS, NULL);
	is_result("v=spf1 ptr:ample.org -all", SPF_FAIL, NULL);
	is_result("v=spf1 exists:%{p}.p.example.org -all", SPF_PASS, NULL);
	is_result("v=spf1 include:pass.example.org -all", SPF_PASS, NULL);
	is_result("v=spf1 -include:pass.example.org +all", SPF_FAIL, NULL);
	is_result("v=spf1 include:fail.example.org ~all", SPF_SOFTFAIL, NULL);
	is_result("v=spf1 include:soft.example.org", SPF_NEUTRAL, NULL);
	is_result("v=spf1 redirect=soft.example.org", SPF_SOFTFAIL, NULL);
	is_result("v=spf1 redirect=example.org", SPF_PERMERROR, "more than 10 terms");
	is_result("v=spf1 include:example.org +all", SPF_PERMERROR, "more than 10 terms");
}

static void
test_limits(void)
{
	struct spf_answer answer;

	is_result("v=spf1 a:other.example.org a:other.example.org a:other.example.org "
	          "a:other.example.org a:other.example.org a:other.example.org a:other.example.org "
	          "include:inc.example.org +all",
	          SPF_PASS, NULL);
	is_result("v=spf1 a:other.example.org a:other.example.org a:other.example.org "
	          "a:other.example.org a:other.example.org a:other.example.org a:other.example.org "
	          "include:inc.example.org a:other.example.org +all",
	          SPF_PERMERROR, "more than 10 terms");
	is_result("v=spf1 a:x.example.org exists:y.example.org +all", SPF_PASS, NULL);
	is_result("v=spf1 a:x.example.org exists:y.example.org mx:z.example.org +all", SPF_PERMERROR,
	          "found nothing");
	is_result("v=spf1 a:x.example.org a:x.example.org a:x.example.org +all", SPF_PERMERROR,
	          "found nothing");
	is_result("v=spf1 a:x..org a:x..org a:x..org -all", SPF_PERMERROR, NULL);

	size_t n = zone.n;
	for (int i = 0; i < 11; i++)
		(void)add("many.example.org", DNS_MX, "host.example.org");
	is_result("v=spf1 mx:many.example.org -all", SPF_PERMERROR, "more than 10 MX");
	zone.n--;
	is_result("v=spf1 mx:many.example.org -all", SPF_PASS, NULL);
	zone.n = n;
	for (int i = 0; i < 30; i++) {
		char name[80];
		(void)snprintf(name, sizeof name, "m%d.example.org", i / 10);
		(void)add(name, DNS_MX, "h%d.example.org", i);
	}
	is_result("v=spf1 mx:m0.example.org mx:m1.example.org +all", SPF_PERMERROR, "20 questions");
	OK(zone.n_asked == SPF_CHECK_QUESTIONS_MOST, "... and no more were asked");
	zone.n = n;

	(void)add("example.org", DNS_TXT, "v=spf1 +all");
	IS_INT(check_at("192.0.2.1", "a@example.org", 0, &answer), SPF_TEMPERROR, "no time left");
	IS_INT(zone.n_asked, 0, "... nothing asked");
	IS_INT(check_at("127.0.0.1", "a@example.org", MINUTE_MS, &answer), SPF_NONE, "loopback");
	IS_INT(check_at("192.0.2.1", "a@example.org", MINUTE_MS, &answer), SPF_PASS, "with time");
	OK(answer.n_lookups == 0 && answer.n_void == 0, "... no terms counted");
	zone.n = n;
}

/* ---- against a walk of our own ---- */

/* Whether the first bits of two IPv4 addresses are the same. */
static bool
is_in4(uint32_t a, uint32_t b, unsigned n_bits)
{
	return n_bits == 0 || (a ^ b) >> (32 - n_bits) == 0;
}

static uint32_t
near(void)
{
	return 0xc0000200U ^ (1U << (random() % 32)) ^ (random() % 2 ? 1U << (random() % 32) : 0);
}

static void
test_walks(void)
{
	static const char qualifiers[] = "+-~?";
	static const enum spf_result results[] = {SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_NEUTRAL};
	int n_wrong = 0, n_passes = 0;
	size_t n = zone.n;

	srandom(4408);
	for (int i = 0; i < N_WALKS; i++) {
		AUTO(buf) struct buf record = {0};
		struct spf_answer answer;
		enum spf_result want = SPF_NEUTRAL;
		bool is_decided = false;
		buf_text(&record, "v=spf1");
		for (int k = 0, n_a = 0; k < TERMS; k++) {
			uint32_t address = near();
			unsigned bits = (unsigned)random() % 33, q = (unsigned)random() % 4;
			struct in_addr in = {htonl(address)};
			char host[80];
			if (random() % 3 == 0 && n_a < 8) {
				(void)snprintf(host, sizeof host, "h%d.example.org", n_a++);
				(void)add(host, DNS_A, "%s", inet_ntoa(in));
				buf_printf(&record, " %ca:%s/%u", qualifiers[q], host, bits);
			} else {
				buf_printf(&record, " %cip4:%s/%u", qualifiers[q], inet_ntoa(in), bits);
			}
			if (!is_decided && is_in4(address, 0xc0000201U, bits)) {
				want = results[q];
				is_decided = true;
			}
		}
		(void)add("example.org", DNS_TXT, "%s", record.octets);
		n_wrong += check_at("192.0.2.1", "a@example.org", MINUTE_MS, &answer) != want;
		n_passes += want == SPF_PASS;
		zone.n = n;
	}
	IS_INT(n_wrong, 0, "records of networks and hosts, as we walk them");
	OK(n_passes > N_WALKS / 20, "... many of them passes");
}

/* Records of random pieces: the library lives (the sanitizers watch), and every answer is one. */
static void
test_shaken(void)
{
	static const char *const pieces[] = {
		" ", "a", "mx", "ptr", "include:", "exists:", "ip4:", "ip6:", "all", "redirect=", "exp=",
		"%{", "}", "%{d}", "%{s}", "%{L9r+-}", "%{p}", "%{h}", "/", "//", "24", "0", "128", ":", "=",
		".example.org", "pass.example.org", "host.example.org", "192.0.2.1", "2001:db8::1", "&0",
		"&1", "+", "-", "~", "?", "\x80", "\t", " -all", " a ", " mx:mx.example.org ",
	};
	size_t n = zone.n;
	int n_odd = 0;

	srandom(7208);
	for (int i = 0; i < N_SHAKEN; i++) {
		AUTO(buf) struct buf record = {0};
		struct spf_answer answer;
		buf_text(&record, "v=spf1 ");
		for (long k = random() % 12; k >= 0; k--)
			buf_text(&record, pieces[(size_t)random() % N_ELEMENTS(pieces)]);
		(void)add("example.org", DNS_TXT, "%s", record.octets);
		enum spf_result got = check_at(i % 2 ? "192.0.2.1" : "2001:db8::1",
		                               "~\x81&'a@example.org", MINUTE_MS, &answer);
		n_odd += got == SPF_NONE || strstr(answer.explanation, "libspf2") != NULL;
		zone.n = n;
	}
	IS_INT(n_odd, 0, "records of random pieces");
}

int
main(void)
{
	struct spf_answer answer;

	lib = spf_lib_new();
	make_zone();
	test_errors();
	test_limits();
	test_walks();
	test_shaken();
	IS_INT(check_at("192.0.2.1", "", MINUTE_MS, &answer), SPF_NONE, "a HELO name without a record");
	return tap_done();
}

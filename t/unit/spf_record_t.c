/* t/unit/spf_record_t.c - the grammar of RFC 7208 12, the expansion of macros, and the plan for libspf2 */
#include "arena.h"
#include "buf.h"
#include "spf_client.h"
#include "spf_macro.h"
#include "spf_plan.h"
#include "spf_record.h"
#include "tap.h"

/* ---- grammar ---- */

static const char *const good[] = {
	"v=spf1",
	"v=spf1 ",
	"V=SPF1   a   -ALL  ",
	"v=spf1 +a -mx ~ptr ?exists:%{d}",
	"v=spf1 a:example.org/24//64 mx/0 mx//0 a/32//128",
	"v=spf1 a:foo:bar/baz.example.org a:%{d}/24",
	"v=spf1 ip4:0.0.0.0/0 ip4:255.255.255.255 ip6:::/0 ip6:2001:db8::1/128 ip6:::ffff:1.2.3.4",
	"v=spf1 include:%{ir}.%{v}._spf.%{d2} redirect=%{d1r+-,/_=}.example.org",
	"v=spf1 exists:%{L5R.}.example.org. exp=a.example.xn--zckzah",
	"v=spf1 a:%%.example.org a:%_x.example.a-b a:x%-",
	"v=spf1 moo.cow-far_out=man:dog/cat x= redirect=a.b exp=c.d e=%{s}",
	"v=spf1 redirect=a.b all",
};

static const char *const bad[] = {
	"v=spf1 moo", "v=spf1 =all", "v=spf1 1up=foo", "v=spf1 -", "v=spf1 -redirect=a.b", "v=spf1 +x=y",
	"v=spf1 all:a.b", "v=spf1 all/8", "v=spf1 all.", "v=spf1 --all", "v=spf1 a:", "v=spf1 a:museum",
	"v=spf1 a:museum.", "v=spf1 a:a.123", "v=spf1 a:1.2.3.4", "v=spf1 a:a.-b", "v=spf1 a:a.b-",
	"v=spf1 a:a.b_c", "v=spf1 a:a.b..", "v=spf1 a/33", "v=spf1 a//129", "v=spf1 a/24/64", "v=spf1 a/",
	"v=spf1 a//", "v=spf1 a/024", "v=spf1 a/00", "v=spf1 a/1000", "v=spf1 a/99999999999999999999",
	"v=spf1 a:a.b/24/", "v=spf1 a:/24", "v=spf1 a24", "v=spf1 ptr/0", "v=spf1 ptr:", "v=spf1 include",
	"v=spf1 include:", "v=spf1 include:a.b/24", "v=spf1 exists", "v=spf1 exists:a.b/8", "v=spf1 ip4",
	"v=spf1 ip4:", "v=spf1 ip4:1.2.3", "v=spf1 ip4:1.2.3.04", "v=spf1 ip4:1.2.3.4/33",
	"v=spf1 ip4:1.2.3.4/032", "v=spf1 ip4:1.2.3.4//32", "v=spf1 ip4:1.2.3.4:25", "v=spf1 ip4:1.2.3.4/",
	"v=spf1 ip4:a.b", "v=spf1 ip6", "v=spf1 ip6::::", "v=spf1 ip6:::1/129", "v=spf1 ip6:::1//64",
	"v=spf1 ip6:fe80::1%eth0", "v=spf1 ip6:1.2.3.4", "v=spf1 redirect=", "v=spf1 redirect:a.b",
	"v=spf1 redirect=a.b redirect=a.b", "v=spf1 exp=a.b exp=c.d", "v=spf1 exp=", "v=spf1 exp=-all",
	"v=spf1 a:%{x}", "v=spf1 a:%{c}", "v=spf1 a:%{d", "v=spf1 a:%{d0}", "v=spf1 a:%{d1x}", "v=spf1 a:%",
	"v=spf1 a:%a.b", "v=spf1 a:%{}", "v=spf1 x=%", "v=spf1 x=%{t}", "v=spf1\ta", "v=spf1 a\r",
	"v=spf1 a:\xc3\xa4.de", "v=spf1 \x80", "v=spf1 a:%{d}foo",
};

static void
test_grammar(void)
{
	for (size_t i = 0; i < N_ELEMENTS(good); i++) {
		AUTO(arena) struct arena *a = arena_new();
		struct spf_record r;
		struct why why = {""};
		IS_INT(spf_record_parse(a, good[i], strlen(good[i]), &r, &why), SPF_RECORD_OK, good[i]);
		IS_STR(why.text, "", "... without a complaint");
	}
	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		AUTO(arena) struct arena *a = arena_new();
		struct spf_record r;
		struct why why = {""};
		OK(spf_record_parse(a, bad[i], strlen(bad[i]), &r, &why) == SPF_RECORD_MALFORMED &&
		           why.text[0] != '\0',
		   "malformed");
		printf("# %s\n", why.text);
	}
}

static void
test_octets(void)
{
	static const char with_nul[] = "v=spf1 a:foo.example.org\0.x";
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf big = {0};
	struct spf_record r;

	OK(spf_record_parse(a, with_nul, sizeof with_nul - 1, &r, NULL) == SPF_RECORD_MALFORMED,
	   "a NUL is not the end");
	OK(spf_record_parse(a, "v=spf1 ip4:1.2.3.4\0", 19, &r, NULL) == SPF_RECORD_MALFORMED,
	   "nor in an address");
	buf_text(&big, "v=spf1");
	while (big.n < SPF_RECORD_MOST_OCTETS)
		buf_text(&big, " a");
	OK(spf_record_parse(a, big.octets, SPF_RECORD_MOST_OCTETS, &r, NULL) == SPF_RECORD_OK &&
	           r.n == (SPF_RECORD_MOST_OCTETS - 6) / 2,
	   "as many terms as fit");
	buf_text(&big, " ");
	OK(spf_record_parse(a, big.octets, SPF_RECORD_MOST_OCTETS + 1, &r, NULL) ==
	           SPF_RECORD_MALFORMED,
	   "one octet more is too long");
	OK(spf_record_is("v=spf1", 6) && spf_record_is("v=SPF1 x", 8), "records");
	OK(!spf_record_is("v=spf10", 7) && !spf_record_is("v=spf1\ta", 8) && !spf_record_is("v=spf", 5) &&
	           !spf_record_is("", 0) && !spf_record_is(" v=spf1", 7),
	   "other texts");
}

/* ---- macros ---- */

static const char *
validated(void *arg, const char *domain)
{
	(void)domain;
	return arg;
}

static void
test_macros(void)
{
	/* The examples of RFC 7208 7.4, and some of our own. */
	static const char *const cases[][2] = {
		{"%{s}", "strong-bad@email.example.com"},
		{"%{o}", "email.example.com"},
		{"%{d}", "email.example.com"},
		{"%{d4}", "email.example.com"},
		{"%{d3}", "email.example.com"},
		{"%{d2}", "example.com"},
		{"%{d1}", "com"},
		{"%{dr}", "com.example.email"},
		{"%{d2r}", "example.email"},
		{"%{l}", "strong-bad"},
		{"%{l-}", "strong.bad"},
		{"%{lr}", "strong-bad"},
		{"%{lr-}", "bad.strong"},
		{"%{l1r-}", "strong"},
		{"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
		{"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
		{"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
	         "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
		{"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
	         "3.2.0.192.in-addr.strong.lp._spf.example.com"},
		{"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
		{"a%%b%_c%-d.%{p}.", "a%b c%20d.mx.example.org"},
		{"%{H}.x", "O%27%2A%FF.x"},
		{"%{d999}.x", "email.example.com.x"},
	};
	struct spf_macro_facts facts = {
		.sender = "strong-bad@email.example.com", .local = "strong-bad",
		.sender_domain = "email.example.com", .domain = "email.example.com",
		.address = "192.0.2.3", .version = "in-addr", .helo = "O'*\xff",
		.validated = validated, .arg = (char[]){"mx.example.org"},
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		AUTO(arena) struct arena *a = arena_new();
		OK(spf_macro_is_string(cases[i][0], strlen(cases[i][0])), cases[i][0]);
		IS_STR(spf_macro_expand(a, cases[i][0], &facts), cases[i][1], "... expands");
	}
}

static void
test_long_names(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf local = {0}, spec = {0};
	struct spf_macro_facts facts = {.sender = "", .local = "", .sender_domain = "", .domain = "",
	                                .address = "", .version = "", .helo = ""};

	for (int i = 0; i < 300; i++)
		buf_text(&local, "-");
	facts.local = local.octets;
	for (int i = 0; i < 500; i++)
		buf_text(&spec, "%{L-}");
	buf_text(&spec, ".example.org");
	const char *name = spf_macro_expand(a, spec.octets, &facts);
	OK(strlen(name) <= 253, "a name that grows is cut");
	IS_STR(spf_macro_expand(a, "%{l1-}.example.org", &facts), ".example.org",
	       "more parts than are kept");
}

/* ---- the plan ---- */

static const char *
name_of(void *arg, const struct spf_term *term, const char *spec, bool any)
{
	return arena_printf(arg, "<%s%s%s>", term == NULL ? "R:" : "", spec == NULL ? "" : spec,
	                    any ? "*" : "");
}

static void
is_plan(const char *address, const char *record, const char *want)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf plan = {0};
	struct spf_plan_names names = {name_of, a};
	struct spf_client client;
	struct spf_record r;

	OK(spf_client_read(a, address, &client), address);
	if (spf_record_parse(a, record, strlen(record), &r, NULL) == SPF_RECORD_OK)
		spf_plan_write(&plan, &r, &client.lib, &names);
	IS_STR(plan.octets, want, record);
}

static void
test_plan(void)
{
	is_plan("192.0.2.1", "v=spf1 -all", "v=spf1 -all");
	is_plan("192.0.2.1", "v=spf1 redirect=a.b a ~mx:c.d/24//64 exp=x.y",
	        "v=spf1 +a:<>/32 ~mx:<c.d>/24 redirect=<R:a.b>");
	is_plan("2001:db8::1", "v=spf1 a ~mx:c.d/24//64 redirect=a.b",
	        "v=spf1 +a:<>//128 ~mx:<c.d>//64 redirect=<R:a.b>");
	is_plan("192.0.2.1", "v=spf1 a/0 mx//0", "v=spf1 +a:<*> +mx:<>/32");
	is_plan("2001:db8::1", "v=spf1 a/0 mx//0", "v=spf1 +a:<>//128 +mx:<*>");
	is_plan("192.0.2.1", "v=spf1 ip4:192.0.2.2 ip6:::/0 -ip4:192.0.2.0/31 +all",
	        "v=spf1 -ip4:192.0.2.1");
	is_plan("192.0.2.1", "v=spf1 ip4:192.0.2.2/31 ?ip4:0.0.0.0/0 a -all", "v=spf1 ?ip4:192.0.2.1");
	is_plan("2001:db8:8000::1", "v=spf1 ip6:2001:db8::/33 ip4:0.0.0.0/0 ~ip6:2001:db8:f000::/33 -all",
	        "v=spf1 ~ip6:2001:db8:8000::1");
	is_plan("192.0.2.1", "v=spf1 exists:%{i}.x.y ptr ptr:a.b include:c.d",
	        "v=spf1 +exists:<%{i}.x.y> +ptr:<> +ptr:<a.b> +include:<c.d>");
	is_plan("192.0.2.1", "v=spf1 a a a a a a a a a a a a a a a +all redirect=a.b",
	        "v=spf1 +a:<>/32 +a:<>/32 +a:<>/32 +a:<>/32 +a:<>/32 +a:<>/32 +a:<>/32 +a:<>/32 "
	        "+a:<>/32 +a:<>/32 +a:<>/32 +a:<>/32");
}

static void
test_client(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct spf_client c;

	OK(spf_client_read(a, "::FFFF:192.0.2.1", &c) && !c.lib.is_ip6 && !c.is_loopback, "mapped");
	IS_STR(c.text, "192.0.2.1", "... is IPv4");
	IS_STR(c.reverse, "1.2.0.192.in-addr.arpa", "... in reverse");
	OK(spf_client_read(a, "2001:db8::cb01", &c) && c.lib.is_ip6, "IPv6");
	IS_STR(c.dotted, "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1",
	       "... in nibbles (RFC 7208 7.4)");
	OK(spf_client_read(a, "127.1.2.3", &c) && c.is_loopback, "loopback");
	OK(spf_client_read(a, "::1", &c) && c.is_loopback, "loopback in IPv6");
	OK(!spf_client_read(a, "", &c) && !spf_client_read(a, "192.0.2.01", &c) &&
	           !spf_client_read(a, "192.0.2.1 ", &c) && !spf_client_read(a, "mail.example.org", &c),
	   "no addresses");
}

int
main(void)
{
	test_grammar();
	test_octets();
	test_macros();
	test_long_names();
	test_plan();
	test_client();
	return tap_done();
}

/* t/unit/align_t.c - which domains are of one organisation */
#include "align.h"
#include "arena.h"
#include "own.h"
#include "tap.h"

static void
test_organisations(void)
{
	static const char *const cases[][2] = {
		{"example.org", "example.org"},
		{"Mail.A.Example.ORG.", "example.org"},
		{"mail.example.co.uk", "example.co.uk"},
		{"a.b.example.gov.it", "example.gov.it"},
		{"www.ck", "www.ck"}, /* an exception of the list */
		{"a.b.kobe.jp", "a.b.kobe.jp"},
		{"b\303\274cher.example", "xn--bcher-kva.example"},
		{"mail.B\303\234CHER.de", "xn--bcher-kva.de"},
		{"xn--bcher-kva.de", "xn--bcher-kva.de"},
		{"a.b.unknown-tld", "b.unknown-tld"},
	};
	static const char *const none[] = {
		"", ".", "org", "co.uk", "github.io", "*.example.org", "example..org", ".example.org",
		"example.org..", "[192.0.2.1]", "192.0.2.1", "::1", "[IPv6:2001:db8::1]", "localhost",
		"exa mple.org", "example.org\n", "a@example.org", "\xff.example.org", "example.org/x",
		"exam\xe2\x80\x8bple.org",        /* zero width space */
		"example\xe3\x80\x82org",         /* ideographic full stop */
		"\xef\xbd\x85xample.org",         /* full-width e */
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		AUTO(arena) struct arena *a = arena_new();
		IS_STR(align_organisation(a, cases[i][0]), cases[i][1], cases[i][1]);
		OK(!align_is_public(cases[i][0]), "... is no public suffix");
		OK(align_relaxed(cases[i][0], cases[i][1]), "... and aligns with its organisation");
	}
	for (size_t i = 0; i < N_ELEMENTS(none); i++) {
		AUTO(arena) struct arena *a = arena_new();
		OK(align_organisation(a, none[i]) == NULL, "no organisation");
		OK(align_is_public(none[i]), "... counts as public");
		OK(!align_relaxed(none[i], none[i]), "... does not align with itself");
	}
}

static void
test_pairs(void)
{
	OK(align_relaxed("a.example.org", "b.c.EXAMPLE.org."), "siblings");
	OK(align_relaxed("example.org", "mail.example.org"), "parent and child");
	OK(align_relaxed("b\303\274cher.de", "mx.xn--bcher-kva.de"), "U-labels and A-labels");
	OK(align_relaxed("B\303\234CHER.DE", "b\303\274cher.de"), "case in other scripts");
	OK(!align_relaxed("example.org", "example.com"), "other suffix");
	OK(!align_relaxed("a.co.uk", "b.co.uk"), "below a public suffix of two labels");
	OK(!align_relaxed("a.github.io", "b.github.io"), "of a private one too");
	OK(!align_relaxed("example.org", "badexample.org"), "an ending is not enough");
	OK(!align_relaxed("example.org", "example.org.evil.com"), "nor a beginning");
	OK(!align_relaxed("p\xd0\xb0ypal.com", "paypal.com"), "a homograph (Cyrillic a)");
	OK(!align_relaxed("192.0.2.1", "192.0.2.1"), "an address");
	OK(!align_relaxed("192.0.2.1.example.org", "192.0.2.1"), "an address and a name of it");
}

int
main(void)
{
	test_organisations();
	test_pairs();
	return tap_done();
}

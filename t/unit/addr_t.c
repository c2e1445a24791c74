/* t/unit/addr_t.c - addresses that are safe, and the strict reading of From */
#include "addr.h"
#include "arena.h"
#include "tap.h"
#include <stdlib.h>

struct raw {
	const char *octets;
	size_t n;
};
#define RAW(literal) {literal, sizeof(literal) - 1}

struct identity_case {
	struct raw head;
	enum mail_from state;
	const char *address;
};
#define ONE(field, address) {RAW(field "\r\nTo: x@example.net\r\n\r\nhi\r\n"), MAIL_FROM_ONE, address}
#define ODD(field) {RAW(field "\r\nTo: x@example.net\r\n\r\nhi\r\n"), MAIL_FROM_ODD, ""}
#define SEVERAL(field) {RAW(field "\r\nTo: x@example.net\r\n\r\nhi\r\n"), MAIL_FROM_SEVERAL, ""}
#define NONE(field) {RAW(field "\r\nTo: x@example.net\r\n\r\nhi\r\n"), MAIL_FROM_NONE, ""}

static const struct identity_case identity_cases[] = {
	/* what people and programs write */
	ONE("From: ann@example.com", "ann@example.com"),
	ONE("From:ann@example.com", "ann@example.com"),
	ONE("FROM: Ann.B@Example.COM", "ann.b@example.com"),
	ONE("From: <ann@example.com>", "ann@example.com"),
	ONE("From: Ann Bee <ann@example.com>", "ann@example.com"),
	ONE("From: Ann Q. Bee <ann@example.com>", "ann@example.com"),
	ONE("From: \"Bee, Ann\" <ann@example.com>", "ann@example.com"),
	ONE("From: \"Ann \\\"the\\\" Bee\" <ann@example.com>", "ann@example.com"),
	ONE("From: \"agent@corp.example\" <ann@example.com>", "ann@example.com"),
	ONE("From: \"<agent@corp.example>\" <ann@example.com>", "ann@example.com"),
	ONE("From: ann@example.com <ann@example.com>", "ann@example.com"),
	ONE("From: ann@example.com (Ann Bee)", "ann@example.com"),
	ONE("From: (Ann (the) Bee) ann@example.com", "ann@example.com"),
	ONE("From: Ann (work) <ann@example.com> (home)", "ann@example.com"),
	ONE("From: Ann\r\n Bee\r\n\t<ann@example.com>", "ann@example.com"),
	ONE("From: =?utf-8?Q?Ann_B=C3=A9e?= <ann@example.com>", "ann@example.com"),
	ONE("From: =?utf-8?B?YWdlbnRAY29ycC5leGFtcGxlPg==?= <ann@example.com>", "ann@example.com"),
	ONE("From: \"=?utf-8?Q?Ann?=\" <ann@example.com>", "ann@example.com"),
	ONE("From: Ann B\xE9" "e <ann@example.com>", "ann@example.com"),
	ONE("From: Ann B\xC3\xA9" "e <ann@example.com>", "ann@example.com"),
	ONE("From: ann+tag@example.com", "ann+tag@example.com"),
	ONE("From: o'brien=x@example.com", "o'brien=x@example.com"),
	ONE("From: ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
	ONE("From: ann@b\xC3\xBC" "cher.example", "ann@b\xC3\xBC" "cher.example"),
	ONE("From: Anne <\xE7\x94\xA8\xE6\x88\xB7@\xE4\xBE\x8B\xE5\xAD\x90.example>",
	    "\xE7\x94\xA8\xE6\x88\xB7@\xE4\xBE\x8B\xE5\xAD\x90.example"),
	{RAW("From a@b Mon Jan 1\nFrom: ann@example.com\n\nhi\n"), MAIL_FROM_ONE, "ann@example.com"},
	{RAW("From: ann@example.com\n\nFrom: evil@evil.example\n"), MAIL_FROM_ONE, "ann@example.com"},
	{RAW("From: ann@example.com"), MAIL_FROM_ONE, "ann@example.com"},
	/* no From */
	NONE("Sender: ann@example.com"),
	NONE("X-From: ann@example.com"),
	NONE("From-Address: ann@example.com"),
	{RAW(""), MAIL_FROM_NONE, ""},
	{RAW("To: a@b.example\n\nFrom: ann@example.com\n"), MAIL_FROM_NONE, ""},
	NONE("From\0: agent@corp.example"),
	/* several */
	SEVERAL("From: agent@corp.example\r\nFrom: evil@evil.example"),
	SEVERAL("From: evil@evil.example\r\nSubject: x\r\nfrom: agent@corp.example"),
	SEVERAL("From: agent@corp.example\r\nFrom : evil@evil.example"),
	SEVERAL("From : agent@corp.example\r\nFrom: evil@evil.example"),
	SEVERAL("From: agent@corp.example, evil@evil.example"),
	SEVERAL("From: <agent@corp.example>, <evil@evil.example>"),
	SEVERAL("From: <agent@corp.example>,"),
	SEVERAL("From: , agent@corp.example"),
	SEVERAL("From: Bee, Ann <ann@example.com>"),
	SEVERAL("From: agent@corp.example\r\njunk\r\nFrom: evil@evil.example"),
	SEVERAL("From: agent@corp.example\r\nFrom\0: evil@evil.example"),
	SEVERAL("From: agent@corp.example\r\nFr\xC3\xB6m: x\r\nFrom: evil@evil.example"),
	/* odd: what two readers can take for two different people */
	ODD("From :agent@corp.example"),
	ODD("From\t: agent@corp.example"),
	ODD("From:"),
	ODD("From: <>"),
	ODD("From: Ann"),
	ODD("From: agent"),
	ODD("From: agent@"),
	ODD("From: @corp.example"),
	ODD("From: agent@corp.example\0@evil.example"),
	ODD("From: <agent@corp.example\0>"),
	ODD("From: agent@corp.example@evil.example"),
	ODD("From: <agent@corp.example@evil.example>"),
	ODD("From: <@evil.example:agent@corp.example>"),
	ODD("From: <@evil.example,@other.example:agent@corp.example>"),
	ODD("From: agent@corp.example (evil@evil.example)"),
	ODD("From: <agent@corp.example>(<evil@evil.example>"),
	ODD("From: (agent@corp.example) evil@evil.example"),
	ODD("From: agent(x)@corp.example"),
	ODD("From: agent@(x)corp.example"),
	ODD("From: agent@corp(x).example"),
	ODD("From: <agent@corp.example(x)>"),
	ODD("From: agent @corp.example"),
	ODD("From: agent@ corp.example"),
	ODD("From: agent@corp.example evil@evil.example"),
	ODD("From: agent@corp.example <evil@evil.example>"),
	ODD("From: <agent@corp.example> <evil@evil.example>"),
	ODD("From: <agent@corp.example> evil@evil.example"),
	ODD("From: <<agent@corp.example>>"),
	ODD("From: <agent@corp.example"),
	ODD("From: agent@corp.example>"),
	ODD("From: < agent@corp.example>"),
	ODD("From: <agent@corp.example\r\n >"),
	ODD("From: group: agent@corp.example;"),
	ODD("From: g:g:g: agent@corp.example;;;"),
	ODD("From: undisclosed-recipients:;"),
	ODD("From: agent@corp.example; evil@evil.example"),
	ODD("From: \"agent\"@corp.example"),
	ODD("From: <\"agent\"@corp.example>"),
	ODD("From: <\"agent@corp.example\"@evil.example>"),
	ODD("From: \"agent@corp.example"),
	ODD("From: agent@[192.0.2.1]"),
	ODD("From: <agent@corp.example\\>@evil.example>"),
	ODD("From: =?utf-8?Q?agent?=@corp.example"),
	ODD("From: <=?utf-8?Q?agent?=@corp.example>"),
	ODD("From: =?utf-8?B?YWdlbnRAY29ycC5leGFtcGxl?="),
	ODD("From: =?utf-8?Q?agent=40corp.example?= evil@evil.example"),
	ODD("From: agent@corp.example\rFrom: evil@evil.example"),
	ODD("From: agent@corp.example\r"),
	ODD("From: agent@corp.example\x1B[2J"),
	ODD("From: agent@corp.example\x7F"),
	ODD("From: .agent@corp.example"),
	ODD("From: agent.@corp.example"),
	ODD("From: ag..ent@corp.example"),
	ODD("From: agent@-corp.example"),
	ODD("From: agent@corp_x.example"),
	ODD("From: agent@corp..example"),
	ODD("From: agent@.corp.example"),
	ODD("From: agent@corp.example."),
	ODD("From: agent\xEF\xBC\xA0" "corp.example"),
	ODD("From: a\xEF\xBC\xA0" "b@corp.example"),
	ODD("From: agent@corp.ex\xE2\x80\x8B" "ample"),
	ODD("From: agent\xE2\x80\xAE" "@corp.example"),
	ODD("From: agent@corp\xE3\x80\x82" "example"),
	ODD("From: agent\xFF@corp.example"),
	ODD("From: ag%ent@corp.example:25"),
	{RAW("junk first\nFrom: agent@corp.example\n\n"), MAIL_FROM_ODD, ""},
	{RAW(" From: x\nFrom: agent@corp.example\n\n"), MAIL_FROM_ODD, ""},
};

static const char *
state_name(enum mail_from state)
{
	static const char *const name[] = {"one", "none", "several", "odd"};

	return name[state];
}

static void
test_identity(void)
{
	for (size_t i = 0; i < N_ELEMENTS(identity_cases); i++) {
		const struct identity_case *c = &identity_cases[i];
		AUTO(arena) struct arena *a = arena_new();
		/* A heap copy of the exact size, so that a sanitizer sees any step beyond its
		 * end. */
		AUTO(mem) char *copy = malloc(c->head.n + !c->head.n);
		char what[120];
		const char *address = NULL;

		memcpy(copy, c->head.octets, c->head.n);
		enum mail_from state = addr_identity(a, copy, c->head.n, &address);
		(void)snprintf(what, sizeof what, "%.*s", (int)strcspn(c->head.octets, "\r\n"),
		               c->head.octets);
		OK(state == c->state, what);
		if (state != c->state)
			printf("# got %s\n", state_name(state));
		IS_STR(address, c->address, "  its address");
	}
}

static void
test_identity_long(void)
{
	static char head[40000];
	AUTO(arena) struct arena *a = arena_new();
	const char *address = "unset";
	size_t n = (size_t)snprintf(head, sizeof head, "From: ");

	memset(head + n, '(', 30000);
	OK(addr_identity(a, head, n + 30000, &address) == MAIL_FROM_ODD, "30,000 open comments");
	for (size_t i = 0; i < 30000; i += 2)
		memcpy(head + n + i, "g:", 2);
	OK(addr_identity(a, head, n + 30000, &address) == MAIL_FROM_ODD, "15,000 nested groups");
	memset(head + n, ' ', 30000);
	memcpy(head + n + 30000, "a@b.example\n\n", 13);
	OK(addr_identity(a, head, n + 30013, &address) == MAIL_FROM_ODD, "an over-long field");
	IS_STR(address, "", "no address then");
}

static void
test_ok(void)
{
	static const char *const good[] = {"a@b", "a@b.c", "a.b-c+d@e-f.g1", "1@1.example",
	                                   "!#$%&'*+-/=^_`{|}~@x.example", "\xC3\xA9@\xC3\xA9.example"};
	static const char *const bad[] = {"", "@", "a", "a@", "@b", "a b@c", "a@b c", "a@b\r\nRCPT TO:<c@d>",
	                                  "<a@b>", "a@b>", "a,b@c", "a@b,c", "a;b@c", "a:b@c", "a\\b@c",
	                                  "\"a\"@b", "a@[1.2.3.4]", "a@b@c", "a\t@b", "a@b\n", "=?x?q?a?=@b",
	                                  "a@b-", "a@-b", "a@b..c", "a@b_c", "\xC3@b", "a@\xE2\x80\x8F.b"};
	AUTO(arena) struct arena *a = arena_new();
	char text[400];

	for (size_t i = 0; i < N_ELEMENTS(good); i++)
		OK(addr_ok(good[i]), good[i]);
	for (size_t i = 0; i < N_ELEMENTS(bad); i++)
		OK(!addr_ok(bad[i]) && addr_canonical(a, bad[i]) == NULL, "refused");
	(void)snprintf(text, sizeof text, "%064d@%063d.example", 0, 0);
	OK(addr_ok(text), "local part of 64, label of 63");
	(void)snprintf(text, sizeof text, "%065d@b.example", 0);
	OK(!addr_ok(text), "local part of 65");
	(void)snprintf(text, sizeof text, "a@%064d.example", 0);
	OK(!addr_ok(text), "label of 64");
	(void)snprintf(text, sizeof text, "a@%060d.%060d.%060d.%060d.%011d", 0, 0, 0, 0, 0);
	OK(addr_ok(text), "domain of 255");
	(void)snprintf(text, sizeof text, "a@%060d.%060d.%060d.%060d.%012d", 0, 0, 0, 0, 0);
	OK(!addr_ok(text), "domain of 256");
}

static void
test_parts(void)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *base, *extension;

	IS_STR(addr_canonical(a, "Ann.B+X@Example.ORG"), "ann.b+x@example.org", "canonical");
	IS_STR(addr_domain("ann@example.org"), "example.org", "domain");
	addr_split(a, "support+acm-1@example.org", "+", &base, &extension);
	IS_STR(base, "support@example.org", "base");
	IS_STR(extension, "acm-1", "extension");
	addr_split(a, "support-acm-1@example.org", "+-", &base, &extension);
	IS_STR(base, "support@example.org", "base at the first delimiter");
	IS_STR(extension, "acm-1", "extension keeps the second");
	addr_split(a, "support@a-b.example", "+-", &base, &extension);
	IS_STR(base, "support@a-b.example", "a domain is never split");
	IS_STR(extension, "", "no extension");
	addr_split(a, "support+x@example.org", "", &base, &extension);
	IS_STR(base, "support+x@example.org", "no delimiter");
	addr_split(a, "+x@example.org", "+", &base, &extension);
	IS_STR(base, "+x@example.org", "never an empty base");
}

int
main(void)
{
	test_identity();
	test_identity_long();
	test_ok();
	test_parts();
	return tap_done();
}

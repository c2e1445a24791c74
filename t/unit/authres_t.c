/* t/unit/authres_t.c - Authentication-Results: ours, forged, malformed, contradicting */
#include "authres.h"
#include "arena.h"
#include "buf.h"
#include "tap.h"
#include "text.h"

enum { FIELDS_MAX = 300 };

#define ID "mx.example.org"
#define AR "Authentication-Results: "
#define RECEIVED "Received: from mail.example.net by mx.example.org; Mon, 1 Jan 2024 00:00:00 +0000\n"
#define REST RECEIVED "From: ann@corp.example\nSubject: hello\n"

/* A mail of header lines, with values as the parser hands them on. */
static void
make_mail(struct arena *a, const char *head, size_t n, struct mail *m_r)
{
	struct mail_field *field = arena_array(a, FIELDS_MAX, sizeof *field);
	const char *end = head + n;

	*m_r = (struct mail){.field = field};
	while (head < end && m_r->n_fields < FIELDS_MAX) {
		const char *lf = memchr(head, '\n', (size_t)(end - head));
		const char *colon = memchr(head, ':', (size_t)(end - head));
		const char *value = colon + 1 + (colon[1] == ' ');

		while (lf + 1 < end && (lf[1] == ' ' || lf[1] == '\t'))
			lf = memchr(lf + 1, '\n', (size_t)(end - lf - 1));
		field[m_r->n_fields].name = arena_strndup(a, head, (size_t)(colon - head));
		field[m_r->n_fields++].value =
			text_line(a, value, (size_t)(lf - value), MAIL_FIELD_MAX_OCTETS);
		head = lf + 1;
	}
}

struct collect {
	struct buf *out;
	const char *want; /* NULL: collect all */
};

static bool
aligned(void *self, const char *domain)
{
	struct collect *c = self;

	if (c->want == NULL && (c->out->n == 0 || strstr(c->out->octets, domain) == NULL))
		buf_printf(c->out, "%s%s", c->out->n > 0 ? "," : "", domain);
	return c->want != NULL && strcmp(c->want, domain) == 0;
}

/* What was found, in one line: "dkim=a,b dmarc=pass:c spf=fail:d login=e forged=1 warn=2". */
static const char *
summary(struct arena *a, const struct authres *r)
{
	static const char *const name[] = {"none", "pass", "fail", "temp"};
	AUTO(buf) struct buf out = {0};
	AUTO(buf) struct buf dkim = {0};
	struct collect c = {&dkim, NULL};
	const char *domain = "";

	OK(!authres_dkim_pass(r, aligned, &c), "nobody is aligned with nothing");
	if (dkim.n > 0)
		buf_printf(&out, " dkim=%s", dkim.octets);
	enum authres_verdict v = authres_dmarc(r, &domain);
	if (v != AUTHRES_NONE)
		buf_printf(&out, " dmarc=%s:%s", name[v], domain);
	v = authres_spf(r, &domain);
	if (v != AUTHRES_NONE)
		buf_printf(&out, " spf=%s:%s", name[v], domain);
	if (authres_login(r) != NULL)
		buf_printf(&out, " login=%s", authres_login(r));
	if (r->n_forged > 0)
		buf_printf(&out, " forged=%zu", r->n_forged);
	if (r->n_warnings > 0)
		buf_printf(&out, " warn=%zu", r->n_warnings);
	return out.n > 0 ? arena_strdup(a, out.octets + 1) : "";
}

struct one {
	const char *what, *head;
	size_t n;
	const char *want;
};

#define ROW(what, head, want) {what, head, sizeof(head) - 1, want}
/* One field of ours above the first Received. */
#define OURS(what, payload, want) ROW(what, AR ID payload "\n" REST, want)

static void
try_all(const struct one *row, size_t n, size_t n_own)
{
	for (size_t i = 0; i < n; i++) {
		AUTO(arena) struct arena *a = arena_new();
		struct authres_trust trust = {ID, n_own};
		struct authres r;
		struct mail m;

		make_mail(a, row[i].head, row[i].n, &m);
		authres_read(a, &m, &trust, &r);
		IS_STR(summary(a, &r), row[i].want, row[i].what);
	}
}

static const struct one forms[] = {
	OURS("none", "; none", ""),
	OURS("a DKIM pass", "; dkim=pass header.d=corp.example", "dkim=corp.example"),
	OURS("as OpenDKIM says it",
	     ";\n\tdkim=pass (2048-bit key; unprotected) header.d=corp.example "
	     "header.i=@corp.example\n\theader.a=rsa-sha256 header.s=s1 header.b=\"dGVz/+=t\"",
	     "dkim=corp.example"),
	OURS("as OpenDMARC says it", "; dmarc=pass (p=none dis=none) header.from=corp.example",
	     "dmarc=pass:corp.example"),
	OURS("as policyd-spf says it",
	     "; spf=pass (sender SPF authorized) smtp.mailfrom=corp.example (client-ip=192.0.2.1; "
	     "helo=mail.example.net; envelope-from=ann@corp.example; receiver=<UNKNOWN>)",
	     "spf=pass:corp.example"),
	OURS("a login", "; auth=pass (plain) smtp.auth=ann smtp.mailfrom=ann@corp.example",
	     "login=ann"),
	OURS("all in one", "; auth=pass smtp.auth=ann; spf=pass smtp.mailfrom=ann@corp.example;"
	     " dkim=pass header.d=corp.example; dmarc=pass header.from=corp.example",
	     "dkim=corp.example dmarc=pass:corp.example spf=pass:corp.example login=ann"),
	OURS("without spaces", ";dkim=pass header.d=corp.example", "dkim=corp.example"),
	OURS("spaces everywhere", "  ;  dkim  =  pass  header  .  d  =  corp.example  ",
	     "dkim=corp.example"),
	OURS("comments everywhere", "(a) ;(b)dkim(c)=(d)pass(e)header(f).(g)d(h)=(i)corp.example(j)",
	     "dkim=corp.example"),
	OURS("nested comments", "; dkim=pass (a(b(c)\\)d)e) header.d=corp.example",
	     "dkim=corp.example"),
	OURS("a comment with marks in it", "; dkim=pass (; dmarc=pass header.from=corp.example)"
	     " header.d=evil.example", "dkim=evil.example"),
	OURS("version 1", " 1; dkim=pass header.d=corp.example", "dkim=corp.example"),
	OURS("version 1 in comments", " (v) 1 (v); dkim=pass header.d=corp.example",
	     "dkim=corp.example"),
	OURS("the method's version", "; dkim/1=pass header.d=corp.example", "dkim=corp.example"),
	OURS("with spaces", "; dkim / 1 = pass header.d=corp.example", "dkim=corp.example"),
	OURS("a method's later version", "; dkim/2=pass header.d=corp.example; spf/1=pass "
	     "smtp.mailfrom=a.example", "spf=pass:a.example"),
	OURS("a reason", "; dkim=pass reason=\"good; dmarc=pass\" header.d=corp.example",
	     "dkim=corp.example"),
	OURS("a bare reason", "; dkim=pass reason=good header.d=corp.example", "dkim=corp.example"),
	OURS("a type named reason", "; dkim=pass reason.x=y header.d=corp.example",
	     "dkim=corp.example"),
	OURS("upper case", "; DKIM=PASS HEADER.D=CORP.EXAMPLE; DMARC=Pass Header.From=Corp.Example",
	     "dkim=corp.example dmarc=pass:corp.example"),
	OURS("header.i only", "; dkim=pass header.i=ann@corp.example", "dkim=corp.example"),
	OURS("header.i below header.d", "; dkim=pass header.d=corp.example header.i=@a.corp.example",
	     "dkim=corp.example"),
	OURS("two signatures", "; dkim=pass header.d=corp.example; dkim=pass header.d=esp.example",
	     "dkim=corp.example,esp.example"),
	OURS("one of two", "; dkim=fail header.d=corp.example; dkim=pass header.d=esp.example",
	     "dkim=esp.example"),
	OURS("two algorithms", "; dkim=pass header.d=corp.example header.s=rsa; dkim=neutral "
	     "header.d=corp.example header.s=ed", "dkim=corp.example"),
	OURS("a quoted value", "; dkim=pass header.d=\"corp.example\"", "dkim=corp.example"),
	OURS("a quoted local part", "; spf=pass smtp.mailfrom=\"a b@evil\"@corp.example",
	     "spf=pass:corp.example"),
	OURS("an odd local part", "; spf=pass smtp.mailfrom=bounce+a=b/c?d=x@corp.example",
	     "spf=pass:corp.example"),
	OURS("an IPv6 address", "; iprev=pass policy.iprev=2001:db8::1; dkim=pass header.d=a.example",
	     "dkim=a.example"),
	OURS("a U-label", "; dkim=pass header.d=b\xc3\xbc" "cher.example", "dkim=b\xc3\xbc" "cher.example"),
	OURS("SPF of HELO and sender", "; spf=pass smtp.helo=mail.example; spf=fail "
	     "smtp.mailfrom=corp.example", "spf=fail:corp.example"),
	OURS("SPF of HELO alone is not of the sender", "; spf=pass smtp.helo=corp.example", ""),
	OURS("a DMARC fail", "; dmarc=fail header.from=corp.example", "dmarc=fail:corp.example"),
	OURS("a temporary error", "; dmarc=temperror header.from=corp.example; spf=temperror "
	     "smtp.mailfrom=corp.example", "dmarc=temp:corp.example spf=temp:corp.example"),
	OURS("what is neither", "; dmarc=bestguesspass header.from=corp.example; spf=softfail "
	     "smtp.mailfrom=corp.example; dkim=policy header.d=corp.example; auth=fail smtp.auth=ann",
	     ""),
	OURS("passes of nothing", "; dmarc=pass; dkim=pass; spf=pass; auth=pass", ""),
	OURS("unknown methods", "; x-tls=pass smtp.version=1.3; vbr=pass header.md=a.example", ""),
	ROW("no such field", REST, ""),
	ROW("no field at all", "", ""),
};

static const struct one ids[] = {
	ROW("in upper case", AR "MX.EXAMPLE.ORG; dkim=pass header.d=a.example\n" REST, "dkim=a.example"),
	ROW("the field's name too", "AUTHENTICATION-RESULTS: " ID "; dkim=pass header.d=a.example\n" REST,
	    "dkim=a.example"),
	ROW("quoted", AR "\"" ID "\"; dkim=pass header.d=a.example\n" REST, "dkim=a.example"),
	ROW("quoted pairs", AR "\"m\\x.example.or\\g\"; dkim=pass header.d=a.example\n" REST,
	    "dkim=a.example"),
	ROW("a comment before", AR "(hi (there)) " ID "; dkim=pass header.d=a.example\n" REST,
	    "dkim=a.example"),
	ROW("a comment behind", AR ID "(amavisd-new); dkim=pass header.d=a.example\n" REST,
	    "dkim=a.example"),
	ROW("folded behind", AR ID ";\n dkim=pass\n\theader.d=a.example\n" REST, "dkim=a.example"),
	ROW("folded before", AR "\n " ID "; dkim=pass header.d=a.example\n" REST, "dkim=a.example"),
	ROW("another", AR "mx.example.com; dkim=pass header.d=a.example\n" REST, ""),
	ROW("longer", AR ID ".evil; dkim=pass header.d=a.example\n" REST, ""),
	ROW("a subdomain", AR "a." ID "; dkim=pass header.d=a.example\n" REST, ""),
	ROW("shorter", AR "mx.example.or; dkim=pass header.d=a.example\n" REST, ""),
	ROW("with a dot", AR ID ".; dkim=pass header.d=a.example\n" REST, ""),
	ROW("in a comment", AR "(" ID "); dkim=pass header.d=a.example\n" REST, ""),
	ROW("with spaces in quotes", AR "\" " ID "\"; dkim=pass header.d=a.example\n" REST, ""),
	ROW("full-width letters", AR "\xef\xbd\x8d\xef\xbd\x98.example.org; dkim=pass header.d=a.example\n"
	    REST, ""),
	ROW("a Cyrillic letter", AR "m\xd1\x85.example.org; dkim=pass header.d=a.example\n" REST, ""),
	ROW("an A-label", AR "xn--mx-.example.org; dkim=pass header.d=a.example\n" REST, ""),
	ROW("torn", AR "mx.example\n .org; dkim=pass header.d=a.example\n" REST, ""),
	ROW("a NUL behind", AR ID "\0.evil; dkim=pass header.d=a.example\n" REST, "warn=1"),
	ROW("a NUL inside", AR "mx\0.example.org; dkim=pass header.d=a.example\n" REST, ""),
	ROW("two ids", AR ID " other.example; dkim=pass header.d=a.example\n" REST, "warn=1"),
	ROW("an address", AR "a@" ID "; dkim=pass header.d=a.example\n" REST, ""),
	ROW("of an address", AR ID "@evil.example; dkim=pass header.d=a.example\n" REST, "warn=1"),
	ROW("a comment without end", AR "(a " ID "; dkim=pass header.d=a.example\n" REST, ""),
	ROW("another field", "X-Authentication-Results: " ID "; dkim=pass header.d=a.example\n" REST, ""),
	ROW("an ARC one", "ARC-Authentication-Results: i=1; " ID "; dkim=pass header.d=a.example\n" REST,
	    ""),
};

/* Each must count for nothing, and say so. */
static const struct one malformed[] = {
	OURS("nothing behind the id", "", "warn=1"),
	OURS("an empty result", ";", "warn=1"),
	OURS("an empty result behind one", "; dkim=pass header.d=a.example;", "warn=1"),
	OURS("an empty result between", ";; dkim=pass header.d=a.example", "warn=1"),
	OURS("none with another", "; none; dkim=pass header.d=a.example", "warn=1"),
	OURS("another with none", "; dkim=pass header.d=a.example; none", "warn=1"),
	OURS("version 2", " 2; dkim=pass header.d=a.example", "warn=1"),
	OURS("version 11", " 11; dkim=pass header.d=a.example", "warn=1"),
	OURS("two versions", " 1 1; dkim=pass header.d=a.example", "warn=1"),
	OURS("no result", "; dkim", "warn=1"),
	OURS("no result behind =", "; dkim= header.d=a.example", "warn=1"),
	OURS("no method", "; =pass header.d=a.example", "warn=1"),
	OURS("no semicolon", " dkim=pass header.d=a.example", "warn=1"),
	OURS("a comma", "; dkim=pass header.d=a.example, dmarc=pass header.from=a.example", "warn=1"),
	OURS("a comment without end", "; dkim=pass header.d=a.example (x", "warn=1"),
	OURS("a comment with an escaped end", "; dkim=pass header.d=a.example (x\\)", "warn=1"),
	OURS("a comment that ends twice", "; dkim=pass (x)) header.d=a.example", "warn=1"),
	OURS("comments too deep", "; dkim=pass ((((((x)))))) header.d=a.example", "warn=1"),
	OURS("a quote without end", "; dkim=pass header.d=\"a.example", "warn=1"),
	OURS("a quote with an escaped end", "; dkim=pass header.d=\"a.example\\\"", "warn=1"),
	OURS("a backslash at the end", "; dkim=pass header.d=\"a.example\\", "warn=1"),
	OURS("parentheses in a domain", "; dkim=pass header.d=corp(.evil).example", "warn=1"),
	OURS("a domain behind a comment", "; dkim=pass header.d=a.example(x)corp.example", "warn=1"),
	OURS("torn by folding", "; dk\n im=pass header.d=a.example", "warn=1"),
	OURS("a value torn by folding", "; dkim=pass header.d=a.exa\n mple", "warn=1"),
	OURS("a result torn by folding", "; dkim=pa\n ss header.d=a.example", "warn=1"),
	OURS("a NUL in a value", "; dkim=pass header.d=corp.example\0.evil", "warn=1"),
	OURS("a property without a type", "; dkim=pass d=a.example", "warn=1"),
	OURS("a property without a name", "; dkim=pass header.=a.example", "warn=1"),
	OURS("a property without a value", "; dkim=pass header.d=", "warn=1"),
	OURS("a property and a word", "; dkim=pass header.d=a.example action=none", "warn=1"),
	OURS("angle brackets", "; spf=pass smtp.mailfrom=<a@corp.example>", "warn=1"),
	OURS("two @", "; spf=pass smtp.mailfrom=a@corp.example@evil.example", "warn=1"),
	OURS("a property twice", "; dkim=pass header.d=a.example header.d=b.example", "warn=1"),
	OURS("a reason behind a property", "; dkim=pass header.d=a.example reason=x", "warn=1"),
	OURS("a method's version without a number", "; dkim/=pass header.d=a.example", "warn=1"),
	OURS("words run together", "; dkim=pass\"x\" header.d=a.example", "warn=1"),
	OURS("a hyphen at the end", "; dkim-=pass header.d=a.example", "warn=1"),
	OURS("a dot in a result", "; dkim=pass.x header.d=a.example", "warn=1"),
	OURS("UTF-8 in a method", "; dk\xc4\xb1m=pass header.d=a.example", "warn=1"),
};

/* Well-formed, but what is named is no domain, or the statement has two sides. */
static const struct one doubtful[] = {
	OURS("a domain with a space", "; dkim=pass header.d=\"corp.example evil\"", ""),
	OURS("an address for a domain", "; dkim=pass header.d=a@corp.example", ""),
	OURS("an address for From's domain", "; dmarc=pass header.from=a@corp.example", ""),
	OURS("an empty domain", "; dmarc=pass header.from=\"\"", ""),
	OURS("a dot at the end", "; dmarc=pass header.from=corp.example.", ""),
	OURS("brackets", "; spf=pass smtp.mailfrom=a@[192.0.2.1]", ""),
	OURS("header.i elsewhere", "; dkim=pass header.d=evil.example header.i=@corp.example", ""),
	OURS("header.i like header.d", "; dkim=pass header.d=corp.example header.i=@evilcorp.example",
	     ""),
	OURS("the case of the threat", "; dkim=pass (x) header.d=evil.example; dmarc=pass",
	     "dkim=evil.example"),
	OURS("DMARC twice", "; dmarc=pass header.from=corp.example; dmarc=fail "
	     "header.from=corp.example", "warn=1"),
	OURS("DMARC of two", "; dmarc=pass header.from=corp.example; dmarc=pass "
	     "header.from=evil.example", "warn=1"),
	OURS("DMARC of one and of none", "; dmarc=fail; dmarc=pass header.from=corp.example", "warn=1"),
	OURS("DMARC the same twice", "; dmarc=pass header.from=corp.example; dmarc=pass "
	     "header.from=corp.example", "dmarc=pass:corp.example"),
	OURS("SPF twice", "; spf=pass smtp.mailfrom=corp.example; spf=fail "
	     "smtp.mailfrom=evil.example", "warn=1"),
	OURS("a login twice", "; auth=pass smtp.auth=ann; auth=pass smtp.auth=bob", "warn=1"),
	OURS("a signature both ways", "; dkim=pass header.d=corp.example header.s=x; dkim=fail "
	     "header.d=corp.example header.s=x; spf=pass smtp.mailfrom=a.example",
	     "spf=pass:a.example warn=1"),
};

#define DKIM(domain) AR ID "; dkim=pass header.d=" domain "\n"
#define DMARC(domain) AR ID "; dmarc=pass header.from=" domain "\n"

static const struct one above[] = {
	ROW("below the boundary", REST DKIM("corp.example"), "forged=1 warn=1"),
	ROW("directly below", RECEIVED DKIM("corp.example"), "forged=1 warn=1"),
	ROW("above and below", DKIM("a.example") REST DKIM("corp.example"),
	    "dkim=a.example forged=1 warn=1"),
	ROW("one malformed below", DKIM("a.example") REST AR ID "; (\n", "dkim=a.example forged=1 warn=1"),
	ROW("others' below", DKIM("a.example") REST AR "mx.example.net; dkim=fail header.d=x\n",
	    "dkim=a.example"),
	ROW("no Received at all", DKIM("corp.example") "From: ann@corp.example\n", "forged=1 warn=1"),
	ROW("two milters", DMARC("a.example") DKIM("a.example") REST,
	    "dkim=a.example dmarc=pass:a.example"),
	ROW("three, and strangers between", DMARC("a.example") "X-Spam: no\n" DKIM("a.example")
	    AR "other.example; dmarc=fail header.from=a.example\n" AR ID
	    "; spf=fail smtp.mailfrom=b.example\n" REST,
	    "dkim=a.example dmarc=pass:a.example spf=fail:b.example"),
	ROW("two of the same method", DKIM("a.example") DKIM("corp.example") REST, "warn=1"),
	ROW("none, and a forged one", AR ID "; dkim=none\n" DKIM("corp.example") REST, "warn=1"),
	ROW("fail, and a forged one", AR ID "; dmarc=fail header.from=corp.example\n"
	    DMARC("corp.example") REST, "warn=1"),
	ROW("the same said twice", DMARC("a.example") DMARC("a.example") REST,
	    "dmarc=pass:a.example"),
	ROW("the lower one says less", AR ID "; dkim=pass header.d=a.example; dkim=fail "
	    "header.d=b.example\n" DKIM("a.example") REST, "dkim=a.example"),
	ROW("the lower one says more", DKIM("a.example") AR ID "; dkim=pass header.d=a.example; "
	    "dkim=pass header.d=corp.example\n" REST, "warn=1"),
	ROW("a contradiction leaves the other methods", AR ID "; dkim=none; spf=pass "
	    "smtp.mailfrom=b.example\n" DKIM("corp.example") REST, "spf=pass:b.example warn=1"),
	ROW("a malformed one leaves the others", AR ID "; dmarc=(\n" DKIM("a.example") REST,
	    "dkim=a.example warn=1"),
	ROW("SPF of HELO in a field of its own", AR ID "; spf=none smtp.helo=mail.example\n" AR ID
	    "; spf=pass smtp.mailfrom=a.example\n" REST, "spf=pass:a.example"),
};

static const struct one below_own[] = {
	ROW("above the first", DKIM("a.example") RECEIVED RECEIVED, "dkim=a.example"),
	ROW("below the first", RECEIVED DKIM("a.example") RECEIVED, "dkim=a.example"),
	ROW("below the second", RECEIVED RECEIVED DKIM("a.example"), "forged=1 warn=1"),
	ROW("straight from the client", RECEIVED DKIM("a.example") "From: ann@a.example\n",
	    "dkim=a.example"),
	ROW("no Received", DKIM("a.example") "From: ann@a.example\n", "forged=1 warn=1"),
	ROW("one not removed", RECEIVED AR ID "; dkim=none\n" DKIM("corp.example") RECEIVED, "warn=1"),
	ROW("one not removed, of another signer", RECEIVED DKIM("evil.example") DKIM("corp.example")
	    RECEIVED, "warn=1"),
	ROW("one not removed, both ways", RECEIVED DKIM("evil.example") AR ID
	    "; dkim=pass header.d=evil.example; dkim=pass header.d=corp.example\n" RECEIVED, "warn=1"),
};

static void
test_copies(void)
{
	static const size_t counts[] = {2, AUTHRES_FIELDS_MAX, AUTHRES_FIELDS_MAX + 1, 200};
	static const char *const want_above[] = {"dkim=a.example", "dkim=a.example", "warn=1", "warn=1"};

	for (size_t i = 0; i < N_ELEMENTS(counts); i++) {
		AUTO(arena) struct arena *a = arena_new();
		AUTO(buf) struct buf head = {0};
		struct authres_trust trust = {ID, 0};
		struct authres r;
		struct mail m;

		for (size_t j = 0; j < counts[i]; j++)
			buf_text(&head, DKIM("a.example"));
		buf_text(&head, REST);
		make_mail(a, head.octets, head.n, &m);
		authres_read(a, &m, &trust, &r);
		IS_STR(summary(a, &r), want_above[i], "copies above");
		IS_INT(r.n_fields, counts[i], "all are counted");
		buf_clear(&head);
		buf_text(&head, DKIM("a.example") REST);
		for (size_t j = 0; j < counts[i]; j++)
			buf_text(&head, DKIM("corp.example"));
		make_mail(a, head.octets, head.n, &m);
		authres_read(a, &m, &trust, &r);
		IS_STR(summary(a, &r), arena_printf(a, "dkim=a.example forged=%zu warn=1", counts[i]),
		       "copies below");
	}
}

/* Read one field of our id above the boundary. */
static void
read_one(struct arena *a, const char *payload, struct authres *r_r)
{
	const char *head = arena_printf(a, AR ID "%s\n" REST, payload);
	struct authres_trust trust = {ID, 0};
	struct mail m;

	make_mail(a, head, strlen(head), &m);
	authres_read(a, &m, &trust, r_r);
}

static void
test_limits(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf text = {0};
	struct authres r;

	for (int i = 0; i < AUTHRES_RESULTS_MAX; i++)
		buf_printf(&text, "; dkim=pass header.d=d%d.example", i);
	read_one(a, text.octets, &r);
	IS_INT(r.n, AUTHRES_RESULTS_MAX, "so many results");
	buf_text(&text, "; dkim=pass header.d=x.example");
	read_one(a, text.octets, &r);
	IS_INT(r.n, 0, "with more the field counts for nothing");
	buf_clear(&text);
	buf_text(&text, "; dkim=pass");
	for (int i = 0; i < AUTHRES_PROPERTIES_MAX; i++)
		buf_printf(&text, " header.d%d=x", i);
	read_one(a, text.octets, &r);
	IS_INT(r.n == 1 ? r.result[0].n_properties : 0, AUTHRES_PROPERTIES_MAX, "so many properties");
	buf_text(&text, " header.d=x");
	read_one(a, text.octets, &r);
	IS_INT(r.n, 0, "not more");
	buf_clear(&text);
	buf_text(&text, "; dkim=pass header.d=a.example (");
	for (int i = 0; i < MAIL_FIELD_MAX_OCTETS; i++)
		buf_octet(&text, 'x');
	buf_text(&text, ")");
	read_one(a, text.octets, &r);
	IS_INT(r.n + r.n_warnings, 1, "a cut field counts for nothing");
	buf_clear(&text);
	buf_text(&text, "; dmarc=pass header.from=a.example ");
	while (text.n + strlen(ID) < MAIL_FIELD_MAX_OCTETS)
		buf_octet(&text, ' ');
	buf_text(&text, "; dmarc=fail header.from=a.example");
	read_one(a, text.octets, &r);
	IS_STR(summary(a, &r), "warn=1", "also when it was cut between two results");
	buf_clear(&text);
	for (int i = 0; i < 4000; i++)
		buf_text(&text, "(");
	read_one(a, text.octets, &r);
	IS_INT(r.n + r.n_warnings, 1, "nesting without end");
}

/* Cut everywhere: no prefix of a field reads out of bounds, none says more than the whole. */
static void
test_prefixes(void)
{
	static const char whole[] = " 1 (c); dkim=pass (x\\)) reason=\"a\\\"b\" header.d=\"corp.example\" "
				    "header.i=@corp.example; spf=fail smtp.mailfrom=\"q\"@b.example";
	unsigned n_wrong = 0;

	for (size_t n = 0; n < sizeof whole - 1; n++) {
		AUTO(arena) struct arena *a = arena_new();
		struct authres r;
		struct collect c = {NULL, "corp.example"};

		read_one(a, arena_strndup(a, whole, n), &r);
		n_wrong += authres_dmarc(&r, NULL) != AUTHRES_NONE || authres_login(&r) != NULL ||
		           authres_spf(&r, NULL) == AUTHRES_PASS;
		n_wrong += authres_dkim_pass(&r, aligned, &c) && n < 60;
	}
	IS_INT(n_wrong, 0, "no prefix says what the whole does not");
}

static void
test_access(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct authres r;
	struct collect c = {NULL, "b.example"};

	read_one(a, "; dkim=pass reason=\"a \\\"b\\\"\" header.d=A.Example header.s=S1; "
		    "dkim=pass header.d=b.example", &r);
	IS_INT(r.n, 2, "two results");
	IS_STR(r.result[0].reason, "a \"b\"", "the reason");
	IS_STR(authres_value(&r.result[0], "header", "d"), "A.Example", "a value as it stands");
	IS_STR(r.result[0].identity, "a.example", "the identity in lower case");
	OK(authres_value(&r.result[0], "header", "x") == NULL, "one that is not there");
	OK(authres_dkim_pass(&r, aligned, &c), "the second is aligned");
	c.want = "c.example";
	OK(!authres_dkim_pass(&r, aligned, &c), "a third is not");
	struct authres_trust nobody = {"", 0};
	struct mail m;
	const char *head = AR "\"\"; dkim=pass header.d=a.example\n" REST;
	make_mail(a, head, strlen(head), &m);
	authres_read(a, &m, &nobody, &r);
	IS_INT(r.n + r.n_forged + r.n_fields, 0, "an empty id is nobody's");
}

int
main(void)
{
	try_all(forms, N_ELEMENTS(forms), 0);
	try_all(ids, N_ELEMENTS(ids), 0);
	try_all(malformed, N_ELEMENTS(malformed), 0);
	try_all(doubtful, N_ELEMENTS(doubtful), 0);
	try_all(above, N_ELEMENTS(above), 0);
	try_all(below_own, N_ELEMENTS(below_own), 1);
	test_copies();
	test_limits();
	test_prefixes();
	test_access();
	return tap_done();
}

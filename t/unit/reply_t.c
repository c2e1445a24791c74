/* t/unit/reply_t.c - signed addresses: made, read back, guessed, passed on to somebody else */
#include "reply.h"
#include "arena.h"
#include "tap.h"
#include <ctype.h>
#include <unistd.h>

enum { NOW_S = 1800000000 };

static const struct reply_place support = {"support@example.org", "+"};

static struct reply_mark
ticket(const char *prefix, uint64_t number)
{
	struct reply_mark m = {.kind = REPLY_TICKET, .about = {.number = number}};

	(void)snprintf(m.about.prefix, sizeof m.about.prefix, "%s", prefix);
	return m;
}

static void
upper(char *text)
{
	for (; *text != '\0'; text++)
		*text = (char)toupper((unsigned char)*text);
}

/* Whether an address at a place proves the mark for a person. */
static bool
proves(struct arena *a, const struct sign *s, const struct reply_place *place, const char *address,
       const struct reply_mark *mark, const char *person)
{
	const char *extension = reply_extension(a, place, address);
	struct reply_found found;

	return extension != NULL && reply_read(extension, &found, NULL) &&
	       found.mark.kind == mark->kind && found.mark.about.number == mark->about.number &&
	       strcmp(found.mark.about.prefix, mark->about.prefix) == 0 &&
	       reply_check(s, &found, person, NOW_S);
}

static void
test_round_trip(struct arena *a, const struct sign *s)
{
	static const struct reply_place places[] = {
		{"support@example.org", "+"},   {"support@example.org", "-"},
		{"support@example.org", "_"},   {"support@example.org", "="},
		{"support@example.org", "#"},   {"support@example.org", "~"},
		{"tech-support@example.org", "-"}, {"it=help@example.org", "="},
		{"a+b+c@example.org", "+"},     {"Support@Example.ORG", "+"},
		{"assistance@xn--bcher-kva.example", "+"}, {"помощь@пример.example", "+"},
	};
	const struct reply_mark marks[] = {
		ticket("ACM", 1), ticket("ACM", 10423), ticket("IT", 99999999), ticket("HELD", 17),
		ticket("SUPPORTX", 123456789),
		{REPLY_BOUNCE, {"", 1}}, {REPLY_BOUNCE, {"", 18446744073709551615U}},
		{REPLY_RELEASE, {"", 17}}, {REPLY_DROP, {"", 9007199254740993U}},
	};

	for (size_t i = 0; i < N_ELEMENTS(places); i++)
		for (size_t j = 0; j < N_ELEMENTS(marks); j++) {
			char *address = reply_make(a, s, &places[i], &marks[j], "Ann@Example.net");

			OK(address != NULL, "it fits");
			if (address == NULL)
				continue;
			OK(proves(a, s, &places[i], address, &marks[j], "ann@example.NET"), address);
			for (char *c = address; *c != '\0'; c++)
				*c = (char)(*c & 0x80 ? *c : toupper((unsigned char)*c));
			OK(proves(a, s, &places[i], address, &marks[j], "ann@example.net"), address);
		}
	struct reply_mark m = ticket("ACM", 10423);
	char *address = reply_make(a, s, &support, &m, "ann@example.net");
	OK(strncmp(address, "support+acm-104231-", 19) == 0, "a person can see the ticket in it");
	IS_INT(strlen(address), 19 + SIGN_TAG_LETTERS + strlen("@example.org"), "and nothing else");
	struct reply_mark bounce = {REPLY_BOUNCE, {"", 42}};
	address = reply_make(a, s, &support, &bounce, "");
	OK(strncmp(address, "support+undelivered-42-", 23) == 0, address);
	OK(proves(a, s, &support, address, &bounce, ""), "a bounce address may be nobody's");
	OK(!proves(a, s, &support, address, &bounce, "ann@example.net"), "and then is not somebody's");
}

static void
test_does_not_fit(struct arena *a, const struct sign *s)
{
	const struct reply_mark m = ticket("ACM", 10423); /* "+acm-104231-" and a tag: 25 */
	char local[80] = "";
	struct reply_place place = {NULL, "+"};

	memset(local, 'q', 39);
	place.address = arena_printf(a, "%s@example.org", local);
	char *address = reply_make(a, s, &place, &m, "ann@example.net");
	OK(address != NULL && strchr(address, '@') - address == 64, "64 octets are allowed");
	place.address = arena_printf(a, "q%s@example.org", local);
	OK(reply_make(a, s, &place, &m, "ann@example.net") == NULL, "65 are not");
	place = (struct reply_place){"support@example.org", ""};
	OK(reply_make(a, s, &place, &m, "ann@example.net") == NULL, "no delimiter, no address");
	OK(reply_extension(a, &place, "support+x@example.org") == NULL, "and no extension");
	place = (struct reply_place){"support", "+"};
	OK(reply_make(a, s, &place, &m, "ann@example.net") == NULL, "no domain");
	OK(reply_extension(a, &place, "support+x@example.org") == NULL, "no extension there");
	static const char *const nobody[] = {"", "ann", "ann@example.net\n", "\"a b\"@example.net",
	                                     "<ann@example.net>", "a@b@c"};
	for (size_t i = 0; i < N_ELEMENTS(nobody); i++)
		OK(reply_make(a, s, &support, &m, nobody[i]) == NULL, "a person has an address");
	struct reply_mark drop = {REPLY_DROP, {"", 17}};
	OK(reply_make(a, s, &support, &drop, "") == NULL, "held mail is somebody's business");
}

static void
test_extension(struct arena *a)
{
	static const struct {
		struct reply_place place;
		const char *address, *extension;
	} cases[] = {
		{{"support@example.org", "+"}, "support+x@example.org", "x"},
		{{"support@example.org", "+"}, "SUPPORT+X@EXAMPLE.ORG", "X"},
		{{"support@example.org", "+"}, "support+x+y@example.org", "x+y"},
		{{"support@example.org", "+"}, "support@example.org", NULL},
		{{"support@example.org", "+"}, "support+@example.org", NULL},
		{{"support@example.org", "+"}, "support-x@example.org", NULL},
		{{"support@example.org", "+"}, "supportx+x@example.org", NULL},
		{{"support@example.org", "+"}, "suppor+x@example.org", NULL},
		{{"support@example.org", "+"}, "support+x@example.com", NULL},
		{{"support@example.org", "+"}, "support+x@example.org.evil", NULL},
		{{"support@example.org", "+"}, "support+x", NULL},
		{{"support@example.org", "+"}, "", NULL},
		{{"tech-support@example.org", "-"}, "tech-support-x-y@example.org", "x-y"},
		{{"tech@example.org", "-"}, "tech-support-x@example.org", "support-x"},
		{{"support@example.org", "+"}, "support+x@evil@example.org", "x@evil"},
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		const char *extension = reply_extension(a, &cases[i].place, cases[i].address);

		if (cases[i].extension == NULL)
			OK(extension == NULL, cases[i].address);
		else
			IS_STR(extension, cases[i].extension, cases[i].address);
	}
}

static void
test_not_ours(void)
{
	static const char *const extensions[] = {
		"", "-", "--", "---", "x", "newsletter", "acm-104231", "acm-104231-",
		"acm-104231-short", "acm-104231-aaaaaaaaaaaaaa", "acm-104231-aaaaaaaaaaaa1",
		"acm-104231-aaaaaaaaaaaa\t", "acm-104231aaaaaaaaaaaaa", "acm--aaaaaaaaaaaaa",
		"-104231-aaaaaaaaaaaaa", "acm-x-aaaaaaaaaaaaa", "acm104231-aaaaaaaaaaaaa",
		"[acm-104231]-aaaaaaaaaaaaa", "acm -104231-aaaaaaaaaaaaa",
		" acm-104231-aaaaaaaaaaaaa", "acm-1042 31-aaaaaaaaaaaaa",
		"acm-104231-x-aaaaaaaaaaaaa", "acmacmacm-104231-aaaaaaaaaaaaa",
		"acm-99999999999999999999999-aaaaaaaaaaaaa", "undelivered-aaaaaaaaaaaaa",
		"undelivered--aaaaaaaaaaaaa", "undelivered-0-aaaaaaaaaaaaa",
		"undelivered-042-aaaaaaaaaaaaa", "undelivered-+42-aaaaaaaaaaaaa",
		"undelivered-42x-aaaaaaaaaaaaa", "undelivered-18446744073709551616-aaaaaaaaaaaaa",
		"undelivered42-aaaaaaaaaaaaa", "held-17-x-aaaaaaaaaaaaa", "held-drop-aaaaaaaaaaaaa",
		"held-keep-17-aaaaaaaaaaaaa", "held-release-17-18-aaaaaaaaaaaaa",
		"held-release-held-drop-17-aaaaaaaaaaaaa",
		"acm\342\200\220104231-aaaaaaaaaaaaa", "acm-104231\xc2\xa0-aaaaaaaaaaaaa",
	};
	struct reply_found found = {.tag = "untouched"};
	bool mistyped = true;

	for (size_t i = 0; i < N_ELEMENTS(extensions); i++) {
		OK(!reply_read(extensions[i], &found, &mistyped), extensions[i]);
		OK(!mistyped, "nor is it a slip of the hand");
	}
	OK(!reply_read("acm-104232-aaaaaaaaaaaaa", &found, &mistyped), "a wrong check digit");
	OK(mistyped, "is one");
	IS_STR(found.tag, "untouched", "nothing was given on the way");
	OK(reply_read("ACM-104231-AAAAAAAAAAAAA", &found, NULL), "the form alone");
	IS_STR(found.tag, "aaaaaaaaaaaaa", "gives the tag in lower case");
	IS_STR(found.mark.about.prefix, "ACM", "the prefix in upper case");
	IS_INT(found.mark.about.number, 10423, "and the number");
}

/* Each letter changed to each other one, and all the wrong people. */
static void
test_guessed(struct arena *a, const struct sign *s)
{
	const struct reply_mark m = ticket("ACM", 10423);
	const char *address = reply_make(a, s, &support, &m, "ann@example.net");
	static const char *const others[] = {
		"", "bob@example.net", "ann@example.com", "ann@example.net.evil", "aann@example.net",
		"nn@example.net", "ann@evil@example.net", "support@example.org", "ann", "@example.net",
		"ann@example.net ", "\xd0\xb0nn@example.net", /* a Cyrillic letter */
	};
	unsigned n_tried = 0, n_passed = 0;
	struct reply_found found;

	for (size_t i = strlen("support+acm-"); address[i] != '@'; i++)
		for (const char *c = "abcdefghijklmnopqrstuvwxyz0123456789-+."; *c != '\0'; c++) {
			char *other = arena_strdup(a, address);
			const char *extension;

			other[i] = *c;
			extension = reply_extension(a, &support, other);
			n_tried += *c != address[i];
			n_passed += *c != address[i] && extension != NULL &&
			            reply_read(extension, &found, NULL) &&
			            reply_check(s, &found, "ann@example.net", NOW_S);
		}
	OK(n_tried > 700, "many were tried");
	IS_INT(n_passed, 0, "no single wrong letter passes");
	for (size_t i = 0; i < N_ELEMENTS(others); i++)
		OK(!proves(a, s, &support, address, &m, others[i]), "not for somebody else");
	OK(proves(a, s, &support, address, &m, "ann@example.net"), "for her it is right");
}

/* A tag that was made for one thing put where another thing stands. */
static void
test_transplant(struct arena *a, const struct sign *s)
{
	const char *next = arena_printf(a, "acm-10424%u", token_check_digit(10424));
	const char *const fronts[] = {"acm-104231", "it-104231", next, "undelivered-10423",
	                              "held-release-10423", "held-drop-10423"};
	struct reply_mark marks[] = {ticket("ACM", 10423), {REPLY_BOUNCE, {"", 10423}},
	                             {REPLY_RELEASE, {"", 10423}}, {REPLY_DROP, {"", 10423}}};
	unsigned n_passed = 0, n_read = 0;

	for (size_t i = 0; i < N_ELEMENTS(marks); i++) {
		char *address = reply_make(a, s, &support, &marks[i], "ann@example.net");
		const char *tag = strrchr(address, '-') + 1;

		for (size_t j = 0; j < N_ELEMENTS(fronts); j++) {
			char *other = arena_printf(a, "%s-%.13s", fronts[j], tag);
			struct reply_found found;

			bool has_form = reply_read(other, &found, NULL);
			n_read += has_form;
			n_passed += has_form && reply_check(s, &found, "ann@example.net", NOW_S);
		}
	}
	IS_INT(n_read, N_ELEMENTS(marks) * N_ELEMENTS(fronts), "all have the form");
	/* Each at its own front; a reply also at the other prefix, which names the same ticket. */
	IS_INT(n_passed, N_ELEMENTS(marks) + 1, "only what was signed passes");
}

static void
test_rotated(struct arena *a, struct sign *s)
{
	const struct reply_mark m = ticket("ACM", 10423);
	char letter = '?', *address = reply_make(a, s, &support, &m, "ann@example.net");
	struct reply_found found;
	struct why why = {""};

	IS_INT(sign_rotate(s, NOW_S, 100, &letter, &why), SIGN_OK, "the ring turns");
	OK(reply_read(reply_extension(a, &support, address), &found, NULL), "an older address");
	OK(reply_check(s, &found, "ann@example.net", NOW_S + 99), "is honoured");
	OK(!reply_check(s, &found, "ann@example.net", NOW_S + 100), "for a time");
	upper(address);
	OK(proves(a, s, &support, address, &m, "ann@example.net"), "in any case");
}

int
main(void)
{
	char dir[] = "/tmp/reply_t.XXXXXX";
	AUTO(arena) struct arena *a = arena_new();
	struct sign *s = NULL;
	struct why why = {""};

	if (mkdtemp(dir) == NULL || sign_open(dir, &s, &why) != SIGN_OK) {
		printf("Bail out! %s\n", why.text);
		return 1;
	}
	test_round_trip(a, s);
	test_does_not_fit(a, s);
	test_extension(a);
	test_not_ours();
	test_guessed(a, s);
	test_transplant(a, s);
	test_rotated(a, s);
	sign_close(&s);
	(void)unlink(arena_printf(a, "%s/keys", dir));
	(void)rmdir(dir);
	return tap_done();
}

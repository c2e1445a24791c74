/* t/unit/ref_t.c - Message-IDs of ours: made, read back, guessed, and those of another instance */
#include "ref.h"
#include "arena.h"
#include "tap.h"
#include <ctype.h>
#include <unistd.h>

enum { NOW_S = 1800000000 };

static const char instance[] = "tickets.example.org";

static void
test_round_trip(struct arena *a, const struct sign *s)
{
	static const uint64_t tickets[] = {1, 9, 10423, 999999999999};
	static const uint64_t serials[] = {1, 42, UINT64_MAX};

	for (size_t i = 0; i < N_ELEMENTS(tickets); i++)
		for (size_t j = 0; j < N_ELEMENTS(serials); j++) {
			char *id = ref_make(a, s, "ACM", tickets[i], serials[j], instance);
			uint64_t ticket = 0;

			OK(ref_read(s, id, instance, NOW_S, &ticket) && ticket == tickets[i], id);
			for (char *c = id; *c != '\0'; c++)
				*c = (char)toupper((unsigned char)*c);
			ticket = 0;
			OK(ref_read(s, id, instance, NOW_S, &ticket) && ticket == tickets[i], id);
			OK(ref_looks_ours(id, instance), "it looks ours");
		}
	OK(strcmp(ref_make(a, s, "ACM", 7, 1, instance), ref_make(a, s, "ACM", 7, 2, instance)) != 0,
	   "two mails of a ticket have different ids");
	OK(strncmp(ref_make(a, s, "ACM", 10423, 1, instance), "acm-104231.1.", 13) == 0,
	   "a person can see the ticket in it");
}

/* Each letter changed to each other one: it is never an id of another ticket, and never one of
 * this. */
static void
test_guessed(struct arena *a, const struct sign *s)
{
	const char *id = ref_make(a, s, "ACM", 10423, 42, instance);
	size_t n = strlen(id) - strlen(instance) - 1;
	unsigned n_passed = 0, n_tried = 0;

	for (size_t i = 4; i < n; i++) /* the prefix is for people; the number is what is signed */
		for (const char *c = "abcdefghijklmnopqrstuvwxyz0123456789.-@"; *c != '\0'; c++) {
			char *other = arena_strdup(a, id);
			uint64_t ticket = 0;

			other[i] = *c;
			n_tried += *c != id[i];
			n_passed += *c != id[i] && ref_read(s, other, instance, NOW_S, &ticket);
		}
	OK(n_tried > 500, "many were tried");
	IS_INT(n_passed, 0, "no single wrong letter passes");
}

static void
test_not_ours(struct arena *a, const struct sign *s)
{
	static const char *const ids[] = {
		"", "@", ".", "..@", "...", "a@b", "acm-104231@tickets.example.org",
		"acm-104231.1@tickets.example.org", "acm-104237.1.@tickets.example.org",
		"acm-104231..aaaaaaaaaaaaa@tickets.example.org",
		"acm-104232.1.aaaaaaaaaaaaa@tickets.example.org", /* wrong check digit */
		".1.aaaaaaaaaaaaa@tickets.example.org",
		"acm-104231.x.aaaaaaaaaaaaa@tickets.example.org",
		"acm-104231.123456789012345678901.aaaaaaaaaaaaa@tickets.example.org",
		"acm-104231.1.aaaaaaaaaaaaaa@tickets.example.org",
		"acm-104231.1.aaaaaaaaaaaaa", "CAF=x.y.z+1@mail.gmail.com",
	};
	uint64_t ticket = 7;

	for (size_t i = 0; i < N_ELEMENTS(ids); i++)
		OK(!ref_read(s, ids[i], instance, NOW_S, &ticket) && !ref_looks_ours(ids[i], instance), ids[i]);
	const char *guess = "acm-104231.1.aaaaaaaaaaaaa@tickets.example.org";
	OK(!ref_read(s, guess, instance, NOW_S, &ticket), "a guessed MAC proves nothing");
	OK(ref_looks_ours(guess, instance), "but has our form");
	char *id = ref_make(a, s, "ACM", 10423, 1, "other.example.org");
	OK(!ref_read(s, id, instance, NOW_S, &ticket) && !ref_looks_ours(id, instance), "another instance's is not ours");
	char *nested = arena_printf(a, "%s@other.example.org", ref_make(a, s, "ACM", 10423, 1, instance));
	OK(!ref_read(s, nested, instance, NOW_S, &ticket), "nor ours at another's");
	char *longer = arena_printf(a, "%0500d@%s", 1, instance);
	OK(!ref_looks_ours(longer, instance), "nor one longer than any of ours");
	IS_INT(ticket, 7, "and no ticket was named on the way");
}

static void
test_other_ring(struct arena *a, const struct sign *s)
{
	char dir[] = "/tmp/ref_t.XXXXXX";
	struct sign *theirs = NULL;
	struct why why = {""};
	uint64_t ticket = 0;

	if (mkdtemp(dir) == NULL || sign_open(dir, &theirs, &why) != SIGN_OK) {
		OK(false, why.text);
		return;
	}
	OK(!ref_read(s, ref_make(a, theirs, "ACM", 10423, 1, instance), instance, NOW_S, &ticket),
	   "the same name with another ring's keys is not ours");
	sign_close(&theirs);
	(void)unlink(arena_printf(a, "%s/keys", dir));
	(void)rmdir(dir);
}

/* Ids in the References of old mail outlive the key that signed them, for a time. */
static void
test_rotated(struct arena *a, struct sign *s)
{
	char *id = ref_make(a, s, "ACM", 10423, 1, instance), letter = '?';
	uint64_t ticket = 0;
	struct why why = {""};

	IS_INT(sign_rotate(s, NOW_S, 100, &letter, &why), SIGN_OK, "the ring turns");
	OK(ref_read(s, id, instance, NOW_S + 99, &ticket) && ticket == 10423, "an older id holds");
	OK(!ref_read(s, id, instance, NOW_S + 100, &ticket), "for a time");
	OK(ref_looks_ours(id, instance), "and has our form for ever");
	id = ref_make(a, s, "ACM", 10423, 2, instance);
	OK(ref_read(s, id, instance, NOW_S + 100, &ticket), "a new one holds");
	IS_INT(sign_retire(s, 'a', &why), SIGN_OK, "the older key is retired");
	OK(ref_read(s, id, instance, NOW_S, &ticket), "which ends nothing of the new one");
}

int
main(void)
{
	char dir[] = "/tmp/ref_t.XXXXXX";
	AUTO(arena) struct arena *a = arena_new();
	struct sign *s = NULL;
	struct why why = {""};

	if (mkdtemp(dir) == NULL || sign_open(dir, &s, &why) != SIGN_OK) {
		printf("Bail out! %s\n", why.text);
		return 1;
	}
	test_round_trip(a, s);
	test_guessed(a, s);
	test_not_ours(a, s);
	test_other_ring(a, s);
	test_rotated(a, s);
	sign_close(&s);
	(void)unlink(arena_printf(a, "%s/keys", dir));
	(void)rmdir(dir);
	return tap_done();
}

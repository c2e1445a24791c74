/* t/unit/gate_t.c - who may come in: each kind of address, over a real store and real keys */
#include "gate.h"
#include "conf.h"
#include "party.h"
#include "reply.h"
#include "sign.h"
#include "store_fix.h"
#include "token.h"

#define ANN "ann@example.net"
#define BOB "bob@example.net"
#define EVE "eve@example.com"
#define JO "jo@example.org"
#define POSTMASTER "postmaster@tickets.example.org"

enum { NOW_S = 1800000000, GUESSES = 1000 };

struct bench {
	struct arena *arena;
	struct store *store;
	struct sign *sign;
	struct settings *settings;
	struct conf conf;
	int64_t now_s;
};

static const struct reply_place support = {"support@example.org", "+"};

/* 101 open: Ann. 102 merged into 103: Bob. 104 merged into one that is not there. 105: none of
 * ours. 110 … 120: a chain of merges that is too long. */
static enum store_err
fill(struct store_txn *txn, void *arg)
{
	static const struct participant ann = {ANN, "", ROLE_REQUESTER, 1, false};
	static const struct participant bob = {BOB, "", ROLE_PARTICIPANT, 1, false};
	struct ticket t[16];
	size_t n = 5;
	enum store_err e = STORE_OK;

	(void)arg;
	for (size_t i = 0; i < N_ELEMENTS(t); i++)
		t[i] = fix_ticket(i < 5 ? 101 + i : 105 + i);
	t[0].participant = &ann;
	t[0].n_participants = 1;
	t[1].state = t[3].state = TICKET_MERGED;
	t[1].heir = 103;
	t[2].participant = &bob;
	t[2].n_participants = 1;
	t[3].heir = 999;
	t[4].queue = "gone";
	for (; n < N_ELEMENTS(t); n++) {
		t[n].state = n + 1 < N_ELEMENTS(t) ? TICKET_MERGED : TICKET_OPEN;
		t[n].heir = n + 1 < N_ELEMENTS(t) ? t[n].id + 1 : 0;
	}
	t[n - 1].participant = &bob;
	t[n - 1].n_participants = 1;
	for (size_t i = 0; e == STORE_OK && i < n; i++)
		e = ticket_create(txn, &t[i], &fix_why);
	return e;
}

static enum store_err
join_names(struct store_txn *txn, void *arg)
{
	const struct party_note note = {"root", NOW_S};

	(void)arg;
	return party_merge(txn, ANN, "ann@home.example", &note, &fix_why);
}

static enum store_err
remove_ann(struct store_txn *txn, void *arg)
{
	struct ticket before, after;
	enum store_err e = ticket_lock(txn, arg, 101, &before, &fix_why);

	after = before;
	after.n_participants = 0;
	return e == STORE_OK ? ticket_update(txn, &before, &after, &fix_why) : e;
}

static enum gate_answer
ask(const struct bench *b, const char *address)
{
	struct gate g = {&b->conf, b->sign, b->store, b->now_s};

	return gate_ask(&g, address, &fix_why);
}

static char *
address_of(const struct bench *b, enum reply_kind kind, uint64_t number, const char *person)
{
	struct reply_mark m = {.kind = kind, .about = {.prefix = "ACM", .number = number}};

	return reply_make(b->arena, b->sign, &support, &m, person);
}

static void
is(const struct bench *b, const char *address, enum gate_answer want, const char *what)
{
	IS_STR(gate_row(ask(b, address))->name, gate_row(want)->name, what);
}

static void
test_without_tags(const struct bench *b)
{
	static const struct {
		const char *address;
		enum gate_answer want;
	} cases[] = {
		{"support@example.org", GATE_QUEUE}, {"SUPPORT@Example.ORG", GATE_QUEUE},
		{"help@example.org", GATE_QUEUE},    {"support+news@example.org", GATE_QUEUE},
		{"support+acm-101@example.org", GATE_QUEUE},
		{"support+@example.org", GATE_QUEUE},
		{"support+acm-1012-short@example.org", GATE_QUEUE},
		{"info@example.org", GATE_UNKNOWN},  {"support@example.com", GATE_UNKNOWN},
		{"supporter@example.org", GATE_UNKNOWN}, {"support@", GATE_UNKNOWN},
		{"@example.org", GATE_UNKNOWN},      {"example.org", GATE_UNKNOWN},
		{"", GATE_UNKNOWN},                  {"+", GATE_UNKNOWN},
		{"support@example.org@example.org", GATE_UNKNOWN},
		{"\xff\xfe@example.org", GATE_UNKNOWN},
	};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++)
		is(b, cases[i].address, cases[i].want, cases[i].address);
}

static void
test_replies(const struct bench *b)
{
	char *ann = address_of(b, REPLY_TICKET, 101, ANN);

	is(b, ann, GATE_PROVEN, "the requester's");
	for (char *c = ann; *c != '@'; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
	is(b, ann, GATE_PROVEN, "in capitals");
	is(b, address_of(b, REPLY_TICKET, 101, JO), GATE_PROVEN, "an agent's");
	is(b, address_of(b, REPLY_TICKET, 101, BOB), GATE_INVALID, "of one who has no part in it");
	is(b, address_of(b, REPLY_TICKET, 100, ANN), GATE_INVALID, "of a ticket that is not there");
	is(b, address_of(b, REPLY_TICKET, 102, BOB), GATE_PROVEN, "the heir's participant");
	is(b, address_of(b, REPLY_TICKET, 102, ANN), GATE_INVALID, "not of the heir");
	is(b, address_of(b, REPLY_TICKET, 104, BOB), GATE_UNASKED, "a broken heir is not a no");
	is(b, address_of(b, REPLY_TICKET, 104, JO), GATE_PROVEN, "where there is no need to ask it");
	is(b, address_of(b, REPLY_TICKET, 105, JO), GATE_INVALID, "a queue that is gone has no agents");
	is(b, address_of(b, REPLY_TICKET, 119, BOB), GATE_PROVEN, "one heir on");
	is(b, address_of(b, REPLY_TICKET, 110, BOB), GATE_INVALID, "heirs are not followed for ever");
	struct reply_mark other = {.kind = REPLY_TICKET, .about = {"IT", 101}};
	is(b, reply_make(b->arena, b->sign, &support, &other, ANN), GATE_INVALID, "another prefix");
	struct reply_place help = {"help@example.org", "+"};
	struct reply_mark same = {.kind = REPLY_TICKET, .about = {"ACM", 101}};
	is(b, reply_make(b->arena, b->sign, &help, &same, ANN), GATE_PROVEN, "by another address");
}

static void
test_orders(const struct bench *b)
{
	static const enum reply_kind kinds[] = {REPLY_RELEASE, REPLY_DROP};

	for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
		is(b, address_of(b, kinds[i], 17, POSTMASTER), GATE_PROVEN, "the postmaster's order");
		is(b, address_of(b, kinds[i], 17, ANN), GATE_INVALID, "somebody else's");
	}
	is(b, address_of(b, REPLY_BOUNCE, 42, ""), GATE_PROVEN, "a bounce address");
	is(b, "support+undelivered-42-aaaaaaaaaaaaa@example.org", GATE_INVALID, "an invented one");
	is(b, "support+held-drop-17-aaaaaaaaaaaaa@example.org", GATE_INVALID, "an invented order");
}

/* Guessing: 1,000 tags at random, each letter of a good one changed, a mistyped number. */
static void
test_guesses(const struct bench *b)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	char *good = address_of(b, REPLY_TICKET, 101, ANN);
	size_t tag = (size_t)(strrchr(good, '-') + 1 - good);
	unsigned n_in = 0, n_else = 0;

	for (unsigned i = 0; i < GUESSES; i++) {
		char *guess = arena_strdup(b->arena, good);

		for (size_t j = tag; guess[j] != '@'; j++)
			guess[j] = letters[rand() % 32];
		n_in += strcmp(guess, good) != 0 && ask(b, guess) != GATE_INVALID;
	}
	for (size_t j = tag; good[j] != '@'; j++) {
		char *guess = arena_strdup(b->arena, good);

		guess[j] = guess[j] == 'a' ? 'b' : 'a';
		n_else += ask(b, guess) != GATE_INVALID;
	}
	IS_INT(n_in, 0, "no guess comes in");
	IS_INT(n_else, 0, "nor does one with a letter changed");
	good[strlen("support+acm-101")] = (char)('0' + (token_check_digit(101) + 1) % 10);
	is(b, good, GATE_INVALID, "a wrong check digit, with a tag");
}

static void
test_names(struct bench *b)
{
	const char *home = address_of(b, REPLY_TICKET, 101, "ann@home.example");

	is(b, home, GATE_INVALID, "an address of nobody's");
	IS_INT(store_run(b->store, join_names, NULL, &fix_why), STORE_OK, "joined to Ann's");
	is(b, home, GATE_PROVEN, "is hers");
}

static void
test_ends(struct bench *b)
{
	const char *ann = address_of(b, REPLY_TICKET, 101, ANN);
	const char *jo = address_of(b, REPLY_TICKET, 101, JO);
	const char *drop = address_of(b, REPLY_DROP, 17, POSTMASTER);
	struct sign_key key[SIGN_KEYS_MAX];
	char letter = '?';

	IS_INT(sign_rotate(b->sign, b->now_s, 100, &letter, &fix_why), SIGN_OK, "the ring turns");
	is(b, ann, GATE_PROVEN, "an old key counts");
	b->now_s += 100;
	is(b, ann, GATE_INVALID, "until its time");
	is(b, drop, GATE_INVALID, "for orders too");
	b->now_s -= 100;
	IS_INT(store_run(b->store, remove_ann, b->arena, &fix_why), STORE_OK, "Ann leaves");
	is(b, ann, GATE_INVALID, "and her address with her");
	is(b, jo, GATE_PROVEN, "the agent's stays");
	(void)sign_list(b->sign, key);
	IS_INT(sign_retire(b->sign, key[0].letter, &fix_why), SIGN_OK, "the first key is retired");
	is(b, jo, GATE_INVALID, "and nothing it made counts");
	is(b, "support@example.org", GATE_QUEUE, "the plain address always does");
}

/* What the answers mean at each door: refused is what must be, and only that. */
static void
test_table(void)
{
	for (int i = 0; i < GATE_COUNT; i++) {
		const struct gate_row *row = gate_row((enum gate_answer)i);
		bool refuses = strncmp(row->action, "550 5.", 6) == 0;

		OK(refuses == (i == GATE_INVALID), "only what is invalid is refused by us");
		OK((row->lmtp == OUT_NOQUEUE) == (i == GATE_UNKNOWN), "LMTP: only the unknown");
		OK((row->recipient == SOCKETMAP_TEMPORARY) == (i == GATE_UNASKED), "later is not no");
		OK((row->access == SOCKETMAP_TEMPORARY) == (i == GATE_UNASKED), "nor here");
	}
	IS_STR(gate_row(GATE_UNKNOWN)->action, "", "no opinion about somebody else's mailbox");
}

int
main(void)
{
	static const char *const overrides[] = {
		"instance=tickets.example.org", "queue.support.prefix=ACM",
		"queue.support.address=support@example.org, help@example.org",
		"queue.support.agents=jo@example.org"};
	static const char *const prefixes[] = {"ACM", NULL};
	struct bench b = {.arena = arena_new(), .now_s = NOW_S};

	fix_make_dir();
	struct store_options options = fix_options();
	b.store = fix_open(&options);
	if (settings_load(NULL, overrides, N_ELEMENTS(overrides), &b.settings, &fix_why) !=
	            SETTINGS_OK ||
	    sign_open(fix_dir, &b.sign, &fix_why) != SIGN_OK ||
	    store_run(b.store, fill, NULL, &fix_why) != STORE_OK) {
		printf("Bail out! %s\n", fix_why.text);
		return 1;
	}
	b.conf = (struct conf){.settings = b.settings, .prefixes = prefixes};
	test_table();
	test_without_tags(&b);
	test_replies(&b);
	test_orders(&b);
	test_guesses(&b);
	test_names(&b);
	test_ends(&b);
	sign_close(&b.sign);
	store_close(&b.store);
	settings_free(&b.settings);
	arena_free(&b.arena);
	fix_remove(fix_dir);
	return tap_done();
}

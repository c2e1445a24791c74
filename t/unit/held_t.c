/* t/unit/held_t.c - held mail from the first day to the last, queue ids, and persons, over a real store */
#include "held.h"
#include "blob.h"
#include "message.h"
#include "party.h"
#include "queue_id.h"
#include "store_fix.h"
#include <string.h>

#define ANN "ann@example.net"
#define HOME "ann@home.test"
#define WORK "ann@work.test"
#define EVE "eve@evil.test"

struct step {
	struct store *store;
	struct arena *arena;
	enum store_err (*run)(struct store_txn *txn, struct step *s);
	struct held_entry held;
	struct queue_id_place place[QUEUE_ID_PLACES_MAX];
	const char *const *names;
	const char *one, *other;
	uint64_t id;
	size_t n;
	bool same;
};

static enum store_err
call(struct store_txn *txn, void *arg)
{
	struct step *s = arg;

	return s->run(txn, s);
}

static enum store_err
run(struct step *s, enum store_err (*what)(struct store_txn *txn, struct step *s))
{
	s->run = what;
	return store_run(s->store, call, s, &fix_why);
}

static const char octets[] = "From: x\r\n\r\nx\r\n";

static enum store_err
put(struct store_txn *txn, struct step *s)
{
	enum store_err e = blob_put(txn, &s->held.blob, octets, &fix_why);

	return e == STORE_OK ? held_put(txn, &s->held, &fix_why) : e;
}

static enum store_err
end(struct store_txn *txn, struct step *s)
{
	enum held_fate fate = s->held.fate;
	enum store_err e = held_lock(txn, s->arena, s->id, &s->held, &fix_why);

	s->held.fate = fate;
	s->held.fate_s = 2000;
	s->held.fate_who = "root";
	s->held.fate_how = "shell";
	s->held.ticket = fate == HELD_RELEASED ? 100 : 0;
	return e == STORE_OK ? held_end(txn, &s->held, &fix_why) : e;
}

static enum store_err
find_done(struct store_txn *txn, struct step *s)
{
	return held_find_done(txn, s->arena, s->id, &s->held, &fix_why);
}

static enum store_err
find_waiting(struct store_txn *txn, struct step *s)
{
	return held_find(txn, s->arena, s->id, &s->held, &fix_why);
}

static enum store_err
read_octets(struct store_txn *txn, struct step *s)
{
	char *got = NULL;

	return blob_read(txn, s->arena, &s->held.blob, &got, &s->n, &fix_why);
}

static enum store_err
forget(struct store_txn *txn, struct step *s)
{
	return held_forget(txn, s->id, &fix_why);
}

static enum store_err
find_id(struct store_txn *txn, struct step *s)
{
	return queue_id_find(txn, "4QxYz", s->place, &s->n, &fix_why);
}

/* Put a fresh entry; gives its number. */
static uint64_t
hold(struct step *s, int64_t at_s)
{
	uint64_t id = 0;

	OK(store_number(s->store, STORE_ROWS, &id, &fix_why) == STORE_OK, "a number");
	s->held = (struct held_entry){
		.id = id,
		.at_s = at_s,
		.cause = HELD_FORGED,
		.detail = "d",
		.queue = "support",
		.envelope = {.queue_id = "4QxYz"},
	};
	OK(blob_prepare(s->store, octets, sizeof octets - 1, &s->held.blob, &fix_why) == STORE_OK,
	   "its octets");
	IS_INT(run(s, put), STORE_OK, "held");
	s->id = id;
	return id;
}

static void
test_fates(struct step *s)
{
	struct store_stats stats;
	uint64_t first = hold(s, 1000), second = hold(s, 1001);

	s->id = first;
	s->held.fate = HELD_RELEASED;
	IS_INT(run(s, end), STORE_OK, "released");
	IS_INT(run(s, find_waiting), STORE_ABSENT, "it waits no more");
	IS_INT(run(s, end), STORE_ABSENT, "and cannot be ended twice");
	IS_INT(run(s, find_done), STORE_OK, "but is known");
	IS_INT(s->held.fate, HELD_RELEASED, "as released");
	IS_STR(s->held.fate_who, "root", "by whom");
	IS_INT(s->held.ticket, 100, "to where");
	IS_INT(run(s, read_octets), STORE_OK, "its octets stay: they are the message's");
	store_stats(s->store, &stats);
	IS_INT(stats.n_held, 1, "one waits");
	IS_INT(run(s, find_id), STORE_OK, "by queue id");
	IS_INT(s->n, 2, "both are found");
	IS_INT(s->place[0].held, second, "the newest first");
	s->id = second;
	struct blob_ref blob = {0};
	IS_INT(run(s, find_waiting), STORE_OK, "the second");
	blob = s->held.blob;
	s->held.fate = HELD_DROPPED;
	IS_INT(run(s, end), STORE_OK, "dropped");
	s->held.blob = blob;
	IS_INT(run(s, read_octets), STORE_ABSENT, "its octets are gone");
	IS_INT(run(s, forget), STORE_OK, "forgotten");
	IS_INT(run(s, find_done), STORE_ABSENT, "for good");
	IS_INT(run(s, find_id), STORE_OK, "by queue id");
	IS_INT(s->n, 1, "only the other is found");
}

static void
test_many_places(struct step *s)
{
	for (int i = 0; i < QUEUE_ID_PLACES_MAX + 5; i++)
		hold(s, 3000 + i);
	IS_INT(run(s, find_id), STORE_OK, "a queue id with many places");
	IS_INT(s->n, QUEUE_ID_PLACES_MAX, "gives so many at most");
	IS_INT(s->place[0].at_s, 3000 + QUEUE_ID_PLACES_MAX + 4, "the newest");
}

static const struct party_note note = {"root", 5000};

static enum store_err
merge(struct store_txn *txn, struct step *s)
{
	return party_merge(txn, s->one, s->other, &note, &fix_why);
}

static enum store_err
split(struct store_txn *txn, struct step *s)
{
	return party_split(txn, s->one, &note, &fix_why);
}

static enum store_err
compare(struct store_txn *txn, struct step *s)
{
	return party_same(txn, s->one, s->other, &s->same, &fix_why);
}

static enum store_err
name(struct store_txn *txn, struct step *s)
{
	return party_names(txn, s->arena, s->one, &s->names, &s->n, &fix_why);
}

static bool
same(struct step *s, const char *one, const char *other)
{
	s->one = one;
	s->other = other;
	return run(s, compare) == STORE_OK && s->same;
}

static enum store_err
join(struct step *s, const char *one, const char *other)
{
	s->one = one;
	s->other = other;
	return run(s, merge);
}

static void
test_persons(struct step *s)
{
	OK(same(s, ANN, ANN) && !same(s, ANN, HOME), "each address is a person at first");
	IS_INT(join(s, ANN, HOME), STORE_OK, "two are joined");
	OK(same(s, ANN, HOME) && same(s, HOME, ANN), "and one person, asked either way");
	IS_INT(join(s, HOME, ANN), STORE_EXISTS, "already");
	IS_INT(join(s, WORK, EVE), STORE_OK, "two others");
	IS_INT(join(s, HOME, EVE), STORE_OK, "and all four, named by whichever");
	s->one = EVE;
	IS_INT(run(s, name), STORE_OK, "the names");
	IS_INT(s->n, 4, "are four");
	IS_STR(s->names[0], ANN, "the one that stood for the first stands for all");
	s->one = EVE;
	IS_INT(run(s, split), STORE_OK, "one is split off");
	IS_INT(run(s, split), STORE_ABSENT, "once");
	OK(!same(s, EVE, WORK) && same(s, WORK, HOME), "the others stay together");
	s->one = ANN;
	IS_INT(run(s, split), STORE_OK, "the one that stood for them goes");
	OK(!same(s, ANN, HOME) && same(s, WORK, HOME), "another stands for them");
}

static void
test_bound(struct step *s)
{
	enum store_err e = STORE_OK;

	for (int i = 0; e == STORE_OK && i < PARTY_ALIASES_MAX; i++)
		e = join(s, "many@x.test", arena_printf(s->arena, "a%d@x.test", i));
	IS_INT(e, STORE_OK, "a person has many addresses");
	IS_INT(join(s, "many@x.test", "one-more@x.test"), STORE_FULL, "but not more than the bound");
	OK(!same(s, "many@x.test", "one-more@x.test"), "nothing was changed then");
}

int
main(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct store_options o;

	fix_make_dir();
	o = fix_options();
	struct step s = {.store = fix_open(&o), .arena = a};
	test_fates(&s);
	test_many_places(&s);
	test_persons(&s);
	test_bound(&s);
	store_close(&s.store);
	fix_remove(fix_dir);
	return tap_done();
}

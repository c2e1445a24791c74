/* t/unit/tally_t.c - counts: windows, restart, undo, two at a time, damage, the sweep */
#include "kv.h"
#include "store_fix.h"
#include "tally.h"
#include <pthread.h>

enum { NOW_S = 2000000000, KEEP_S = 600, THREADS = 4, EACH = 50 };

static struct store *store;

struct one {
	struct tally_event event;
	bool undo;
	uint64_t n;
	int64_t within_s;
};

static enum store_err
add(struct store_txn *txn, void *arg)
{
	struct one *o = arg;
	enum store_err e = tally_add(txn, &o->event, &fix_why);

	return e == STORE_OK && o->undo ? STORE_EXISTS : e;
}

static enum store_err
look(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct one *o = arg;
	struct tally t;
	enum store_err e = tally_read(txn, a, o->event.kind, o->event.subject, &t, &fix_why);

	if (e == STORE_OK)
		o->n = tally_within(&t, o->event.at_s, o->within_s);
	return e;
}

static void
happen(const char *subject, int64_t at_s)
{
	struct one o = {.event = {TALLY_RECIPIENT, subject, at_s, KEEP_S}};

	if (store_run(store, add, &o, &fix_why) != STORE_OK)
		OK(false, fix_why.text);
}

static int64_t
within(const char *subject, int64_t now_s, int64_t within_s)
{
	struct one o = {.event = {TALLY_RECIPIENT, subject, now_s, KEEP_S}, .within_s = within_s};

	return store_peek(store, look, &o, &fix_why) == STORE_OK ? (int64_t)o.n : -1;
}

static void
test_windows(void)
{
	IS_INT(within("a@b.test", NOW_S, KEEP_S), 0, "what never happened counts nothing");
	for (int i = 0; i < 10; i++)
		happen("a@b.test", NOW_S + i * 10);
	happen("a@b.test", NOW_S + 90);
	IS_INT(within("a@b.test", NOW_S + 90, KEEP_S), 11, "all, in the widest window");
	IS_INT(within("a@b.test", NOW_S + 90, 30), 4, "of a narrow one, its own");
	IS_INT(within("a@b.test", NOW_S + 120, 30), 0, "none of it when it is over");
	IS_INT(within("c@b.test", NOW_S + 90, KEEP_S), 0, "each subject has its own count");
	happen("a@b.test", NOW_S + 50);
	IS_INT(within("a@b.test", NOW_S + 90, KEEP_S), 12, "a clock that went back counts, too");
	IS_INT(within("a@b.test", NOW_S - 2 * TALLY_AHEAD_S, KEEP_S), 0,
	       "what a wrong clock counted ahead stops nobody for long");
}

static void
test_many(void)
{
	for (int i = 0; i < TALLY_SLOTS_MAX + 100; i++)
		happen("many@b.test", NOW_S + i / 2 + i % 2 * 300);
	IS_INT(within("many@b.test", NOW_S + 700, 100000), TALLY_SLOTS_MAX + 100,
	       "none is lost when there are too many");
}

static void
test_restart(void)
{
	struct one o = {.event = {TALLY_RECIPIENT, "a@b.test", NOW_S + 90, KEEP_S}, .undo = true};
	struct store_options options = fix_options();

	IS_INT(store_run(store, add, &o, &fix_why), STORE_EXISTS, "a transaction that is undone");
	IS_INT(within("a@b.test", NOW_S + 90, KEEP_S), 12, "has counted nothing");
	store_close(&store);
	store = fix_open(&options);
	IS_INT(within("a@b.test", NOW_S + 90, KEEP_S), 12, "a restart keeps the counts");
}

static void *
run(void *arg)
{
	for (int i = 0; i < EACH; i++)
		happen("busy@b.test", NOW_S + i);
	return arg;
}

static void
test_threads(void)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, run, NULL) != 0)
			OK(false, "a thread");
	for (int i = 0; i < THREADS; i++)
		(void)pthread_join(thread[i], NULL);
	IS_INT(within("busy@b.test", NOW_S + EACH, 10 * KEEP_S), THREADS * EACH,
	       "none is lost between threads");
}

static enum store_err
damage(struct store_txn *txn, void *arg)
{
	struct key k = {0};

	(void)arg;
	key_u32(&k, TALLY_RECIPIENT);
	key_text(&k, "bad@b.test");
	return kv_put(txn, KV_TALLY, &k, (struct kv_value){"damaged", 7}, &fix_why);
}

static void
test_damage(void)
{
	struct one o = {.event = {TALLY_RECIPIENT, "bad@b.test", NOW_S, KEEP_S}};

	IS_INT(store_run(store, damage, NULL, &fix_why), STORE_OK, "a row that is no count");
	IS_INT(store_peek(store, look, &o, &fix_why), STORE_BROKEN, "could not ask is no zero");
}

static void
test_sweep(void)
{
	struct key from = {0};

	for (int i = 0; i < 2500; i++) {
		char subject[40];

		(void)snprintf(subject, sizeof subject, "s%04d@b.test", i);
		happen(subject, NOW_S);
	}
	IS_INT(tally_sweep(store, NOW_S + 1, &from, &fix_why), STORE_OK, "a sweep");
	IS_INT(within("s2499@b.test", NOW_S + 1, KEEP_S), 1, "leaves what counts");
	for (int i = 0; i < 3; i++)
		IS_INT(tally_sweep(store, NOW_S + KEEP_S, &from, &fix_why), STORE_OK, "another");
	IS_INT(within("s2499@b.test", NOW_S + 1, KEEP_S), 0, "removes what is over, the last too");
	IS_INT(within("s0000@b.test", NOW_S + 1, KEEP_S), 0, "and the first");
	IS_INT(within("a@b.test", NOW_S + 90, KEEP_S), 12, "and not what is not over");
}

int
main(void)
{
	struct store_options options = (fix_make_dir(), fix_options());

	store = fix_open(&options);
	test_windows();
	test_many();
	test_restart();
	test_threads();
	test_damage();
	test_sweep();
	store_close(&store);
	fix_remove(fix_dir);
	return tap_done();
}

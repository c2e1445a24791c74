/* t/unit/limit_t.c - whether one more may happen: each window, its ends, no limit at all */
#include "limit.h"
#include "arena.h"
#include "own.h"
#include "tap.h"

enum { NOW_S = 2000000000, MINUTE_S = 60 };

struct row {
	const char *limits;
	int64_t age_s[8]; /* of what happened, a minute apart from the next row's; 0 ends */
	uint64_t full_of; /* the window that says no: its number; 0: none does */
	const char *what;
};

static const struct row rows[] = {
	{"", {1, 1, 1, 1, 1, 1, 1}, 0, "no limit"},
	{"10m:2", {0}, 0, "nothing happened yet"},
	{"10m:2", {5}, 0, "room for one"},
	{"10m:2", {5, 6}, 2, "full"},
	{"10m:2", {599, 5}, 2, "full in the last second"},
	{"10m:2", {600, 5}, 0, "room a second later"},
	{"10m:2 1h:3", {700, 800, 900}, 3, "the wider window is full"},
	{"10m:2 1h:3", {700, 800, 3600}, 0, "or not"},
	{"10m:2 1h:3", {1, 2, 900}, 2, "the shorter one speaks first"},
	{"1d:0", {0}, 0, "never"},
};

static struct set_limits
read_limits(const char *text, struct settings **set)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *said[] = {"instance=desk.example", arena_printf(a, "limit_ticket=%s", text)};
	struct why why = {""};

	if (settings_load(NULL, said, N_ELEMENTS(said), set, &why) != SETTINGS_OK) {
		OK(false, why.text);
		return (struct set_limits){.text = ""};
	}
	return (*set)->limit_ticket;
}

static void
test_row(const struct row *row)
{
	struct settings *set = NULL;
	struct set_limits limits = read_limits(row->limits, &set);
	struct tally_slot slot[8];
	struct tally t = {slot, 0};

	while (t.n_slots < 8 && row->age_s[t.n_slots] != 0) {
		slot[t.n_slots] = (struct tally_slot){NOW_S - row->age_s[t.n_slots], 1};
		t.n_slots++;
	}
	const struct set_limit *full = limit_full(&limits, &t, NOW_S);
	if (limits.n > 0 && limits.limit[0].most == 0)
		OK(full != NULL, row->what);
	else
		IS_INT(full == NULL ? 0 : full->most, row->full_of, row->what);
	settings_free(&set);
}

static void
test_written(void)
{
	static const char *const bad[] = {
		"10m", "10m:", ":10", "10m:x", "10m:-1", "0s:10", "8d:10", "10m:10 10m:20",
		"1h:10 10m:5", "10m:10 1h:5", "10m:1000001", "10m:10,1h:20",
		"1m:1 2m:1 3m:1 4m:1 5m:1 6m:1 7m:1 8m:1 9m:1"};
	struct settings *set = NULL;

	for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
		AUTO(arena) struct arena *a = arena_new();
		const char *said[] = {"instance=desk.example",
		                      arena_printf(a, "limit_ticket=%s", bad[i])};
		struct why why = {""};

		OK(settings_load(NULL, said, N_ELEMENTS(said), &set, &why) != SETTINGS_OK, bad[i]);
	}
	struct set_limits l = read_limits("10m:10  30m:15 10h:100", &set);
	IS_INT(l.n, 3, "three windows");
	IS_INT(limit_keep_s(&l), 600 * MINUTE_S, "counts are kept as long as the widest");
	IS_INT(l.limit[1].most, 15, "the second");
	settings_free(&set);
}

int
main(void)
{
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		test_row(&rows[i]);
	test_written();
	return tap_done();
}

/* t/unit/chain_t.c - what the filters found, put together: the first class counts, HOLD and DEFER end it */
#include "chain.h"
#include "arena.h"
#include "tap.h"

static unsigned n_asked;

#define SCRIPTED(name_, ...)                                                                       \
	static struct finding look_##name_(const struct filter_in *in)                             \
	{                                                                                          \
		(void)in;                                                                          \
		n_asked++;                                                                         \
		return (struct finding){__VA_ARGS__};                                              \
	}                                                                                          \
	static const struct filter name_ = {#name_, look_##name_}

SCRIPTED(pass, .verdict = VERDICT_PASS);
SCRIPTED(automatic, .verdict = VERDICT_CLASS, .class = CLASS_AUTO, .why = "a");
SCRIPTED(list, .verdict = VERDICT_CLASS, .class = CLASS_LIST, .why = "l");
SCRIPTED(bounce_60, .verdict = VERDICT_HINT, .class = CLASS_BOUNCE, .confidence = 60, .why = "b");
SCRIPTED(delay_40, .verdict = VERDICT_HINT, .class = CLASS_DELAY, .confidence = 40, .why = "d");
SCRIPTED(auto_60, .verdict = VERDICT_HINT, .class = CLASS_AUTO, .confidence = 60, .why = "a");
SCRIPTED(auto_59, .verdict = VERDICT_HINT, .class = CLASS_AUTO, .confidence = 59, .why = "a");
SCRIPTED(quiet, .verdict = VERDICT_QUIET, .why = "q");
SCRIPTED(hold, .verdict = VERDICT_HOLD, .cause = HELD_FLOOD, .why = "h");
SCRIPTED(hold_again, .verdict = VERDICT_HOLD, .cause = HELD_FILTER, .why = "h2");
SCRIPTED(defer, .verdict = VERDICT_DEFER, .why = "d");

static const char *const two[] = {"vip", "late"}, *const one[] = {"late"};
SCRIPTED(mark, .verdict = VERDICT_MARK, .tag = two, .n_tags = 2, .queue = "sales", .why = "m");
SCRIPTED(mark_again, .verdict = VERDICT_CLASS, .class = CLASS_AUTO, .tag = one, .n_tags = 1,
	.queue = "other", .why = "m2");

enum { FILTERS_MAX = 4 };

static const struct {
	const char *what;
	const struct filter *filters[FILTERS_MAX + 1];
	enum mail_class class;
	bool quiet, held, deferred;
	size_t n_rows;
	unsigned n_asked;
} cases[] = {
	{"no filter at all", {NULL}, CLASS_HUMAN, false, false, false, 0, 0},
	{"nothing found", {&pass, &pass}, CLASS_HUMAN, false, false, false, 0, 2},
	{"one class", {&pass, &automatic, &pass}, CLASS_AUTO, false, false, false, 1, 3},
	{"the first class counts", {&list, &automatic}, CLASS_LIST, false, false, false, 2, 2},
	{"in either order", {&automatic, &list}, CLASS_AUTO, false, false, false, 2, 2},
	{"silence beside a class", {&quiet, &list}, CLASS_LIST, true, false, false, 2, 2},
	{"hold is final", {&pass, &hold, &automatic, &defer}, CLASS_HUMAN, false, true, false, 1, 2},
	{"the first hold gives the cause", {&quiet, &hold, &hold_again}, CLASS_HUMAN, true, true, false, 2, 2},
	{"a hint under the lower threshold", {&auto_59}, CLASS_HUMAN, false, false, false, 1, 1},
	{"a hint that silences", {&auto_60}, CLASS_HUMAN, true, false, false, 1, 1},
	{"hints that make a class", {&bounce_60, &bounce_60}, CLASS_BOUNCE, true, false, false, 2, 2},
	{"hints of two classes: the more", {&auto_59, &bounce_60}, CLASS_BOUNCE, true, false, false, 2, 2},
	{"a delay is a kind of report", {&bounce_60, &delay_40}, CLASS_DELAY, true, false, false, 2, 2},
	{"together too few", {&auto_59, &delay_40}, CLASS_HUMAN, true, false, false, 2, 2},
	{"a certain class stays", {&list, &bounce_60, &bounce_60}, CLASS_LIST, true, false, false, 3, 3},
	{"automatic mail may be a report", {&automatic, &bounce_60, &delay_40}, CLASS_DELAY, true, false,
         false, 3, 3},
	{"or not", {&automatic, &bounce_60}, CLASS_AUTO, true, false, false, 2, 2},
	{"could not ask is final", {&automatic, &defer, &hold}, CLASS_AUTO, false, false, true, 2, 2},
};

static void
test_many(struct arena *a)
{
	const struct filter *filters[CHAIN_FINDINGS_MAX + 20];
	struct filter_in in = {.arena = a};

	for (size_t i = 0; i < N_ELEMENTS(filters) - 1; i++)
		filters[i] = &quiet;
	filters[N_ELEMENTS(filters) - 1] = NULL;
	IS_INT(chain_ask(filters, &in).n_rows, CHAIN_FINDINGS_MAX, "more findings than are kept");
	filters[N_ELEMENTS(filters) - 2] = &hold;
	struct chain_result r = chain_ask(filters, &in);
	OK(r.held, "what ends the chain counts even then");
	IS_STR(r.n_rows > 0 ? r.row[r.n_rows - 1].finding.why : NULL, "h", "and is the last row");
}

static void
test_marks(struct arena *a)
{
	const struct filter *filters[] = {&mark, &mark_again, NULL};
	struct filter_in in = {.arena = a};
	struct chain_result r = chain_ask(filters, &in);

	IS_INT(r.n_tags, 2, "tags of several filters, each once");
	IS_STR(r.n_tags == 2 ? r.tag[1] : NULL, "late", "in their order");
	IS_STR(r.queue, "sales", "the first queue counts");
	IS_INT(r.class, CLASS_AUTO, "a mark may come with a class");
	IS_INT(r.n_rows, 2, "and both are told");
}

static void
test_choose(struct arena *a)
{
	static const struct filter *const all[] = {&pass, &quiet, &list, NULL};
	static const char *const some[] = {"list", "pass"}, *const typo[] = {"list", "quiets"},
	                  *const twice[] = {"list", "list"};
	const struct filter *const *chosen = NULL;
	struct why why = {""};

	OK(chain_choose(&(struct set_list){some, 2}, all, a, &chosen, &why), "names of filters");
	OK(chosen != NULL && chosen[0] == &list && chosen[1] == &pass && chosen[2] == NULL,
	   "in the order of the names");
	OK(chain_choose(&(struct set_list){NULL, 0}, all, a, &chosen, &why), "no names");
	OK(chosen == all, "are all of them");
	OK(!chain_choose(&(struct set_list){typo, 2}, all, a, &chosen, &why), "an unknown name");
	IS_STR(why.text, "filters: there is no filter \"quiets\"; did you mean \"quiet\"?", "is told");
	OK(!chain_choose(&(struct set_list){twice, 2}, all, a, &chosen, &why), "a name twice");
	IS_STR(why.text, "filters: \"list\" stands there twice", "is told, too");
}

int
main(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct filter_in in = {.arena = a};

	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		n_asked = 0;
		struct chain_result r = chain_ask(cases[i].filters, &in);

		IS_INT(r.class, cases[i].class, cases[i].what);
		OK(r.quiet == cases[i].quiet && r.held == cases[i].held && r.deferred == cases[i].deferred,
		   "quiet, held, deferred");
		IS_INT(r.n_rows, cases[i].n_rows, "rows");
		IS_INT(n_asked, cases[i].n_asked, "asked");
		if (r.held)
			IS_INT(r.cause, HELD_FLOOD, "the cause");
	}
	test_many(a);
	test_marks(a);
	test_choose(a);
	return tap_done();
}

/* t/unit/ticket_t.c - tickets, tokens, lists in pages */
#include "store_fix.h"
#include "audit.h"
#include <string.h>

static struct store *store;

static enum store_err
create(struct store_txn *txn, void *arg)
{
	return ticket_create(txn, arg, &fix_why);
}

/* Tickets 1..60: three queues, all states, every sixth of a participant, times that are not unique.
 * */
static struct ticket
sample(uint64_t id)
{
	static const char *const queue[] = {"support", "sales", "sup"};
	static const struct participant ann = {.address = "ann@example.org", .name = "Ann"};
	struct ticket t = fix_ticket(id);

	t.queue = queue[id % 3];
	t.state = (enum ticket_state)(id % TICKET_STATE_COUNT);
	t.updated_s = 1000 + (int64_t)(id / 4);
	if (id % 6 == 0) {
		t.participant = &ann;
		t.n_participants = 1;
	}
	return t;
}

struct page_arg {
	struct ticket_query q;
	struct arena *a;
	struct ticket_page page;
};

static enum store_err
list(struct store_txn *txn, void *arg)
{
	struct page_arg *p = arg;

	return ticket_list(txn, p->a, &p->q, &p->page, &fix_why);
}

static bool
wanted(const struct ticket_query *q, uint64_t id)
{
	struct ticket t = sample(id);

	return (q->queue == NULL || strcmp(q->queue, t.queue) == 0) &&
	       (q->state < 0 || (int)t.state == q->state) &&
	       (q->participant == NULL || t.n_participants > 0) &&
	       (q->updated_before_s == 0 || t.updated_s < q->updated_before_s);
}

/* Walk all pages of a query and compare with a plain filter over the samples. */
static void
list_is_right(struct ticket_query q, const char *what)
{
	AUTO(arena) struct arena *a = arena_new();
	struct page_arg p = {.q = q, .a = a};
	struct ticket last = {0};
	size_t n = 0, n_wanted = 0;
	bool good = true;

	do {
		if (store_peek(store, list, &p, &fix_why) != STORE_OK || p.page.n > q.max) {
			good = false;
			break;
		}
		for (size_t i = 0; i < p.page.n; i++, n++) {
			const struct ticket *t = &p.page.ticket[i];
			int step = (t->updated_s > last.updated_s) - (t->updated_s < last.updated_s);
			if (step == 0)
				step = (t->id > last.id) - (t->id < last.id);
			good = good && wanted(&q, t->id) && (n == 0 || step == (q.oldest_first ? 1 : -1));
			last = *t;
		}
		p.q.after = p.page.after;
	} while (p.page.after != NULL);
	for (uint64_t id = 1; id <= 60; id++)
		n_wanted += wanted(&q, id);
	OK(good && n == n_wanted, what);
	if (n != n_wanted)
		printf("# got %zu want %zu\n", n, n_wanted);
}

static void
test_lists(void)
{
	for (int oldest = 0; oldest < 2; oldest++) {
		for (size_t max = 1; max <= 100; max = max * 3 + 1) {
			struct ticket_query q = {.state = -1, .max = max, .oldest_first = oldest};
			list_is_right(q, "all tickets");
			q.queue = "sup";
			list_is_right(q, "one queue, any state");
			q.state = TICKET_WAITING;
			list_is_right(q, "one queue, one state");
			q.queue = NULL;
			list_is_right(q, "any queue, one state");
			q.updated_before_s = 1007;
			list_is_right(q, "before a time");
			q.state = -1;
			q.participant = "ann@example.org";
			list_is_right(q, "a participant, before a time");
			q.updated_before_s = 0;
			q.queue = "support";
			list_is_right(q, "a participant in one queue");
		}
	}
	AUTO(arena) struct arena *a = arena_new();
	struct page_arg p = {.q = {.state = -1, .max = 5, .after = "nonsense"}, .a = a};
	IS_INT(store_peek(store, list, &p, &fix_why), STORE_ABSENT, "a place that is none");
}

struct change {
	uint64_t id;
	enum ticket_state state;
	int64_t updated_s;
};

static enum store_err
change(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	const struct change *c = arg;
	struct ticket before, after;
	enum store_err e = ticket_lock(txn, a, c->id, &before, &fix_why);

	if (e != STORE_OK)
		return e;
	after = before;
	after.state = c->state;
	after.updated_s = c->updated_s;
	return ticket_update(txn, &before, &after, &fix_why);
}

static void
test_moves(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct change c = {7, TICKET_CLOSED, 5000};
	struct page_arg p = {.q = {.state = TICKET_CLOSED, .max = 1}, .a = a};

	IS_INT(store_run(store, change, &c, &fix_why), STORE_OK, "close a ticket");
	OK(store_peek(store, list, &p, &fix_why) == STORE_OK && p.page.n == 1 && p.page.ticket[0].id == 7,
	   "the newest of the closed");
	p.q.state = TICKET_OPEN;
	p.q.max = 100;
	OK(store_peek(store, list, &p, &fix_why) == STORE_OK, "the open ones");
	bool still = false;
	for (size_t i = 0; i < p.page.n; i++)
		still = still || p.page.ticket[i].id == 7;
	OK(!still && p.page.n == 9, "it is no longer among the open");
}

struct token_arg {
	const char *prefix;
	uint64_t number, id;
};

static enum store_err
by_token(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct token_arg *k = arg;
	struct ticket t;
	enum store_err e = ticket_by_token(txn, a, k->prefix, k->number, &t, &fix_why);

	k->id = e == STORE_OK ? t.id : 0;
	return e;
}

static void
test_tokens(void)
{
	struct token_arg k = {"ACM", 12, 0};
	struct ticket again = sample(12);

	IS_INT(store_peek(store, by_token, &k, &fix_why), STORE_OK, "by token");
	IS_INT(k.id, 12, "the right one");
	k.prefix = "AC";
	IS_INT(store_peek(store, by_token, &k, &fix_why), STORE_ABSENT, "another prefix");
	k = (struct token_arg){"ACM", 9999, 0};
	IS_INT(store_peek(store, by_token, &k, &fix_why), STORE_ABSENT, "a number not given");
	IS_INT(store_run(store, create, &again, &fix_why), STORE_EXISTS, "an id is taken once");
}

static enum store_err
whole(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct participant who[2] = {
		{"ann@example.org", "Ann", ROLE_REQUESTER, 0, false},
		{"bob@example.org", "Bòb", ROLE_AGENT, 3, true},
	};
	const char *tag[] = {"urgent", "door"};
	struct ticket t = {.id = 777, .prefix = "ACM", .queue = "q", .state = TICKET_MERGED,
		.subject = "S", .language = "it", .created_s = -1, .updated_s = 2, .closed_s = 3,
		.heir = 4, .linked = 5, .n_messages = 6, .n_audit = 7, .participant = who,
		.n_participants = 2, .assignee = "bob@example.org", .priority = 8, .tag = tag,
		.n_tags = 2, .first_response_s = 9, .due_s = INT64_MAX};
	struct ticket got;
	bool *same = arg;

	enum store_err e = ticket_create(txn, &t, &fix_why);
	if (e == STORE_OK)
		e = ticket_find(txn, a, 777, &got, &fix_why);
	if (e != STORE_OK)
		return e;
	*same = got.id == 777 && got.state == TICKET_MERGED && got.created_s == -1 && got.updated_s == 2 &&
		got.closed_s == 3 && got.heir == 4 && got.linked == 5 && got.n_messages == 6 &&
		got.n_audit == 7 && got.n_participants == 2 && got.priority == 8 && got.n_tags == 2 &&
		got.first_response_s == 9 && got.due_s == INT64_MAX &&
		strcmp(got.participant[1].name, "Bòb") == 0 && got.participant[1].role == ROLE_AGENT &&
		got.participant[1].since_seq == 3 && got.participant[1].muted &&
		strcmp(got.tag[1], "door") == 0 && strcmp(got.assignee, "bob@example.org") == 0;
	return e;
}

static void
test_round_trip(void)
{
	bool same = false;
	struct token_arg k = {"ACM", 777, 0};

	IS_INT(store_peek(store, whole, &same, &fix_why), STORE_OK, "write and read every field");
	OK(same, "all came back");
	IS_INT(store_peek(store, by_token, &k, &fix_why), STORE_ABSENT, "what was written in a peek vanished");
}

int
main(void)
{
	fix_make_dir();
	struct store_options o = fix_options();
	bool made = true;

	store = fix_open(&o);
	for (uint64_t id = 1; id <= 60; id++) {
		struct ticket t = sample(id);
		made = made && store_run(store, create, &t, &fix_why) == STORE_OK;
	}
	OK(made, "sixty tickets");
	test_lists();
	test_tokens();
	test_round_trip();
	test_moves();
	store_close(&store);
	fix_remove(fix_dir);
	return tap_done();
}

/* t/unit/outbox_t.c - what is due, what is pending, what is settled */
#include "outbox.h"
#include "store_fix.h"
#include <string.h>

static struct store *store;

static struct outbox_row
sample(uint64_t id, int64_t due_s)
{
	return (struct outbox_row){.id = id, .due_s = due_s, .promised_s = 1, .kind = NOTICE_COMMENT,
		.ticket = 5, .first_seq = 1, .last_seq = 2, .count = 1, .to_address = "a@b", .to_name = "A",
		.language = "en", .message_id = "<m>", .in_reply_to = "<r>", .last_error = ""};
}

static enum store_err
promise(struct store_txn *txn, void *arg)
{
	enum store_err e = STORE_OK;

	(void)arg;
	for (uint64_t id = 1; e == STORE_OK && id <= 5; id++) {
		struct outbox_row row = sample(id, 100 * (int64_t)id);
		row.to_address = id < 5 ? "a@b" : "c@d";
		e = outbox_promise(txn, &row, &fix_why);
	}
	return e;
}

static enum store_err
ask(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	uint64_t flying[] = {1};
	struct outbox_question q = {.now_s = 300, .max = 10};
	struct outbox_answer r;
	struct outbox_row *row;
	size_t n = 0;

	(void)arg;
	IS_INT(outbox_due(txn, a, &q, &r, &fix_why), STORE_OK, "due");
	OK(r.n == 3 && r.row[0].id == 1 && r.row[2].id == 3, "three, oldest first");
	IS_INT(r.next_due_s, 400, "and when the next will be");
	q.in_flight = flying;
	q.n_flight = 1;
	q.max = 1;
	IS_INT(outbox_due(txn, a, &q, &r, &fix_why), STORE_OK, "due, but one flies");
	OK(r.n == 1 && r.row[0].id == 2 && r.next_due_s == 300, "the second; a third waits");
	OK(strcmp(r.row[0].message_id, "<m>") == 0 && r.row[0].last_seq == 2, "as it was promised");
	q.now_s = 50;
	OK(outbox_due(txn, a, &q, &r, &fix_why) == STORE_OK && r.n == 0 && r.next_due_s == 200,
	   "nothing yet");
	struct outbox_range range = {.max = 4};
	OK(outbox_list(txn, a, &range, &row, &n, &fix_why) == STORE_OK && n == 4, "a list, bounded");
	range.after = &row[1];
	OK(outbox_list(txn, a, &range, &row, &n, &fix_why) == STORE_OK && n >= 2 && row[0].id == 3,
	   "its next page");
	return STORE_OK;
}

static enum store_err
pend(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct outbox_row like = sample(0, 0), got, more;

	(void)arg;
	OK(outbox_pending(txn, a, &like, &got, &fix_why) == STORE_OK && got.id == 4, "the newest pending");
	like.kind = NOTICE_CLOSED;
	IS_INT(outbox_pending(txn, a, &like, &got, &fix_why), STORE_ABSENT, "none of another kind");
	like.kind = NOTICE_COMMENT;
	like.to_address = "c@d";
	OK(outbox_pending(txn, a, &like, &got, &fix_why) == STORE_OK && got.id == 5, "another address");
	more = got;
	more.count = 2;
	more.due_s = 50;
	IS_INT(outbox_change(txn, &got, &more, &fix_why), STORE_OK, "it grows and moves");
	OK(outbox_pending(txn, a, &like, &got, &fix_why) == STORE_OK && got.count == 2 && got.due_s == 50,
	   "and is found as it is now");
	IS_INT(outbox_find(txn, a, 5, 500, &got, &fix_why), STORE_ABSENT, "no longer where it was");
	IS_INT(outbox_settle(txn, 5, 500, &fix_why), STORE_ABSENT, "nothing to settle there");
	IS_INT(outbox_settle(txn, 5, 50, &fix_why), STORE_OK, "settled");
	IS_INT(outbox_settle(txn, 5, 50, &fix_why), STORE_ABSENT, "once");
	IS_INT(outbox_pending(txn, a, &like, &got, &fix_why), STORE_ABSENT, "and no longer pending");
	return STORE_OK;
}

static enum store_err
promise_again(struct store_txn *txn, void *arg)
{
	struct outbox_row row = sample(1, 100);

	(void)arg;
	return outbox_promise(txn, &row, &fix_why);
}

int
main(void)
{
	struct store_stats st;

	fix_make_dir();
	struct store_options o = fix_options();
	store = fix_open(&o);
	IS_INT(store_run(store, promise, NULL, &fix_why), STORE_OK, "promise");
	IS_INT(store_run(store, promise_again, NULL, &fix_why), STORE_EXISTS, "not twice");
	IS_INT(store_peek(store, ask, NULL, &fix_why), STORE_OK, "ask");
	IS_INT(store_run(store, pend, NULL, &fix_why), STORE_OK, "pend");
	store_stats(store, &st);
	IS_INT(st.n_outbox, 4, "four are left");
	store_close(&store);
	store = fix_open(&o);
	store_stats(store, &st);
	IS_INT(st.n_outbox, 4, "counted the same after opening again");
	store_close(&store);
	fix_remove(fix_dir);
	return tap_done();
}

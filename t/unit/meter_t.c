/* t/unit/meter_t.c - limits asked of a store: counted when written only, one occasion for a ticket,
 * closed when the count is damaged, none where there is none */
#include "kv.h"
#include "meter.h"
#include "settings.h"
#include "store_fix.h"

enum { NOW_S = 2000000000 };

static struct conf conf;

struct asking {
	struct arena *arena;
	struct meter meter;
	struct meter_notice notice[3];
	const char *full[3];
	size_t n;
	bool writes;
};

static enum store_err
ask(struct store_txn *txn, void *arg)
{
	struct asking *q = arg;
	enum store_err e = STORE_OK;

	q->meter = (struct meter){.conf = &conf, .now_s = NOW_S};
	for (size_t i = 0; e == STORE_OK && i < q->n; i++)
		e = meter_notice(txn, q->arena, &q->meter, &q->notice[i], &q->full[i], &fix_why);
	return e == STORE_OK && q->writes ? meter_write(txn, &q->meter, &fix_why) : e;
}

/* Ask for the mails of one filing. Gives  how many are let through, or -1 */
static int
let_through(struct store *s, struct arena *a, struct asking q)
{
	int n = 0;

	q.arena = a;
	if (store_run(s, ask, &q, &fix_why) != STORE_OK)
		return -1;
	for (size_t i = 0; i < q.n; i++)
		n += q.full[i] == NULL;
	IS_INT(q.meter.n_limited, q.n - (size_t)n, "those that are not are counted");
	return n;
}

static struct asking
comment(uint64_t ticket, size_t n)
{
	static const char *const to[] = {"ann@b.test", "bob@b.test", "cy@b.test"};
	struct asking q = {.n = n, .writes = true};

	for (size_t i = 0; i < n; i++)
		q.notice[i] = (struct meter_notice){NOTICE_COMMENT, ticket, to[i], "s", true};
	return q;
}

static struct asking
acknowledge(const char *address, const char *subject, bool verified)
{
	static uint64_t ticket = 100; /* each opens its own */

	return (struct asking){
		.notice = {{NOTICE_ACKNOWLEDGEMENT, ticket++, address, subject, verified}},
		.n = 1,
		.writes = true};
}

static enum store_err
damage(struct store_txn *txn, void *arg)
{
	struct key k = {0};

	key_u32(&k, TALLY_RECIPIENT);
	key_text(&k, arg);
	return kv_put(txn, KV_TALLY, &k, (struct kv_value){"damaged", 7}, &fix_why);
}

static void
test_comments(struct store *s, struct arena *a)
{
	struct asking look = comment(1, 3);

	look.writes = false;
	for (int i = 0; i < 5; i++)
		IS_INT(let_through(s, a, look), 3, "what is only asked counts nothing");
	IS_INT(let_through(s, a, comment(1, 3)), 3, "three are told");
	IS_INT(let_through(s, a, comment(1, 3)), 3, "a filing counts once for its ticket");
	IS_INT(let_through(s, a, comment(1, 3)), 0, "the ticket's limit");
	IS_INT(let_through(s, a, comment(2, 3)), 3, "another ticket has its own");
	IS_INT(let_through(s, a, comment(3, 3)), 0, "a recipient's is over all tickets");
}

static void
test_acknowledgements(struct store *s, struct arena *a)
{
	IS_INT(let_through(s, a, acknowledge("u@c.test", "one", false)), 1, "the first");
	IS_INT(let_through(s, a, acknowledge("u@c.test", "two", false)), 0,
	       "one for an address that is not verified");
	IS_INT(let_through(s, a, acknowledge("u@c.test", "three", true)), 1, "verified: more");
	IS_INT(let_through(s, a, acknowledge("v@c.test", "x", true)), 1, "a subject");
	IS_INT(let_through(s, a, acknowledge("v@c.test", "x", true)), 0, "the same again");
	IS_INT(let_through(s, a, acknowledge("w@c.test", "x", false)), 1, "another address");
	IS_INT(let_through(s, a, acknowledge("x@c.test", "x", false)), 0, "all of them together");
}

static void
test_damage(struct store *s, struct arena *a)
{
	struct asking q = acknowledge("bad@c.test", "one", true);

	IS_INT(store_run(s, damage, (void *)(uintptr_t)"bad@c.test", &fix_why), STORE_OK, "damage");
	q.arena = a;
	IS_INT(store_run(s, ask, &q, &fix_why), STORE_OK, "the mail is filed all the same");
	IS_STR(q.full[0], "limit: could not be asked, the count is damaged", "nothing is sent");
}

int
main(void)
{
	static const char *const said[] = {"instance=desk.example", "limit_ticket=1h:2",
	                                   "limit_recipient=1h:3", "limit_unverified=1h:1",
	                                   "limit_unverified_all=1h:2", "limit_same_subject=1h:1"};
	AUTO(arena) struct arena *a = arena_new();
	struct store_options options = (fix_make_dir(), fix_options());
	struct store *s = fix_open(&options);
	struct settings *set = NULL;

	if (settings_load(NULL, said, N_ELEMENTS(said), &set, &fix_why) != SETTINGS_OK) {
		printf("Bail out! %s\n", fix_why.text);
		return 1;
	}
	conf.settings = set;
	test_comments(s, a);
	test_acknowledgements(s, a);
	test_damage(s, a);
	settings_free(&set);
	store_close(&s);
	fix_remove(fix_dir);
	return tap_done();
}

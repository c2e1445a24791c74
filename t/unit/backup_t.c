/* t/unit/backup_t.c - a copy made under load opens with all that was acknowledged; the check finds damage */
#include "audit.h"
#include "backup.h"
#include "blob.h"
#include "check.h"
#include "inside.h"
#include "message.h"
#include "recover.h"
#include "store_fix.h"
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static struct store *store;
static char octets[60000];

struct filing {
	struct ticket t;
	struct message m;
};

static enum store_err
file_one(struct store_txn *txn, void *arg)
{
	struct filing *f = arg;
	struct audit_entry entry = {.at_s = 1, .who = "w", .how = "mail", .what = "opened"};
	struct ticket t = f->t;

	t.n_messages = 1;
	enum store_err e = audit_add(txn, &t, &entry, &fix_why);
	if (e == STORE_OK)
		e = ticket_create(txn, &t, &fix_why);
	if (e == STORE_OK)
		e = message_append(txn, &f->m, &fix_why);
	return e == STORE_OK ? blob_put(txn, &f->m.blob, octets, &fix_why) : e;
}

/* File a ticket with a mail; every third is large. Gives  its id once it is durable, else 0 */
static uint64_t
file_ticket(void)
{
	struct filing f = {.m = {.seq = 1, .message_id = "<x@y>"}};
	uint64_t id = 0;
	enum store_err e = store_number(store, STORE_TICKETS, &id, &fix_why);

	f.t = fix_ticket(id);
	f.m.ticket = id;
	if (e == STORE_OK)
		e = blob_prepare(store, octets, id % 3 == 0 ? sizeof octets : 3000, &f.m.blob, &fix_why);
	if (e == STORE_OK)
		e = store_run(store, file_one, &f, &fix_why);
	if (e == STORE_OK)
		e = store_flush(store, &fix_why);
	return e == STORE_OK ? id : 0;
}

static atomic_bool stop;
static atomic_uint_least64_t newest;

static void *
file_on(void *arg)
{
	uint64_t id;

	(void)arg;
	while (!stop && (id = file_ticket()) != 0)
		if (id > newest)
			newest = id;
	return NULL;
}

struct asking {
	uint64_t last;
	size_t n_missing;
};

static enum store_err
ask(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct asking *q = arg;
	struct ticket t;

	q->n_missing = 0;
	for (uint64_t id = 100; id <= q->last; id++)
		q->n_missing += ticket_find(txn, a, id, &t, &fix_why) != STORE_OK;
	return STORE_OK;
}

static void
print_problem(void *self, const char *line)
{
	(void)self;
	printf("# problem: %s\n", line);
}

static uint64_t
problems(void)
{
	struct check_options o = {.octets = true, .problem = print_problem};
	uint64_t n = UINT64_MAX;
	enum store_err e = check_store(store, &o, &n, &fix_why);

	if (e != STORE_OK)
		printf("# check: %d %s\n", (int)e, fix_why.text);
	return n;
}

static void
test_backup(const char *copy)
{
	struct store_options o = fix_options();
	struct asking q = {0, 0};
	pthread_t thread[4];
	uint32_t log = 0;

	for (int i = 0; i < 100; i++)
		(void)file_ticket();
	for (int i = 0; i < 4; i++)
		(void)pthread_create(&thread[i], NULL, file_on, NULL);
	while (newest < 210)
		(void)usleep(1000);
	q.last = 200;
	IS_INT(backup_store(store, copy, &log, &fix_why), STORE_OK, "backup under load");
	IS_INT(backup_store(store, copy, &log, &fix_why), STORE_EXISTS, "not over another");
	stop = true;
	for (int i = 0; i < 4; i++)
		(void)pthread_join(thread[i], NULL);
	IS_INT(backup_note(store, log, &fix_why), STORE_OK, "note it");
	IS_INT(problems(), 0, "the store is clean");
	store_close(&store);
	o.state_dir = copy;
	IS_INT(backup_verify(&o, &fix_why), STORE_OK, "the copy can be recovered");
	store = fix_open(&o);
	IS_INT(store_peek(store, ask, &q, &fix_why), STORE_OK, "look into it");
	IS_INT(q.n_missing, 0, "all that was acknowledged before is there");
	IS_INT(problems(), 0, "the copy is clean, octets too");
	OK(file_ticket() > q.last, "and it goes on");
	store_close(&store);
}

struct damage {
	enum kv_table table;
	struct key key;
};

static enum store_err
remove_row(struct store_txn *txn, void *arg)
{
	const struct damage *d = arg;

	return kv_del(txn, d->table, &d->key, &fix_why);
}

static void
damage(enum kv_table table, uint64_t first, int32_t second, const char *what)
{
	struct damage d = {.table = table};

	key_u64(&d.key, first);
	if (second >= 0)
		key_u32(&d.key, (uint32_t)second);
	uint64_t before = problems();
	IS_INT(store_run(store, remove_row, &d, &fix_why), STORE_OK, "damage is made");
	OK(problems() > before, what);
}

static void
test_check(void)
{
	struct store_options o = fix_options();

	store = fix_open(&o);
	IS_INT(problems(), 0, "clean at first");
	damage(KV_MESSAGE, 101, 1, "a missing message is found");
	damage(KV_AUDIT, 102, 1, "a missing audit entry is found");
	damage(KV_TICKET, 103, -1, "a missing ticket is found");
	damage(KV_BLOB, 5, -1, "missing octets are found");
	store_close(&store);
}

static void
test_recover(const char *copy)
{
	struct store_options o = fix_options();
	char line[700];

	o.state_dir = copy;
	(void)snprintf(line, sizeof line, "rm %s/db/ticket.db", copy);
	OK(system(line) == 0, "lose a table");
	struct why why = {""};
	struct store *s = NULL;
	IS_INT(store_open(&o, &s, &why), STORE_BROKEN, "it does not open");
	IS_INT(recover_store(&o, &why), STORE_OK, "it is rebuilt from all logs");
	printf("# %s\n", why.text);
	store = fix_open(&o);
	IS_INT(problems(), 0, "and is whole again");
	struct store_options owned = o;
	IS_INT(recover_store(&owned, &why), STORE_BUSY, "not while somebody owns it");
	store_close(&store);
}

int
main(void)
{
	char copy[300];

	fix_make_dir();
	(void)snprintf(copy, sizeof copy, "%s.copy", fix_dir);
	struct store_options o = fix_options();
	o.keep_logs = true;
	store = fix_open(&o);
	test_backup(copy);
	test_check();
	test_recover(copy);
	fix_remove(copy);
	fix_remove(fix_dir);
	return tap_done();
}

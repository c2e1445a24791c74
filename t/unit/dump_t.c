/* t/unit/dump_t.c - a store to text and back: the same text again, and every damage seen */
#include "audit.h"
#include "blob.h"
#include "dump.h"
#include "held.h"
#include "message.h"
#include "outbox.h"
#include "party.h"
#include "store_fix.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { TICKETS = 700 };

static struct store *store;
static char octets[120000];

struct filing {
	struct ticket t;
	struct message m;
	struct outbox_row o;
	struct held_entry h;
};

static enum store_err
file_one(struct store_txn *txn, void *arg)
{
	struct filing *f = arg;
	struct audit_entry e = {.at_s = 1, .who = "ä", .how = "mail", .what = "opened", .detail = "x\ty"};
	struct party p = {.address = "a@b", .name = "", .n_sent = f->t.id};
	struct message_place here = {f->t.id, 1}, first;
	struct ticket t = f->t;

	t.n_messages = 1;
	enum store_err err = audit_add(txn, &t, &e, &fix_why);
	if (err == STORE_OK)
		err = ticket_create(txn, &t, &fix_why);
	if (err == STORE_OK)
		err = message_append(txn, &f->m, &fix_why);
	if (err == STORE_OK)
		err = blob_put(txn, &f->m.blob, octets, &fix_why);
	if (err == STORE_OK)
		err = duplicate_claim(txn, "support", f->m.content_digest, &here, &first, &fix_why);
	if (err == STORE_OK)
		err = msgid_put(txn, "<sent@us>", f->t.id, 9, &fix_why);
	if (err == STORE_OK)
		err = outbox_promise(txn, &f->o, &fix_why);
	if (err == STORE_OK)
		err = party_put(txn, &p, &fix_why);
	if (err == STORE_OK && f->h.id != 0)
		err = held_put(txn, &f->h, &fix_why);
	return err;
}

static bool
file_many(void)
{
	static const struct participant who[] = {{"a@b", "\xff\xfe not UTF-8", ROLE_REQUESTER, 0, true},
	                                         {"c@d", "", ROLE_AGENT, 7, false}};
	static const char *const tag[] = {"plain", "with\rCR"};
	enum store_err e = STORE_OK;

	for (uint64_t i = 0; e == STORE_OK && i < TICKETS; i++) {
		struct filing f = {.h = {.id = 0}};
		uint64_t id = 0, row = 0;
		e = store_number(store, STORE_TICKETS, &id, &fix_why);
		if (e == STORE_OK)
			e = store_number(store, STORE_ROWS, &row, &fix_why);
		f.t = fix_ticket(id);
		f.t.participant = who;
		f.t.n_participants = i % 3;
		f.t.tag = tag;
		f.t.n_tags = i % 2 * 2;
		f.t.state = (enum ticket_state)(i % TICKET_STATE_COUNT);
		f.m = (struct message){.ticket = id, .seq = 1, .message_id = "<same@id>", .subject = "S\x01",
			.date_s = -5, .auth = AUTH_VERIFIED};
		memcpy(f.m.content_digest, &id, sizeof id);
		f.o = (struct outbox_row){.id = row, .due_s = 5, .kind = NOTICE_CLOSED, .ticket = id,
			.to_address = "a@b"};
		if (i % 100 == 5)
			f.h = (struct held_entry){.id = row, .cause = HELD_CONFLICT, .detail = "d"};
		if (e == STORE_OK)
			e = blob_prepare(store, octets, i % 50 == 3 ? sizeof octets : i * 11 % 900, &f.m.blob,
			                 &fix_why);
		if (e == STORE_OK)
			e = store_run(store, file_one, &f, &fix_why);
	}
	return e == STORE_OK;
}

static enum store_err
dump_to(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	enum store_err e = dump_store(store, fd, &fix_why);

	return close(fd) == 0 ? e : STORE_BROKEN;
}

static enum store_err
load_from(const char *path)
{
	AUTO(fd) int fd = open(path, O_RDONLY);

	return dump_load(store, fd, &fix_why);
}

/* Run a command for which $1 and $2 are two paths. */
static int
shell(const char *command, const char *from, const char *to)
{
	char line[1500];

	(void)snprintf(line, sizeof line, "set -- '%s' '%s'; %s", from, to, command);
	return system(line);
}

/* A dump changed by a command must not load; the store is empty at the next start. */
static void
damage_is_seen(const char *path, const char *command, const char *what)
{
	char bad[400], dir[400];
	struct store_options o = fix_options();
	struct store_stats st;

	(void)snprintf(bad, sizeof bad, "%s.bad", path);
	(void)snprintf(dir, sizeof dir, "%s/bad", fix_dir);
	fix_remove(dir);
	OK(shell(command, path, bad) == 0 && shell("! cmp -s $1 $2", path, bad) == 0, "a change is made");
	o.state_dir = dir;
	store = fix_open(&o);
	IS_INT(load_from(bad), STORE_BROKEN, what);
	printf("# %s\n", fix_why.text);
	store_close(&store);
	store = fix_open(&o);
	store_stats(store, &st);
	IS_INT(st.n_tickets, 0, "and leaves an empty store");
	store_close(&store);
}

int
main(void)
{
	char first[300], second[300], dir[300];
	struct store_stats before, after;

	fix_make_dir();
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (char)(i * 13 + i / 251);
	(void)snprintf(first, sizeof first, "%s/first", fix_dir);
	(void)snprintf(second, sizeof second, "%s/second", fix_dir);
	(void)snprintf(dir, sizeof dir, "%s/store", fix_dir);
	struct store_options o = fix_options();
	o.state_dir = dir;
	store = fix_open(&o);
	OK(file_many(), "a store of everything");
	store_stats(store, &before);
	IS_INT(dump_to(first), STORE_OK, "dump");
	IS_INT(load_from(first), STORE_EXISTS, "a store with something in it is not loaded");
	uint64_t next = 0, again = 0;
	IS_INT(store_number(store, STORE_TICKETS, &next, &fix_why), STORE_OK, "the next number");
	store_close(&store);

	(void)snprintf(dir, sizeof dir, "%s/other", fix_dir);
	o.first_number = 1;
	store = fix_open(&o);
	IS_INT(load_from(first), STORE_OK, "load");
	IS_INT(dump_to(second), STORE_OK, "dump the loaded one");
	OK(shell("cmp $1 $2", first, second) == 0, "it is the same text");
	store_stats(store, &after);
	OK(after.n_tickets == before.n_tickets && after.n_messages == before.n_messages &&
	   after.n_held == before.n_held && after.n_outbox == before.n_outbox, "the same counts");
	IS_INT(store_number(store, STORE_TICKETS, &again, &fix_why), STORE_OK, "a number");
	IS_INT(again, next, "numbers go on where they were");
	store_close(&store);
	store = fix_open(&o);
	IS_INT(dump_to(second), STORE_OK, "the loaded store opens again");
	store_close(&store);

	damage_is_seen(first, "head -n -1 $1 > $2", "no trailer: refused");
	damage_is_seen(first, "sed 400d $1 > $2", "a missing line: refused");
	damage_is_seen(first, "sed '2s/does not open/does now open/' $1 > $2", "a changed text: refused");
	damage_is_seen(first, "head -c -700 $1 > $2", "cut inside a line: refused");
	damage_is_seen(first, "sed '1s/\"format\":1/\"format\":2/' $1 > $2", "a newer form: refused");
	damage_is_seen(first, "sed '5s/.*/[]/' $1 > $2", "a line that is none: refused");
	damage_is_seen(first, "sed '/\"at\":49152/d' $1 > $2", "a missing piece: refused");
	fix_remove(fix_dir);
	return tap_done();
}

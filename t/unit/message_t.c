/* t/unit/message_t.c - messages, Message-IDs, duplicates, audit entries */
#include "message.h"
#include "audit.h"
#include "party.h"
#include "store_fix.h"
#include <string.h>

static struct store *store;

static struct message
sample(uint32_t seq)
{
	struct message m = {.ticket = 5, .seq = seq, .kind = MESSAGE_BOUNCE, .received_s = 7, .date_s = -8,
		.from_address = "a@b", .from_name = "A", .subject = "S", .message_id = "<id@x>",
		.role = ROLE_AGENT, .auth = AUTH_FAILED, .because = "row 5",
		.envelope = {"", "support@x", "192.0.2.1", "host", "helo", "QID", "login"},
		.blob = {.id = 9, .n_octets = 10}, .n_attachments = 2, .class_name = "bounce"};

	memset(m.blob.digest, 3, sizeof m.blob.digest);
	memset(m.content_digest, 4, sizeof m.content_digest);
	return m;
}

static enum store_err
append(struct store_txn *txn, void *arg)
{
	struct message m = sample(1);

	(void)arg;
	enum store_err e = message_append(txn, &m, &fix_why);
	m.seq = 2;
	m.message_id = "";
	return e == STORE_OK ? message_append(txn, &m, &fix_why) : e;
}

static enum store_err
append_again(struct store_txn *txn, void *arg)
{
	struct message m = sample(2);

	(void)arg;
	return message_append(txn, &m, &fix_why);
}

static enum store_err
read_back(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct message m, want = sample(1), *list;
	struct store_range range = {.ticket = 5, .first = 2, .max = 9};
	size_t n = 0;
	enum store_err e = message_find(txn, a, 5, 1, &m, &fix_why);

	(void)arg;
	IS_INT(e, STORE_OK, "found");
	if (e != STORE_OK)
		return e;
	OK(m.kind == want.kind && m.received_s == 7 && m.date_s == -8 && m.role == ROLE_AGENT &&
	   m.auth == AUTH_FAILED && m.n_attachments == 2 && m.blob.id == 9 && m.blob.n_octets == 10 &&
	   memcmp(m.blob.digest, want.blob.digest, 32) == 0 &&
	   memcmp(m.content_digest, want.content_digest, 32) == 0, "numbers and digests came back");
	OK(strcmp(m.envelope.login, "login") == 0 && strcmp(m.envelope.sender, "") == 0 &&
	   strcmp(m.because, "row 5") == 0 && strcmp(m.class_name, "bounce") == 0, "texts came back");
	IS_INT(message_find(txn, a, 5, 3, &m, &fix_why), STORE_ABSENT, "no third");
	IS_INT(message_list(txn, a, &range, &list, &n, &fix_why), STORE_OK, "list");
	OK(n == 1 && list[0].seq == 2, "from the second on");
	return STORE_OK;
}

static enum store_err
put_ids(struct store_txn *txn, void *arg)
{
	(void)arg;
	enum store_err e = msgid_put(txn, "<sent@us>", 6, 2, &fix_why);
	if (e == STORE_OK)
		e = msgid_put(txn, "<sent@us>", 4, 7, &fix_why);
	return e == STORE_OK ? msgid_put(txn, "<sent@us>", 4, 7, &fix_why) : e;
}

static enum store_err
find_ids(struct store_txn *txn, void *arg)
{
	uint64_t ticket = 0;
	uint32_t seq = 0;

	(void)arg;
	IS_INT(msgid_find(txn, "<id@x>", &ticket, &seq, &fix_why), STORE_OK, "an id received");
	OK(ticket == 5 && seq == 1, "its message");
	IS_INT(msgid_find(txn, "<sent@us>", &ticket, &seq, &fix_why), STORE_OK, "an id sent");
	OK(ticket == 4 && seq == 7, "the lowest ticket");
	IS_INT(msgid_find(txn, "<ID@x>", &ticket, &seq, &fix_why), STORE_ABSENT, "octet for octet");
	IS_INT(msgid_find(txn, "", &ticket, &seq, &fix_why), STORE_ABSENT, "the empty id is nobody's");
	return STORE_OK;
}

static const uint8_t digest[32] = {1, 2, 3};

static enum store_err
claim(struct store_txn *txn, void *arg)
{
	struct message_place *first = arg, mine = {8, 9};

	return duplicate_claim(txn, "support", digest, &mine, first, &fix_why);
}

static enum store_err
find_duplicates(struct store_txn *txn, void *arg)
{
	uint64_t ticket = 0;
	uint32_t seq = 0;

	(void)arg;
	OK(duplicate_find(txn, "support", digest, &ticket, &seq, &fix_why) == STORE_OK && ticket == 8 &&
	   seq == 9, "filed before");
	IS_INT(duplicate_find(txn, "sales", digest, &ticket, &seq, &fix_why), STORE_ABSENT,
	       "not in another queue");
	return STORE_OK;
}

static enum store_err
audit(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct ticket t = fix_ticket(5);
	struct audit_entry e = {.at_s = 1, .who = "w", .how = "mail", .what = "opened", .message = 1,
		.detail = "d"}, *list;
	struct store_range range = {.ticket = 5, .first = 2, .max = 2};
	size_t n = 0;

	(void)arg;
	for (int i = 0; i < 4; i++)
		if (audit_add(txn, &t, &e, &fix_why) != STORE_OK)
			return STORE_BROKEN;
	IS_INT(t.n_audit, 4, "the ticket counts four");
	IS_INT(audit_list(txn, a, &range, &list, &n, &fix_why), STORE_OK, "list");
	OK(n == 2 && list[0].seq == 2 && list[1].seq == 3 && list[1].message == 1 &&
	   strcmp(list[1].detail, "d") == 0, "two, from the second on");
	t.n_audit = 1;
	IS_INT(audit_add(txn, &t, &e, &fix_why), STORE_EXISTS, "a place is taken once");
	return STORE_OK;
}

static enum store_err
parties(struct store_txn *txn, void *arg)
{
	AUTO(arena) struct arena *a = arena_new();
	struct party p = {.address = "a@b", .name = "A", .language = "fr", .first_seen_s = 1,
		.last_seen_s = 2, .undeliverable_until_s = 3, .n_received = 4, .n_sent = 5, .agent = true};
	struct party got;

	(void)arg;
	IS_INT(party_find(txn, a, "a@b", &got, &fix_why), STORE_ABSENT, "unknown");
	IS_INT(party_put(txn, &p, &fix_why), STORE_OK, "put");
	IS_INT(party_find(txn, a, "a@b", &got, &fix_why), STORE_OK, "known");
	OK(got.agent && got.n_sent == 5 && got.undeliverable_until_s == 3 && strcmp(got.language, "fr") == 0,
	   "as it was put");
	p.n_sent = 6;
	OK(party_put(txn, &p, &fix_why) == STORE_OK &&
	   party_find(txn, a, "a@b", &got, &fix_why) == STORE_OK && got.n_sent == 6, "changed");
	return STORE_OK;
}

int
main(void)
{
	struct message_place first = {0, 0};

	fix_make_dir();
	struct store_options o = fix_options();
	store = fix_open(&o);
	IS_INT(store_run(store, append, NULL, &fix_why), STORE_OK, "append");
	IS_INT(store_run(store, append_again, NULL, &fix_why), STORE_EXISTS, "a seq is taken once");
	IS_INT(store_peek(store, read_back, NULL, &fix_why), STORE_OK, "read");
	IS_INT(store_run(store, put_ids, NULL, &fix_why), STORE_OK, "ids");
	IS_INT(store_peek(store, find_ids, NULL, &fix_why), STORE_OK, "find ids");
	IS_INT(store_run(store, claim, &first, &fix_why), STORE_OK, "the first claims");
	IS_INT(store_run(store, claim, &first, &fix_why), STORE_EXISTS, "the second is a duplicate");
	OK(first.ticket == 8 && first.seq == 9, "and learns where the first went");
	IS_INT(store_peek(store, find_duplicates, NULL, &fix_why), STORE_OK, "find duplicates");
	IS_INT(store_peek(store, audit, NULL, &fix_why), STORE_OK, "audit");
	IS_INT(store_peek(store, parties, NULL, &fix_why), STORE_OK, "parties");
	store_close(&store);
	fix_remove(fix_dir);
	return tap_done();
}

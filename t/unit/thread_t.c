/* t/unit/thread_t.c - which ticket a mail names: over a real store */
#include "thread.h"
#include "arena.h"
#include "message.h"
#include "ref.h"
#include "sign.h"
#include "store_fix.h"
#include "ticket.h"
#include "token.h"

static const char instance[] = "tickets.example.org";
static const char *const prefixes[] = {"ACM", "IT", NULL};

enum { IDS_MAX = 300 };

/* What stands in the store: three tickets, a chain of merges 103 → 104 → 101, a long chain 200 → … → 212. */
static enum store_err
fill(struct store_txn *txn, void *arg)
{
	static const struct {
		uint64_t id, heir;
		const char *prefix;
	} tickets[] = {{101, 0, "ACM"}, {102, 0, "ACM"}, {103, 104, "ACM"}, {104, 101, "ACM"}, {105, 0, "IT"}};
	enum store_err e = STORE_OK;

	(void)arg;
	for (size_t i = 0; e == STORE_OK && i < N_ELEMENTS(tickets); i++) {
		struct ticket t = fix_ticket(tickets[i].id);

		t.prefix = tickets[i].prefix;
		t.heir = tickets[i].heir;
		t.state = t.heir != 0 ? TICKET_MERGED : TICKET_OPEN;
		e = ticket_create(txn, &t, &fix_why);
	}
	for (uint64_t id = 200; e == STORE_OK && id <= 212; id++) {
		struct ticket t = fix_ticket(id);

		t.heir = id < 212 ? id + 1 : 0;
		t.state = t.heir != 0 ? TICKET_MERGED : TICKET_OPEN;
		e = ticket_create(txn, &t, &fix_why);
	}
	if (e == STORE_OK)
		e = msgid_put(txn, "first@example.net", 101, 1, &fix_why);
	if (e == STORE_OK)
		e = msgid_put(txn, "second@example.net", 102, 1, &fix_why);
	return e;
}

struct question {
	struct arena *arena;
	struct thread_in in;
	struct thread_found found;
};

static enum store_err
find(struct store_txn *txn, void *arg)
{
	struct question *q = arg;

	return thread_find(txn, q->arena, &q->in, &q->found, &fix_why);
}

struct bench {
	struct arena *arena;
	struct store *store;
	struct sign *sign;
	const char *ours101, *ours102, *ours103, *ours999, *forged101;
};

static struct thread_found
ask(const struct bench *b, const struct mail *m, enum mail_class class)
{
	struct question q = {.arena = b->arena,
	                     .in = {.mail = m,
	                            .class = class,
	                            .sign = b->sign,
	                            .instance = instance,
	                            .prefixes = prefixes}};

	IS_INT(store_peek(b->store, find, &q, &fix_why), STORE_OK, "asked");
	return q.found;
}

static const char *
token(struct arena *a, const char *prefix, uint64_t number)
{
	struct token t = {.number = number};
	char text[TOKEN_TEXT];

	(void)snprintf(t.prefix, sizeof t.prefix, "%s", prefix);
	token_print(&t, text);
	return arena_strdup(a, text);
}

/* Words → ids: 101 and 102 are signed ids of those tickets, the rest stands for itself. */
static const char *
id_of(const struct bench *b, const char *word)
{
	return strcmp(word, "s101") == 0   ? b->ours101
	       : strcmp(word, "s102") == 0 ? b->ours102
	       : strcmp(word, "s103") == 0 ? b->ours103
	       : strcmp(word, "s999") == 0 ? b->ours999
	       : strcmp(word, "f101") == 0 ? b->forged101
	                                   : word;
}

static size_t
ids(const struct bench *b, const char *words, const char *const **ids_r)
{
	const char **list = arena_array(b->arena, IDS_MAX, sizeof *list);
	size_t n = 0;
	char *rest = NULL;

	for (char *w = strtok_r(arena_strdup(b->arena, words), " ", &rest); w != NULL && n < IDS_MAX;
	     w = strtok_r(NULL, " ", &rest))
		list[n++] = id_of(b, w);
	*ids_r = list;
	return n;
}

static void
test_table(const struct bench *b)
{
	const char *t101 = token(b->arena, "ACM", 101), *t102 = token(b->arena, "ACM", 102);
	const char *t103 = token(b->arena, "ACM", 103), *t105 = token(b->arena, "IT", 105);
	const char *wrong = token(b->arena, "IT", 101), *none = token(b->arena, "ACM", 999);
	const struct {
		const char *what, *subject, *in_reply_to, *references, *returned;
		enum mail_class class;
		enum evidence evidence;
		uint64_t ticket;
	} rows[] = {
		{"nothing", "Hello", "", "", "", CLASS_HUMAN, EVIDENCE_NONE, 0},
		{"a token", t101, "", "", "", CLASS_HUMAN, EVIDENCE_TOKEN, 101},
		{"a token of another queue", t105, "", "", "", CLASS_HUMAN, EVIDENCE_TOKEN, 105},
		{"a token twice", arena_printf(b->arena, "%s Re: %s", t101, t101), "", "", "", CLASS_HUMAN,
	         EVIDENCE_TOKEN, 101},
		{"a token that was never given", none, "", "", "", CLASS_HUMAN, EVIDENCE_NONE, 0},
		{"the right number with another prefix", wrong, "", "", "", CLASS_HUMAN, EVIDENCE_NONE, 0},
		{"a known id", "", "first@example.net", "", "", CLASS_HUMAN, EVIDENCE_KNOWN_ID, 101},
		{"a known id in References", "", "", "x@y second@example.net z@y", "", CLASS_HUMAN,
	         EVIDENCE_KNOWN_ID, 102},
		{"unknown ids", "", "x@y", "z@y", "", CLASS_HUMAN, EVIDENCE_NONE, 0},
		{"a signed id", "", "s101", "", "", CLASS_HUMAN, EVIDENCE_SIGNED_ID, 101},
		{"a signed id in References", "", "x@y", "s102 x@y", "", CLASS_HUMAN, EVIDENCE_SIGNED_ID, 102},
		{"the newest reference counts", "", "", "first@example.net s102", "", CLASS_HUMAN,
	         EVIDENCE_SIGNED_ID, 102},
		{"In-Reply-To counts before References", "", "first@example.net", "s102", "", CLASS_HUMAN,
	         EVIDENCE_KNOWN_ID, 101},
		{"a signed id of a ticket that is not there", "", "s999", "", "", CLASS_HUMAN, EVIDENCE_NONE, 0},
		{"a forged id", "", "f101", "", "", CLASS_HUMAN, EVIDENCE_NONE, 0},
		{"a forged id beside a token", t102, "f101", "", "", CLASS_HUMAN, EVIDENCE_TOKEN, 102},
		{"id and token agree: the id is stronger", t101, "s101", "", "", CLASS_HUMAN,
	         EVIDENCE_SIGNED_ID, 101},
		{"id and token differ", t102, "s101", "", "", CLASS_HUMAN, EVIDENCE_CONFLICT, 101},
		{"known id and token differ", t102, "first@example.net", "", "", CLASS_HUMAN,
	         EVIDENCE_CONFLICT, 101},
		{"two tokens", arena_printf(b->arena, "%s %s", t101, t102), "", "", "", CLASS_HUMAN,
	         EVIDENCE_CONFLICT, 101},
		{"two tokens, one never given", arena_printf(b->arena, "%s %s", none, t102), "", "", "",
	         CLASS_HUMAN, EVIDENCE_TOKEN, 102},
		{"a merged ticket", t103, "", "", "", CLASS_HUMAN, EVIDENCE_TOKEN, 101},
		{"a signed id of a merged ticket", "", "s103", "", "", CLASS_HUMAN, EVIDENCE_SIGNED_ID, 101},
		{"merged and heir are one", arena_printf(b->arena, "%s %s", t103, t101), "", "", "", CLASS_HUMAN,
	         EVIDENCE_TOKEN, 101},
		{"a bounce: what it returns counts", "", "", "", "s101", CLASS_BOUNCE, EVIDENCE_SIGNED_ID, 101},
		{"a bounce: its own fields do not", t101, "s101", "s101", "", CLASS_BOUNCE, EVIDENCE_NONE, 0},
		{"a person: what a report inside returns does not", "", "", "", "s101", CLASS_HUMAN,
	         EVIDENCE_NONE, 0},
	};

	for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
		struct mail m = {.subject = rows[i].subject, .subject_raw = rows[i].subject};

		m.n_in_reply_to = ids(b, rows[i].in_reply_to, &m.in_reply_to);
		m.n_references = ids(b, rows[i].references, &m.references);
		m.dsn.n_returned_ids = ids(b, rows[i].returned, &m.dsn.returned_ids);
		struct thread_found f = ask(b, &m, rows[i].class);
		IS_STR(evidence_name[f.evidence], evidence_name[rows[i].evidence], rows[i].what);
		IS_INT(f.ticket, rows[i].ticket, "the ticket");
		OK((f.by[0] != '\0') == (f.evidence != EVIDENCE_NONE), "it says by what");
	}
}

static void
test_limits(const struct bench *b)
{
	const char **many = arena_array(b->arena, IDS_MAX, sizeof *many);
	struct mail m = {.subject = "", .subject_raw = "", .references = many, .n_references = IDS_MAX};

	for (size_t i = 0; i < IDS_MAX; i++)
		many[i] = arena_printf(b->arena, "%zu@example.com", i);
	many[IDS_MAX - THREAD_IDS_MAX] = b->ours101;
	IS_INT(ask(b, &m, CLASS_HUMAN).ticket, 101, "the newest references are looked at");
	many[IDS_MAX - THREAD_IDS_MAX] = "x@y";
	many[IDS_MAX - THREAD_IDS_MAX - 1] = b->ours101;
	IS_INT(ask(b, &m, CLASS_HUMAN).ticket, 0, "no more than so many");

	m = (struct mail){.subject = token(b->arena, "ACM", 200), .subject_raw = ""};
	struct thread_found f = ask(b, &m, CLASS_HUMAN);
	IS_INT(f.ticket, 200 + THREAD_HEIRS_MAX, "a chain of merges is followed so far");
}

static void
test_mistyped(const struct bench *b)
{
	char text[TOKEN_TEXT];

	(void)snprintf(text, sizeof text, "%s", token(b->arena, "ACM", 101));
	char *last = &text[strlen(text) - 1];
	*last = *last == '9' ? '0' : (char)(*last + 1);
	struct mail m = {.subject = text, .subject_raw = text};
	struct thread_found f = ask(b, &m, CLASS_HUMAN);
	OK(f.evidence == EVIDENCE_NONE && f.mistyped, "a wrong check digit is no evidence, but told");
	m.subject = "";
	m.subject_raw = token(b->arena, "ACM", 102);
	f = ask(b, &m, CLASS_HUMAN);
	OK(f.ticket == 102 && !f.mistyped, "a subject that could not be decoded may still show it");
}

int
main(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct bench b = {.arena = a};

	fix_make_dir();
	struct store_options options = fix_options();
	b.store = fix_open(&options);
	if (sign_open(fix_dir, &b.sign, &fix_why) != SIGN_OK ||
	    store_run(b.store, fill, NULL, &fix_why) != STORE_OK) {
		printf("Bail out! %s\n", fix_why.text);
		return 1;
	}
	b.ours101 = ref_make(a, b.sign, "ACM", 101, 1, instance);
	b.ours102 = ref_make(a, b.sign, "ACM", 102, 2, instance);
	b.ours103 = ref_make(a, b.sign, "ACM", 103, 3, instance);
	b.ours999 = ref_make(a, b.sign, "ACM", 999, 4, instance);
	/* The same id with one letter of its MAC changed. */
	char *forged = arena_strdup(a, b.ours101);
	char *letter = strchr(forged, '@') - 1;
	*letter = *letter == 'a' ? 'b' : 'a';
	b.forged101 = forged;
	test_table(&b);
	test_limits(&b);
	test_mistyped(&b);
	sign_close(&b.sign);
	store_close(&b.store);
	fix_remove(fix_dir);
	return tap_done();
}

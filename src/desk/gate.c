/* src/desk/gate.c - whether mail for an address may come in, said once for all doors */
#include "gate.h"
#include "arena.h"
#include "conf.h"
#include "party.h"
#include "reply.h"
#include "thread.h"
#include "ticket.h"
#include <assert.h>

#define GATE_ROW(name, word, recipient, access, action, lmtp)                                      \
	[name] = {word, recipient, access, action, lmtp},
static const struct gate_row rows[GATE_COUNT] = {GATE_ANSWERS(GATE_ROW)};

const struct gate_row *
gate_row(enum gate_answer answer)
{
	assert(answer < GATE_COUNT);
	return &rows[answer];
}

/* A reply address, and what is asked about it in one transaction. */
struct proof {
	const struct gate *gate;
	const struct reply_found *found;
	struct arena *arena;
	struct why *why;
	bool proven;
};

static bool
is_for(const struct proof *p, const char *person)
{
	return reply_check(p->gate->sign, p->found, person, p->gate->now_s);
}

/* Whether the tag was made for another address of the same person. */
static enum store_err
look_at_names(struct store_txn *txn, struct proof *p, const char *person)
{
	const char *const *name = NULL;
	size_t n = 0;
	enum store_err e = party_names(txn, p->arena, person, &name, &n, p->why);

	for (size_t i = 0; e == STORE_OK && !p->proven && i < n; i++)
		p->proven = is_for(p, name[i]);
	return e;
}

/* Whether the tag was made for somebody who has to do with the ticket. */
static enum store_err
look_at_ticket(struct store_txn *txn, struct proof *p, const struct ticket *t)
{
	const struct set_queue *queue = conf_queue(p->gate->conf, t->queue);
	enum store_err e = STORE_OK;

	for (size_t i = 0; !p->proven && i < t->n_participants; i++)
		p->proven = is_for(p, t->participant[i].address);
	for (size_t i = 0; !p->proven && queue != NULL && i < queue->agents.n; i++)
		p->proven = is_for(p, queue->agents.texts[i]);
	for (size_t i = 0; e == STORE_OK && !p->proven && i < t->n_participants; i++)
		e = look_at_names(txn, p, t->participant[i].address);
	return e;
}

static enum store_err
prove(struct store_txn *txn, void *arg)
{
	struct proof *p = arg;
	const struct token *about = &p->found->mark.about;
	struct ticket t = {0};
	enum store_err e = ticket_by_token(txn, p->arena, about->prefix, about->number, &t, p->why);

	p->proven = false;
	if (e == STORE_OK)
		e = look_at_ticket(txn, p, &t);
	for (int i = 0; e == STORE_OK && !p->proven && t.state == TICKET_MERGED &&
	                i < THREAD_HEIRS_MAX;
	     i++) {
		e = ticket_find(txn, p->arena, t.heir, &t, p->why);
		if (e == STORE_OK)
			e = look_at_ticket(txn, p, &t);
		else if (e == STORE_ABSENT)
			e = STORE_BROKEN; /* damage must not become a refusal */
	}
	return e;
}

static enum gate_answer
ask_store(struct proof *p)
{
	enum gate_answer answer = GATE_UNASKED;

	switch (store_peek(p->gate->store, prove, p, p->why)) {
	case STORE_OK:
		answer = p->proven ? GATE_PROVEN : GATE_INVALID;
		break;
	case STORE_ABSENT:
		answer = GATE_INVALID;
		break;
	case STORE_EXISTS:
	case STORE_BUSY:
	case STORE_FULL:
	case STORE_BROKEN:
		break;
	}
	return answer;
}

static enum gate_answer
judge(struct proof *p)
{
	enum gate_answer answer = GATE_INVALID;

	switch (p->found->mark.kind) {
	case REPLY_TICKET:
		answer = ask_store(p);
		break;
	case REPLY_BOUNCE: /* of a row that may be settled long since: for nobody in particular */
		answer = is_for(p, "") ? GATE_PROVEN : GATE_INVALID;
		break;
	case REPLY_RELEASE:
	case REPLY_DROP:
		answer = is_for(p, p->gate->conf->settings->postmaster) ? GATE_PROVEN
		                                                        : GATE_INVALID;
		break;
	}
	return answer;
}

enum gate_answer
gate_ask(const struct gate *g, const char *address, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *extension = "";
	struct reply_found found;
	struct proof p = {.gate = g, .found = &found, .arena = a, .why = why};
	enum gate_answer answer = GATE_UNKNOWN;
	bool mistyped = false;

	if (conf_queue_for(g->conf, a, address, &extension) != NULL) {
		answer = GATE_QUEUE;
		if (reply_read(extension, &found, &mistyped))
			answer = judge(&p);
		else if (mistyped)
			answer = GATE_INVALID;
	}
	return answer;
}

/* t/unit/route_t.c - the decision table against rules in words, over every combination of facts */
#include "route.h"
#include "buf.h"
#include "tap.h"

/* ---- The rules of DESIGN.md, said in words; nothing here knows the table. ---- */

struct answer {
	enum route_to to;
	enum held_cause cause;
};

static struct answer
held(enum held_cause cause)
{
	return (struct answer){ROUTE_HOLD, cause};
}

static struct answer
goes(enum route_to to)
{
	return (struct answer){to, 0};
}

static bool
signed_by_us(const struct route_facts *f)
{
	return f->evidence == EVIDENCE_SIGNED_ID || f->evidence == EVIDENCE_SIGNED_ADDRESS;
}

static bool
names_a_ticket(const struct route_facts *f)
{
	return signed_by_us(f) || f->evidence == EVIDENCE_TOKEN || f->evidence == EVIDENCE_KNOWN_ID;
}

static bool
is_on_the_ticket(const struct route_facts *f)
{
	return f->role == ROLE_REQUESTER || f->role == ROLE_PARTICIPANT || f->role == ROLE_AGENT;
}

/* A person writes. */
static struct answer
person(const struct route_facts *f)
{
	if (is_on_the_ticket(f) && f->auth == AUTH_FAILED)
		return held(HELD_FORGED);
	if (!names_a_ticket(f))
		return goes(ROUTE_NEW);
	/* The powers of an agent need proof, whatever he quotes. */
	if (f->role == ROLE_AGENT && f->auth != AUTH_VERIFIED)
		return held(HELD_FORGED);
	bool may_add = f->auth != AUTH_FAILED && (is_on_the_ticket(f) || signed_by_us(f));
	if (may_add && f->window == WINDOW_OPEN)
		return goes(ROUTE_COMMENT);
	if (may_add && f->window == WINDOW_CLOSED)
		return goes(ROUTE_REOPEN);
	return goes(ROUTE_NEW_LINKED);
}

/* An autoresponder, a mail program (receipts), a complaint office or a mailing list writes: stored, never answered, never reopens. */
static struct answer
machine(const struct route_facts *f)
{
	bool there = f->window == WINDOW_OPEN || f->window == WINDOW_CLOSED ||
	             f->window == WINDOW_LONG_CLOSED;

	return goes(there && names_a_ticket(f) && is_on_the_ticket(f) && f->auth != AUTH_FAILED
	                    ? ROUTE_STORE
	                    : ROUTE_NEW_QUIET);
}

static struct answer
expect(const struct route_facts *f)
{
	if (f->class == CLASS_OWN)
		return held(HELD_LOOP);
	if (names_a_ticket(f) && f->window == WINDOW_MERGED)
		return goes(ROUTE_HEIR);
	if (f->class == CLASS_BOUNCE)
		return signed_by_us(f) && f->window != WINDOW_NONE ? goes(ROUTE_NOTE)
		                                                   : held(HELD_BOUNCE);
	/* A delay changes nothing; a forged one not even the ticket's list of mails. */
	if (f->class == CLASS_DELAY)
		return signed_by_us(f) && f->window != WINDOW_NONE ? goes(ROUTE_STORE)
		                                                   : held(HELD_BOUNCE);
	if (f->evidence == EVIDENCE_CONFLICT)
		return held(HELD_CONFLICT);
	return f->class == CLASS_HUMAN ? person(f) : machine(f);
}

/* ---- What holds of every cell, whatever the rules are. ---- */

enum property {
	NO_OUTSIDER_ADDS,    /* P4: who is not on the ticket adds only with our signature in hand */
	NO_FORGER_ADDS,
	NO_DELAY_CHANGES,
	NO_UNPROVEN_AGENT_ADDS,
	NO_MACHINE_IS_HEARD, /* P5: never new with an answer, never a comment, never reopens */
	CONFLICT_IS_HELD,
	CLOSED_STAYS_CLOSED, /* only ROUTE_REOPEN opens, and only within the window */
	OWN_IS_HELD,
	PROPERTY_COUNT
};

static const char *const property_name[PROPERTY_COUNT] = {
	[NO_OUTSIDER_ADDS] = "nobody outside the ticket adds to it without a signed id or address",
	[NO_FORGER_ADDS] = "no forged sender adds to a ticket",
	[NO_DELAY_CHANGES] = "a delayed mail changes nothing",
	[NO_UNPROVEN_AGENT_ADDS] = "no agent who is not proven adds to a ticket",
	[NO_MACHINE_IS_HEARD] = "no machine, list, bounce or mail of our own is answered, told, or reopens",
	[CONFLICT_IS_HELD] = "contradicting evidence is always held",
	[CLOSED_STAYS_CLOSED] = "a comment needs an open ticket, reopening one closed within the window",
	[OWN_IS_HELD] = "our own mail is always held",
};

static bool
breaks(enum property p, const struct route_facts *f, enum route_to to)
{
	bool adds = to == ROUTE_COMMENT || to == ROUTE_REOPEN;
	bool heard = adds || to == ROUTE_NEW || to == ROUTE_NEW_LINKED;
	bool broken = false;

	switch (p) {
	case NO_OUTSIDER_ADDS:
		broken = adds && !is_on_the_ticket(f) && !signed_by_us(f);
		break;
	case NO_FORGER_ADDS:
		broken = (adds || to == ROUTE_STORE) && f->auth == AUTH_FAILED &&
		         f->class != CLASS_DELAY;
		break;
	case NO_DELAY_CHANGES:
		broken = f->class == CLASS_DELAY && to != ROUTE_STORE && to != ROUTE_HOLD &&
		         to != ROUTE_HEIR;
		break;
	case NO_UNPROVEN_AGENT_ADDS:
		broken = adds && f->role == ROLE_AGENT && f->auth != AUTH_VERIFIED;
		break;
	case NO_MACHINE_IS_HEARD:
		broken = heard && f->class != CLASS_HUMAN;
		break;
	case CONFLICT_IS_HELD:
		broken = f->evidence == EVIDENCE_CONFLICT && to != ROUTE_HOLD;
		break;
	case CLOSED_STAYS_CLOSED:
		broken = (to == ROUTE_COMMENT && f->window != WINDOW_OPEN) ||
		         (to == ROUTE_REOPEN && f->window != WINDOW_CLOSED);
		break;
	case OWN_IS_HELD:
		broken = f->class == CLASS_OWN && to != ROUTE_HOLD;
		break;
	case PROPERTY_COUNT:
		break;
	}
	return broken;
}

/* ---- Over the whole product. ---- */

enum { ROWS_MAX = 64 };

struct survey {
	unsigned n_cells, n_wrong, n_broken[PROPERTY_COUNT], n_reached[ROWS_MAX];
};

static void
show(const char *what, const struct route_facts *f, const struct route_row *row)
{
	printf("# %s: %s %s %s %s %s: row %zu, %s\n", what, mail_class_name[f->class],
	       evidence_name[f->evidence], party_role_name[f->role], sender_auth_name[f->auth],
	       ticket_window_name[f->window], route_number(row), route_to_name[row->to]);
}

static void
look_at(struct survey *s, const struct route_facts *f)
{
	const struct route_row *row = route_decide(f);
	struct answer want = expect(f);

	s->n_cells++;
	s->n_reached[route_number(row) - 1]++;
	if (row->to != want.to || (row->to == ROUTE_HOLD && row->cause != want.cause)) {
		s->n_wrong++;
		show("not as the rules say", f, row);
	}
	for (int p = 0; p < PROPERTY_COUNT; p++)
		if (breaks((enum property)p, f, row->to)) {
			s->n_broken[p]++;
			show(property_name[p], f, row);
		}
}

/* The facts of one cell, from its number. */
static struct route_facts
cell(unsigned i)
{
	struct route_facts f = {.class = i % CLASS_COUNT};

	i /= CLASS_COUNT;
	f.evidence = i % EVIDENCE_COUNT;
	i /= EVIDENCE_COUNT;
	f.role = i % ROLE_COUNT;
	i /= ROLE_COUNT;
	f.auth = i % AUTH_COUNT;
	f.window = i / AUTH_COUNT;
	return f;
}

static void
test_product(void)
{
	enum { CELLS = CLASS_COUNT * EVIDENCE_COUNT * ROLE_COUNT * AUTH_COUNT * WINDOW_COUNT };
	struct survey s = {0};
	size_t n_rows = 0, n_unreached = 0;

	(void)route_table(&n_rows);
	OK(n_rows <= ROWS_MAX, "the table fits this test");
	for (unsigned i = 0; i < CELLS; i++) {
		struct route_facts f = cell(i);

		look_at(&s, &f);
	}
	printf("# %u cells\n", s.n_cells);
	IS_INT(s.n_cells, 8 * 6 * 5 * 3 * 5, "every combination was asked");
	IS_INT(s.n_wrong, 0, "every cell is as the rules in words say");
	for (int p = 0; p < PROPERTY_COUNT; p++)
		IS_INT(s.n_broken[p], 0, property_name[p]);
	for (size_t i = 0; i < n_rows; i++)
		n_unreached += s.n_reached[i] == 0;
	IS_INT(n_unreached, 0, "every row decides some cell");
}

static void
test_table(void)
{
	size_t n = 0, n_lines = 0;
	const struct route_row *row = route_table(&n);
	AUTO(buf) struct buf text = {0};

	for (size_t i = 0; i < n; i++) {
		OK(row[i].because != NULL && row[i].because[0] != '\0', row[i].because);
		IS_INT(route_number(&row[i]), i + 1, "its number");
	}
	route_print(&text);
	for (size_t i = 0; i < text.n; i++)
		n_lines += text.octets[i] == '\n';
	IS_INT(n_lines, n + 1, "printed as a heading and a line for each row");
	OK(strstr(text.octets, "hold:loop") != NULL, "with the cause where mail is held");
}

int
main(void)
{
	test_product();
	test_table();
	return tap_done();
}

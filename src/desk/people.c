/* src/desk/people.c - who is on a ticket, who joins it, which organisation it belongs to (pure) */
#include "people.h"
#include "addr.h"
#include "align.h"
#include "arena.h"
#include "freemail.h"
#include "notify.h"
#include "text.h"
#include <string.h>

/* The people of a ticket while they become more. */
struct crowd {
	struct participant *p;
	size_t n, most;
};

static bool
is_in(const struct crowd *c, const char *address)
{
	bool found = false;

	for (size_t i = 0; !found && i < c->n; i++)
		found = strcmp(c->p[i].address, address) == 0;
	return found;
}

/* Who is written to, and is not one of us.
 * Gives   the canonical address, or NULL */
static const char *
outsider(struct arena *a, const struct people_mail *m, const struct mail_mailbox *box)
{
	const char *address = addr_canonical(a, box->address);
	bool ours = address == NULL || conf_is_ours(m->conf, address) ||
	            !notify_answerable(address);

	for (size_t i = 0; !ours && i < m->queue->agents.n; i++)
		ours = text_same(address, m->queue->agents.texts[i]);
	return ours ? NULL : address;
}

/* Add whoever stands in To and Cc and is not there yet.
 * Gives   how many had no room */
static size_t
add_addressed(struct arena *a, const struct people_mail *m, uint32_t since_seq, struct crowd *c)
{
	const struct mail_mailboxes *lists[] = {&m->mail->to, &m->mail->cc};
	size_t n_left_out = 0;

	for (size_t i = 0; i < N_ELEMENTS(lists); i++)
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct mail_mailbox *box = &lists[i]->box[j];
			const char *address = outsider(a, m, box);

			if (address == NULL || is_in(c, address))
				continue;
			if (c->n < c->most)
				c->p[c->n++] = (struct participant){address, box->name,
				                                    ROLE_PARTICIPANT, since_seq,
				                                    false};
			else
				n_left_out++;
		}
	return n_left_out;
}

void
people_open(struct arena *a, const struct people_mail *m, struct ticket *t)
{
	size_t most = m->conf->settings->participants_max;
	struct crowd c = {arena_array(a, most + 1, sizeof *c.p), 0, most};

	if (m->author[0] != '\0')
		c.p[c.n++] = (struct participant){m->author, m->mail->from_name, ROLE_REQUESTER, 1,
		                                  false};
	(void)add_addressed(a, m, 1, &c);
	t->participant = c.p;
	t->n_participants = c.n;
	t->organisation = m->auth == AUTH_VERIFIED ? people_organisation(a, m->conf, m->author)
	                                           : "";
}

struct people_added
people_join(struct arena *a, const struct people_mail *m, uint32_t seq, struct ticket *t)
{
	size_t n_named = m->mail->to.n + m->mail->cc.n;
	size_t most = m->conf->settings->participants_max;
	size_t room = t->n_participants + n_named;
	bool may = m->auth == AUTH_VERIFIED &&
	           (m->role == ROLE_REQUESTER || m->role == ROLE_PARTICIPANT ||
	            m->role == ROLE_AGENT);
	struct crowd c = {arena_array(a, room + 1, sizeof *c.p), t->n_participants, 0};
	struct people_added added = {.n = 0};

	for (size_t i = 0; i < t->n_participants; i++)
		c.p[i] = t->participant[i];
	c.most = !may ? room : most > c.n ? most : c.n;
	size_t n_left_out = add_addressed(a, m, seq, &c);
	size_t n_new = c.n - t->n_participants;
	const char **address = arena_array(a, n_new + 1, sizeof *address);
	for (size_t i = 0; i < n_new; i++)
		address[i] = c.p[t->n_participants + i].address;
	if (may) {
		added = (struct people_added){address, n_new, n_left_out,
		                              "as many are on the ticket as may be"};
		t->participant = c.p;
		t->n_participants = c.n;
	} else {
		added = (struct people_added){NULL, 0, n_new,
		                              m->auth != AUTH_VERIFIED
		                                      ? "nothing proves the sender"
		                                      : "the sender is not on the ticket"};
	}
	return added;
}

const char *
people_organisation(struct arena *a, const struct conf *conf, const char *address)
{
	const char *domain = addr_ok(address) ? align_ascii(a, addr_domain(address)) : NULL;
	const char *organisation = domain == NULL ? NULL : align_organisation(a, domain);

	/* The whole domain is asked for: the list knows parts of domains, too. */
	return organisation == NULL || freemail_is(domain, &conf->settings->free_mail_domains)
	               ? ""
	               : organisation;
}

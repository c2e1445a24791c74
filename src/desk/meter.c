/* src/desk/meter.c - the limits of what one mail sets off */
#include "meter.h"
#include "arena.h"
#include "body.h"
#include "buf.h"
#include "digest.h"
#include "limit.h"
#include "number.h"
#include "people.h"
#include "text.h"
#include <inttypes.h>
#include <string.h>

enum { HOUR_S = 3600 };

/* One limit on one subject. */
struct question {
	enum tally_kind kind;
	const char *subject;
	const struct set_limits *limits;
	const char *of; /* "to this address" */
};

/* Several, of which each must say yes. */
struct questions {
	const struct question *q;
	size_t n;
};

static const char *
say_full(struct arena *a, const struct question *q, const struct set_limit *full)
{
	AUTO(buf) struct buf within = {0};

	number_put_duration(&within, full->within_s);
	return arena_printf(a, "limit: %" PRIu64 " in %s %s", full->most, within.octets, q->of);
}

/* Ask all; where all have room, note them to be counted. */
static enum store_err
ask(struct store_txn *txn, struct arena *a, struct meter *m, struct questions all,
    const char **full_r, struct why *why)
{
	const struct question *q = all.q;
	size_t n = all.n;
	enum store_err e = STORE_OK;
	const char *said = NULL;

	if (m->n_events + n > METER_EVENTS_MAX)
		said = "limit: one mail sets off too much";
	for (size_t i = 0; e == STORE_OK && said == NULL && i < n; i++) {
		struct tally t = {NULL, 0};
		const struct set_limit *full = NULL;

		if (q[i].limits->n == 0)
			continue;
		e = tally_read(txn, a, q[i].kind, q[i].subject, &t, why);
		if (e == STORE_OK)
			full = limit_full(q[i].limits, &t, m->now_s);
		if (full != NULL)
			said = say_full(a, &q[i], full);
		/* A row that cannot be read would stop the mail itself for good. */
		if (e == STORE_BROKEN) {
			said = "limit: could not be asked, the count is damaged";
			e = STORE_OK;
		}
	}
	for (size_t i = 0; e == STORE_OK && said == NULL && i < n; i++)
		if (q[i].limits->n > 0)
			m->event[m->n_events++] =
				(struct tally_event){q[i].kind, q[i].subject, m->now_s,
			                             limit_keep_s(q[i].limits)};
	if (e == STORE_OK)
		*full_r = said;
	return e;
}

static enum store_err
ask_ticket(struct store_txn *txn, struct arena *a, struct meter *m, uint64_t ticket,
           struct why *why)
{
	struct question q = {TALLY_TICKET, arena_printf(a, "%" PRIu64, ticket),
	                     &m->conf->settings->limit_ticket, "about this ticket"};
	enum store_err e = STORE_OK;

	if (!m->asked_ticket)
		e = ask(txn, a, m, (struct questions){&q, 1}, &m->ticket_full, why);
	m->asked_ticket = e == STORE_OK;
	return e;
}

enum store_err
meter_notice(struct store_txn *txn, struct arena *a, struct meter *m, const struct meter_notice *n,
             const char **full_r, struct why *why)
{
	const struct settings *set = m->conf->settings;
	const char *both = arena_printf(a, "%s\n%s", n->address, n->subject);
	const struct question q[] = {
		{TALLY_RECIPIENT, n->address, &set->limit_recipient, "to this address"},
		{TALLY_ACKNOWLEDGED, n->address, &set->limit_acknowledgements,
	         "acknowledged to this address"},
		{TALLY_SUBJECT, both, &set->limit_same_subject, "of this subject to this address"},
		{TALLY_UNVERIFIED, n->address, &set->limit_unverified,
	         "to this address, which is not verified"},
		{TALLY_UNVERIFIED_ALL, "", &set->limit_unverified_all,
	         "to addresses that are not verified"},
	};
	size_t n_asked = n->kind != NOTICE_ACKNOWLEDGEMENT ? 1
	                 : n->verified                     ? 3
	                                                   : N_ELEMENTS(q);
	const char *full = NULL;
	enum store_err e = ask_ticket(txn, a, m, n->ticket, why);

	if (e == STORE_OK && m->ticket_full != NULL)
		full = m->ticket_full;
	else if (e == STORE_OK)
		e = ask(txn, a, m, (struct questions){q, n_asked}, &full, why);
	if (e == STORE_OK) {
		m->n_limited += full != NULL;
		*full_r = full;
	}
	return e;
}

enum store_err
meter_open(struct store_txn *txn, struct arena *a, struct meter *m, const char *address,
           const char **full_r, struct why *why)
{
	const struct settings *set = m->conf->settings;
	const char *organisation = people_organisation(a, m->conf, address);
	const struct question q[] = {
		{TALLY_SENDER, address, &set->flood_sender, "opened by this address"},
		{TALLY_DOMAIN, organisation, &set->flood_domain, "opened by this domain"},
	};

	return ask(txn, a, m, (struct questions){q, organisation[0] != '\0' ? 2 : 1}, full_r, why);
}

/* The words alone, in one line and small letters: the name of a text in a tally. */
static const char *
name_words(struct arena *a, const struct mail *mail)
{
	char *words = body_own_words(a, mail->text, mail->span, mail->n_spans), *end = words;
	char *hex = arena_alloc(a, 2 * DIGEST_OCTETS + 1);
	uint8_t sum[DIGEST_OCTETS];

	text_lower(words);
	for (const char *p = words; *p != '\0'; p++)
		if (strchr(" \t\r\n", *p) == NULL)
			*end++ = *p;
	digest_of(words, (size_t)(end - words), sum);
	digest_hex(sum, sizeof sum, hex);
	return end == words ? "" : hex;
}

static bool
has_attachment(const struct mail *mail)
{
	bool has = false;

	for (size_t i = 0; !has && i < mail->n_parts; i++)
		has = !mail->part[i].is_text;
	return has;
}

enum store_err
meter_words(struct store_txn *txn, struct arena *a, struct meter *m, const struct meter_said *said,
            const char **full_r, struct why *why)
{
	const struct mail *mail = said->mail;
	const char *words = name_words(a, mail);
	struct question q = {TALLY_TEXT,
	                     arena_printf(a, "%" PRIu64 " %s %s", said->ticket, mail->from_address,
	                                  words),
	                     &m->conf->settings->limit_same_text, "of the same words"};

	*full_r = NULL;
	if (words[0] == '\0' && has_attachment(mail))
		return STORE_OK;
	return ask(txn, a, m, (struct questions){&q, 1}, full_r, why);
}

enum store_err
meter_flood(struct store_txn *txn, struct arena *a, struct meter *m, const char *queue,
            const char **full_r, struct why *why)
{
	static const struct set_limits once = {"", {{HOUR_S, 1}}, 1};
	struct question q = {TALLY_FLOOD_TOLD, queue, &once, "about this queue"};

	return ask(txn, a, m, (struct questions){&q, 1}, full_r, why);
}

enum store_err
meter_write(struct store_txn *txn, const struct meter *m, struct why *why)
{
	enum store_err e = STORE_OK;

	for (size_t i = 0; e == STORE_OK && i < m->n_events; i++)
		e = tally_add(txn, &m->event[i], why);
	return e;
}

/* src/desk/summary.c - the mails to the postmaster, and to agents, about held mail */
#include "summary.h"
#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "compose.h"
#include "held.h"
#include "outbox.h"
#include "ref.h"
#include "reply.h"
#include "template.h"
#include "ticket.h"
#include "tojson.h"
#include <inttypes.h>

enum { PAGE = 500, PAGES_MAX = 20, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

/* Entries picked so far: those never told of, and, in case there is room, others. */
struct picking {
	struct held_entry fresh[SUMMARY_ENTRIES_MAX], told[SUMMARY_ENTRIES_MAX];
	size_t n_fresh, n_told;
	uint64_t n_seen;
};

static const char *
age_text(struct arena *a, int64_t age_s)
{
	int64_t s = age_s > 0 ? age_s : 0;

	return s >= DAY_S    ? arena_printf(a, "%" PRId64 "d", s / DAY_S)
	       : s >= HOUR_S ? arena_printf(a, "%" PRId64 "h", s / HOUR_S)
	                     : arena_printf(a, "%" PRId64 "min", s / MINUTE_S);
}

/* An address by which the postmaster orders something about an entry. */
static const char *
order_address(struct arena *a, const struct summary_in *in, const struct held_entry *h,
              enum reply_kind kind)
{
	const struct set_queue *q = conf_queue(in->conf, h->queue);
	struct reply_mark mark = {.kind = kind, .about = {.number = h->id}};

	if (q == NULL)
		q = &in->conf->settings->queues[0];
	struct reply_place place = {q->address.texts[0], q->recipient_delimiter};
	const char *address = reply_make(a, in->sign, &place, &mark, in->row->to_address);
	return address != NULL ? address
	                       : arena_printf(a, "postern held %s %" PRIu64,
	                                      kind == REPLY_RELEASE ? "release" : "drop", h->id);
}

static void
list_entry(struct arena *a, const struct summary_in *in, const struct held_entry *h,
           struct buf *lines)
{
	buf_printf(lines, "%" PRIu64 "  %s  %s  %" PRIu64 "  %s\n  %s\n  %s\n", h->id,
	           held_cause_name[h->cause], age_text(a, in->now_s - h->at_s), h->blob.n_octets,
	           h->queue, order_address(a, in, h, REPLY_RELEASE),
	           order_address(a, in, h, REPLY_DROP));
}

static enum store_err
pick(struct store_txn *txn, struct arena *a, struct picking *p, struct why *why)
{
	struct store_range page = {.max = PAGE};
	struct held_entry *h = NULL;
	size_t n = PAGE;
	enum store_err e = STORE_OK;

	for (int i = 0; e == STORE_OK && n == PAGE && i < PAGES_MAX; i++) {
		e = held_list(txn, a, &page, &h, &n, why);
		for (size_t j = 0; e == STORE_OK && j < n; j++) {
			if (h[j].told_s == 0 && p->n_fresh < SUMMARY_ENTRIES_MAX)
				p->fresh[p->n_fresh++] = h[j];
			else if (h[j].told_s != 0 && p->n_told < SUMMARY_ENTRIES_MAX)
				p->told[p->n_told++] = h[j];
			page.first = h[j].id + 1;
			p->n_seen++;
		}
	}
	return e;
}

static enum store_err
read_waiting(struct store_txn *txn, struct arena *a, const struct summary_in *in,
             struct summary *s, struct why *why)
{
	AUTO(buf) struct buf lines = {0};
	struct picking *p = arena_array(a, 1, sizeof *p);
	enum store_err e = pick(txn, a, p, why);

	for (size_t i = 0; i < p->n_fresh + p->n_told && s->n < SUMMARY_ENTRIES_MAX; i++) {
		const struct held_entry *h =
			i < p->n_fresh ? &p->fresh[i] : &p->told[i - p->n_fresh];

		list_entry(a, in, h, &lines);
		s->listed[s->n++] = h->id;
	}
	s->n_more = p->n_seen - s->n;
	s->list = s->n > 0 ? arena_strdup(a, lines.octets) : "";
	return e;
}

/* What became of one entry: the transcript of an order. */
static enum store_err
read_done(struct store_txn *txn, struct arena *a, const struct summary_in *in, struct summary *s,
          struct why *why)
{
	struct held_entry h;
	struct ticket t = {0};
	char at[32] = "";
	uint64_t id = in->row->held;
	enum store_err e = held_find_done(txn, a, id, &h, why);

	if (e == STORE_OK) {
		clock_rfc3339(h.fate_s, at);
		s->list = arena_printf(a, "held %" PRIu64 ": %s %s by %s (%s)", id,
		                       held_fate_name[h.fate], at, h.fate_who, h.fate_how);
		if (h.ticket != 0)
			e = ticket_find(txn, a, h.ticket, &t, why);
		if (e == STORE_OK && h.ticket != 0)
			s->list = arena_printf(a, "%s, %s %s", s->list,
			                       h.fate == HELD_RELEASED ? "as" : "there already as",
			                       ref_text(a, t.prefix, t.id));
	} else if (e == STORE_ABSENT) {
		e = held_find(txn, a, id, &h, why);
		s->list = e == STORE_OK
		                  ? arena_printf(a, "held %" PRIu64 ": still held, cause %s; see "
		                                    "\"postern held release %" PRIu64 "\"",
		                                 id, held_cause_name[h.cause], id)
		                  : arena_printf(a, "held %" PRIu64 ": there is none", id);
	}
	s->n = 1;
	return e == STORE_ABSENT ? STORE_OK : e;
}

/* Of a flood nothing is said but that there is one, in which queue. */
static enum store_err
read_flood(struct store_txn *txn, struct arena *a, const struct summary_in *in, struct summary *s,
           struct why *why)
{
	struct held_entry h;
	enum store_err e = held_find(txn, a, in->row->held, &h, why);

	if (e == STORE_OK) {
		s->queue = h.queue;
		s->list = arena_printf(a, "%" PRIu64 "  %s  %s", h.id, held_cause_name[h.cause],
		                       h.queue);
		s->n = 1;
	}
	return e == STORE_ABSENT ? STORE_OK : e;
}

enum store_err
summary_read(struct store_txn *txn, struct arena *a, const struct summary_in *in,
             struct summary *summary_r, struct why *why)
{
	*summary_r = (struct summary){.list = "", .queue = ""};
	if (in->row->kind == NOTICE_FLOOD)
		return read_flood(txn, a, in, summary_r, why);
	return in->row->kind == NOTICE_HELD ? read_waiting(txn, a, in, summary_r, why)
	                                    : read_done(txn, a, in, summary_r, why);
}

bool
summary_make(struct arena *a, const struct summary_in *in, const struct summary *summary,
             struct notice_mail *mail_r, struct why *why)
{
	const struct outbox_row *row = in->row;
	const struct settings *set = in->conf->settings;
	const struct set_queue *of = conf_queue(in->conf, summary->queue);
	const struct set_queue *q = of != NULL ? of : &set->queues[0];
	const char *queue_name = q->name[0] != '\0' ? q->name : q->key;
	const char *language = template_language(in->conf->templates, row->language);
	struct template_values values = {.language = language,
	                                 .queue_name = of != NULL ? queue_name
	                                                           : set->instance,
	                                 .queue_address = q->address.texts[0],
	                                 .held = arena_printf(a, "%" PRIu64, row->held),
	                                 .list = summary->list,
	                                 .count = (int64_t)summary->n,
	                                 .more = (int64_t)summary->n_more,
	                                 .date_s = in->now_s};
	struct compose_field field[] = {{"Auto-Submitted", "auto-generated"},
	                                {"X-Auto-Response-Suppress", "All"},
	                                {"X-Postern-Instance", set->instance}};
	struct template_words words;
	char *octets = NULL;
	bool fine = template_render(in->conf->templates, a, row->kind, &values, &words, why) ==
	            TEMPLATE_OK;

	if (fine) {
		struct compose_mail mail = {.from_name = "Postern",
		                            .from_address = values.queue_address,
		                            .to_name = "",
		                            .to_address = row->to_address,
		                            .subject = words.subject,
		                            .text = words.text,
		                            .message_id = row->message_id,
		                            .date_s = in->now_s,
		                            .language = language != NULL ? language : "en",
		                            .field = field,
		                            .n_fields = N_ELEMENTS(field)};

		*mail_r = (struct notice_mail){.sender = "", .rcpt = row->to_address};
		fine = compose_mail(a, &mail, &octets, &mail_r->n, &mail_r->smtputf8, why) ==
		       COMPOSE_OK;
		mail_r->octets = octets;
	}
	return fine;
}

enum store_err
summary_told(struct store_txn *txn, struct arena *a, const struct summary *summary, int64_t now_s,
             struct why *why)
{
	enum store_err e = STORE_OK;

	for (size_t i = 0; (e == STORE_OK || e == STORE_ABSENT) && i < summary->n; i++) {
		struct held_entry h;

		if (summary->listed[i] == 0)
			continue;
		e = held_lock(txn, a, summary->listed[i], &h, why);
		if (e == STORE_OK && h.told_s == 0) {
			h.told_s = now_s;
			e = held_change(txn, &h, why);
		}
	}
	return e == STORE_ABSENT ? STORE_OK : e;
}

enum store_err
summary_promise(struct store_txn *txn, const struct conf *conf, uint64_t row_id,
                enum notice_kind kind, uint64_t held, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	const struct settings *set = conf->settings;
	int64_t now_s = clock_now_s();
	const char *message_id = arena_printf(a, "held.%" PRIu64 ".%" PRId64 "@%s", row_id, now_s,
	                                      set->instance);
	struct outbox_row row = {.id = row_id,
	                         .due_s = now_s,
	                         .promised_s = now_s,
	                         .kind = kind,
	                         .held = held,
	                         .count = 1,
	                         .to_address = set->postmaster,
	                         .to_name = "",
	                         .language = set->queues[0].language,
	                         .message_id = message_id,
	                         .in_reply_to = "",
	                         .last_error = ""};

	return outbox_promise(txn, &row, why);
}

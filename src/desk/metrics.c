/* src/desk/metrics.c - the figures of posternd in the text form that Prometheus reads */
#include "metrics.h"
#include "arena.h"
#include "buf.h"
#include "child.h"
#include "clock.h"
#include "outbox.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

enum { METRICS_ROWS_MAX = 1000, METRICS_MODE = 0644 };

/* ---- the form ---- */

/* Backslashes and line ends are all that must not stand in a HELP line. */
static void
head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP postern_%s ", name);
	for (; *help != '\0'; help++) {
		if (*help == '\\' || *help == '\n')
			buf_octet(out, '\\');
		buf_octet(out, *help == '\n' ? 'n' : *help);
	}
	buf_printf(out, "\n# TYPE postern_%s %s\n", name, type);
}

static void
one(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	head(out, name, type, help);
	buf_printf(out, "postern_%s %" PRIu64 "\n", name, value);
}

/* In a label's value also the quote is escaped. */
static void
labelled(struct buf *out, const char *name, const char *label, const char *text, uint64_t value)
{
	buf_printf(out, "postern_%s{%s=\"", name, label);
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '\n' || *text == '"')
			buf_octet(out, '\\');
		buf_octet(out, *text == '\n' ? 'n' : *text);
	}
	buf_printf(out, "\"} %" PRIu64 "\n", value);
}

/* ---- the figures ---- */

struct oldest {
	struct arena *arena;
	int64_t promised_s; /* 0: nothing is owed */
	struct why *why;
};

static enum store_err
find_oldest(struct store_txn *txn, void *arg)
{
	struct oldest *o = arg;
	struct outbox_range range = {.max = METRICS_ROWS_MAX};
	struct outbox_row *row = NULL;
	size_t n = 0;
	enum store_err e = outbox_list(txn, o->arena, &range, &row, &n, o->why);

	o->promised_s = 0;
	for (size_t i = 0; e == STORE_OK && i < n; i++)
		if (o->promised_s == 0 || row[i].promised_s < o->promised_s)
			o->promised_s = row[i].promised_s;
	return e;
}

static uint64_t
age_s(const struct oldest *o, int64_t now_s)
{
	return o->promised_s > 0 && now_s > o->promised_s ? (uint64_t)(now_s - o->promised_s) : 0;
}

static void
print_mail(struct buf *out, struct desk_counts *n)
{
	const struct {
		const char *name, *help;
		atomic_ullong *count;
	} rows[] = {
		{"filed_total", "Mails filed on tickets.", &n->filed},
		{"duplicates_total", "Mails that were there already.", &n->duplicates},
		{"deferred_total", "Mails left with Postfix for a later attempt.", &n->deferred},
		{"unknown_recipients_total", "Mails to no queue.", &n->unknown_recipients},
		{"sent_total", "Mails sent.", &n->sent},
		{"send_failures_total", "Attempts to send that failed.", &n->send_failures},
		{"given_up_total", "Mails that could not be sent.", &n->given_up},
		{"held_released_total", "Held mails released.", &n->released},
		{"held_dropped_total", "Held mails dropped by a person.", &n->dropped},
		{"held_expired_total", "Held mails dropped when their time was over.", &n->expired},
		{"spf_temperrors_total", "SPF checks without a result for now.",
	         &n->spf_temperrors},
	};

	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		one(out, rows[i].name, "counter", rows[i].help, atomic_load(rows[i].count));
	one(out, "accepted_total", "counter", "Mails taken: filed, held, or there already.",
	    atomic_load(&n->filed) + atomic_load(&n->held) + atomic_load(&n->duplicates));
	one(out, "limited_total", "counter", "Notices that a limit stopped.",
	    atomic_load(&n->limited));
	head(out, "held_total", "counter", "Mails held, by cause.");
	for (size_t i = 0; i < HELD_CAUSE_COUNT; i++)
		labelled(out, "held_total", "cause", held_cause_name[i],
		         atomic_load(&n->held_by[i]));
	head(out, "suppressed_total", "counter", "Notices that nobody was sent, by kind.");
	for (size_t i = 0; i < NOTICE_KIND_COUNT; i++)
		labelled(out, "suppressed_total", "kind", notice_kind_name[i],
		         atomic_load(&n->suppressed_by[i]));
}

static void
print_children(struct buf *out, const char *name, struct child_pool *pool)
{
	char full[64];
	struct child_stats s;

	if (pool == NULL)
		return;
	child_pool_stats(pool, &s);
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {{"asked", s.n_calls},
	            {"died", s.n_died},
	            {"timeout", s.n_timeouts},
	            {"bad_reply", s.n_bad_replies},
	            {"unavailable", s.n_unavailable},
	            {"started", s.n_started}};
	(void)snprintf(full, sizeof full, "%s_children_total", name);
	head(out, full, "counter", "What became of the children and of what they were asked.");
	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		labelled(out, full, "event", rows[i].name, rows[i].value);
}

static void
print_store(struct buf *out, struct desk *d)
{
	AUTO(arena) struct arena *a = arena_new();
	struct why why = {""};
	struct oldest o = {.arena = a, .why = &why};
	struct store_stats s;

	store_stats(d->store, &s);
	one(out, "tickets", "gauge", "Tickets kept.", s.n_tickets);
	one(out, "messages", "gauge", "Mails kept on tickets.", s.n_messages);
	one(out, "held", "gauge", "Mails held now.", s.n_held);
	one(out, "outbox", "gauge", "Mails owed now.", s.n_outbox);
	if (store_peek(d->store, find_oldest, &o, &why) == STORE_OK)
		one(out, "outbox_oldest_age_seconds", "gauge",
		    "Since the oldest of them was promised.", age_s(&o, clock_now_s()));
	one(out, "commits_total", "counter", "Transactions of the store.", s.n_commits);
	one(out, "flushes_total", "counter", "Flushes to disk; commits share them.", s.n_flushes);
	one(out, "deadlock_retries_total", "counter", "Transactions that ran again.", s.n_retries);
	one(out, "log_files", "gauge", "Log files of the database.", s.n_log_files);
	one(out, "free_octets", "gauge", "Free space where tickets are kept.", s.n_free_octets);
	one(out, "start_time_seconds", "gauge", "When posternd started.", (uint64_t)d->started_s);
}

void
metrics_print(struct desk *d, struct buf *out)
{
	print_mail(out, &d->counts);
	print_children(out, "parser", d->parser);
	print_children(out, "spf", d->spf);
	print_children(out, "exec", d->exec);
	print_store(out, d);
}

bool
metrics_save(struct desk *d, const char *path, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf text = {0};
	const char *fresh = arena_printf(a, "%s.new", path);
	AUTO(fd) int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
	                       METRICS_MODE);
	bool fine = fd >= 0;

	metrics_print(d, &text);
	/* Our umask hides files; this one is for another program. */
	fine = fine && fchmod(fd, METRICS_MODE) == 0 &&
	       write(fd, text.octets, text.n) == (ssize_t)text.n && rename(fresh, path) == 0;
	if (!fine)
		why_errno(why, errno, "cannot write %s", path);
	return fine;
}

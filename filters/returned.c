/* filters/returned.c - does it bring a mail back, or what a mail server said about one? */
#include "arena.h"
#include "filter.h"
#include "text.h"
#include "value.h"
#include <ctype.h>
#include <string.h>

enum {
	LINES_MAX = 400,       /* of the text that are looked at */
	HEADER_FIELDS_MIN = 4, /* of one mail's header, at line starts: less may be talk */
	HEADER_PART = 50,      /* text/rfc822-headers: people do not attach such */
	MAIL_PART = 25,        /* message/rfc822: they do attach those */
	NOTHING_ELSE = 15,     /* a mail, and not a word about it */
	HEADER_TEXT = 40,
	STATUS_TEXT = 60,
	SERVER_TEXT = 25,
	MOST = 55              /* whatever is found: a person may show a report to another */
};

/* Fields that stand at line starts where a header was put into the text. */
static const char *const header_fields[] = {
	"Received:", "Message-ID:",   "Return-Path:", "Date:",    "From:",         "To:",
	"Subject:",  "MIME-Version:", "Content-Type:", "X-Mailer:", "User-Agent:", NULL};
/* Fields of delivery reports (RFC 3464), where they stand in the text. */
static const char *const status_fields[] = {
	"Diagnostic-Code:", "Final-Recipient:", "Reporting-MTA:", "Remote-MTA:",
	"Status: 5.",       "Status: 4.",       "Action: failed", "Action: delayed", NULL};

struct found {
	unsigned n_header, n_status, n_server;
};

/* "550 5.1.1 user unknown", "451-4.7.1 …", and behind other words only with the second code: people
 * write numbers of three digits, too. */
static bool
is_server_line(const char *line, size_t n)
{
	bool found = false;

	for (size_t i = 0; !found && i + 6 < n; i++) {
		const char *at = line + i;

		found = (at[0] == '4' || at[0] == '5') && at[1] >= '0' && at[1] <= '7' &&
		        isdigit((unsigned char)at[2]) && (at[3] == ' ' || at[3] == '-') &&
		        (i == 0 || !isalnum((unsigned char)at[-1])) &&
		        ((at[4] == at[0] && at[5] == '.') ||
		         (i == 0 && isalpha((unsigned char)at[4])));
	}
	return found;
}

static void
look_at_line(const char *line, size_t n, struct found *f)
{
	const char *at = line + strspn(line, " \t|");

	for (size_t i = 0; header_fields[i] != NULL; i++)
		f->n_header += text_begins(at, header_fields[i]);
	for (size_t i = 0; status_fields[i] != NULL; i++)
		f->n_status += text_begins(at, status_fields[i]);
	f->n_server += is_server_line(line, n);
}

static struct found
look_at_text(const char *text)
{
	struct found f = {0};

	for (size_t i = 0; i < LINES_MAX && *text != '\0'; i++) {
		size_t n = strcspn(text, "\n");

		look_at_line(text, n, &f);
		text += n + (text[n] == '\n');
	}
	return f;
}

static unsigned
weigh_parts(const struct mail *m)
{
	unsigned confidence = 0;

	for (size_t i = 0; i < m->n_parts; i++) {
		const char *type = m->part[i].type;

		if (text_begins(type, "text/rfc822-header") ||
		    text_begins(type, "message/rfc822-header") ||
		    text_same(type, "message/global-headers"))
			confidence = HEADER_PART;
		else if (confidence < MAIL_PART &&
		         (text_same(type, "message/rfc822") || text_same(type, "message/global")))
			confidence = MAIL_PART;
	}
	return confidence;
}

static struct finding
look(const struct filter_in *in)
{
	const struct mail *m = in->mail;
	struct found found = look_at_text(m->text);
	unsigned confidence = weigh_parts(m);
	struct finding f = {.verdict = VERDICT_PASS};

	confidence += confidence > 0 && m->text_source == MAIL_TEXT_NONE ? NOTHING_ELSE : 0;
	confidence += found.n_header >= HEADER_FIELDS_MIN ? HEADER_TEXT : 0;
	confidence += found.n_status > 1 ? STATUS_TEXT : 0;
	confidence += found.n_server > 0 ? SERVER_TEXT : 0;
	/* People answer and forward what came back, and then they say so. */
	if (confidence > 0 && (!value_is_answer(m->subject) || value_by_daemon(m)))
		f = (struct finding){.verdict = VERDICT_HINT,
		                     .class = CLASS_BOUNCE,
		                     .confidence = confidence < MOST ? confidence : MOST,
		                     .why = "it brings a mail back, or what a server said of it"};
	return f;
}

const struct filter filter_returned = {"returned", look};

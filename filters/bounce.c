/* filters/bounce.c - is it a report of a mail system about the delivery of some mail? */
#include "arena.h"
#include "filter.h"
#include "value.h"

/* Subjects that mail systems write, in the form seen in their sources and manuals. */
static const char *const subjects[] = {"delivery failure",
                                       "delivery status notification",
                                       "delivery report",
                                       "delivery notification",
                                       "undeliverable",
                                       "undelivered mail",
                                       "undeliverd",
                                       "mail delivery fail",
                                       "mail delivery system",
                                       "mail delivery error",
                                       "returned mail",
                                       "failure notice",
                                       "mail system error",
                                       "message delivery",
                                       "mail could not be delivered",
                                       "could not send message",
                                       "warning: could not send",
                                       "unzustellbar",
                                       "nicht zustellbar",
                                       "mail undeliverable",
                                       "non remis",
                                       "non recapitabile",
                                       "mancata consegna",
                                       "no se puede entregar",
                                       "non-delivery",
                                       "notification of delivery",
                                       NULL};
static const char *const daemons[] = {"mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon",
                                      NULL};
static const char *const delivery[] = {"delivery-status", NULL};

static bool
is_daemon(const char *address)
{
	bool found = false;

	for (size_t i = 0; !found && daemons[i] != NULL; i++)
		found = value_local_is(address, daemons[i]);
	return found;
}

/* What may be said of a recipient without a failure (RFC 3464 2.3.3; "deliverable" is an old one of
 * probes). An action of another name is not trusted to be harmless. */
static const char *const harmless[] = {"delayed", "delivered", "relayed", "expanded", "deliverable",
                                       NULL};

/* Whether each recipient is reported on, and for none it failed. */
static bool
is_no_failure(const struct mail_dsn *dsn)
{
	bool none = dsn->n_rcpt > 0;

	for (size_t i = 0; none && i < dsn->n_rcpt; i++)
		none = value_first_is(dsn->rcpt[i].action, harmless);
	return none;
}

static struct finding
look(const struct filter_in *in)
{
	const struct mail *m = in->mail;
	const char *from = m->from_address[0] != '\0' ? m->from_address : in->envelope->sender;
	bool null_sender = in->envelope->sender[0] == '\0';
	const char *why = NULL;

	if (value_first_is(m->report_type, delivery) || m->dsn.present)
		why = "a delivery status report (RFC 3464)";
	else if (mail_field(m, "X-Failed-Recipients") != NULL)
		why = "X-Failed-Recipients";
	else if (is_daemon(from) && (null_sender || value_begins(m->subject, subjects)))
		why = arena_printf(in->arena, "written by %s", from);
	else if (null_sender && value_begins(m->subject, subjects))
		why = "null sender, and the subject of a delivery report";
	return why == NULL ? (struct finding){.verdict = VERDICT_PASS}
	                   : (struct finding){
				     .verdict = VERDICT_CLASS,
				     .class = is_no_failure(&m->dsn) ? CLASS_DELAY
	                                                             : CLASS_BOUNCE,
				     .why = why};
}

const struct filter filter_bounce = {"bounce", look};

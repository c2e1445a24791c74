/* src/desk/notify.c - who is told what (pure); the text of no mail comes near (promise P3) */
#include "notify.h"
#include "arena.h"
#include "text.h"
#include <string.h>

/* Local parts behind which no person reads: an answer is lost, or starts a loop. */
static const char *const special[] = {
	"mailer-daemon", "postmaster", "abuse",  "root",   "hostmaster", "webmaster", "majordomo",
	"listserv",      "www-data",   "nobody", "daemon", "bounce",     "bounces",   NULL};
static const char *const special_beginning[] = {
	"noreply",      "no-reply",     "no_reply", "no.reply", "donotreply",
	"do-not-reply", "do_not_reply", "owner-",   "bounce-",  "bounces+",
	"prvs=",        "msprvs1=",     "srs0=",    "srs1=",    NULL};

static bool
same_local(const char *local, size_t n, const char *name)
{
	return strlen(name) == n && strncasecmp(local, name, n) == 0;
}

static bool
ends_with(const char *local, size_t n, const char *end)
{
	size_t n_end = strlen(end);

	return n > n_end && strncasecmp(local + n - n_end, end, n_end) == 0;
}

bool
notify_answerable(const char *address)
{
	const char *at = strrchr(address, '@');
	size_t n = at == NULL ? 0 : (size_t)(at - address);
	bool fine = n > 0;

	for (size_t i = 0; fine && special[i] != NULL; i++)
		fine = !same_local(address, n, special[i]);
	for (size_t i = 0; fine && special_beginning[i] != NULL; i++)
		fine = !text_begins(address, special_beginning[i]);
	return fine && !ends_with(address, n, "-request") && !ends_with(address, n, "-bounces");
}

static const char *
why_not_acknowledged(const struct notify_facts *f)
{
	const char *why = NULL;

	if (f->author[0] == '\0')
		why = "the sender's address could not be read";
	else if (f->null_sender)
		why = "null sender (RFC 5321 4.5.5)";
	else if (f->class != CLASS_HUMAN)
		why = "automatic mail is never answered (RFC 3834)";
	else if (f->quiet)
		why = "the mail asks for silence, or nobody reads there";
	else if (!notify_answerable(f->author))
		why = "nobody reads at that address";
	else if (f->auth == AUTH_FAILED)
		why = "the sender is forged";
	else if (!f->acknowledge)
		why = "the queue acknowledges nothing";
	else if (f->auth != AUTH_VERIFIED && !f->acknowledge_unverified)
		why = "the sender is not verified";
	return why;
}

struct list {
	struct notify_notice *notice;
	size_t n, max;
};

static void
add(struct list *l, struct notify_notice row)
{
	bool known = false;

	for (size_t i = 0; i < l->n; i++)
		known |= text_same(l->notice[i].address, row.address);
	if (!known && l->n < l->max)
		l->notice[l->n++] = row;
	else if (!known)
		l->notice[l->max - 1] = (struct notify_notice){
			row.kind, "", "", "there are more people than one mail may be told to"};
}

static void
add_other(struct list *l, const struct notify_facts *f, enum notice_kind kind,
          const struct participant *p)
{
	const char *suppressed = NULL;

	if (p->muted)
		suppressed = "wants no notices of this ticket";
	else if (!notify_answerable(p->address))
		suppressed = "nobody reads at that address";
	/* Without the name: it stood in the mail of whoever put the address on the ticket. */
	if (!text_same(p->address, f->author))
		add(l, (struct notify_notice){kind, p->address, "", suppressed});
}

static void
tell_others(struct list *l, const struct notify_facts *f, enum notice_kind kind)
{
	for (size_t i = 0; i < f->ticket->n_participants; i++)
		add_other(l, f, kind, &f->ticket->participant[i]);
	for (size_t i = 0; i < f->n_agents; i++)
		add_other(l, f, kind,
		          &(struct participant){
				  .address = f->agents[i], .name = "", .role = ROLE_AGENT});
}

void
notify_decide(struct arena *a, const struct notify_facts *f, struct notify_notice **notice_r,
              size_t *n_r)
{
	size_t n_people = f->ticket->n_participants + f->n_agents + 1;
	size_t max = n_people < NOTIFY_MAX ? n_people : NOTIFY_MAX;
	struct list l = {arena_array(a, max, sizeof *l.notice), 0, max};
	/* Whoever forges a sender chooses that name: it would be his words, sent by us to his
	 * victim. */
	const char *name = f->auth == AUTH_VERIFIED ? f->author_name : "";

	switch (f->to) {
	case ROUTE_NEW:
	case ROUTE_NEW_LINKED:
	case ROUTE_NEW_QUIET:
		add(&l, (struct notify_notice){NOTICE_ACKNOWLEDGEMENT, f->author, name,
		                               why_not_acknowledged(f)});
		break;
	case ROUTE_COMMENT:
		tell_others(&l, f, NOTICE_COMMENT);
		break;
	case ROUTE_REOPEN:
		tell_others(&l, f, NOTICE_REOPENED);
		break;
	case ROUTE_STORE:
	case ROUTE_NOTE:
	case ROUTE_HEIR:
	case ROUTE_HOLD:
	case ROUTE_COUNT:
		break;
	}
	*notice_r = l.notice;
	*n_r = l.n;
}

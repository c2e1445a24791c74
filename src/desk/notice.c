/* src/desk/notice.c - make one mail that we owe: template, fields, addresses */
#include "notice.h"
#include "arena.h"
#include "compose.h"
#include "ref.h"
#include "reply.h"
#include "template.h"
#include <stdio.h>
#include <string.h>

/* RFC 3834 5: an acknowledgement answers a mail, a notice answers none. */
static const char *
auto_submitted(enum notice_kind kind)
{
	return kind == NOTICE_ACKNOWLEDGEMENT ? "auto-replied" : "auto-generated";
}

/* An address of this recipient's own: what comes back to it was sent by somebody who had our mail.
 * Gives   NULL where the queue's address leaves no room or has no delimiter */
static const char *
reply_address(struct arena *a, const struct notice_source *from, const struct set_queue *q)
{
	struct reply_place place = {q->address.texts[0], q->recipient_delimiter};
	struct reply_mark mark = {.kind = REPLY_TICKET, .about = {.number = from->ticket->id}};

	(void)snprintf(mark.about.prefix, sizeof mark.about.prefix, "%s", from->ticket->prefix);
	return reply_make(a, from->sign, &place, &mark, from->row->to_address);
}

bool
notice_make(struct arena *a, const struct notice_source *from, struct notice_mail *mail_r,
            struct why *why)
{
	const struct conf *conf = from->conf;
	const struct ticket *ticket = from->ticket;
	const struct outbox_row *row = from->row;
	const struct settings *set = conf->settings;
	const struct set_queue *q = conf_queue(conf, ticket->queue);
	const char *token = ref_text(a, ticket->prefix, ticket->id);
	const char *language = template_language(conf->templates, row->language);
	struct template_words words;
	bool fine = q != NULL;

	if (!fine) {
		why_set(why, "queue %s of %s is not in the settings any more", ticket->queue,
		        token);
		return false;
	}
	struct template_values values = {
		.language = language,
		.token = token,
		.subject = from->shows_subject ? ticket->subject : "",
		.queue_name = q->name[0] != '\0' ? q->name : q->key,
		.queue_address = q->address.texts[0],
		.recipient_name = row->to_name,
		.signature = q->signature,
		.heir = ticket->heir != 0 ? ref_text(a, ticket->prefix, ticket->heir) : "",
		.count = row->count,
		.date_s = from->now_s};
	struct compose_field field[] = {{"Auto-Submitted", auto_submitted(row->kind)},
	                                {"X-Auto-Response-Suppress", "All"},
	                                {"X-Postern-Ticket", token},
	                                {"X-Postern-Instance", set->instance}};
	struct compose_mail mail = {.from_name = values.queue_name,
	                            .from_address = values.queue_address,
	                            .to_name = row->to_name,
	                            .to_address = row->to_address,
	                            .reply_to = reply_address(a, from, q),
	                            .message_id = row->message_id,
	                            .in_reply_to = row->in_reply_to[0] != '\0' ? row->in_reply_to
	                                                                       : NULL,
	                            .references = &row->in_reply_to,
	                            .n_references = row->in_reply_to[0] != '\0' ? 1 : 0,
	                            .date_s = from->now_s,
	                            .language = language != NULL ? language : "en",
	                            .field = field,
	                            .n_fields = N_ELEMENTS(field)};

	fine = template_render(conf->templates, a, row->kind, &values, &words, why) == TEMPLATE_OK;
	if (fine) {
		char *octets = NULL;

		mail.subject = words.subject;
		mail.text = words.text;
		*mail_r = (struct notice_mail){.sender = "", .rcpt = row->to_address};
		fine = compose_mail(a, &mail, &octets, &mail_r->n, &mail_r->smtputf8, why) ==
		       COMPOSE_OK;
		mail_r->octets = octets;
	}
	return fine;
}

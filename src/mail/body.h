/* src/mail/body.h - the text of a mail, made for reading; quotations and signature marked, never
 * deleted */
#ifndef BODY_H
#define BODY_H
#include "mail.h"

struct arena;

/* Undo format=flowed.
 * Takes   text    UTF-8, LF line ends; delsp as the parameter says
 * Gives   paragraphs on one line each; quote depth kept as "> " per level
 * Source  RFC 3676 4.1-4.5 */
char *body_unflow(struct arena *a, const char *text, bool delsp);

/* Find quotations (also without ">", by attribution line: "On … wrote:", "Il giorno … ha
 * scritto:", "Le … a écrit :", "Am … schrieb", "-----Original Message-----", "From: … Sent: …"
 * blocks of Outlook in many languages, "________________" rules), forwards, and the signature
 * ("-- ", "Sent from my …", and the like).
 * Gives   spans in order, not overlapping, at most MAIL_MARKS_MAX */
void body_mark(struct arena *a, const char *text, const struct mail_span **span_r, size_t *n_r);

/* The sender's own words: the lines that no span covers, blank lines at both ends trimmed. */
char *body_own_words(struct arena *a, const char *text, const struct mail_span *span, size_t n);
#endif

/* src/mail/phrase.h - how mail programs announce quotations, and sign, in many languages
 *
 * Each looks at one line (or a few joined by spaces) of UTF-8 and knows nothing of its place. */
#ifndef PHRASE_H
#define PHRASE_H
#include <stdbool.h>

/* The labels of a quoted header block: "From:", "*Gesendet:*", "件名：". */
enum phrase_label {
	PHRASE_LABEL_NONE = 0,
	PHRASE_LABEL_FROM,
	PHRASE_LABEL_SENT,
	PHRASE_LABEL_TO,
	PHRASE_LABEL_CC,
	PHRASE_LABEL_SUBJECT
};

/* Which label a line begins with. */
enum phrase_label phrase_label(const char *line);

enum phrase_banner { PHRASE_BANNER_NONE = 0, PHRASE_BANNER_ORIGINAL, PHRASE_BANNER_FORWARD };

/* Whether a line is "-----Original Message-----", "Begin forwarded message:" and the like. */
enum phrase_banner phrase_banner(const char *line);

/* Whether an attribution can begin with this line: "On …", "Il giorno …", a date, a weekday. */
bool phrase_opens(const char *line);

enum phrase_attribution {
	PHRASE_ATTRIBUTION_NONE = 0,
	PHRASE_ATTRIBUTION_PERHAPS, /* is one when a quoted line follows */
	PHRASE_ATTRIBUTION_SURE     /* is one by itself: opening words, who or when, and a verb */
};

/* Whether a text is an attribution: "On Mon, 2 Mar 2020 at 10:00, X <x@example.org> wrote:". */
enum phrase_attribution phrase_attribution(const char *text);

/* Whether a line is what a phone or program signs with: "Sent from my iPhone". */
bool phrase_is_sent_from(const char *line);
#endif

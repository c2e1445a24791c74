/* src/desk/template.h - the notices: one file per notice and language in templates/<language>/
 *
 * A file is a header block (Subject: …), a blank line, and text. Values are escaped for the place
 * where they stand and are never expanded again. */
#ifndef TEMPLATE_H
#define TEMPLATE_H
#include "record.h"
#include "why.h"
#include <stdbool.h>
#include <stdint.h>

struct arena;
struct template_set; /* read-only after loading: may be used by many threads */

enum { TEMPLATE_MAX_OCTETS = 64 * 1024, TEMPLATE_LANGUAGES_MAX = 64 };

enum template_err {
	TEMPLATE_OK = 0,
	TEMPLATE_BAD /* unreadable, missing, wrong syntax, unknown name; why has file and line */
};

/* What a notice may say. NULL texts are "". Nothing of any mail's body is here (promise P3). */
struct template_values {
	const char *language;       /* as template_language gave it; NULL is "en" */
	const char *token;          /* "ACM-104231" */
	const char *queue_name, *queue_address;
	const char *recipient_name; /* may be "" */
	const char *subject;        /* "" unless the queue shows it to a verified sender */
	const char *signature;
	const char *url;            /* of the portal, or "" */
	const char *heir;           /* token of the ticket merged into, or "" */
	const char *held;           /* number of a held mail, or "" */
	const char *list;           /* lines of ours about held mails, or "" */
	int64_t count;              /* comments told of, or held mails listed */
	int64_t more;               /* held mails that are not in the list */
	int64_t date_s;
};

/* Read every language directory of dir and check each notice by rendering it with full and with
 * empty values.
 * Gives   set_r; ended by template_free. Each language has every notice, and there is "en"
 * Fails   TEMPLATE_BAD */
enum template_err template_load(const char *dir, struct template_set **set_r,
                                struct why *why) MUST_USE;

/* Release. Takes  set  takes; *set may be NULL and is NULL afterwards */
void template_free(struct template_set **set);

/* The offered language that serves a wish: exact ("pt-br"), primary subtag ("pt"), or NULL.
 * Gives   static for the life of the set */
const char *template_language(const struct template_set *set, const char *wanted);

/* A notice in words. */
struct template_words {
	const char *subject; /* one line without controls */
	const char *text;    /* lines ended by LF */
};

/* Make one notice.
 * Gives   words_r in the arena
 * Fails   TEMPLATE_BAD */
enum template_err template_render(const struct template_set *set, struct arena *a,
                                  enum notice_kind notice, const struct template_values *values,
                                  struct template_words *words_r, struct why *why) MUST_USE;
#endif

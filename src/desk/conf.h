/* src/desk/conf.h - settings, templates and queues of one moment; a reload makes a new one
 *
 * Counted: whoever works on a mail holds the one it began with, so that a reload never changes a
 * mail half way. */
#ifndef CONF_H
#define CONF_H
#include "settings.h"
#include "why.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct filter;
struct template_set;

struct conf {
	const struct settings *settings;
	const struct template_set *templates;
	const char *const *prefixes; /* of all queues, ends with NULL */
	const struct filter *const *filters; /* in the order of the settings, ends with NULL */
};

/* Read settings and templates, check everything.
 * Takes   path, overrides  as settings_load
 * Gives   conf_r with one holder; ended by conf_release
 * Fails   false: why says file, line and what to do; nothing changed */
bool conf_load(const char *path, const char *const overrides[], size_t n,
               const struct conf **conf_r, struct why *why) MUST_USE;

/* One holder more. Gives  the same conf */
const struct conf *conf_hold(const struct conf *conf);

/* One holder less; the last one frees. Takes  conf  takes; *conf may be NULL, is NULL afterwards */
void conf_release(const struct conf **conf);

/* The queue that an address belongs to: exact, or with an extension behind its delimiter; any case.
 * Gives   NULL when there is none; *extension_r (may be NULL) in the arena, "" without one */
const struct set_queue *conf_queue_for(const struct conf *conf, struct arena *a,
                                       const char *address, const char **extension_r);

/* The queue with this key, or NULL (it was removed from the settings). */
const struct set_queue *conf_queue(const struct conf *conf, const char *key);

/* Whether an address is one of our queues', with or without extension. */
bool conf_is_ours(const struct conf *conf, const char *address);

/* The language for a new ticket: what the mail asks for when there are templates in it, else the
 * queue's. */
const char *conf_language(const struct conf *conf, const char *wanted,
                          const struct set_queue *queue);

static inline void
auto_conf(const struct conf **conf)
{
	conf_release(conf);
}
#endif

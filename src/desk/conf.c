/* src/desk/conf.c - settings, templates and queues of one moment; a reload makes a new one */
#include "conf.h"
#include "arena.h"
#include "chain.h"
#include "outlet.h"
#include "reply.h"
#include "template.h"
#include "text.h"
#include <stdatomic.h>
#include <string.h>

struct whole {
	struct conf conf; /* first: a struct conf * is one of this */
	struct arena *arena;
	struct settings *settings;
	struct template_set *templates;
	atomic_uint n_holders;
};

static struct whole *
whole_of(const struct conf *conf)
{
	return (struct whole *)(uintptr_t)conf;
}

static void
list_prefixes(struct whole *w)
{
	const struct settings *set = w->settings;
	const char **prefix = arena_array(w->arena, set->n_queues + 1, sizeof *prefix);

	for (size_t i = 0; i < set->n_queues; i++)
		prefix[i] = set->queues[i].prefix;
	w->conf.prefixes = prefix;
}

/* A queue's language without templates would surprise its first customer, not its operator. */
static bool
check_languages(const struct whole *w, struct why *why)
{
	const struct settings *set = w->settings;
	bool fine = true;

	for (size_t i = 0; fine && i < set->n_queues; i++) {
		fine = template_language(w->templates, set->queues[i].language) != NULL;
		if (!fine)
			why_set(why, "queue %s: language \"%s\" has no directory in %s",
			        set->queues[i].key, set->queues[i].language, set->template_dir);
	}
	return fine;
}

bool
conf_load(const char *path, const char *const overrides[], size_t n, const struct conf **conf_r,
          struct why *why)
{
	struct arena *a = arena_new();
	struct whole *w = arena_alloc(a, sizeof *w);
	const struct conf *conf = &w->conf;

	w->arena = a;
	atomic_init(&w->n_holders, 1);
	bool fine = settings_load(path, overrides, n, &w->settings, why) == SETTINGS_OK &&
	            template_load(w->settings->template_dir, &w->templates, why) == TEMPLATE_OK &&
	            check_languages(w, why) && outlet_check(w->settings, why) &&
	            chain_choose(&w->settings->filters, filter_order, a, &w->conf.filters, why);
	if (fine) {
		w->conf.settings = w->settings;
		w->conf.templates = w->templates;
		list_prefixes(w);
		*conf_r = conf;
	} else {
		conf_release(&conf);
	}
	return fine;
}

const struct conf *
conf_hold(const struct conf *conf)
{
	atomic_fetch_add(&whole_of(conf)->n_holders, 1);
	return conf;
}

void
conf_release(const struct conf **conf)
{
	if (*conf != NULL) {
		struct whole *w = whole_of(*conf);

		if (atomic_fetch_sub(&w->n_holders, 1) == 1) {
			struct arena *a = w->arena;

			template_free(&w->templates);
			settings_free(&w->settings);
			arena_free(&a);
		}
		*conf = NULL;
	}
}

/* What stands behind the delimiter, when an address is `own` with an extension.
 * Gives   NULL when it is not */
static const char *
extension_of(struct arena *a, const struct set_queue *q, const char *own, const char *address)
{
	struct reply_place place = {own, q->recipient_delimiter};
	const char *at = strrchr(own, '@'), *extension = reply_extension(a, &place, address);

	if (extension == NULL && at != NULL && q->recipient_delimiter[0] != '\0' &&
	    text_same(address, arena_printf(a, "%.*s%s%s", (int)(at - own), own,
	                                    q->recipient_delimiter, at)))
		extension = "";
	return extension;
}

const struct set_queue *
conf_queue_for(const struct conf *conf, struct arena *a, const char *address,
               const char **extension_r)
{
	const struct settings *set = conf->settings;
	const struct set_queue *found = NULL;
	const char *extension = "";
	size_t n_longest = 0;

	/* An address with the delimiter in its name must win over the extension of another: the
	 * longest one that fits is meant. */
	for (size_t i = 0; i < set->n_queues; i++) {
		const struct set_queue *q = &set->queues[i];

		for (size_t j = 0; j < q->address.n; j++) {
			const char *own = q->address.texts[j];
			const char *behind = text_same(own, address)
			                             ? ""
			                             : extension_of(a, q, own, address);

			if (behind != NULL && strlen(own) > n_longest) {
				found = q;
				extension = behind;
				n_longest = strlen(own);
			}
		}
	}
	if (found != NULL && extension_r != NULL)
		*extension_r = extension;
	return found;
}

const struct set_queue *
conf_queue(const struct conf *conf, const char *key)
{
	const struct settings *set = conf->settings;
	const struct set_queue *found = NULL;

	for (size_t i = 0; found == NULL && i < set->n_queues; i++)
		if (strcmp(set->queues[i].key, key) == 0)
			found = &set->queues[i];
	return found;
}

bool
conf_is_ours(const struct conf *conf, const char *address)
{
	AUTO(arena) struct arena *a = arena_new();

	return conf_queue_for(conf, a, address, NULL) != NULL;
}

const char *
conf_language(const struct conf *conf, const char *wanted, const struct set_queue *queue)
{
	const char *offered =
		wanted[0] == '\0' ? NULL : template_language(conf->templates, wanted);

	return offered != NULL ? offered : queue->language;
}

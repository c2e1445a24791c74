/* src/desk/desk.c - what everything in posternd works with: the configuration of now */
#include "desk.h"
#include "arena.h"
#include <pthread.h>

struct desk_conf {
	struct arena *arena; /* holds this struct too */
	pthread_mutex_t lock;
	const struct conf *conf;
};

void
desk_conf_start(struct desk *d, const struct conf *conf)
{
	struct arena *a = arena_new();

	d->current = arena_alloc(a, sizeof *d->current);
	d->current->arena = a;
	d->current->conf = conf;
	(void)pthread_mutex_init(&d->current->lock, NULL);
}

const struct conf *
desk_conf(struct desk *d)
{
	(void)pthread_mutex_lock(&d->current->lock);
	const struct conf *conf = conf_hold(d->current->conf);
	(void)pthread_mutex_unlock(&d->current->lock);
	return conf;
}

bool
desk_reload(struct desk *d, struct why *why)
{
	const struct conf *fresh = NULL;
	bool fine = conf_load(d->conf_path, d->overrides, d->n_overrides, &fresh, why);

	if (fine) {
		(void)pthread_mutex_lock(&d->current->lock);
		const struct conf *old = d->current->conf;
		d->current->conf = fresh;
		(void)pthread_mutex_unlock(&d->current->lock);
		conf_release(&old);
	}
	return fine;
}

struct store_options
desk_store_options(const struct settings *set)
{
	return (struct store_options){.state_dir = set->state_dir,
	                              .cache_octets = set->cache_octets,
	                              .blob_inline_max_octets = set->blob_inline_max_octets,
	                              .free_min_octets = set->free_min_octets,
	                              .ballast_octets = set->ballast_octets,
	                              .recovery_deadline_s = set->recovery_deadline_s,
	                              .flush_delay_ms = (int64_t)set->flush_delay_ms,
	                              .first_number = set->first_number,
	                              .keep_logs = set->keep_logs};
}

void
desk_conf_end(struct desk *d)
{
	struct arena *a = d->current->arena;

	conf_release(&d->current->conf);
	(void)pthread_mutex_destroy(&d->current->lock);
	d->current = NULL;
	arena_free(&a);
}

/* src/base/settings.h - what the operator chose, read once and passed on
 *
 * The fields of the structs are the rows of set_table.h and set_queue.h, under the same names. */
#ifndef SETTINGS_H
#define SETTINGS_H
#include "set_kind.h"
#include "set_queue.h"
#include "set_table.h"
#include "why.h"
#include <stddef.h>

struct arena;
struct buf;

#define SET_FIELD(kind, name, dflt, least, most, says) SET_TYPE_##kind name;
#define SET_NO_FIELD(heading)

struct set_queue {
	const char *key; /* the NAME of `queue NAME {`: 1..40 of a-z A-Z 0-9 - _ */
	QUEUE_SETTINGS(SET_FIELD)
};

/* Invariants: 1..1000 queues; keys, prefixes and addresses differ between queues (ignoring case);
 * no text is NULL. */
struct settings {
	SETTINGS(SET_FIELD, SET_NO_FIELD)
	const struct set_queue *queues;
	size_t n_queues;
	struct arena *arena; /* holds all of this */
};

#undef SET_FIELD
#undef SET_NO_FIELD

enum { SETTINGS_MAX_OCTETS = 4 * 1024 * 1024, SETTINGS_MAX_QUEUES = 1000 };

enum settings_err {
	SETTINGS_OK = 0,
	SETTINGS_ABSENT, /* no such file; or no setting of that name */
	SETTINGS_BAD,    /* a wrong name or value; why has file and line, and what is allowed */
	SETTINGS_IO      /* the file could not be read */
};

/* Read postern.conf, then apply overrides.
 * Takes   path       NULL: the built-in defaults alone, nothing is read
 *         overrides  n of "name=value" and "queue.NAME.field=value", later ones win; lists take
 *                    their elements separated by commas; a queue that is not there is added
 * Gives   settings_r, wholly checked; ended by settings_free. Without any queue there is one,
 *         "support", for support@INSTANCE with prefix ACM
 * Fails   SETTINGS_ABSENT, SETTINGS_BAD, SETTINGS_IO
 * Cost    one thread at a time (the library's scanner has state); asks the resolver for the name of
 *         this host when neither instance nor a host name with a domain is set */
enum settings_err settings_load(const char *path, const char *const overrides[], size_t n,
                                struct settings **settings_r, struct why *why) MUST_USE;

/* Release. Takes  settings  takes; *settings may be NULL, is NULL then */
void settings_free(struct settings **settings);

/* Append one value as it would be typed; elements of a list separated by ", ".
 * Takes   name  "message_max_octets", or "queue.NAME.field"
 * Fails   SETTINGS_ABSENT; why has the nearest name */
enum settings_err settings_get(const struct settings *settings, const char *name, struct buf *b,
                               struct why *why) MUST_USE;

/* Append all values in the form of postern.conf: read again they give the same settings. */
void settings_write(const struct settings *settings, struct buf *b);

/* Append the postern.conf that is installed: every setting with its default, commented out. */
void settings_write_defaults(struct buf *b);

/* Append the list of settings for postern.conf(5), in mdoc(7): a .Ss for each group. */
void settings_write_manual(struct buf *b);

static inline void
auto_settings(struct settings **settings)
{
	settings_free(settings);
}

/* The rows, each ended by one whose says is NULL. */
extern const struct set_row settings_rows[], settings_queue_rows[];
#endif

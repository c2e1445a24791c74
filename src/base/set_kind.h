/* src/base/set_kind.h - the kinds of values of settings: how each is read, bounded, printed */
#ifndef SET_KIND_H
#define SET_KIND_H
#include "log.h"
#include "why.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;
struct set_row;

/* A window that never closes, and one that is never open. */
#define SET_ALWAYS INT64_MAX
#define SET_NEVER ((int64_t)-1)

enum set_tls { SET_TLS_NONE, SET_TLS_STARTTLS, SET_TLS_TLS };

struct set_list {
	const char *const *texts; /* n of them, none NULL or empty */
	size_t n;
};

enum { SET_LIMITS_MAX = 8, SET_LIMIT_MOST = 1000000, SET_LIMIT_WITHIN_MOST_S = 7 * 24 * 3600 };

/* So many within so much time; with several, each holds. With none there is no limit. */
struct set_limits {
	const char *text; /* first: as of the kinds that are texts */
	struct set_limit {
		int64_t within_s;
		uint64_t most; /* 0: never */
	} limit[SET_LIMITS_MAX];
	size_t n;
};

/* The C types of the kinds, which the tables name without the SET_TYPE_. */
#define SET_TYPE_seconds   int64_t
#define SET_TYPE_window    int64_t /* seconds, SET_ALWAYS or SET_NEVER */
#define SET_TYPE_octets    uint64_t
#define SET_TYPE_count     uint64_t
#define SET_TYPE_yesno     bool
#define SET_TYPE_mode      unsigned
#define SET_TYPE_level     enum log_level
#define SET_TYPE_tls       enum set_tls
#define SET_TYPE_text      const char * /* least..most octets */
#define SET_TYPE_path      const char * /* absolute, or empty where least is "0" */
#define SET_TYPE_paths     struct set_list /* absolute */
#define SET_TYPE_name      const char * /* of a user or group; may be empty */
#define SET_TYPE_domain    const char * /* or host name, or address literal */
#define SET_TYPE_address   const char * /* one mail address */
#define SET_TYPE_sink      const char * /* syslog, stderr or a path: for log_open */
#define SET_TYPE_networks  const char * /* for net_cidrs_parse */
#define SET_TYPE_prefix    const char * /* capital letters */
#define SET_TYPE_language  const char * /* lower case, as en or pt-br */
#define SET_TYPE_delimiter const char * /* one character, or empty */
#define SET_TYPE_limits    struct set_limits
#define SET_TYPE_listen    struct set_list /* each for net_parse */
#define SET_TYPE_addresses struct set_list /* mail addresses */
#define SET_TYPE_words     struct set_list /* names, as of filters */
#define SET_TYPE_domains   struct set_list /* or host names */

struct set_kind {
	const char *noun;    /* what a value is, for messages and the manual */
	const char *example; /* as it may be written; NULL: the noun says it */
	bool is_list;
	bool is_quoted; /* written with quotes in postern.conf */
	bool expands;   /* $run_dir and the like are replaced */
	/* Read one text (of a list: one element).
	 * Takes   text     in the arena; may be changed and kept
	 *         value_r  the field (of a list: a const char *)
	 * Gives   false, with why, when it is no such value or out of the row's range */
	bool (*read)(const struct set_row *row, struct arena *a, char *text, void *value_r,
	             struct why *why);
	/* Append a value as it would be typed (of a list: NULL, the texts are that). */
	void (*print)(const void *value, struct buf *b);
};

/* One setting; the rows are made from the tables in set_table.h and set_queue.h. */
struct set_row {
	const struct set_kind *kind; /* NULL: says is the heading of a group, the rest is empty */
	const char *name, *dflt, *least, *most, *says;
	size_t offset; /* in struct settings, or struct set_queue */
};

extern const struct set_kind set_kind_paths;
extern const struct set_kind set_kind_seconds, set_kind_window, set_kind_octets, set_kind_count,
	set_kind_yesno, set_kind_mode, set_kind_level, set_kind_tls, set_kind_text, set_kind_path,
	set_kind_name, set_kind_domain, set_kind_address, set_kind_sink, set_kind_networks,
	set_kind_prefix, set_kind_language, set_kind_delimiter, set_kind_listen,
	set_kind_addresses, set_kind_domains, set_kind_limits, set_kind_words;
#endif

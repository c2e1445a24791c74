/* src/base/set_file.c - postern.conf into words, by libconfuse
 *
 * The library sees only texts: ranges and kinds are checked later, by the tables, and each value is
 * kept with the line it stood on. The file is read before, because the library's scanner ends the
 * process when a read fails. */
#include "arena.h"
#include "set_words.h"
#include "settings.h"
#include "text.h"
#include <confuse.h>
#include <stdio.h>
#include <string.h>

struct reading {
	struct set_words *words;
	struct why *why;
	bool has_failed;
};

/* libconfuse's callbacks carry no pointer of ours; its scanner is not reentrant either. */
static _Thread_local struct reading *reading;

static const char *
place_of(cfg_t *cfg)
{
	return arena_printf(reading->words->arena, "%s:%d", cfg->filename, cfg->line);
}

/* Report a failure once: what the library adds later only follows from it. */
static void
complain(cfg_t *cfg, const char *text)
{
	if (!reading->has_failed)
		why_set(reading->why, "%s: %s", place_of(cfg), text);
	reading->has_failed = true;
}

static PRINTF_LIKE(2, 0) void
take_error(cfg_t *cfg, const char *fmt, va_list args)
{
	char text[WHY_OCTETS];
	struct why inner = {""};
	va_list again;

	va_copy(again, args);
	(void)vsnprintf(text, sizeof text, fmt, args);
	if (strcmp(fmt, "no such option '%s'") == 0) {
		bool in_queue = cfg->title != NULL;
		const char *name = va_arg(again, const char *);

		if (set_words_row(in_queue ? settings_queue_rows : settings_rows, name, &inner) < 0)
			(void)snprintf(text, sizeof text, "%s", inner.text);
	}
	va_end(again);
	complain(cfg, text);
}

static struct set_said *
find_said(cfg_t *cfg, const char *name, struct why *why)
{
	struct set_words *words = reading->words;
	struct set_scope *scope = &words->global;

	if (cfg->title != NULL)
		scope = set_words_queue(words, cfg->title, place_of(cfg), why);
	int row = scope == NULL ? -1 : set_words_row(scope->rows, name, why);
	return row < 0 ? NULL : &scope->said[row];
}

/* Called by the library after each value, and once more at the end of a list. */
static int
take_value(cfg_t *cfg, cfg_opt_t *opt)
{
	struct why inner = {""};
	struct set_said *said = find_said(cfg, opt->name, &inner);
	bool is_list = (opt->flags & CFGF_LIST) != 0;
	size_t place = opt->nvalues == 0 ? 0 : opt->nvalues - 1;

	if (said != NULL && !is_list && said->is_set) {
		why_set(&inner, "%s is set already, at %s", opt->name, said->values[0].where);
		said = NULL;
	}
	struct set_value value = {cfg_opt_getnstr(opt, (unsigned)place), place_of(cfg)};
	if (said == NULL || value.text == NULL ||
	    !set_words_say(reading->words, said, place, value, &inner)) {
		complain(cfg, inner.text);
		return -1;
	}
	return 0;
}

/* Called by the library at the end of each section: an empty one said nothing yet. */
static int
take_section(cfg_t *cfg, cfg_opt_t *opt)
{
	struct why inner = {""};
	cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
	struct set_scope *queue =
		set_words_queue(reading->words, cfg_title(section), place_of(cfg), &inner);

	if (queue == NULL)
		complain(cfg, inner.text);
	else
		queue->where = place_of(cfg);
	return queue == NULL ? -1 : 0;
}

/* Make the library's table from ours; one more row fits at *last_r. */
static cfg_opt_t *
options(struct arena *a, const struct set_row rows[], cfg_opt_t **last_r)
{
	const cfg_opt_t one = CFG_STR(NULL, NULL, CFGF_NODEFAULT);
	const cfg_opt_t list = CFG_STR_LIST(NULL, NULL, CFGF_NODEFAULT);
	const cfg_opt_t end = CFG_END();
	cfg_opt_t *opts = arena_array(a, SET_ROWS_MAX + 2, sizeof *opts), *opt = opts;

	for (size_t i = 0; rows[i].says != NULL && i < SET_ROWS_MAX; i++) {
		if (rows[i].kind == NULL)
			continue;
		*opt = rows[i].kind->is_list ? list : one;
		opt->name = rows[i].name;
		opt->validcb = take_value;
		opt++;
	}
	opt[0] = end;
	opt[1] = end;
	*last_r = opt;
	return opts;
}

/* A list set to {} calls nothing: it is found by its mark afterwards. */
static void
take_empty_lists(cfg_t *cfg)
{
	for (cfg_opt_t *opt = cfg->opts; opt->name != NULL; opt++) {
		bool is_empty = opt->type == CFGT_STR && opt->nvalues == 0 &&
		                (opt->flags & CFGF_MODIFIED) != 0;
		struct set_said *said = is_empty ? find_said(cfg, opt->name, NULL) : NULL;

		if (said != NULL)
			*said = (struct set_said){.is_set = true};
	}
}

static bool
parse(cfg_t *cfg, const char *octets, size_t n)
{
	FILE *in = fmemopen((void *)octets, n, "r");

	if (in == NULL)
		abort();
	int result = cfg_parse_fp(cfg, in);
	(void)fclose(in);
	if (result != CFG_SUCCESS && !reading->has_failed)
		complain(cfg, "cannot be understood");
	for (unsigned i = 0; !reading->has_failed && i < cfg_size(cfg, "queue"); i++)
		take_empty_lists(cfg_getnsec(cfg, "queue", i));
	if (!reading->has_failed)
		take_empty_lists(cfg);
	return !reading->has_failed;
}

/* The line of the first octet that may not stand in a settings file; 0: there is none. */
static size_t
find_bad_line(const char *octets, size_t n)
{
	size_t line = 1;

	while (n > 0) {
		const char *end = memchr(octets, '\n', n);
		size_t n_line = end == NULL ? n : (size_t)(end - octets) + 1;

		if (!text_is_utf8(octets, n_line) || memchr(octets, '\0', n_line) != NULL)
			return line;
		octets += n_line;
		n -= n_line;
		line++;
	}
	return 0;
}

/* Find a comment or section that the end of the file cuts off: the library takes both for complete,
 * and a file that was cut short must not be applied in part.
 * Gives  where it begins, or NULL */
static const char *
find_open(const char *p)
{
	static const char ends_word[] = " \t\r\n\"'{}()=,";
	const char *open = NULL;

	for (; *p != '\0'; p += *p != '\0') {
		if (*p == '#' || (p[0] == '/' && p[1] == '/')) {
			p += strcspn(p, "\n");
		} else if (p[0] == '/' && p[1] == '*') {
			const char *end = strstr(p + 2, "*/");
			if (end == NULL)
				return p;
			p = end + 1;
		} else if (*p == '"' || *p == '\'') {
			char quote = *p++;
			while (*p != '\0' && *p != quote)
				p += p[0] == '\\' && p[1] != '\0' ? 2 : 1;
		} else if (*p == '{') {
			open = p;
		} else if (*p == '}') {
			open = NULL;
		} else if (strchr(ends_word, *p) == NULL) {
			p += strcspn(p, ends_word) - 1;
		}
	}
	return open;
}

static size_t
line_of(const char *octets, const char *at)
{
	size_t line = 1;

	for (; octets < at; octets++)
		line += *octets == '\n';
	return line;
}

bool
set_file_read(const char *path, const char *octets, size_t n, struct set_words *words,
              struct why *why)
{
	struct reading mine = {.words = words, .why = why};
	size_t bad_line = find_bad_line(octets, n);
	cfg_opt_t *last;

	if (bad_line != 0) {
		why_set(why, "%s:%zu: not UTF-8 text", path, bad_line);
		return false;
	}
	if (n == 0)
		return true;
	const char *open = find_open(octets);
	cfg_opt_t *queue_opts = options(words->arena, settings_queue_rows, &last);
	const cfg_opt_t queue =
		CFG_SEC("queue", queue_opts, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	cfg_opt_t *opts = options(words->arena, settings_rows, &last);
	*last = queue;
	last->validcb = take_section;
	cfg_t *cfg = cfg_init(opts, CFGF_NONE);
	if (cfg == NULL)
		abort();
	cfg->filename = strdup(path);
	(void)cfg_set_error_function(cfg, take_error);
	reading = &mine;
	bool good = parse(cfg, octets, n);
	reading = NULL;
	(void)cfg_free(cfg);
	if (good && open != NULL)
		why_set(why, "%s:%zu: what begins here does not end", path, line_of(octets, open));
	return good && open == NULL;
}

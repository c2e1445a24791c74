/* src/base/settings.c - what the operator chose, read once and passed on */
#include "settings.h"
#include "arena.h"
#include "buf.h"
#include "durable.h"
#include "number.h"
#include "set_words.h"
#include "text.h"
#include <fcntl.h>
#include <netdb.h>
#include <string.h>

enum { HOST_OCTETS = 256, VARIABLE_OCTETS = 32 };

#define ROW(owner, kind, name, dflt, least, most, says)                                            \
	{&set_kind_##kind, #name, dflt, least, most, says, offsetof(struct owner, name)},
#define GLOBAL_ROW(kind, name, dflt, least, most, says)                                            \
	ROW(settings, kind, name, dflt, least, most, says)
#define QUEUE_ROW(kind, name, dflt, least, most, says)                                             \
	ROW(set_queue, kind, name, dflt, least, most, says)
#define HEADING(heading) {NULL, "", "", "", "", heading, 0},
#define END_ROW {NULL, NULL, NULL, NULL, NULL, NULL, 0}

const struct set_row settings_rows[] = {SETTINGS(GLOBAL_ROW, HEADING) END_ROW};
const struct set_row settings_queue_rows[] = {QUEUE_SETTINGS(QUEUE_ROW) END_ROW};

_Static_assert(N_ELEMENTS(settings_rows) <= SET_ROWS_MAX, "set_words.c can name them all");

/* One scope being typed. */
struct filling {
	struct settings *set;
	const struct set_scope *scope;
	void *base; /* the struct settings, or the struct set_queue, that the rows fill */
	struct why *why;
};

/* The name of this host with its domain. */
static const char *
host_name(struct arena *a)
{
	char name[HOST_OCTETS] = "";
	const struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	const char *full = NULL;

	if (gethostname(name, sizeof name - 1) == 0 && strchr(name, '.') != NULL)
		return arena_strdup(a, name);
	if (getaddrinfo(name, NULL, &hints, &found) == 0) {
		if (found->ai_canonname != NULL && strchr(found->ai_canonname, '.') != NULL)
			full = arena_strdup(a, found->ai_canonname);
		freeaddrinfo(found);
	}
	return full != NULL ? full : "localhost.localdomain";
}

static const void *
field(const void *base, const struct set_row *row)
{
	return (const char *)base + row->offset;
}

/* What stands for $name, or NULL: a setting of one text that was typed already. */
static const char *
variable(const struct settings *set, const char *name)
{
	if (strcmp(name, "hostname") == 0)
		return host_name(set->arena);
	if (strcmp(name, "pkgdatadir") == 0)
		return PKGDATADIR;
	if (strcmp(name, "libexecdir") == 0)
		return LIBEXECDIR;
	for (const struct set_row *row = settings_rows; row->says != NULL; row++) {
		if (row->kind != NULL && row->kind->is_quoted && !row->kind->is_list &&
		    strcmp(row->name, name) == 0)
			return *(const char *const *)field(set, row);
	}
	return NULL;
}

/* Copy a text into the settings, each $name replaced. Gives  NULL, with why, for an unknown one */
static char *
expand(const struct settings *set, const char *text, struct why *why)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
	AUTO(buf) struct buf b = {0};

	buf_text(&b, "");
	while (*text != '\0') {
		size_t n_plain = strcspn(text, "$");
		char name[VARIABLE_OCTETS] = "";

		buf_add(&b, text, n_plain);
		text += n_plain;
		size_t n_name = *text == '$' ? strspn(text + 1, letters) : 0;
		if (n_name == 0) {
			buf_add(&b, text, *text == '$');
			text += *text == '$';
			continue;
		}
		if (n_name < sizeof name)
			memcpy(name, text + 1, n_name);
		const char *value = variable(set, name);
		if (value == NULL) {
			why_set(why, "there is no $%.*s here", (int)n_name, text + 1);
			return NULL;
		}
		buf_text(&b, value);
		text += 1 + n_name;
	}
	return arena_memdup(set->arena, b.octets, b.n);
}

static bool
read_one(const struct filling *f, const struct set_row *row, const struct set_value *value,
         void *value_r)
{
	struct arena *a = f->set->arena;
	struct why inner = {""};
	char *text = row->kind->expands ? expand(f->set, value->text, &inner)
	                                : arena_strdup(a, value->text);
	bool good = text != NULL && row->kind->read(row, a, text, value_r, &inner);

	if (!good)
		why_set(f->why, "%s: %s", value->where, inner.text);
	return good;
}

static bool
fill_list(const struct filling *f, const struct set_row *row, const struct set_said *said)
{
	struct set_list *list = (void *)((char *)f->base + row->offset);
	/* A list of one empty text is how an empty list can be written in every place. */
	size_t n = said->n == 1 && said->values[0].text[0] == '\0' ? 0 : said->n;
	const char **texts = arena_array(f->set->arena, n, sizeof *texts);
	uint64_t least = 0, most = 0;

	if (number_unsigned(row->least, &least) != NUMBER_OK ||
	    number_unsigned(row->most, &most) != NUMBER_OK)
		abort();
	if (n < least || n > most) {
		why_set(f->why, "%s: %s: %zu given, %s to %s are allowed",
		        n > 0 ? said->values[n - 1].where : f->scope->where, row->name, n,
		        row->least, row->most);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (!read_one(f, row, &said->values[i], &texts[i]))
			return false;
	}
	*list = (struct set_list){texts, n};
	return true;
}

static bool
fill_row(const struct filling *f, const struct set_row *row, const struct set_said *said)
{
	struct set_value dflt = {row->dflt, "built-in default"};
	struct set_said instead = {.is_set = true, .values = &dflt, .n = 1};

	if (!said->is_set && row->dflt == NULL) {
		why_set(f->why, "%s: queue %s has no %s", f->scope->where, f->scope->key,
		        row->name);
		return false;
	}
	if (!said->is_set)
		said = &instead;
	if (row->kind->is_list)
		return fill_list(f, row, said);
	return read_one(f, row, &said->values[0], (char *)f->base + row->offset);
}

/* Type what was said in one scope, in the order of the table: later rows may use earlier ones. */
static bool
fill(const struct filling *f)
{
	for (size_t i = 0; f->scope->rows[i].says != NULL; i++) {
		const struct set_row *row = &f->scope->rows[i];

		if (row->kind != NULL && !fill_row(f, row, &f->scope->said[i]))
			return false;
	}
	return true;
}

static bool
fill_queues(struct settings *set, const struct set_words *words, struct why *why)
{
	struct set_queue *queues = arena_array(set->arena, words->n_queues, sizeof *queues);
	size_t i = 0;

	for (const struct set_scope *scope = words->queues; scope != NULL; scope = scope->next) {
		const struct filling f = {set, scope, &queues[i], why};

		queues[i].key = arena_strdup(set->arena, scope->key);
		if (!fill(&f))
			return false;
		if (queues[i].name[0] == '\0')
			queues[i].name = queues[i].key;
		i++;
	}
	set->queues = queues;
	set->n_queues = i;
	return true;
}

/* Something that only one queue may have. */
struct claim {
	const char *text; /* lower case */
	const struct set_scope *scope;
};

static int
by_text(const void *a, const void *b)
{
	return strcmp(((const struct claim *)a)->text, ((const struct claim *)b)->text);
}

static bool
differ(struct claim claims[], size_t n, const char *what, struct why *why)
{
	qsort(claims, n, sizeof *claims, by_text);
	for (size_t i = 1; i < n; i++) {
		if (by_text(&claims[i - 1], &claims[i]) == 0) {
			why_set(why, "%s: queue %s: the %s %s is taken by queue %s (%s)",
			        claims[i].scope->where, claims[i].scope->key, what, claims[i].text,
			        claims[i - 1].scope->key, claims[i - 1].scope->where);
			return false;
		}
	}
	return true;
}

static struct claim
claim(const struct set_words *words, const char *text, const struct set_scope *scope)
{
	char *lower = arena_strdup(words->arena, text);

	text_lower(lower);
	return (struct claim){lower, scope};
}

static bool
queues_differ(const struct settings *set, const struct set_words *words, struct why *why)
{
	const struct set_scope *scope = words->queues;
	size_t n_addresses = 0, n = 0;

	for (size_t i = 0; i < set->n_queues; i++)
		n_addresses += set->queues[i].address.n;
	struct claim *addresses = arena_array(words->arena, n_addresses, sizeof *addresses);
	struct claim *prefixes = arena_array(words->arena, set->n_queues, sizeof *prefixes);
	for (size_t i = 0; i < set->n_queues; i++, scope = scope->next) {
		prefixes[i] = claim(words, set->queues[i].prefix, scope);
		for (size_t j = 0; j < set->queues[i].address.n; j++)
			addresses[n++] = claim(words, set->queues[i].address.texts[j], scope);
	}
	return differ(prefixes, set->n_queues, "prefix", why) &&
	       differ(addresses, n, "address", why);
}

/* What no row can say alone. */
static bool
agree(const struct settings *set, const char *where, struct why *why)
{
	const struct {
		bool is_wrong;
		const char *says;
	} rules[] = {
		{set->header_max_octets > set->message_max_octets,
	         "header_max_octets is larger than message_max_octets"},
		{set->outbox_retry_first_s > set->outbox_retry_max_s,
	         "outbox_retry_first_s is longer than outbox_retry_max_s"},
		{set->smtp_user[0] != '\0' && set->smtp_password_file[0] == '\0',
	         "smtp_user is set, but smtp_password_file is not"},
	};

	for (size_t i = 0; i < N_ELEMENTS(rules); i++) {
		if (rules[i].is_wrong) {
			why_set(why, "%s: %s", where, rules[i].says);
			return false;
		}
	}
	return true;
}

/* Say one override: the value as a whole, or cut at commas for a list. */
static bool
say_override(struct set_words *words, const struct set_row *row, struct set_said *said,
             const char *text, struct why *why)
{
	size_t place = 0;

	if (!row->kind->is_list)
		return set_words_say(words, said, 0, (struct set_value){text, "-o"}, why);
	*said = (struct set_said){.is_set = true};
	for (; *text != '\0'; text += *text == ',') {
		text += strspn(text, " ");
		size_t n = strcspn(text, ",");
		char *element = arena_strndup(words->arena, text, n);

		for (size_t i = n; i > 0 && element[i - 1] == ' '; i--)
			element[i - 1] = '\0';
		if (element[0] != '\0' &&
		    !set_words_say(words, said, place++, (struct set_value){element, "-o"}, why))
			return false;
		text += n;
	}
	return true;
}

/* Split "queue.NAME.field" or "field". Gives  the queue's name in the arena, or NULL */
static char *
split_name(struct arena *a, const char *name, const char **field_r)
{
	const char *last = strrchr(name, '.');

	*field_r = name;
	if (strncmp(name, "queue.", 6) != 0 || last < name + 6)
		return NULL;
	*field_r = last + 1;
	return arena_strndup(a, name + 6, (size_t)(last - name - 6));
}

static bool
take_override(struct set_words *words, const char *override, struct why *why)
{
	const char *equals = strchr(override, '='), *field_name = NULL;
	struct set_scope *scope = &words->global;
	struct why inner = {""};

	if (equals == NULL || !text_is_utf8(override, strlen(override))) {
		why_set(why, "-o %.100s: not of the form name=value", override);
		return false;
	}
	const char *name = arena_strndup(words->arena, override, (size_t)(equals - override));
	const char *key = split_name(words->arena, name, &field_name);
	if (key != NULL)
		scope = set_words_queue(words, key, "-o", &inner);
	int row = scope == NULL ? -1 : set_words_row(scope->rows, field_name, &inner);
	if (row < 0 || !say_override(words, &scope->rows[row], &scope->said[row], equals + 1,
	                             &inner)) {
		why_set(why, "-o %.100s: %s", override, inner.text);
		return false;
	}
	return true;
}

/* Without a queue in the file there is one all the same, which overrides may change. */
static void
say_default_queue(struct set_words *words)
{
	static const struct {
		const char *name, *text;
	} fields[] = {{"address", "support@$instance"}, {"prefix", "ACM"}, {"name", "Support"}};
	struct set_scope *queue = words->queues;

	while (queue != NULL && !text_same(queue->key, "support"))
		queue = queue->next;
	if (words->n_queues == 0)
		queue = set_words_queue(words, "support", "built-in default", NULL);
	for (size_t i = 0; queue != NULL && i < N_ELEMENTS(fields); i++) {
		int row = set_words_row(settings_queue_rows, fields[i].name, NULL);
		struct set_value value = {fields[i].text, "built-in default"};

		if (!queue->said[row].is_set)
			(void)set_words_say(words, &queue->said[row], 0, value, NULL);
	}
}

static enum settings_err
read_file(const char *path, struct set_words *words, struct why *why)
{
	struct durable_file file = {NULL, 0};

	switch (durable_read(words->arena, AT_FDCWD, path, SETTINGS_MAX_OCTETS, &file, why)) {
	case DURABLE_OK:
		return set_file_read(path, file.octets, file.n, words, why) ? SETTINGS_OK
		                                                            : SETTINGS_BAD;
	case DURABLE_ABSENT:
		return SETTINGS_ABSENT;
	case DURABLE_EXISTS:
	case DURABLE_FULL:
	case DURABLE_TOO_BIG:
	case DURABLE_IO:
		return SETTINGS_IO;
	}
	return SETTINGS_IO;
}

static bool
type_words(struct set_words *words, const char *path, struct settings *set, struct why *why)
{
	const struct filling all = {set, &words->global, set, why};

	words->global.where = path != NULL ? path : "-o";
	return fill(&all) && fill_queues(set, words, why) && queues_differ(set, words, why) &&
	       agree(set, words->global.where, why);
}

enum settings_err
settings_load(const char *path, const char *const overrides[], size_t n,
              struct settings **settings_r, struct why *why)
{
	AUTO(arena) struct arena *scratch = arena_new();
	AUTO(arena) struct arena *a = arena_new();
	struct settings *set = arena_alloc(a, sizeof *set);
	struct set_words words;
	bool good = true;

	set->arena = a;
	set_words_init(&words, scratch);
	enum settings_err e = path == NULL ? SETTINGS_OK : read_file(path, &words, why);
	if (e != SETTINGS_OK)
		return e;
	bool has_no_queue = words.n_queues == 0;
	for (size_t i = 0; good && i < n; i++)
		good = take_override(&words, overrides[i], why);
	if (has_no_queue)
		say_default_queue(&words);
	if (!good || !type_words(&words, path, set, why))
		return SETTINGS_BAD;
	a = NULL; /* belongs to set now */
	*settings_r = set;
	return SETTINGS_OK;
}

void
settings_free(struct settings **settings)
{
	struct arena *a = *settings == NULL ? NULL : (*settings)->arena;

	arena_free(&a);
	*settings = NULL;
}

enum settings_err
settings_get(const struct settings *settings, const char *name, struct buf *b, struct why *why)
{
	AUTO(arena) struct arena *a = arena_new();
	const struct set_row *rows = settings_rows;
	const void *base = settings;
	const char *field_name = NULL, *key = split_name(a, name, &field_name);

	for (size_t i = 0; key != NULL && i < settings->n_queues; i++) {
		if (text_same(settings->queues[i].key, key)) {
			base = &settings->queues[i];
			rows = settings_queue_rows;
		}
	}
	if (key != NULL && rows == settings_rows) {
		why_set(why, "there is no queue \"%s\"", key);
		return SETTINGS_ABSENT;
	}
	int i = set_words_row(rows, field_name, why);
	if (i < 0)
		return SETTINGS_ABSENT;
	if (rows[i].kind->is_list) {
		const struct set_list *list = field(base, &rows[i]);

		for (size_t j = 0; j < list->n; j++)
			buf_printf(b, "%s%s", j == 0 ? "" : ", ", list->texts[j]);
	} else {
		rows[i].kind->print(field(base, &rows[i]), b);
	}
	buf_text(b, "");
	return SETTINGS_OK;
}

/* src/prog/cli_held.c - postern held list|show|export|release|drop */
#include "arena.h"
#include "cli.h"
#include "cli_command.h"
#include "number.h"
#include "table.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct list {
	struct cli *cli;
	struct table *table;
	bool any;
};

static void
take_list(void *self, const struct json *answer)
{
	struct list *l = self;
	const struct json *all = json_get_child(answer, "held");

	for (size_t i = 0; i < json_n(all); i++) {
		const struct json *h = json_at(all, i);
		const char *cells[] = {
			arena_printf(l->cli->arena, "%" PRId64, json_get_int(h, "held", 0)),
			table_age(l->cli->arena, json_get_str(h, "at", NULL)),
			json_get_str(h, "cause", ""),
			json_get_str(h, "queue", ""),
			json_get_str(h, "from", ""),
			json_get_str(h, "subject", "")};

		l->any = true;
		table_add(l->table, cells);
	}
}

static int
list(struct cli *c)
{
	static const char *const heads[] = {"ID", "AGE", "CAUSE", "QUEUE", "FROM", "SUBJECT"};
	struct list l = {.cli = c, .table = table_new(c->arena, heads, N_ELEMENTS(heads))};
	struct json *o = cli_request("held-list");
	int status = c->json ? cli_ask_array(c, o, "held") : cli_ask(c, o, NULL, take_list, &l);

	if (status == EX_OK && !c->json && l.any)
		table_print(l.table);
	else if (status == EX_OK && !c->json)
		(void)puts("Nothing is held.");
	return status;
}

static void
take_entry(void *self, const struct json *h)
{
	static const char *const names[] = {"cause", "detail", "queue", "at", "from", "subject",
	                                    "message_id", "told",
	                                    "fate", "fate_at", "fate_who", "fate_how", "ref"};
	static const char *const envelope[] = {"sender", "recipient", "client_address", "queue_id",
	                                       "login"};
	const struct json *e = json_get_child(h, "envelope");

	(void)self;
	(void)printf("held %" PRId64 ", %" PRId64 " octets\n", json_get_int(h, "held", 0),
	             json_get_int(h, "octets", 0));
	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		if (json_get_str(h, names[i], NULL) != NULL)
			(void)printf("%-15s %s\n", names[i], json_get_str(h, names[i], "-"));
	for (size_t i = 0; i < N_ELEMENTS(envelope); i++)
		(void)printf("%-15s %s\n", envelope[i], json_get_str(e, envelope[i], "-"));
}

static void
take_done(void *self, const struct json *h)
{
	const char *ref = json_get_str(h, "ref", NULL);

	(void)self;
	(void)printf("held %" PRId64 " is %s%s%s\n", json_get_int(h, "held", 0),
	             json_get_str(h, "fate", ""), ref != NULL ? ": it is in " : "",
		ref != NULL ? ref : "");
}

static int
show(struct cli *c, struct json *request)
{
	return c->json ? cli_ask_json(c, request, NULL) : cli_ask(c, request, NULL, take_entry,
		NULL);
}

static int
export(struct cli *c, struct json *request)
{
	AUTO(buf) struct buf octets = {0};
	int status = cli_ask(c, request, NULL, cli_take_base64, &octets);

	return status == EX_OK ? cli_write(&octets) : status;
}

static int
order(struct cli *c, struct json *request)
{
	return c->json ? cli_ask_json(c, request, NULL) : cli_ask(c, request, NULL, take_done,
		NULL);
}

static const struct verb {
	const char *name, *command;
	int (*run)(struct cli *c, struct json *request);
	bool chooses; /* takes --as-new and --to */
} verbs[] = {
	{"show", "held-show", show, false},
	{"export", "held-export", export, false},
	{"release", "held-release", order, true},
	{"drop", "held-drop", order, false},
};

/* The words behind the verb. Gives  false after words on standard error */
static bool
read_words(struct cli *c, const struct verb *v, struct json *request)
{
	uint64_t id = 0;
	bool fine = true;

	for (int i = 2; fine && i < c->argc; i++) {
		const char *to = v->chooses ? cli_option(c, &i, "--to") : NULL;

		if (to != NULL)
			json_set_str(request, "ref", to);
		else if (v->chooses && strcmp(c->argv[i], "--as-new") == 0)
			json_set_bool(request, "as_new", true);
		else
			fine = id == 0 && number_unsigned(c->argv[i], &id) == NUMBER_OK && id != 0;
	}
	if (!fine || id == 0) {
		(void)cli_fail(EX_USAGE, "held %s: which one? The numbers are in postern held list",
		               v->name);
		return false;
	}
	json_set_int(request, "id", (int64_t)id);
	return true;
}

int
cli_held(struct cli *c)
{
	const char *name = c->argc > 1 ? c->argv[1] : "list";
	const struct verb *v = NULL;

	if (strcmp(name, "list") == 0)
		return list(c);
	for (size_t i = 0; v == NULL && i < N_ELEMENTS(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			v = &verbs[i];
	if (v == NULL)
		return cli_fail(EX_USAGE, "held: \"%s\" is not list, show, export, release or drop",
		                name);
	AUTO(json) struct json *request = cli_request(v->command);
	return read_words(c, v, request) ? v->run(c, GIVE(request)) : EX_USAGE;
}

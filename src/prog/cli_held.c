/* src/prog/cli_held.c - postern held list|show|export */
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
	static const char *const names[] = {"cause", "detail",  "queue",     "at",
	                                    "from",  "subject", "message_id"};
	static const char *const envelope[] = {"sender", "recipient", "client_address", "queue_id",
	                                       "login"};
	const struct json *e = json_get_child(h, "envelope");

	(void)self;
	(void)printf("held %" PRId64 ", %" PRId64 " octets\n", json_get_int(h, "held", 0),
	             json_get_int(h, "octets", 0));
	for (size_t i = 0; i < N_ELEMENTS(names); i++)
		(void)printf("%-15s %s\n", names[i], json_get_str(h, names[i], "-"));
	for (size_t i = 0; i < N_ELEMENTS(envelope); i++)
		(void)printf("%-15s %s\n", envelope[i], json_get_str(e, envelope[i], "-"));
}

int
cli_held(struct cli *c)
{
	const char *verb = c->argc > 1 ? c->argv[1] : "list";
	uint64_t id = 0;
	AUTO(buf) struct buf octets = {0};
	int status = EX_OK;

	if (strcmp(verb, "list") == 0)
		return list(c);
	if (strcmp(verb, "show") != 0 && strcmp(verb, "export") != 0)
		return cli_fail(EX_USAGE, "held: \"%s\" is not list, show or export", verb);
	if (c->argc != 3 || number_unsigned(c->argv[2], &id) != NUMBER_OK)
		return cli_fail(EX_USAGE,
		                "held %s: which one? The numbers are in postern held list", verb);
	struct json *o = cli_request(strcmp(verb, "show") == 0 ? "held-show" : "held-export");
	json_set_int(o, "id", (int64_t)id);
	if (strcmp(verb, "show") == 0)
		return c->json ? cli_ask_json(c, o, NULL) : cli_ask(c, o, NULL, take_entry, NULL);
	status = cli_ask(c, o, NULL, cli_take_base64, &octets);
	return status == EX_OK ? cli_write(&octets) : status;
}

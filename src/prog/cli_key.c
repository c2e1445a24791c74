/* src/prog/cli_key.c - postern key list|rotate|retire */
#include "arena.h"
#include "cli.h"
#include "cli_command.h"
#include "number.h"
#include "table.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void
take_keys(void *self, const struct json *answer)
{
	static const char *const heads[] = {"KEY", "STATE", "CREATED", "UNTIL", "MAKES"};
	struct cli *c = self;
	struct table *t = table_new(c->arena, heads, N_ELEMENTS(heads));
	const struct json *all = json_get_child(answer, "keys");

	for (size_t i = 0; i < json_n(all); i++) {
		const struct json *k = json_at(all, i);
		const char *cells[] = {json_get_str(k, "letter", ""), json_get_str(k, "state", ""),
		                       json_get_str(k, "created", "-"),
		                       json_get_str(k, "until", "-"),
		                       json_get_bool(k, "makes", false) ? "new tags" : "-"};

		table_add(t, cells);
	}
	table_print(t);
}

static int
list(struct cli *c)
{
	struct json *o = cli_request("key-list");

	return c->json ? cli_ask_array(c, o, "keys") : cli_ask(c, o, NULL, take_keys, c);
}

static void
take_rotated(void *self, const struct json *answer)
{
	(void)self;
	(void)printf("key %s makes new tags; those of older keys hold until %s\n",
	             json_get_str(answer, "letter", ""), json_get_str(answer, "until", ""));
}

static int
rotate(struct cli *c)
{
	const char *value = NULL;
	int64_t honour_s = -1;

	for (int i = 2; i < c->argc; i++) {
		value = cli_option(c, &i, "--honour");
		if (value == NULL)
			return cli_fail(EX_USAGE, "key rotate: unexpected \"%s\"", c->argv[i]);
		if (number_duration(value, &honour_s) != NUMBER_OK)
			return cli_fail(EX_USAGE,
			                "key rotate --honour: \"%s\" is no duration such as 90d",
			                value);
	}
	struct json *o = cli_request("key-rotate");
	if (honour_s >= 0)
		json_set_int(o, "honour", honour_s);
	return c->json ? cli_ask_json(c, o, NULL) : cli_ask(c, o, NULL, take_rotated, NULL);
}

static void
take_retired(void *self, const struct json *answer)
{
	(void)self;
	(void)printf("key %s is retired: its tags prove nothing any more\n",
	             json_get_str(answer, "letter", ""));
}

static int
retire(struct cli *c)
{
	if (c->argc != 3)
		return cli_fail(EX_USAGE, "key retire: which key? See postern key list");
	struct json *o = cli_request("key-retire");
	json_set_str(o, "letter", c->argv[2]);
	return c->json ? cli_ask_json(c, o, NULL) : cli_ask(c, o, NULL, take_retired, NULL);
}

int
cli_key(struct cli *c)
{
	const char *word = c->argc > 1 ? c->argv[1] : "list";

	if (strcmp(word, "list") == 0 && c->argc <= 2)
		return list(c);
	if (strcmp(word, "rotate") == 0)
		return rotate(c);
	if (strcmp(word, "retire") == 0)
		return retire(c);
	return cli_fail(EX_USAGE, "key: unexpected \"%s\"; list, rotate or retire",
	                c->argc > 2 ? c->argv[2] : word);
}

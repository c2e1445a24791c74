/* src/prog/cli_person.c - postern person: addresses that are one person's */
#include "cli.h"
#include "cli_command.h"
#include "own.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void
take_person(void *self, const struct json *answer)
{
	const struct json *all = json_get_child(answer, "addresses");
	const char *by = json_get_str(answer, "who", "");

	(void)self;
	for (size_t i = 0; i < json_n(all); i++) {
		const struct json *one = json_at(all, i);

		(void)printf("%-40s %s%s%s\n", json_get_str(one, "address", ""),
		             json_get_str(one, "name", ""),
		             json_get_str(one, "last_seen", NULL) != NULL ? "  last mail " : "",
		             json_get_str(one, "last_seen", ""));
	}
	if (by[0] != '\0')
		(void)printf("joined by %s, %s\n", by, json_get_str(answer, "at", ""));
}

int
cli_person(struct cli *c)
{
	static const struct {
		const char *verb;
		int n_words;
	} verbs[] = {{"show", 1}, {"alias", 2}, {"merge", 2}, {"split", 1}};
	const char *verb = c->argc > 1 ? c->argv[1] : "";
	bool known = false;

	for (size_t i = 0; !known && i < N_ELEMENTS(verbs); i++)
		known = strcmp(verbs[i].verb, verb) == 0 && c->argc == 2 + verbs[i].n_words;
	if (!known)
		return cli_fail(EX_USAGE, "person: show ADDRESS, alias ADDRESS OTHER, "
		                          "merge A B, or split ADDRESS");
	struct json *o = cli_request("person");
	json_set_str(o, "verb", verb);
	json_set_str(o, "address", c->argv[2]);
	if (c->argc > 3)
		json_set_str(o, "other", c->argv[3]);
	return c->json ? cli_ask_json(c, o, NULL) : cli_ask(c, o, NULL, take_person, NULL);
}

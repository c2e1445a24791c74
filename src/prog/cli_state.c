/* src/prog/cli_state.c - postern stats, conf, reload */
#include "cli.h"
#include "cli_command.h"
#include "settings.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static void
print_numbers(const struct json *o, const char *const names[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *text = json_get_str(o, names[i], NULL);

		if (text != NULL)
			(void)printf("  %-20s %s\n", names[i], text);
		else
			(void)printf("  %-20s %" PRId64 "\n", names[i],
			             json_get_int(o, names[i], 0));
	}
}

static void
take_stats(void *self, const struct json *o)
{
	static const char *const mail[] = {
		"filed",      "duplicates",    "held",     "deferred",   "unknown_recipients",
		"sent",       "send_failures", "given_up", "gate_asked", "gate_refused",
		"gate_unasked"};
	static const char *const store[] = {"tickets",           "messages",         "held_now",
	                                    "outbox_now",        "commits",          "flushes",
	                                    "commits_per_flush", "deadlock_retries", "aborts",
	                                    "log_files",         "free_octets"};
	static const char *const parser[] = {"running",     "asked",       "died", "timeouts",
	                                     "bad_replies", "unavailable", "jail"};

	(void)self;
	(void)printf("%s, up %" PRId64 " s\n\nmail since start\n", json_get_str(o, "instance", ""),
	             json_get_int(o, "up_s", 0));
	print_numbers(o, mail, N_ELEMENTS(mail));
	(void)puts("\nstore");
	print_numbers(json_get_child(o, "store"), store, N_ELEMENTS(store));
	(void)puts("\nparser");
	print_numbers(json_get_child(o, "parser"), parser, N_ELEMENTS(parser));
}


static void
take_text(void *self, const struct json *answer)
{
	const char *text = json_get_str(answer, "text", "");
	size_t n = strlen(text);

	(void)self;
	(void)printf("%s%s", text, n > 0 && text[n - 1] == '\n' ? "" : "\n");
}

int
cli_stats(struct cli *c)
{
	bool prometheus = c->argc == 2 && strcmp(c->argv[1], "--prometheus") == 0;

	if (c->argc > 1 && !prometheus)
		return cli_fail(EX_USAGE, "stats takes --prometheus, or nothing");
	struct json *o = cli_request("stats");
	json_set_bool(o, "prometheus", prometheus);
	if (c->json)
		return cli_ask_json(c, o, NULL);
	return cli_ask(c, o, NULL, prometheus ? take_text : take_stats, NULL);
}

int
cli_conf(struct cli *c)
{
	AUTO(buf) struct buf text = {0};
	const char *what = c->argc > 1 ? c->argv[1] : NULL;

	if (c->argc > 2)
		return cli_fail(EX_USAGE, "conf: one setting at a time, or none for all");
	if (what != NULL && strcmp(what, "--defaults") == 0) {
		settings_write_defaults(&text);
		return cli_write(&text);
	}
	if (what != NULL && strcmp(what, "--manual") == 0) {
		settings_write_manual(&text);
		return cli_write(&text);
	}
	struct json *o = cli_request("conf");
	if (what != NULL)
		json_set_str(o, "name", what);
	return c->json ? cli_ask_json(c, o, NULL) : cli_ask(c, o, NULL, take_text, NULL);
}

static void
take_nothing(void *self, const struct json *answer)
{
	(void)self;
	(void)answer;
}

int
cli_reload(struct cli *c)
{
	if (c->argc > 1)
		return cli_fail(EX_USAGE, "reload takes no arguments");
	return cli_ask(c, cli_request("reload"), NULL, take_nothing, NULL);
}

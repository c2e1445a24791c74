/* src/prog/postern.c - the operator's command line, and the entry for pipe(8) */
#include "config.h"
#include "arena.h"
#include "cli.h"
#include "cli_command.h"
#include "settings.h"
#include "text.h"
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { POSTERN_OVERRIDES_MAX = 200 };

static const char default_path[] = SYSCONFDIR "/postern.conf";

static const struct command {
	const char *name;
	int (*run)(struct cli *c);
	const char *words, *says;
} commands[] = {
	{"list", cli_list, "[--queue Q] [--state S] [--participant ADDRESS] [--older 3d] [--all]",
         "tickets, the newest change first"},
	{"show", cli_show, "REF [--no-text] [--raw N]",
         "a ticket with its mails; mail N as it came"},
	{"log", cli_log, "REF", "what happened to a ticket"},
	{"held", cli_held,
	 "[list | show ID | export ID | release ID [--as-new | --to REF] | drop ID]",
	 "mail that was kept aside, and why; let it through, or drop it"},
	{"outbox", cli_outbox, "", "mails that are still to be sent"},
	{"explain", cli_explain,
	 "FILE [--from A] [--to B] [--login L] | REF[#N] | QUEUE-ID | --table",
	 "what would be done with a mail, or was and would be today; changes nothing"},
	{"replay", cli_replay, "--held | --since 7d | REF",
	 "which stored mails today's rules would file otherwise; changes nothing"},
	{"person", cli_person, "show A | alias A OTHER | merge A B | split A",
	 "which addresses are one person's"},
	{"key", cli_key, "[list | rotate [--honour 90d] | retire LETTER]",
         "the keys behind signed addresses and ids; make a new one, end an old one"},
	{"stats", cli_stats, "[--prometheus]", "counts since start, the store, the parser"},
	{"conf", cli_conf, "[NAME | --defaults | --manual]", "the settings in force"},
	{"reload", cli_reload, "", "read the configuration again"},
	{"dump", cli_dump, "[--offline]", "the whole store as text, on standard output"},
	{"load", cli_load, "FILE", "fill an empty store from a dump; posternd must not run"},
	{"backup", cli_backup, "DIR", "copy the store while it is in use, and verify the copy"},
	{"check", cli_check, "[--octets] [--offline]", "walk all records, say what does not fit"},
	{"recover", cli_recover, "", "rebuild the store from its logs; posternd must not run"},
	{"deliver", cli_deliver, "-f SENDER [--client-address A] ... -- RECIPIENT...",
         "hand over a mail from Postfix's pipe(8)"},
};

static void
print_help(void)
{
	(void)puts(
		"Usage: postern [-c FILE] [-o NAME=VALUE]... [-s SOCKET] [--json] COMMAND ...\n");
	for (size_t i = 0; i < N_ELEMENTS(commands); i++)
		(void)printf("  postern %s %s\n        %s\n", commands[i].name, commands[i].words,
		             commands[i].says);
	(void)puts(
		"\n  -c, --config FILE   settings (default " SYSCONFDIR "/postern.conf)\n"
		"  -o, --option N=V    override a setting\n"
		"  -s, --socket PATH   the daemon's control socket\n"
		"      --json          answers for programs\n"
		"  -h, --help          this text\n"
		"  -V, --version       the version\n\n"
		"See postern(1). A reference number may be written in any case, with or without\n"
	           "brackets.");
}

static const struct command *
find(const char *name)
{
	const struct command *found = NULL;

	for (size_t i = 0; found == NULL && i < N_ELEMENTS(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			found = &commands[i];
	return found;
}

static int
unknown(const char *name)
{
	const char *names[N_ELEMENTS(commands) + 1] = {NULL};
	const char *near = NULL;

	for (size_t i = 0; i < N_ELEMENTS(commands); i++)
		names[i] = commands[i].name;
	near = text_nearest(name, names);
	return near != NULL
	               ? cli_fail(EX_USAGE, "there is no command \"%s\"; did you mean \"%s\"?",
	                          name, near)
	               : cli_fail(EX_USAGE, "there is no command \"%s\"; see postern --help", name);
}

/* Options before the command. Gives  the place of the command, or 0 with the status to end with */
static int
read_options(struct cli *c, const char *overrides[], int *status_r)
{
	int i = 1;

	for (; i < c->argc && c->argv[i][0] == '-'; i++) {
		const char *word = c->argv[i], *value = NULL;

		if ((value = cli_option(c, &i, "-c")) != NULL ||
		    (value = cli_option(c, &i, "--config")) != NULL) {
			c->conf_path = value;
		} else if ((value = cli_option(c, &i, "-s")) != NULL ||
		           (value = cli_option(c, &i, "--socket")) != NULL) {
			c->socket = value;
		} else if (((value = cli_option(c, &i, "-o")) != NULL ||
		            (value = cli_option(c, &i, "--option")) != NULL) &&
		           c->n_overrides < POSTERN_OVERRIDES_MAX) {
			overrides[c->n_overrides++] = value;
		} else if (strcmp(word, "--json") == 0) {
			c->json = true;
		} else if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
			print_help();
			return 0;
		} else if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0) {
			(void)puts("postern " PACKAGE_VERSION);
			return 0;
		} else {
			*status_r = cli_fail(EX_USAGE, "unexpected \"%s\"; see postern --help",
			                     word);
			return 0;
		}
	}
	if (i == c->argc)
		*status_r = cli_fail(EX_USAGE, "which command? See postern --help");
	return i < c->argc ? i : 0;
}

/* Whether master.cf meant a mail to be handed over, whatever else is wrong with its words. */
static bool
is_delivery(int argc, char *argv[])
{
	bool found = false;

	for (int i = 1; !found && i < argc && strcmp(argv[i], "--") != 0; i++)
		found = strcmp(argv[i], "deliver") == 0;
	return found;
}

static bool
wants_help(const struct cli *c)
{
	bool wants = false;

	for (int i = 1; !wants && i < c->argc && strcmp(c->argv[i], "--") != 0; i++)
		wants = strcmp(c->argv[i], "--help") == 0;
	return wants;
}

static int
run(struct cli *c)
{
	const struct command *command = find(c->argv[0]);
	int status = EX_OK;

	if (command == NULL)
		status = unknown(c->argv[0]);
	else if (wants_help(c))
		(void)printf("Usage: postern %s%s%s\n  %s\n", command->name,
		             command->words[0] != '\0' ? " " : "", command->words, command->says);
	else
		status = command->run(c);
	return status;
}

int
main(int argc, char *argv[])
{
	AUTO(arena) struct arena *a = arena_new();
	const char *overrides[POSTERN_OVERRIDES_MAX];
	struct cli c = {.arena = a, .overrides = overrides, .argc = argc, .argv = argv};
	int status = EX_OK;

	(void)setlocale(LC_CTYPE, "");
	int at = read_options(&c, overrides, &status);
	if (at > 0) {
		if (c.conf_path == NULL && access(default_path, R_OK) == 0)
			c.conf_path = default_path;
		c.argc = argc - at;
		c.argv = argv + at;
		status = run(&c);
	}
	settings_free(&c.settings);
	/* pipe(8) bounces the mail on other failures, and takes a help text for a delivery. */
	if (is_delivery(argc, argv) && !c.handed_over)
		status = EX_TEMPFAIL;
	if (fflush(stdout) != 0 && status == EX_OK && !c.handed_over)
		status = cli_fail(EX_IOERR, "cannot write the answer");
	return status;
}

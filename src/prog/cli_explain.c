/* src/prog/cli_explain.c - postern explain FILE, REF or QUEUE-ID, and the decision table */
#include "arena.h"
#include "cli.h"
#include "cli_command.h"
#include "control.h"
#include "number.h"
#include "table.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static void
print_texts(const char *head, const struct json *o, const char *const names[], size_t n)
{
	if (o != NULL)
		(void)printf("\n%s\n", head);
	for (size_t i = 0; o != NULL && i < n; i++) {
		const char *text = json_get_str(o, names[i], NULL);
		int64_t number = json_get_int(o, names[i], INT64_MIN);

		if (text != NULL && text[0] != '\0')
			(void)printf("  %-14s %s\n", names[i], text);
		else if (number != INT64_MIN)
			(void)printf("  %-14s %" PRId64 "\n", names[i], number);
	}
}

static void
print_findings(const struct json *all)
{
	(void)puts("\nfindings");
	for (size_t i = 0; i < json_n(all); i++) {
		const struct json *f = json_at(all, i);

		(void)printf("  %-14s %s %s: %s\n", json_get_str(f, "filter", ""),
		             json_get_str(f, "verdict", ""), json_get_str(f, "class", ""),
		             json_get_str(f, "why", ""));
	}
	if (json_n(all) == 0)
		(void)puts("  nothing out of the ordinary");
}

static void
print_notices(const struct json *all)
{
	(void)puts("\nwould be sent");
	for (size_t i = 0; i < json_n(all); i++) {
		const struct json *n = json_at(all, i);
		bool sent = json_get_bool(n, "sent", false);

		(void)printf("  %-14s to %s%s%s\n", json_get_str(n, "notice", ""),
		             json_get_str(n, "to", ""), sent ? "" : " - not sent: ",
		             sent ? "" : json_get_str(n, "why_not", ""));
	}
	if (json_n(all) == 0)
		(void)puts("  nothing");
}

static void
take_plan(void *self, const struct json *answer)
{
	static const char *const facts[] = {
		"subject",    "from", "from_reads_as", "message_id", "in_reply_to",
		"references", "type", "text",          "parts",      "language"};
	static const char *const decision[] = {"class",  "evidence",       "evidence_by", "role",
	                                       "sender", "sender_because", "ticket",      "row",
	                                       "because"};
	const struct json *warnings = json_get_child(json_get_child(answer, "facts"), "warnings");
	const char *ticket = json_get_str(answer, "ticket", NULL),
		   *cause = json_get_str(answer, "cause", NULL);

	(void)self;
	print_texts("facts", json_get_child(answer, "facts"), facts, N_ELEMENTS(facts));
	for (size_t i = 0; i < json_n(warnings); i++)
		(void)printf("  %-14s %s\n", "warning", json_at_str(warnings, i, ""));
	if (json_get_child(answer, "findings") != NULL)
		print_findings(json_get_child(answer, "findings"));
	print_texts("decision", json_get_child(answer, "decision"), decision, N_ELEMENTS(decision));
	(void)printf("\noutcome\n  %s%s%s%s%s\n", json_get_str(answer, "outcome", ""),
	             ticket != NULL && ticket[0] != '\0' ? " in " : "",
	             ticket != NULL ? ticket : "", cause != NULL ? ": " : "",
	             cause != NULL ? json_get_str(answer, "detail", cause) : "");
	print_notices(json_get_child(answer, "notices"));
}

static void
take_text(void *self, const struct json *answer)
{
	struct table *t = NULL;
	struct cli *c = self;
	char *rest = NULL, *lines = arena_strdup(c->arena, json_get_str(answer, "text", ""));

	for (char *line = strtok_r(lines, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		const char *cells[TABLE_COLUMNS_MAX] = {NULL};
		size_t n = 0;

		for (char *cell = line; cell != NULL && n < TABLE_COLUMNS_MAX; n++) {
			char *bar = strstr(cell, " | ");

			cells[n] = cell;
			if (bar != NULL)
				*bar = '\0';
			cell = bar != NULL ? bar + 3 : NULL;
		}
		if (t == NULL)
			t = table_new(c->arena, cells, n);
		else
			table_add(t, cells);
	}
	if (t != NULL)
		table_print(t);
}

static int
explain_table(struct cli *c)
{
	struct json *o = cli_request("explain");

	json_set_bool(o, "table", true);
	return c->json ? cli_ask_json(c, o, NULL) : cli_ask(c, o, NULL, take_text, c);
}

/* A mail that is there already: what was decided then, and what would be today. */
static void
take_recall(void *self, const struct json *answer)
{
	static const char *const past[] = {"ref",     "message", "held",    "kind",
	                                   "class",   "cause",   "detail",  "from",
	                                   "sender",  "role",    "because", "at",
	                                   "received", "fate",   "fate_at", "fate_who"};
	const struct json *all = json_get_child(answer, "mails");

	for (size_t i = 0; i < json_n(all); i++) {
		const struct json *m = json_at(all, i), *today = json_get_child(m, "today");

		(void)printf("%sthen: %s\n", i > 0 ? "\n" : "", json_get_str(m, "then", ""));
		print_texts("decided then", m, past, N_ELEMENTS(past));
		if (today != NULL) {
			(void)printf("\ntoday: %s%s\n", json_get_str(m, "now", ""),
			             json_get_bool(m, "differs", false) ? " (differs)" : "");
			take_plan(self, today);
		} else {
			(void)printf("\ntoday: %s\n", json_get_str(m, "not_judged", ""));
		}
	}
}

/* REF, REF#N, or a queue id of Postfix. */
static int
explain_stored(struct cli *c, const char *word)
{
	AUTO(json) struct json *o = cli_request("recall");
	const char *hash = strrchr(word, '#');
	uint64_t seq = 1;

	if (hash != NULL && number_unsigned(hash + 1, &seq) != NUMBER_OK)
		return cli_fail(EX_USAGE, "explain: \"%s\": which mail? As in ACM-104231#2", word);
	if (hash != NULL || strchr(word, '-') != NULL) {
		size_t n = hash != NULL ? (size_t)(hash - word) : strlen(word);

		json_set_str(o, "ref", arena_strndup(c->arena, word, n));
		json_set_int(o, "message", (int64_t)seq);
	} else {
		json_set_str(o, "queue_id", word);
	}
	return c->json ? cli_ask_json(c, GIVE(o), NULL)
	               : cli_ask(c, GIVE(o), NULL, take_recall, c);
}

/* A file wins over a mail of the same name; a path with a slash is never anything else. */
static bool
is_file(const char *word)
{
	return strcmp(word, "-") == 0 || strchr(word, '/') != NULL || access(word, F_OK) == 0;
}

int
cli_explain(struct cli *c)
{
	static const char *const options[][2] = {{"--from", "from"},
	                                         {"--to", "to"},
	                                         {"--client-address", "client_address"},
	                                         {"--helo", "helo"},
	                                         {"--login", "login"}};
	AUTO(json) struct json *o = cli_request("explain");
	AUTO(buf) struct buf mail = {0};
	const char *file = NULL;

	for (int i = 1; i < c->argc; i++) {
		bool known = false;

		for (size_t j = 0; !known && j < N_ELEMENTS(options); j++) {
			const char *value = cli_option(c, &i, options[j][0]);

			known = value != NULL;
			if (known)
				json_set_str(o, options[j][1], value);
		}
		if (!known && strcmp(c->argv[i], "--table") == 0)
			return explain_table(c);
		if (!known && file == NULL && (c->argv[i][0] != '-' || c->argv[i][1] == '\0'))
			file = c->argv[i];
		else if (!known)
			return cli_fail(EX_USAGE, "explain: unexpected \"%s\"; see postern --help",
			                c->argv[i]);
	}
	if (file == NULL)
		return cli_fail(
			EX_USAGE,
			"explain: which mail? A file, - for standard input, a reference number, or "
			"a queue id");
	if (!is_file(file))
		return explain_stored(c, file);
	if (!cli_read(file, CONTROL_RAW_MAX_OCTETS, &mail))
		return EX_NOINPUT;
	if (mail.n == 0)
		return cli_fail(EX_DATAERR, "explain: %s is empty", file);
	return c->json ? cli_ask_json(c, GIVE(o), &mail)
	               : cli_ask(c, GIVE(o), &mail, take_plan, NULL);
}

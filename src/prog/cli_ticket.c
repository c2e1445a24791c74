/* src/prog/cli_ticket.c - postern list, show, log, outbox */
#include "arena.h"
#include "cli.h"
#include "cli_command.h"
#include "clock.h"
#include "number.h"
#include "table.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { CLI_PAGE = 200, CLI_LIST_DEFAULT = 50, CLI_LIST_MAX = 1000000 };

struct list {
	struct cli *cli;
	struct table *table;
	char *after;
	uint64_t n_left;
	bool any;
	struct cli_array array;
};

static const char *
age_cell(struct cli *c, const struct json *o, const char *name)
{
	return table_age(c->arena, json_get_str(o, name, NULL));
}

static void
take_tickets(void *self, const struct json *answer)
{
	struct list *l = self;
	const struct json *all = json_get_child(answer, "tickets");

	for (size_t i = 0; i < json_n(all); i++) {
		const struct json *t = json_at(all, i);

		l->any = true;
		l->n_left -= l->n_left > 0;
		if (l->cli->json) {
			cli_array_add(&l->array, t);
		} else {
			const char *cells[] = {json_get_str(t, "ref", ""),
			                       json_get_str(t, "state", ""),
			                       json_get_str(t, "queue", ""),
			                       age_cell(l->cli, t, "updated"),
			                       arena_printf(l->cli->arena, "%" PRId64,
			                                    json_get_int(t, "n_messages", 0)),
			                       json_get_str(t, "requester", "-"),
			                       json_get_str(t, "subject", "")};

			table_add(l->table, cells);
		}
	}
	l->after = arena_strdup(l->cli->arena, json_get_str(answer, "after", NULL));
}

struct filter {
	const char *queue, *state, *participant;
	int64_t updated_before_s;
	bool oldest_first;
	uint64_t max;
};

/* Gives  false after words on standard error */
static bool
read_filter(struct cli *c, struct filter *f)
{
	struct why why = {""};
	bool fine = true;

	for (int i = 1; fine && i < c->argc; i++) {
		const char *value = NULL;
		int64_t s = 0;

		if ((value = cli_option(c, &i, "--queue")) != NULL) {
			f->queue = value;
		} else if ((value = cli_option(c, &i, "--state")) != NULL) {
			f->state = value;
		} else if ((value = cli_option(c, &i, "--participant")) != NULL) {
			f->participant = value;
		} else if ((value = cli_option(c, &i, "--older")) != NULL) {
			fine = number_duration(value, &s) == NUMBER_OK;
			f->updated_before_s = clock_now_s() - s;
			why_set(&why, "list --older: \"%s\" is no duration such as 3d or 12h",
			        value);
		} else if ((value = cli_option(c, &i, "--max")) != NULL) {
			fine = number_unsigned(value, &f->max) == NUMBER_OK && f->max > 0;
			why_set(&why, "list --max: \"%s\" is no number over 0", value);
		} else if (strcmp(c->argv[i], "--oldest-first") == 0) {
			f->oldest_first = true;
		} else if (strcmp(c->argv[i], "--all") == 0) {
			f->max = CLI_LIST_MAX;
		} else {
			why_set(&why, "list: unexpected \"%s\"; see postern --help", c->argv[i]);
			fine = false;
		}
	}
	if (!fine)
		(void)cli_fail(EX_USAGE, "%s", why.text);
	return fine;
}

int
cli_list(struct cli *c)
{
	static const char *const heads[] = {"TICKET", "STATE",     "QUEUE",  "CHANGED",
	                                    "MAILS",  "REQUESTER", "SUBJECT"};
	struct filter f = {.max = CLI_LIST_DEFAULT};
	struct list l = {.cli = c, .table = table_new(c->arena, heads, N_ELEMENTS(heads))};
	int status = EX_OK;

	if (!read_filter(c, &f))
		return EX_USAGE;
	l.n_left = f.max;
	do {
		struct json *o = cli_request("list");

		if (f.queue != NULL)
			json_set_str(o, "queue", f.queue);
		if (f.state != NULL)
			json_set_str(o, "state", f.state);
		if (f.participant != NULL)
			json_set_str(o, "participant", f.participant);
		if (f.updated_before_s != 0)
			json_set_int(o, "updated_before", f.updated_before_s);
		if (l.after != NULL)
			json_set_str(o, "after", l.after);
		json_set_bool(o, "oldest_first", f.oldest_first);
		json_set_int(o, "max", (int64_t)(l.n_left < CLI_PAGE ? l.n_left : CLI_PAGE));
		status = cli_ask(c, o, NULL, take_tickets, &l);
	} while (status == EX_OK && l.after != NULL && l.n_left > 0);
	if (status == EX_OK && c->json) {
		cli_array_end(&l.array);
		(void)putchar('\n');
	} else if (status == EX_OK) {
		if (l.any)
			table_print(l.table);
		else
			(void)puts("No tickets.");
		if (l.after != NULL)
			(void)fprintf(stderr, "There are more: postern list --all, or --max N.\n");
	}
	return status;
}

static void
print_people(const struct json *t)
{
	const struct json *all = json_get_child(t, "participants");

	for (size_t i = 0; i < json_n(all); i++) {
		const struct json *p = json_at(all, i);
		const char *name = json_get_str(p, "name", "");

		(void)printf("%-10s %s%s%s%s%s\n", json_get_str(p, "role", ""), name,
		             name[0] != '\0' ? " <" : "", json_get_str(p, "address", ""),
		             name[0] != '\0' ? ">" : "",
		             json_get_bool(p, "muted", false) ? " (muted)" : "");
	}
}

static void
print_ticket(const struct json *t)
{
	const char *linked = json_get_str(t, "linked", NULL), *heir = json_get_str(t, "heir", NULL);
	const char *organisation = json_get_str(t, "organisation", NULL);

	(void)printf("%s  %s  queue %s\n", json_get_str(t, "ref", ""), json_get_str(t, "state", ""),
	             json_get_str(t, "queue", ""));
	(void)printf("%-10s %s\n", "subject", json_get_str(t, "subject", ""));
	(void)printf("%-10s %s\n", "created", json_get_str(t, "created", "-"));
	(void)printf("%-10s %s\n", "changed", json_get_str(t, "updated", "-"));
	if (linked != NULL)
		(void)printf("%-10s %s\n", "mentions", linked);
	if (heir != NULL)
		(void)printf("%-10s %s\n", "merged in", heir);
	if (organisation != NULL)
		(void)printf("%-10s %s\n", "of", organisation);
	print_people(t);
}

static void
print_indented(const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		(void)printf("    %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void
print_message(const struct json *m)
{
	const struct json *files = json_get_child(m, "files");
	const char *name = json_get_str(m, "from_name", ""), *from = json_get_str(m, "from", "");
	const char *text = json_get_str(m, "text", NULL),
		   *missing = json_get_str(m, "text_missing", NULL);

	(void)printf("\n#%" PRId64 "  %s  %s%s<%s>  %s, %s, %s\n", json_get_int(m, "message", 0),
	             json_get_str(m, "received", "-"), name, name[0] != '\0' ? " " : "",
	             from[0] != '\0' ? from : "unreadable", json_get_str(m, "kind", ""),
	             json_get_str(m, "role", ""), json_get_str(m, "sender", ""));
	(void)printf("    why: %s\n", json_get_str(m, "because", ""));
	if (text != NULL) {
		(void)puts("");
		print_indented(text);
	} else if (missing != NULL) {
		(void)printf("    (its text cannot be read: %s)\n", missing);
	}
	for (size_t i = 0; i < json_n(files); i++) {
		const struct json *f = json_at(files, i);

		(void)printf("    file: %s  %s  %" PRId64 " octets\n",
		             json_get_str(f, "name", "(no name)"), json_get_str(f, "type", ""),
		             json_get_int(f, "octets", 0));
	}
}

static void
take_show(void *self, const struct json *answer)
{
	const struct json *t = json_get_child(answer, "ticket"),
			  *m = json_get_child(answer, "message");

	(void)self;
	if (t != NULL)
		print_ticket(t);
	if (m != NULL)
		print_message(m);
}

/* The ticket comes first, then its mails, a frame each: one object, printed as they come. */
static void
take_show_json(void *self, const struct json *answer)
{
	const struct json *t = json_get_child(answer, "ticket"),
			  *m = json_get_child(answer, "message");
	AUTO(buf) struct buf text = {0};

	if (t != NULL) {
		json_dump(t, false, &text);
		(void)printf("{\"ticket\":%s,\n\"messages\":", text.octets);
	}
	if (m != NULL)
		cli_array_add(self, m);
}

static int
show_json(struct cli *c, struct json *request)
{
	struct cli_array array = {"messages", false};
	int status = cli_ask(c, request, NULL, take_show_json, &array);

	if (status == EX_OK) {
		cli_array_end(&array);
		(void)puts("}");
	}
	return status;
}

static int
show_raw(struct cli *c, const char *ref, uint64_t message)
{
	struct json *o = cli_request("octets");
	AUTO(buf) struct buf octets = {0};

	json_set_str(o, "ref", ref);
	json_set_int(o, "message", (int64_t)message);
	int status = cli_ask(c, o, NULL, cli_take_base64, &octets);
	return status == EX_OK ? cli_write(&octets) : status;
}

int
cli_show(struct cli *c)
{
	const char *ref = NULL, *value = NULL;
	bool text = true;
	uint64_t raw = 0;

	for (int i = 1; i < c->argc; i++)
		if ((value = cli_option(c, &i, "--raw")) != NULL) {
			if (number_unsigned(value, &raw) != NUMBER_OK || raw == 0)
				return cli_fail(EX_USAGE,
				                "show --raw: \"%s\" is no number of a mail", value);
		} else if (strcmp(c->argv[i], "--no-text") == 0) {
			text = false;
		} else if (ref == NULL && c->argv[i][0] != '-') {
			ref = c->argv[i];
		} else {
			return cli_fail(EX_USAGE, "show: unexpected \"%s\"; see postern --help",
			                c->argv[i]);
		}
	if (ref == NULL)
		return cli_fail(EX_USAGE, "show: which ticket? postern show ACM-104231");
	if (raw > 0)
		return show_raw(c, ref, raw);
	struct json *o = cli_request("show");
	json_set_str(o, "ref", ref);
	json_set_bool(o, "text", text);
	return c->json ? show_json(c, o) : cli_ask(c, o, NULL, take_show, NULL);
}

static void
take_log(void *self, const struct json *answer)
{
	struct list *l = self;
	const struct json *all = json_get_child(answer, "audit");

	for (size_t i = 0; i < json_n(all); i++) {
		const struct json *e = json_at(all, i);
		const char *cells[] = {json_get_str(e, "at", "-"), json_get_str(e, "who", ""),
		                       json_get_str(e, "how", ""), json_get_str(e, "what", ""),
		                       json_get_str(e, "detail", "")};

		table_add(l->table, cells);
	}
}

int
cli_log(struct cli *c)
{
	static const char *const heads[] = {"WHEN", "WHO", "HOW", "WHAT", "DETAIL"};
	struct list l = {.cli = c, .table = table_new(c->arena, heads, N_ELEMENTS(heads))};

	if (c->argc != 2)
		return cli_fail(EX_USAGE, "log: which ticket? postern log ACM-104231");
	struct json *o = cli_request("log");
	json_set_str(o, "ref", c->argv[1]);
	if (c->json)
		return cli_ask_array(c, o, "audit");
	int status = cli_ask(c, o, NULL, take_log, &l);
	if (status == EX_OK)
		table_print(l.table);
	return status;
}

static void
take_outbox(void *self, const struct json *answer)
{
	struct list *l = self;
	const struct json *all = json_get_child(answer, "outbox");

	for (size_t i = 0; i < json_n(all); i++) {
		const struct json *row = json_at(all, i);
		const char *cells[] = {
			json_get_str(row, "due", "-"), json_get_str(row, "notice", ""),
			json_get_str(row, "to", ""),
			arena_printf(l->cli->arena, "%" PRId64, json_get_int(row, "attempts", 0)),
			json_get_str(row, "last_error", "")};

		l->any = true;
		table_add(l->table, cells);
	}
}

int
cli_outbox(struct cli *c)
{
	static const char *const heads[] = {"DUE", "NOTICE", "TO", "TRIES", "LAST ERROR"};
	struct list l = {.cli = c, .table = table_new(c->arena, heads, N_ELEMENTS(heads))};
	struct json *o = cli_request("outbox");
	int status = c->json ? cli_ask_array(c, o, "outbox") : cli_ask(c, o, NULL, take_outbox, &l);

	if (status == EX_OK && !c->json && l.any)
		table_print(l.table);
	else if (status == EX_OK && !c->json)
		(void)puts("Nothing is owed.");
	return status;
}

/* src/prog/cli_replay.c - postern replay: stored mail through today's rules */
#include "arena.h"
#include "cli.h"
#include "cli_command.h"
#include "clock.h"
#include "number.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct replay {
	struct cli *cli;
	bool terminal; /* progress is shown */
	struct cli_array array;
	int64_t n, differ, failed;
};

static void
print_mail(struct replay *p, const struct json *m)
{
	const char *ref = json_get_str(m, "ref", NULL);
	int64_t seq = json_get_int(m, "message", 0), held = json_get_int(m, "held", 0);

	if (p->cli->json) {
		cli_array_add(&p->array, m);
		return;
	}
	if (seq != 0)
		(void)printf("%s#%" PRId64, ref != NULL ? ref : "", seq);
	else
		(void)printf("held %" PRId64, held);
	(void)printf(": %s; today: %s\n", json_get_str(m, "then", ""), json_get_str(m, "now", ""));
}

static void
take_frame(void *self, const struct json *answer)
{
	struct replay *p = self;
	const struct json *mail = json_get_child(answer, "mail");
	int64_t total = json_get_int(answer, "total", 0);

	p->n = json_get_int(answer, "n", 0);
	p->differ = json_get_int(answer, "differ", 0);
	p->failed = json_get_int(answer, "failed", 0);
	if (p->terminal)
		(void)fprintf(stderr, "\r\033[K");
	if (mail != NULL)
		print_mail(p, mail);
	if (p->terminal && total > 0)
		(void)fprintf(stderr, "%" PRId64 " of %" PRId64 " mails", p->n, total);
	else if (p->terminal)
		(void)fprintf(stderr, "%" PRId64 " mails", p->n);
	(void)fflush(stderr);
}

/* What to replay. Gives  false after words on standard error */
static bool
read_words(struct cli *c, struct json *request)
{
	const char *since = NULL, *ref = NULL;
	bool held = false, fine = true;
	int64_t ago_s = 0;

	for (int i = 1; fine && i < c->argc; i++) {
		const char *value = cli_option(c, &i, "--since");

		if (value != NULL)
			since = value;
		else if (strcmp(c->argv[i], "--held") == 0)
			held = true;
		else
			fine = ref == NULL && (ref = c->argv[i])[0] != '-';
	}
	if (!fine || held + (since != NULL) + (ref != NULL) != 1) {
		(void)cli_fail(EX_USAGE,
		               "replay: which mails? --held, --since 7d, or a reference number");
		return false;
	}
	if (since != NULL && number_duration(since, &ago_s) != NUMBER_OK) {
		(void)cli_fail(EX_USAGE, "replay --since: \"%s\" is no duration such as 7d or 12h",
		               since);
		return false;
	}
	if (held)
		json_set_bool(request, "held", true);
	else if (ref != NULL)
		json_set_str(request, "ref", ref);
	else
		json_set_int(request, "since", clock_now_s() - ago_s);
	return true;
}

int
cli_replay(struct cli *c)
{
	AUTO(json) struct json *request = cli_request("replay");
	struct replay p = {
		.cli = c, .terminal = isatty(STDERR_FILENO) == 1, .array = {"mail", false}};

	if (!read_words(c, request))
		return EX_USAGE;
	int status = cli_ask(c, GIVE(request), NULL, take_frame, &p);
	if (p.terminal)
		(void)fputs("\r\033[K", stderr);
	if (status == EX_OK && c->json) {
		cli_array_end(&p.array);
		(void)putchar('\n');
	} else if (status == EX_OK) {
		(void)printf("%" PRId64 " mails, %" PRId64
		             " would be filed otherwise today, %" PRId64 " could not be judged\n",
		             p.n, p.differ, p.failed);
	}
	return status;
}

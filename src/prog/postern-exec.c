/* src/prog/postern-exec.c - runs the operator's filter programs on mails; a child of posternd
 *
 * It is not jailed as the other children are: it must fork and exec. What it may run was fixed when
 * it was started. */
#include "arena.h"
#include "buf.h"
#include "child.h"
#include "launcher.h"
#include "outside_wire.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { MAIL_MOST_OCTETS = 1 << 30, DEADLINE_S = 10, DEADLINE_MOST_S = 3600, DECIMAL = 10 };

struct options {
	struct outside_limits limits;
	char *const *programs;
	size_t n_programs;
};

static const char usage[] =
	"usage: postern-exec [--deadline-s=10] [--memory-octets=536870912] PROGRAM...\n"
	"                        answer frames on descriptor 3 (posternd does this)\n"
	"       postern-exec --help\n"
	"\n"
	"Runs PROGRAM with a mail as standard input; see filters/README for what it answers.\n";

enum { OPTION_DEADLINE = 1000, OPTION_MEMORY, OPTION_HELP };

static const struct option long_options[] = {
	{"deadline-s", required_argument, NULL, OPTION_DEADLINE},
	{"memory-octets", required_argument, NULL, OPTION_MEMORY},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

static unsigned long long
number_or_die(const char *text, unsigned long long most)
{
	char *end;
	unsigned long long n = strtoull(text, &end, DECIMAL);

	if (*text < '0' || *text > '9' || *end != '\0' || n > most) {
		fprintf(stderr, "postern-exec: \"%s\" is no number up to %llu\n", text, most);
		exit(EX_USAGE);
	}
	return n;
}

static void
options_or_die(int argc, char *argv[], struct options *o)
{
	int option;

	*o = (struct options){.limits = {DEADLINE_S * 1000, (size_t)512 << 20}};
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == OPTION_DEADLINE) {
			o->limits.deadline_ms =
				(int64_t)number_or_die(optarg, DEADLINE_MOST_S) * 1000;
		} else if (option == OPTION_MEMORY) {
			o->limits.memory_octets = (size_t)number_or_die(optarg, SIZE_MAX / 2);
		} else {
			fputs(usage, option == OPTION_HELP ? stdout : stderr);
			exit(option == OPTION_HELP ? EX_OK : EX_USAGE);
		}
	}
	o->programs = argv + optind;
	o->n_programs = (size_t)(argc - optind);
	if (o->n_programs == 0 || o->n_programs > OUTSIDE_PROGRAMS_MOST) {
		fputs(usage, stderr);
		exit(EX_USAGE);
	}
}

/* A program that cannot run is told at start, not with each mail. */
static void
look_or_die(const struct options *o)
{
	for (size_t i = 0; i < o->n_programs; i++)
		if (o->programs[i][0] != '/' || access(o->programs[i], X_OK) != 0) {
			fprintf(stderr, "postern-exec: cannot run %s: %s\n", o->programs[i],
			        strerror(errno));
			exit(EX_NOINPUT);
		}
}

static void
answer(void *arg, struct arena *a, struct child_octets request, struct buf *reply)
{
	const struct options *o = arg;
	struct outside_question q;
	struct outside_answer answer;
	struct why why = {""};

	if (!outside_wire_question(a, request, &q) || q.program >= o->n_programs)
		exit(EX_PROTOCOL);
	if (outside_run(a, o->programs[q.program], &q, &o->limits, &answer, &why) == OUTSIDE_OK)
		outside_wire_put_answer(reply, &answer);
	else
		outside_wire_put_failure(reply, why.text);
}

int
main(int argc, char *argv[])
{
	struct options o;
	struct child_service service = {.hello = "not jailed, it runs programs",
	                                .max_request_octets = MAIL_MOST_OCTETS,
	                                .handle = answer,
	                                .arg = &o};

	options_or_die(argc, argv, &o);
	look_or_die(&o);
	outside_prepare();
	return child_serve(LAUNCHER_CHILD_FD, &service) == 0 ? EX_OK : EX_PROTOCOL;
}

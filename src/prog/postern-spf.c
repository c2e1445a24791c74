/* src/prog/postern-spf.c - answers whether a client may send for a domain; a child of posternd
 *
 * Two processes: this one runs libspf2 and may only compute; the other one (resolver.h) asks the
 * DNS for it. */
#include "arena.h"
#include "buf.h"
#include "child.h"
#include "clock.h"
#include "jail.h"
#include "launcher.h"
#include "resolver.h"
#include "spf_check.h"
#include "spf_wire.h"
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
	TRY_MS = 2000,
	TRIES = 2,
	MEMORY_OCTETS = 256 << 20,
	FILES = 6,
	MS_MOST = 60 * 1000,
	TRIES_MOST = 5
};

struct options {
	struct resolver_setup setup;
	int check_ms;
	bool has_server;
	struct spf_query show; /* address set: print one answer, serve nothing */
};

static const char usage[] =
	"usage: postern-spf [OPTIONS]                      answer frames on descriptor 3, jailed\n"
	"                                                  (posternd does this)\n"
	"       postern-spf [OPTIONS] ADDRESS HELO SENDER  check once, and print the answer\n"
	"       postern-spf --help\n"
	"\n"
	"options, with their defaults:\n"
	"  --server=ADDRESS:PORT   ask this DNS server only; else those of /etc/resolv.conf\n"
	"  --try-ms=2000           for one server to answer\n"
	"  --tries=2               of a question\n"
	"  --check-ms=10000        for one check; then it is a temperror\n";

enum { OPTION_SERVER = 1000, OPTION_TRY, OPTION_TRIES, OPTION_CHECK, OPTION_HELP };

static const struct option long_options[] = {
	{"server", required_argument, NULL, OPTION_SERVER},
	{"try-ms", required_argument, NULL, OPTION_TRY},
	{"tries", required_argument, NULL, OPTION_TRIES},
	{"check-ms", required_argument, NULL, OPTION_CHECK},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

static int
number_or_die(const char *text, int most)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || *end != '\0' || n < 1 || n > most) {
		fprintf(stderr, "postern-spf: \"%s\" is no number from 1 to %d\n", text, most);
		exit(EX_USAGE);
	}
	return (int)n;
}

static void
server_or_die(struct options *o)
{
	if (!dns_client_server(optarg, &o->setup.client.server[0])) {
		fprintf(stderr, "postern-spf: \"%s\" is no ADDRESS:PORT of a DNS server\n", optarg);
		exit(EX_USAGE);
	}
	o->setup.client.n_servers = 1;
	o->has_server = true;
}

static void
set_option(struct options *o, int option)
{
	switch (option) {
	case OPTION_SERVER:
		server_or_die(o);
		break;
	case OPTION_TRY:
		o->setup.client.try_ms = number_or_die(optarg, MS_MOST);
		break;
	case OPTION_TRIES:
		o->setup.client.n_tries = (unsigned)number_or_die(optarg, TRIES_MOST);
		break;
	case OPTION_CHECK:
		o->check_ms = number_or_die(optarg, MS_MOST);
		break;
	case OPTION_HELP:
		fputs(usage, stdout);
		exit(EX_OK);
	default:
		fputs(usage, stderr);
		exit(EX_USAGE);
	}
}

static void
options_or_die(int argc, char *argv[], struct options *o)
{
	*o = (struct options){
		.setup = {.client = {.try_ms = TRY_MS, .n_tries = TRIES},
	                  .close_fd = LAUNCHER_CHILD_FD,
	                  .memory_octets = MEMORY_OCTETS},
		.check_ms = SPF_CHECK_MS,
	};
	for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
		set_option(o, option);
	if (optind + 3 == argc) {
		o->show = (struct spf_query){argv[optind], argv[optind + 1], argv[optind + 2]};
		o->setup.close_fd = -1;
	} else if (optind != argc) {
		fputs(usage, stderr);
		exit(EX_USAGE);
	}
	if (!o->has_server)
		dns_client_read(&o->setup.client, "/etc/resolv.conf");
}

struct serving {
	const struct options *options;
	struct resolver *resolver;
	struct spf_lib *lib;
};

static void
check_or_die(const struct serving *s, struct arena *a, const struct spf_query *q,
             struct spf_answer *answer_r)
{
	struct dns_source dns = resolver_source(s->resolver);

	spf_check(s->lib, &dns, a, q, clock_mono_ms() + s->options->check_ms, answer_r);
	/* A new child gets a new resolver; this one would give temperrors for ever. */
	if (resolver_is_gone(s->resolver))
		exit(EX_UNAVAILABLE);
}

static void
answer(void *arg, struct arena *a, struct child_octets request, struct buf *reply)
{
	const struct serving *s = arg;
	struct spf_query q;
	struct spf_answer answer;

	if (spf_wire_query(a, request.octets, request.n, &q) != SPF_WIRE_OK)
		exit(EX_PROTOCOL);
	check_or_die(s, a, &q, &answer);
	spf_wire_put_answer(reply, &answer);
}

static int
show(const struct serving *s)
{
	AUTO(arena) struct arena *a = arena_new();
	struct spf_answer answer;

	check_or_die(s, a, &s->options->show, &answer);
	printf("%s\ndomain: %s\nlookups: %u\nvoid: %u\n%s\n", spf_result_name(answer.result),
	       answer.domain, answer.n_lookups, answer.n_void, answer.explanation);
	return EX_OK;
}

static int
serve(struct serving *s)
{
	struct jail_limits limits = {.memory_octets = MEMORY_OCTETS, .n_files = FILES};
	struct child_service service = {.max_request_octets = SPF_WIRE_REQUEST_MOST_OCTETS,
	                                .handle = answer, .arg = s};
	struct why why = {""};

	if (jail_child(&limits, &why) != JAIL_OK) {
		fprintf(stderr, "postern-spf: %s\n", why.text);
		return EX_OSERR;
	}
	service.hello = jail_level();
	return child_serve(LAUNCHER_CHILD_FD, &service) == 0 ? EX_OK : EX_PROTOCOL;
}

int
main(int argc, char *argv[])
{
	struct options o;
	struct serving s = {.options = &o};
	struct why why = {""};

	options_or_die(argc, argv, &o);
	if (resolver_start(&o.setup, &s.resolver, &why) != RESOLVER_OK) {
		fprintf(stderr, "postern-spf: %s\n", why.text);
		return EX_OSERR;
	}
	s.lib = spf_lib_new();
	return o.show.address != NULL ? show(&s) : serve(&s);
}

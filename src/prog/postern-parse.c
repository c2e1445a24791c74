/* src/prog/postern-parse.c - reads mails in a jail and answers what they say; a child of
 * posternd */
#include "arena.h"
#include "buf.h"
#include "child.h"
#include "facts.h"
#include "jail.h"
#include "launcher.h"
#include "parse.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct options {
	struct parse_limits limits;
	size_t memory_octets, mail_max_octets;
	bool show; /* the files that follow; else serve */
};

static const char usage[] =
	"usage: postern-parse [LIMITS]              answer frames on descriptor 3, in a jail "
        "(posternd does this)\n"
	"       postern-parse [LIMITS] --show FILE... print what the mails say (- is standard "
        "input);\n"
	"                                           of several, each begins with a form feed\n"
	"       postern-parse --help\n"
	"\n"
	"limits, with their defaults:\n"
	"  --header-octets=262144   of the header that is looked at\n"
	"  --fields=1000            header fields\n"
	"  --parts=500              MIME parts that are listed\n"
	"  --nesting=20             parts inside parts\n"
	"  --mail-octets=104857600  a longer mail ends the child\n"
	"  --memory-octets=536870912  address space of the jail, 0 for no limit\n";

enum {
	OPTION_HEADER = 1000,
	OPTION_FIELDS,
	OPTION_PARTS,
	OPTION_NESTING,
	OPTION_MAIL,
	OPTION_MEMORY,
	OPTION_SHOW,
	OPTION_HELP
};

static const struct option long_options[] = {
	{"header-octets", required_argument, NULL, OPTION_HEADER},
	{"fields", required_argument, NULL, OPTION_FIELDS},
	{"parts", required_argument, NULL, OPTION_PARTS},
	{"nesting", required_argument, NULL, OPTION_NESTING},
	{"mail-octets", required_argument, NULL, OPTION_MAIL},
	{"memory-octets", required_argument, NULL, OPTION_MEMORY},
	{"show", no_argument, NULL, OPTION_SHOW},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

static size_t
number_or_die(const char *text)
{
	char *end;

	errno = 0;
	unsigned long long n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || n > SIZE_MAX / 2) {
		fprintf(stderr,
		        "postern-parse: \"%s\" is no number that can be used; see --help\n", text);
		exit(EX_USAGE);
	}
	return (size_t)n;
}

static void
set_option(struct options *o, int option)
{
	switch (option) {
	case OPTION_HEADER:
		o->limits.header_max_octets = number_or_die(optarg);
		break;
	case OPTION_FIELDS:
		o->limits.fields_max = number_or_die(optarg);
		break;
	case OPTION_PARTS:
		o->limits.parts_max = number_or_die(optarg);
		break;
	case OPTION_NESTING:
		o->limits.nesting_max = number_or_die(optarg);
		break;
	case OPTION_MAIL:
		o->mail_max_octets = number_or_die(optarg);
		break;
	case OPTION_MEMORY:
		o->memory_octets = number_or_die(optarg);
		break;
	case OPTION_SHOW:
		o->show = true;
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
		.limits = {.header_max_octets = 262144, .parts_max = 500, .nesting_max = 20,
	                   .fields_max = 1000},
		.memory_octets = (size_t)512 << 20,
		.mail_max_octets = (size_t)100 << 20,
	};
	for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
		set_option(o, option);
	if (o->show ? optind == argc : optind != argc) {
		fputs(usage, stderr);
		exit(EX_USAGE);
	}
}

/* ---- serving ---- */

static void
answer(void *arg, struct arena *a, struct child_octets request, struct buf *reply)
{
	const struct options *o = arg;
	const struct mail *m;
	struct why why = {""};

	if (parse_mail(a, request.octets, request.n, &o->limits, &m, &why) == PARSE_OK) {
		buf_octet(reply, FACTS_ANSWER_FACTS);
		facts_put(m, reply);
	} else {
		buf_octet(reply, FACTS_ANSWER_NOT_MAIL);
		buf_text(reply, why.text);
	}
}

static int
serve(struct options *o)
{
	struct why why = {""};
	struct jail_limits limits = {.memory_octets = o->memory_octets, .n_files = 4};
	struct child_service service = {
		.max_request_octets = o->mail_max_octets, .handle = answer, .arg = o};

	arena_keep_memory();
	if (parse_warm_up() == 0) {
		fputs("postern-parse: no charset could be opened (glibc: is libc-bin's gconv "
		      "there?)\n",
		      stderr);
		return EX_UNAVAILABLE;
	}
	if (jail_child(&limits, &why) != JAIL_OK) {
		fprintf(stderr, "postern-parse: %s\n", why.text);
		return EX_OSERR;
	}
	service.hello = jail_level();
	return child_serve(LAUNCHER_CHILD_FD, &service) == 0 ? EX_OK : EX_PROTOCOL;
}

/* ---- showing ---- */

static void
show_list(const char *what, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%s: %s\n", what, list[i]);
}

static void
show_boxes(const char *what, const struct mail_mailboxes *boxes)
{
	for (size_t i = 0; i < boxes->n; i++)
		printf("%s: %s <%s>\n", what, boxes->box[i].name, boxes->box[i].address);
}

static void
show_parts(const struct mail *m)
{
	for (size_t i = 0; i < m->n_parts; i++) {
		const struct mail_part *p = &m->part[i];
		printf("part: %s %s charset=\"%s\" name=\"%s\" disposition=\"%s\" id=\"%s\" "
		       "octets=%" PRIu64 "%s\n",
		       p->path, p->type, p->charset, p->file_name, p->disposition, p->content_id,
		       p->n_octets, p->is_text ? " text" : "");
	}
}

static void
show_dsn(const struct mail_dsn *dsn)
{
	if (dsn->present)
		printf("dsn: %s\n", dsn->reporting_mta);
	for (size_t i = 0; i < dsn->n_rcpt; i++) {
		const struct mail_dsn_rcpt *r = &dsn->rcpt[i];
		printf("dsn-rcpt: %s original=\"%s\" action=\"%s\" status=\"%s\" "
		       "diagnostic=\"%s\"\n",
		       r->recipient, r->original, r->action, r->status, r->diagnostic);
	}
	show_list("returned-id", dsn->returned_ids, dsn->n_returned_ids);
}

/* One fact a line, in the order of struct mail; the text last, behind a line "text:". */
static void
show(const struct mail *m)
{
	static const char *const from[] = {"one", "none", "several", "odd"};
	static const char *const source[] = {"none", "plain", "html"};
	static const char *const mark[] = {"quote", "attribution", "signature", "forward"};

	printf("subject: %s\nsubject-raw: %s\nmessage-id: %s\n", m->subject, m->subject_raw,
	       m->message_id);
	show_list("in-reply-to", m->in_reply_to, m->n_in_reply_to);
	show_list("references", m->references, m->n_references);
	printf("date: %" PRId64 "\nfrom: %s %s\nfrom-name: %s\nfrom-raw: %s\n", m->date_s,
	       from[m->from_state], m->from_address, m->from_name, m->from_raw);
	show_boxes("to", &m->to);
	show_boxes("cc", &m->cc);
	show_boxes("reply-to", &m->reply_to);
	printf("type: %s\nreport-type: %s\nlanguage: %s%s\n", m->type, m->report_type, m->language,
	       m->language_guessed ? " (guessed)" : "");
	show_parts(m);
	show_dsn(&m->dsn);
	show_list("warning", m->warning, m->n_warnings);
	for (size_t i = 0; i < m->n_fields; i++)
		printf("field: %s: %s\n", m->field[i].name, m->field[i].value);
	for (size_t i = 0; i < m->n_spans; i++)
		printf("span: %s %zu-%zu\n", mark[m->span[i].mark], m->span[i].first,
		       m->span[i].last);
	printf("text-source: %s\ntext:\n%s", source[m->text_source], m->text);
}

static int
read_file(const char *path, size_t max_octets, struct buf *out)
{
	AUTO(fd)
	int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : 1;

	while (got > 0 && out->n <= max_octets) {
		got = read(fd, buf_reserve(out, 65536), 65536);
		out->n += got > 0 ? (size_t)got : 0;
	}
	if (got < 0)
		fprintf(stderr, "postern-parse: %s: %s\n", path, strerror(errno));
	else if (out->n > max_octets)
		fprintf(stderr, "postern-parse: %s: more than %zu octets\n", path, max_octets);
	return got < 0 || out->n > max_octets ? -1 : 0;
}

static int
show_file(const struct options *o, const char *path)
{
	AUTO(buf) struct buf octets = {0};
	AUTO(buf) struct buf facts = {0};
	AUTO(arena) struct arena *a = arena_new();
	const struct mail *m;
	struct why why = {""};

	if (read_file(path, o->mail_max_octets, &octets) < 0)
		return EX_NOINPUT;
	if (parse_mail(a, octets.octets, octets.n, &o->limits, &m, &why) != PARSE_OK) {
		fprintf(stderr, "postern-parse: %s: %s\n", path, why.text);
		return EX_DATAERR;
	}
	/* Through the same gate as the answers of a child, so that what is shown is what posternd
	 * would get. */
	facts_put(m, &facts);
	if (facts_get(a, facts.octets, facts.n, &m, &why) != FACTS_OK) {
		fprintf(stderr, "postern-parse: %s: %s\n", path, why.text);
		return EX_SOFTWARE;
	}
	show(m);
	return EX_OK;
}

static int
show_files(const struct options *o, char *paths[], int n)
{
	int status = EX_OK;

	(void)parse_warm_up();
	for (int i = 0; i < n; i++) {
		if (n > 1)
			printf("\f%s\n", paths[i]);
		int one = show_file(o, paths[i]);
		status = one != EX_OK ? one : status;
	}
	return status;
}

int
main(int argc, char *argv[])
{
	struct options o;

	options_or_die(argc, argv, &o);
	return o.show ? show_files(&o, argv + optind, argc - optind) : serve(&o);
}

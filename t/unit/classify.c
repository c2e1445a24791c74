/* t/unit/classify.c - what the filters say of mails in files: a line for each file and envelope
 *
 * usage: classify < list of paths; one behind '+' has a body only, and gets a header. The envelope is not in a file: each mail is asked about twice,
 * as "found" (Return-Path, else From) and as "plain" (a sender like any other, so that the header
 * and the text must do). Columns: path, envelope, class, "quiet" or "-", findings. */
#include "arena.h"
#include "buf.h"
#include "chain.h"
#include "conf.h"
#include "facts.h"
#include "parse.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
	MAIL_MAX_OCTETS = 64 * 1024 * 1024,
	READ_OCTETS = 65536,
	PATH_MAX_OCTETS = 4096,
	RECEIPT_S = 1700000000
};

#define PLAIN_SENDER "ann@example.net"
#define PLAIN_HEADER "From: Ann <" PLAIN_SENDER ">\r\nSubject: Re: Printer\r\n\r\n"

static bool
read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");
	size_t got = file != NULL;

	while (got > 0 && out->n <= MAIL_MAX_OCTETS) {
		got = fread(buf_reserve(out, READ_OCTETS), 1, READ_OCTETS, file);
		out->n += got;
	}
	bool fine = file != NULL && !ferror(file);
	if (file != NULL)
		(void)fclose(file);
	return fine;
}

/* The facts as posternd would get them. Gives  NULL when it is no mail */
static const struct mail *
read_mail(struct arena *a, const char *path, bool body_only)
{
	static const struct parse_limits limits = {262144, 500, 20, 1000};
	AUTO(buf) struct buf octets = {0};
	AUTO(buf) struct buf facts = {0};
	const struct mail *m = NULL;
	struct why why = {""};

	if (body_only)
		buf_text(&octets, PLAIN_HEADER);
	if (!read_file(path, &octets)) {
		(void)fprintf(stderr, "classify: %s: %s\n", path, strerror(errno));
	} else if (parse_mail(a, octets.octets, octets.n, &limits, &m, &why) == PARSE_OK) {
		facts_put(m, &facts);
		if (facts_get(a, facts.octets, facts.n, &m, &why) != FACTS_OK)
			m = NULL;
	} else {
		m = NULL;
	}
	return m;
}

static const char *
find_sender(struct arena *a, const struct mail *m)
{
	const char *path = mail_field(m, "Return-Path");
	const char *open = path == NULL ? NULL : strchr(path, '<');
	const char *close = open == NULL ? NULL : strchr(open, '>');

	return close != NULL ? arena_strndup(a, open + 1, (size_t)(close - open - 1))
	                     : m->from_address[0] != '\0' ? m->from_address
	                                                  : PLAIN_SENDER;
}

static void
say(struct arena *a, const struct conf *conf, const char *path, const struct mail *m, bool plain)
{
	struct envelope_record envelope = {.sender = plain ? PLAIN_SENDER
	                                                   : find_sender(a, m)};
	struct filter_in in = {.arena = a,
	                       .mail = m,
	                       .envelope = &envelope,
	                       .conf = conf,
	                       .now_s = RECEIPT_S};
	struct chain_result r = chain_ask(filter_order, &in);

	printf("%s\t%s\t%s\t%s\t", path, plain ? "plain" : "found", mail_class_name[r.class],
	       r.quiet ? "quiet" : "-");
	for (size_t i = 0; i < r.n_rows; i++)
		printf("%s%s: %s", i > 0 ? "; " : "", r.row[i].filter->name,
		       r.row[i].finding.why);
	printf("\n");
}

int
main(void)
{
	static const char *const said[] = {"instance=tickets.example.org"};
	AUTO(settings) struct settings *settings = NULL;
	struct why why = {""};
	char line[PATH_MAX_OCTETS];

	if (settings_load(NULL, said, N_ELEMENTS(said), &settings, &why) != SETTINGS_OK) {
		(void)fprintf(stderr, "classify: %s\n", why.text);
		return 1;
	}
	struct conf conf = {.settings = settings};
	(void)parse_warm_up();
	while (fgets(line, sizeof line, stdin) != NULL) {
		AUTO(arena) struct arena *a = arena_new();

		line[strcspn(line, "\n")] = '\0';
		bool body_only = line[0] == '+';
		const char *path = line + body_only;
		const struct mail *m = read_mail(a, path, body_only);
		if (m == NULL) {
			printf("%s\t-\tno-mail\t-\t\n", path);
		} else {
			say(a, &conf, path, m, false);
			say(a, &conf, path, m, true);
		}
	}
	return 0;
}

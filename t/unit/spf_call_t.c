/* t/unit/spf_call_t.c - frames between posternd and postern-spf, and what the parent makes of a bad child */
#include "spf_call.h"
#include "arena.h"
#include "buf.h"
#include "child.h"
#include "launcher.h"
#include "log.h"
#include "spf_wire.h"
#include "tap.h"
#include <limits.h>
#include <stdlib.h>

enum { SPF, LIAR, MISSING, N_PROGRAMS, N_SHAKEN = 20000 };

static void
test_frames(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf b = {0};
	struct spf_query q = {"192.0.2.1", "mx", "a@example.org"}, q2;
	struct spf_answer in = {SPF_SOFTFAIL, "example.org", "words", 3, 400}, out;

	IS_INT(spf_wire_put_query(&b, &q), SPF_WIRE_OK, "a request");
	IS_INT(spf_wire_query(a, b.octets, b.n, &q2), SPF_WIRE_OK, "read again");
	OK(strcmp(q2.address, q.address) == 0 && strcmp(q2.helo, "mx") == 0 &&
	           strcmp(q2.sender, q.sender) == 0,
	   "... is the same");
	OK(spf_wire_query(a, b.octets, b.n - 1, &q2) == SPF_WIRE_MALFORMED, "cut");
	buf_octet(&b, 'x');
	OK(spf_wire_query(a, b.octets, b.n, &q2) == SPF_WIRE_MALFORMED, "octets behind");
	buf_clear(&b);
	spf_wire_put_answer(&b, &in);
	IS_INT(spf_wire_answer(a, b.octets, b.n, &out), SPF_WIRE_OK, "an answer");
	IS_INT(out.result, SPF_SOFTFAIL, "... its result");
	IS_STR(out.domain, "example.org", "... its domain");
	IS_STR(out.explanation, "words", "... its words");
	OK(out.n_lookups == 3 && out.n_void == 255, "... its counts");
	b.octets[0] = SPF_RESULT_COUNT;
	OK(spf_wire_answer(a, b.octets, b.n, &out) == SPF_WIRE_MALFORMED, "no such result");
	OK(spf_wire_answer(a, "", 0, &out) == SPF_WIRE_MALFORMED, "nothing");
	buf_clear(&b);
	in.explanation = "two\r\nlines \x1b[31m\xff";
	spf_wire_put_answer(&b, &in);
	IS_INT(spf_wire_answer(a, b.octets, b.n, &out), SPF_WIRE_OK, "words with controls");
	IS_STR(out.explanation, "two lines  [31m?", "... are cleaned");
}

static void
test_shaken(void)
{
	AUTO(buf) struct buf b = {0};
	struct spf_answer in = {SPF_PASS, "example.org", "words of some length", 3, 1}, out;
	bool is_bounded = true;

	spf_wire_put_answer(&b, &in);
	srandom(7208);
	for (int i = 0; i < N_SHAKEN; i++) {
		AUTO(arena) struct arena *a = arena_new();
		unsigned char *copy = arena_memdup(a, b.octets, b.n);
		copy[(size_t)random() % b.n] = (unsigned char)random();
		if (spf_wire_answer(a, copy, (size_t)random() % (b.n + 1), &out) == SPF_WIRE_OK)
			is_bounded = is_bounded && (int)out.result < (int)SPF_RESULT_COUNT &&
			             strlen(out.explanation) <= SPF_EXPLANATION_MOST_OCTETS;
	}
	OK(is_bounded, "shaken answers");
	IS_STR(spf_result_name(SPF_PERMERROR), "permerror", "names");
}

static struct launcher *
launch(void)
{
	char here[PATH_MAX + 32], spf[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", here, PATH_MAX);
	here[n > 0 ? n : 0] = '\0';
	/* BUILD/t/unit/spf_call_t: the program is in BUILD. */
	(void)strcpy(strrchr(here, '/') + 1, "child_peer");
	(void)snprintf(spf, sizeof spf, "%s/postern-spf",
	               getenv("builddir") != NULL ? getenv("builddir") : ".");
	char *real = realpath(spf, NULL);
	/* Nobody listens on port 9 of the loopback. */
	const char *const child[] = {real != NULL ? real : "/nonexistent", "--server=127.0.0.1:9",
	                             "--try-ms=200", NULL};
	const char *const liar[] = {here, "free", NULL};
	const char *const missing[] = {"/nonexistent/program", NULL};
	const char *const *const programs[] = {child, liar, missing};
	struct launcher *l = NULL;
	struct why why = {""};

	OK(real != NULL, "postern-spf is built");
	OK(launcher_start(programs, N_PROGRAMS, &l, &why) == LAUNCHER_OK, "the launcher starts");
	free(real);
	return l;
}

static void
is_answer(struct launcher *l, size_t program, const struct spf_query *q, enum spf_result want,
          const char *words)
{
	const struct child_limits limits = {.n_children = 1, .deadline_ms = SPF_CALL_DEADLINE_MS,
	                                    .max_reply_octets = SPF_WIRE_ANSWER_MOST_OCTETS};
	AUTO(arena) struct arena *a = arena_new();
	struct child_pool *p = child_pool_new(l, program, &limits);
	struct spf_answer answer;

	spf_call(p, a, q, &answer);
	IS_STR(spf_result_name(answer.result), spf_result_name(want), words);
	OK(strstr(answer.explanation, words) != NULL, "... with its cause");
	printf("# %s\n", answer.explanation);
	child_pool_free(&p);
}

static void
test_children(void)
{
	struct launcher *l = launch();
	struct spf_query usual = {"192.0.2.1", "mx.example.org", "a@example.org"};
	struct spf_query foreign = {"192.0.2.1", "mx", "a@b\303\274cher.example"};
	char sender[400];

	is_answer(l, SPF, &usual, SPF_TEMPERROR, "nobody listens");
	is_answer(l, SPF, &foreign, SPF_TEMPERROR, "xn--bcher-kva.example");
	is_answer(l, LIAR, &usual, SPF_TEMPERROR, "could not be checked");
	is_answer(l, MISSING, &usual, SPF_TEMPERROR, "could not be checked");
	memset(sender, 'a', sizeof sender - 1);
	sender[sizeof sender - 1] = '\0';
	usual.sender = sender;
	is_answer(l, SPF, &usual, SPF_NONE, "too long");
	usual = (struct spf_query){"127.0.0.1", "mx", "a@example.org"};
	is_answer(l, SPF, &usual, SPF_NONE, "this machine");
	launcher_stop(&l);
}

int
main(void)
{
	log_open("spf_call_t", "/dev/null", LOG_ERRORS);
	test_frames();
	test_shaken();
	test_children();
	return tap_done();
}

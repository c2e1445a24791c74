/* filters/exec.c - what do the operator's own programs say of it? */
#include "arena.h"
#include "buf.h"
#include "child.h"
#include "conf.h"
#include "filter.h"
#include "log.h"
#include "outside_wire.h"
#include "text.h"
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
	LINES_MOST = 100,
	TAG_MOST_OCTETS = 40,
	KEY_MOST_OCTETS = 40,
	REASON_MOST_OCTETS = 200,
	FACT_MOST_OCTETS = 2000
};

/* One mail while the programs are asked. */
struct asking {
	const struct filter_in *in;
	struct finding found;
	const char *tag[FILTER_TAGS_MOST];
	struct buf why;
};

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static void
say(struct asking *k, const char *program, const char *what, const char *value)
{
	buf_printf(&k->why, "%s%s: %s %s", k->why.n > 0 ? "; " : "", program, what, value);
}

/* ---- what a program may say ---- */

static bool
is_word(const char *text, size_t n_most)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_.");

	return n > 0 && n <= n_most && text[n] == '\0';
}

static bool
take_tag(struct asking *k, char *value)
{
	bool fine = is_word(value, TAG_MOST_OCTETS) && k->found.n_tags < FILTER_TAGS_MOST;

	if (fine)
		k->tag[k->found.n_tags++] = value;
	return fine;
}

static bool
take_queue(struct asking *k, char *value)
{
	const struct set_queue *queue =
		strlen(value) <= KEY_MOST_OCTETS ? conf_queue(k->in->conf, value) : NULL;

	if (queue != NULL && k->found.queue == NULL)
		k->found.queue = value;
	return queue != NULL;
}

static bool
take_class(struct asking *k, char *value)
{
	bool fine = false;

	/* What is ours is known by what we signed, and by nothing else. */
	for (enum mail_class c = CLASS_HUMAN; !fine && c < CLASS_COUNT; c++) {
		fine = c != CLASS_OWN && text_same(value, mail_class_name[c]);
		if (fine && k->found.verdict == VERDICT_MARK && c != CLASS_HUMAN) {
			k->found.verdict = VERDICT_CLASS;
			k->found.class = c;
		}
	}
	return fine;
}

static bool
take_hold(struct asking *k, char *value)
{
	(void)value;
	k->found.verdict = VERDICT_HOLD;
	k->found.cause = HELD_FILTER;
	return true;
}

static const struct word {
	const char *name;
	bool (*take)(struct asking *k, char *value);
} words[] = {
	{"Queue", take_queue}, {"Tag", take_tag}, {"Class", take_class}, {"Hold", take_hold},
};

/* One "Name: value". Gives  false when no such thing may be said */
static bool
take_line(struct asking *k, const char *program, char *line)
{
	size_t n = strcspn(line, ":");
	char *value = line + n + (line[n] == ':');

	value += strspn(value, " \t");
	for (size_t i = 0; line[n] == ':' && i < N_ELEMENTS(words); i++)
		if (strlen(words[i].name) == n && text_begins(line, words[i].name)) {
			if (!words[i].take(k, value))
				return false;
			say(k, program, words[i].name, value);
			return true;
		}
	return false;
}

/* All lines, or none of them: half an answer is none. */
static bool
take_text(struct asking *k, const char *program, const struct outside_answer *answer,
          struct why *why)
{
	struct arena *a = k->in->arena;
	char *rest = text_lines(a, answer->text, answer->n, OUTSIDE_ANSWER_MOST_OCTETS);
	bool fine = text_is_utf8(answer->text, answer->n);
	size_t n_lines = 0;
	char *line;

	while (fine && (line = strsep(&rest, "\n")) != NULL) {
		line = text_line(a, line, strlen(line), REASON_MOST_OCTETS);
		fine = line[0] == '\0' || (n_lines++ < LINES_MOST && take_line(k, program, line));
		if (!fine)
			why_set(why, "it answered \"%s\"", line);
	}
	return fine;
}

/* ---- asking ---- */

static void
add_fact(struct arena *a, struct outside_question *q, const char **fact, const char *name,
         const char *value)
{
	size_t n = strlen(value);

	q->fact = fact;
	fact[q->n_facts++] = arena_printf(
		a, "POSTERN_%s=%s", name,
		text_line(a, value, n, FACT_MOST_OCTETS));
}

static void
add_facts(const struct filter_in *in, struct outside_question *q)
{
	const char **fact = arena_array(in->arena, OUTSIDE_FACTS_MOST, sizeof *fact);
	const struct envelope_record *e = in->envelope;
	const struct mail *m = in->mail;
	const struct {
		const char *name, *value;
	} rows[] = {
		{"SENDER", e->sender},           {"CLIENT_ADDRESS", e->client_address},
		{"CLIENT_NAME", e->client_name}, {"HELO", e->helo},
		{"FROM", m->from_address},       {"FROM_NAME", m->from_name},
		{"SUBJECT", m->subject},         {"MESSAGE_ID", m->message_id},
		{"TYPE", m->type},               {"LANGUAGE", m->language},
		{"INSTANCE", in->conf->settings->instance},
	};

	for (size_t i = 0; i < N_ELEMENTS(rows); i++)
		add_fact(in->arena, q, fact, rows[i].name,
		         rows[i].value != NULL ? rows[i].value : "");
	add_fact(in->arena, q, fact, "PARTS",
	         arena_printf(in->arena, "%zu", m->n_parts));
}

/* Gives  false when its answer is none, and why */
static bool
ask(struct asking *k, size_t i, const char *program, struct why *why)
{
	const struct filter_in *in = k->in;
	AUTO(buf) struct buf request = {0};
	struct child_octets reply = {NULL, 0};
	struct outside_question q = {.program = i, .mail = in->octets};
	struct outside_answer answer;
	bool fine = false;

	add_facts(in, &q);
	outside_wire_put_question(&request, &q);
	if (child_call(in->exec, in->arena, (struct child_octets){request.octets, request.n},
	               &reply, why) != CHILD_OK ||
	    outside_wire_answer(in->arena, reply, &answer, why) != OUTSIDE_OK)
		return false;
	if (answer.status == EX_OK) {
		fine = take_text(k, program, &answer, why);
	} else if (answer.status == EX_NOPERM) {
		say(k, program, "Hold", "by its status");
		fine = take_hold(k, NULL);
	} else if (answer.status == EX_TEMPFAIL) {
		say(k, program, "asks to try again", "later");
		k->found.verdict = VERDICT_DEFER;
		fine = true;
	} else {
		why_set(why, "it ended with status %u", answer.status);
	}
	return fine;
}

/* A program that fails says nothing of the mail, not even the half that it said before. */
static void
ask_one(struct asking *k, size_t i, const char *path)
{
	const char *program = name_of(path);
	struct finding before = k->found;
	size_t n_why = k->why.n;
	struct why why = {""};

	if (ask(k, i, program, &why))
		return;
	k->found = before;
	k->why.n = n_why;
	log_event(LOG_WARNINGS, "filter-failed", "program=%s message-id=%s why=%s",
	          log_value(program), log_value(k->in->mail->message_id), log_value(why.text));
	if (k->in->conf->settings->exec_must_answer) {
		k->found.verdict = VERDICT_DEFER;
		say(k, program, "failed:", why.text);
	}
}

static struct finding
look(const struct filter_in *in)
{
	const struct set_list *programs = in->programs;
	struct asking k = {.in = in, .found = {.verdict = VERDICT_MARK}};

	for (size_t i = 0; in->exec != NULL && i < programs->n &&
	                   k.found.verdict != VERDICT_HOLD && k.found.verdict != VERDICT_DEFER;
	     i++)
		ask_one(&k, i, programs->texts[i]);
	k.found.tag = arena_memdup(in->arena, k.tag, k.found.n_tags * sizeof *k.tag);
	k.found.why = arena_strndup(in->arena, k.why.n > 0 ? k.why.octets : "", k.why.n);
	if (k.found.verdict == VERDICT_MARK && k.why.n == 0)
		k.found.verdict = VERDICT_PASS;
	buf_free(&k.why);
	return k.found;
}

const struct filter filter_exec = {"exec", look};

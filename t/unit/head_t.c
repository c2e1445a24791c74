/* t/unit/head_t.c - the raw header scanner: line ends, oddities, limits */
#include "head.h"
#include "own.h"
#include "tap.h"
#include <stdlib.h>

struct head_case {
	const char *octets;
	const char *seen; /* name=value| of every field, with CR, LF, TAB written as ^M ^J ^I */
	const char *body;
	unsigned odd;
};

static const struct head_case cases[] = {
	{"A: 1\r\nB: 2\r\n\r\nbody", "A= 1|B= 2|", "body", 0},
	{"A: 1\nB: 2\n\nbody", "A= 1|B= 2|", "body", 0},
	{"A: 1\r\n\nbody", "A= 1|", "body", 0},
	{"A: 1\n 2\r\n\t3\nB:\n\nbody", "A= 1^J 2^M^J^I3|B=|", "body", 0},
	{"A: 1\n \nB: 2\n\nbody", "A= 1^J |B= 2|", "body", 0},
	{"A : 1\nB\t:2\n\nbody", "A= 1|B=2|", "body", 0},
	{"A: 1\rB: 2\n\nbody", "A= 1^MB: 2|", "body", 0},
	{"From x@y Mon\nA: 1\n\nbody", "A= 1|", "body", HEAD_MBOX_LINE},
	{"From: x\n\nbody", "From= x|", "body", 0},
	{"junk\nmore junk\nA: 1\n\nbody", "A= 1|", "body", HEAD_JUNK_FIRST},
	{"\n\nA: 1\n\nbody", "A= 1|", "body", HEAD_JUNK_FIRST},
	{" A: 1\nB: 2\n\nbody", "B= 2|", "body", HEAD_JUNK_FIRST},
	{"A: 1\nbody comes\nat once", "A= 1|", "body comes\nat once", HEAD_NO_BLANK},
	{"A: 1", "A= 1|", "", HEAD_NO_BLANK},
	{"A: 1\n", "A= 1|", "", HEAD_NO_BLANK},
	{"A: 1\n\n", "A= 1|", "", 0},
	{"", "", "", HEAD_NO_BLANK},
	{"just words", "", "just words", HEAD_NO_BLANK},
	{": no name\nA: 1\n\nb", "A= 1|", "b", HEAD_JUNK_FIRST},
	{"A: 1\n: no name\n\nb", "A= 1|", ": no name\n\nb", HEAD_NO_BLANK},
	{"A: 1\nB\xC3\xA9: 2\n\nb", "A= 1|", "B\xC3\xA9: 2\n\nb", HEAD_NO_BLANK},
};

static void
show(char *text, size_t room, const struct head_field *f)
{
	size_t n = strlen(text);

	n += (size_t)snprintf(text + n, room - n, "%.*s=", (int)f->n_name, f->name);
	for (size_t i = 0; i < f->n_value && n + 4 < room; i++) {
		unsigned char c = (unsigned char)f->value[i];
		if (c < ' ')
			text[n++] = '^', c += '@';
		text[n++] = (char)c;
	}
	(void)snprintf(text + n, room - n, "|");
}

static void
test_table(void)
{
	for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
		size_t n = strlen(cases[i].octets);
		AUTO(mem) char *copy = malloc(n + 1);
		struct head h;
		struct head_field f;
		char seen[200] = "", body[200];

		memcpy(copy, cases[i].octets, n);
		head_start(&h, copy, n, n, 100);
		while (head_next(&h, &f))
			show(seen, sizeof seen, &f);
		IS_STR(seen, cases[i].seen, "fields");
		(void)snprintf(body, sizeof body, "%.*s", (int)(n - h.at), copy + h.at);
		IS_STR(body, cases[i].body, "body");
		IS_INT(h.odd, cases[i].odd, "oddities");
		OK(!head_next(&h, &f), "nothing more");
	}
}

static void
test_limits(void)
{
	static const char mail[] = "A: 1\nB: 2\nC: 3\n\nbody";
	struct head h;
	struct head_field f;
	size_t n = 0;

	head_start(&h, mail, strlen(mail), 100, 2);
	while (head_next(&h, &f))
		n++;
	IS_INT(n, 2, "two fields at most");
	OK(h.odd == HEAD_CUT, "and it says so");
	head_start(&h, mail, strlen(mail), 12, 100);
	for (n = 0; head_next(&h, &f);)
		n++;
	IS_INT(n, 3, "the third is cut by the octets");
	IS_INT(f.n_line, 2, "at the limit");
	OK(h.odd == HEAD_CUT, "and it says so");
	head_start(&h, mail, strlen(mail), 16, 3);
	while (head_next(&h, &f))
		;
	OK(h.odd == 0, "exactly at both limits is not cut");
	OK(head_is(&f, "c") && !head_is(&f, "cc") && !head_is(&f, ""), "names without case");
}

int
main(void)
{
	test_table();
	test_limits();
	return tap_done();
}

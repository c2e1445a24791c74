/* src/base/outside_wire.c - the frames between posternd and postern-exec */
#include "outside_wire.h"
#include "arena.h"
#include "buf.h"
#include "text.h"
#include <string.h>

enum { HEAD_OCTETS = 2, WHY_MOST_OCTETS = 200 };

void
outside_wire_put_question(struct buf *b, const struct outside_question *q)
{
	size_t n_facts = q->n_facts < OUTSIDE_FACTS_MOST ? q->n_facts : OUTSIDE_FACTS_MOST;

	buf_octet(b, (char)q->program);
	buf_octet(b, (char)n_facts);
	for (size_t i = 0; i < n_facts; i++)
		buf_add(b, q->fact[i], strlen(q->fact[i]) + 1);
	buf_add(b, q->mail.octets, q->mail.n);
}

bool
outside_wire_question(struct arena *a, struct child_octets request, struct outside_question *q_r)
{
	size_t n_facts = request.n >= HEAD_OCTETS ? (unsigned char)request.octets[1] : 0;
	const char **fact = arena_array(a, OUTSIDE_FACTS_MOST, sizeof *fact);
	size_t at = HEAD_OCTETS;

	if (request.n < HEAD_OCTETS || n_facts > OUTSIDE_FACTS_MOST)
		return false;
	for (size_t i = 0; i < n_facts; i++) {
		const char *end = memchr(request.octets + at, '\0', request.n - at);

		if (end == NULL)
			return false;
		fact[i] = arena_strdup(a, request.octets + at);
		at = (size_t)(end - request.octets) + 1;
	}
	*q_r = (struct outside_question){(unsigned char)request.octets[0], fact, n_facts,
	                                 {request.octets + at, request.n - at}};
	return true;
}

void
outside_wire_put_answer(struct buf *b, const struct outside_answer *answer)
{
	buf_octet(b, 'A');
	buf_octet(b, (char)answer->status);
	buf_add(b, answer->text, answer->n);
}

void
outside_wire_put_failure(struct buf *b, const char *text)
{
	buf_octet(b, 'F');
	buf_text(b, text);
}

enum outside_err
outside_wire_answer(struct arena *a, struct child_octets reply, struct outside_answer *answer_r,
                    struct why *why)
{
	bool fine = reply.n >= HEAD_OCTETS && reply.octets[0] == 'A';

	if (fine)
		*answer_r = (struct outside_answer){(unsigned char)reply.octets[1],
		                                    reply.octets + HEAD_OCTETS,
		                                    reply.n - HEAD_OCTETS};
	else if (reply.n > 0 && reply.octets[0] == 'F')
		why_set(why, "%s", text_line(a, reply.octets + 1, reply.n - 1, WHY_MOST_OCTETS));
	else
		why_set(why, "no such answer is known");
	return fine ? OUTSIDE_OK : OUTSIDE_FAILED;
}

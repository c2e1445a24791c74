/* src/spf/spf_wire.c - what posternd and postern-spf say to each other */
#include "spf_wire.h"
#include "arena.h"
#include "buf.h"
#include "strict.h"
#include "text.h"
#include <string.h>

enum spf_wire_err
spf_wire_put_query(struct buf *b, const struct spf_query *q)
{
	if (strlen(q->address) > SPF_ADDRESS_MOST_OCTETS ||
	    strlen(q->helo) > SPF_HELO_MOST_OCTETS || strlen(q->sender) > SPF_SENDER_MOST_OCTETS)
		return SPF_WIRE_MALFORMED;
	strict_put_text(b, q->address);
	strict_put_text(b, q->helo);
	strict_put_text(b, q->sender);
	return SPF_WIRE_OK;
}

enum spf_wire_err
spf_wire_query(struct arena *a, const void *octets, size_t n, struct spf_query *q_r)
{
	struct strict s = strict_begin(octets, n);
	struct spf_query q;

	q.address = strict_text(&s, a, SPF_ADDRESS_MOST_OCTETS);
	q.helo = strict_text(&s, a, SPF_HELO_MOST_OCTETS);
	q.sender = strict_text(&s, a, SPF_SENDER_MOST_OCTETS);
	if (!strict_end(&s))
		return SPF_WIRE_MALFORMED;
	*q_r = q;
	return SPF_WIRE_OK;
}

static unsigned
octet_of(unsigned n)
{
	return n < 255 ? n : 255;
}

void
spf_wire_put_answer(struct buf *b, const struct spf_answer *answer)
{
	size_t n_domain = strnlen(answer->domain, SPF_SENDER_MOST_OCTETS);
	size_t n_words = strnlen(answer->explanation, SPF_EXPLANATION_MOST_OCTETS);

	strict_put_u8(b, answer->result);
	strict_put_u8(b, octet_of(answer->n_lookups));
	strict_put_u8(b, octet_of(answer->n_void));
	strict_put_octets(b, answer->domain, n_domain);
	strict_put_octets(b, answer->explanation, n_words);
}

static const char *
clean(struct arena *a, const char *text, size_t max_octets)
{
	return text_line(a, text, strlen(text), max_octets);
}

enum spf_wire_err
spf_wire_answer(struct arena *a, const void *octets, size_t n, struct spf_answer *answer_r)
{
	struct strict s = strict_begin(octets, n);
	struct spf_answer answer;

	bool is_known = spf_result_from(strict_u8(&s), &answer.result);
	answer.n_lookups = strict_u8(&s);
	answer.n_void = strict_u8(&s);
	answer.domain = clean(a, strict_text(&s, a, SPF_SENDER_MOST_OCTETS),
	                      SPF_SENDER_MOST_OCTETS);
	answer.explanation = clean(a, strict_text(&s, a, SPF_EXPLANATION_MOST_OCTETS),
	                           SPF_EXPLANATION_MOST_OCTETS);
	if (!is_known || !strict_end(&s))
		return SPF_WIRE_MALFORMED;
	*answer_r = answer;
	return SPF_WIRE_OK;
}

/* src/spf/spf_call.c - ask a pool of postern-spf children; posternd's side */
#include "spf_call.h"
#include "align.h"
#include "arena.h"
#include "buf.h"
#include "child.h"
#include "spf_wire.h"
#include "why.h"
#include <string.h>

static struct spf_answer
say(enum spf_result result, const char *explanation)
{
	return (struct spf_answer){.result = result, .domain = "", .explanation = explanation};
}

/* The DNS has a domain of another script under its A-labels (RFC 6531 3.2, 3.7.1). */
static const char *
with_a_labels(struct arena *a, const char *sender)
{
	const char *at = strrchr(sender, '@');
	const char *domain = at == NULL ? NULL : align_ascii(a, at + 1);

	if (domain == NULL)
		return sender;
	return arena_printf(a, "%.*s@%s", (int)(at - sender), sender, domain);
}

void
spf_call(struct child_pool *p, struct arena *a, const struct spf_query *q,
         struct spf_answer *answer_r)
{
	struct spf_query ascii = {q->address, q->helo, with_a_labels(a, q->sender)};
	AUTO(buf) struct buf request = {0};
	struct child_octets reply;
	struct why why = {""};

	if (spf_wire_put_query(&request, &ascii) != SPF_WIRE_OK) {
		*answer_r = say(SPF_NONE, "the address, name or sender is too long to be one");
		return;
	}
	struct child_octets octets = {request.octets, request.n};
	enum child_err e = child_call(p, a, octets, &reply, &why);
	if (e != CHILD_OK)
		*answer_r = say(SPF_TEMPERROR,
		                arena_printf(a, "SPF could not be checked: %s", why.text));
	else if (spf_wire_answer(a, reply.octets, reply.n, answer_r) != SPF_WIRE_OK)
		*answer_r = say(SPF_TEMPERROR,
		                "SPF could not be checked: the child's answer is malformed");
}

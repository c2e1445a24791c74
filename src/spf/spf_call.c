/* src/spf/spf_call.c - ask a pool of postern-spf children; posternd's side */
#include "spf_call.h"
#include "arena.h"
#include "buf.h"
#include "child.h"
#include "spf_wire.h"
#include "why.h"

static struct spf_answer
say(enum spf_result result, const char *explanation)
{
	return (struct spf_answer){.result = result, .domain = "", .explanation = explanation};
}

void
spf_call(struct child_pool *p, struct arena *a, const struct spf_query *q,
         struct spf_answer *answer_r)
{
	AUTO(buf) struct buf request = {0};
	struct child_octets reply;
	struct why why = {""};

	if (spf_wire_put_query(&request, q) != SPF_WIRE_OK) {
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

/* src/desk/gate.h - whether mail for an address may come in, said once for all doors
 *
 * An address that bears a tag of ours, or seems to, is good only while the tag is: what is guessed
 * or no longer valid is refused while the client is still there, so that nobody has to write a
 * bounce to an address that a stranger chose. By LMTP it is too late for that: there the mail is
 * taken, and the decision table deals with it. */
#ifndef GATE_H
#define GATE_H
#include "outcome.h"
#include "policy.h"
#include "socketmap.h"
#include "store.h"
#include <stdint.h>

struct conf;
struct sign;

/* The rows: answer; its name in the log; what the recipient map gives; what the access map gives;
 * its data, which is the action of the policy service too; what LMTP does.
 * An empty action is no opinion: other restrictions decide. Unknown addresses may be somebody's
 * mailbox in the same domain; whether they are is for Postfix to say. */
#define GATE_ANSWERS(X)                                                                            \
	X(GATE_QUEUE, "queue", SOCKETMAP_FOUND, SOCKETMAP_FOUND, "DUNNO", OUT_FILED)               \
	X(GATE_PROVEN, "proven", SOCKETMAP_FOUND, SOCKETMAP_FOUND, "DUNNO", OUT_FILED)             \
	X(GATE_INVALID, "invalid", SOCKETMAP_NOT_FOUND, SOCKETMAP_FOUND,                           \
	  "550 5.1.1 this reply address is not valid, or not any more", OUT_FILED)                 \
	X(GATE_UNKNOWN, "unknown", SOCKETMAP_NOT_FOUND, SOCKETMAP_NOT_FOUND, "", OUT_NOQUEUE)      \
	X(GATE_UNASKED, "unasked", SOCKETMAP_TEMPORARY, SOCKETMAP_TEMPORARY,                       \
	  "DEFER_IF_PERMIT 4.3.0 cannot look the address up now, try again later", OUT_FILED)

#define GATE_NAME(name, word, recipient, access, action, lmtp) name,
enum gate_answer { GATE_ANSWERS(GATE_NAME) GATE_COUNT };
#undef GATE_NAME

struct gate_row {
	const char *name; /* for the log: "invalid" */
	enum socketmap_answer recipient, access;
	const char *action;
	enum outcome lmtp; /* OUT_FILED: comes in */
};

/* The row of an answer. Takes  answer  0 .. GATE_COUNT - 1 */
const struct gate_row *gate_row(enum gate_answer answer);

/* What the question is put to; all borrowed. */
struct gate {
	const struct conf *conf;
	const struct sign *sign;
	struct store *store;
	int64_t now_s;
};

/* Decide on a recipient. A reply address is proven when its tag was made for somebody who has part
 * in the ticket or in one that it was merged into, or for an agent of its queue; whether a ticket
 * exists cannot be told from the answer.
 * Takes   address  as RCPT TO had it, any octets
 * Gives   GATE_UNASKED with why when the store could not answer
 * Cost    without a tag, no input or output; else one transaction that reads, and one HMAC for each
 *         participant, agent and alias */
enum gate_answer gate_ask(const struct gate *g, const char *address, struct why *why);
#endif

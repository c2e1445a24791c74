/* src/desk/order.h - the postmaster's orders by mail about held mail
 *
 * The address proves that its sender had our summary; From: must be the postmaster's all the same,
 * for a summary may have been passed on. */
#ifndef ORDER_H
#define ORDER_H
#include "intake.h"
#include "reply.h"

enum order_state {
	ORDER_NONE = 0, /* the recipient is no such address */
	ORDER_BAD,      /* it is one, and proves nothing: the mail is held as forged */
	ORDER_GOOD
};

struct order {
	enum order_state state;
	bool drops;        /* else it releases */
	uint64_t id;       /* of the held entry */
	const char *why;   /* ORDER_BAD: one line */
};

/* Read an order.
 * Takes   rcpt  as the envelope had it */
struct order order_read(struct arena *a, const struct conf *conf, const struct sign *sign,
                        const char *rcpt, const struct intake_mail *in,
                        const struct intake_reading *reading);

/* Carry it out, and promise its transcript. What names several tickets or cannot be read becomes a
 * ticket of its own: there is nobody to ask.
 * Takes   digest  of the order, which is obeyed once however often it is delivered
 * Gives   answer_r for the peer; done or not, the order itself is not kept */
void order_obey(struct desk *d, const struct conf *conf, const struct order *order,
                const uint8_t digest[32], struct intake_answer *answer_r);
#endif

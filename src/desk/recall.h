/* src/desk/recall.h - a mail of the store: what was decided about it then, and what would be
 * today */
#ifndef RECALL_H
#define RECALL_H
#include "again.h"

struct recall {
	bool is_held;             /* held, waiting or not; else a message */
	struct held_entry held;
	struct message message;
	struct ticket ticket;     /* of the message, or that a held mail was released to */
	char *octets;
	size_t n;
	struct again again;       /* from here on: recall_today */
	struct plan plan;
	const char *then, *now;   /* in words: "a new ticket", "held as forged" */
	bool differs;
};

/* Find a message with its octets. Fails  STORE_ABSENT, STORE_BUSY, STORE_BROKEN */
enum store_err recall_message(struct desk *d, struct arena *a, uint64_t ticket, uint32_t seq,
                              struct recall *recall_r, struct why *why) MUST_USE;

/* Find a held mail, waiting or not; what was dropped has no octets. */
enum store_err recall_held(struct desk *d, struct arena *a, uint64_t id, struct recall *recall_r,
                           struct why *why) MUST_USE;

/* Put it through today's rules, at the time when it came; changes nothing. The state of its
 * ticket is today's: only where it goes, and as what, is compared. What a person released is not
 * compared.
 * Gives   false when it cannot be judged now; why says why */
bool recall_today(struct desk *d, struct arena *a, const struct conf *conf, struct recall *recall,
                  struct why *why) MUST_USE;
#endif

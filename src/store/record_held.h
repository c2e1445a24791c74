/* src/store/record_held.h - why a mail is held, and what became of it */
#ifndef RECORD_HELD_H
#define RECORD_HELD_H

/* The one check that kept a mail from being filed. Releasing it waives this check and no other;
 * postern(1) lists the same causes for operators. */
enum held_cause {
	HELD_PARSER_DIED = 0, /* reading it killed its child, or gave nonsense: read again */
	HELD_PARSER_TIMEOUT,  /* reading it took too long: read again */
	HELD_NOT_MAIL,        /* the octets are no mail: read again */
	HELD_LOOP,            /* our own mail come back, or too many hops: taken for a person's */
	HELD_FORGED,          /* the sender is not proven where it must be: believed */
	HELD_CONFLICT,        /* its references name different tickets: a person chooses */
	HELD_FLOOD,           /* too many of its kind: let through */
	HELD_TOO_BIG,         /* header or line over the limit: read all the same */
	HELD_BOUNCE,          /* a report about nothing that we can prove to have sent: taken for a
	                       * person's mail */
	HELD_FILTER,          /* a filter asked for it: that filter is not asked */
	HELD_UNVERIFIED,      /* the queue wants new senders proven: taken all the same */
	HELD_CAUSE_COUNT
};

enum held_fate {
	HELD_WAITING = 0,
	HELD_RELEASED, /* filed: the entry says where */
	HELD_DROPPED,  /* by a person */
	HELD_EXPIRED,  /* after held_keep_s, and after the postmaster was told */
	HELD_FATE_COUNT
};

/* The names used in tables, JSON, dumps; index by the enum. */
extern const char *const held_cause_name[HELD_CAUSE_COUNT];
extern const char *const held_fate_name[HELD_FATE_COUNT];
#endif

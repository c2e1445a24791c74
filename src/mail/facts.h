/* src/mail/facts.h - facts from the child to posternd: struct mail <-> octets (protobuf,
 * facts.proto)
 *
 * The reader treats the octets as hostile: every count, length, enum and text is checked again, so
 * that a child that was taken over can lie about its mail but break nothing. */
#ifndef FACTS_H
#define FACTS_H
#include "mail.h"
#include "why.h"

struct arena;
struct buf;

/* The first octet of what postern-parse answers. */
enum facts_answer {
	FACTS_ANSWER_FACTS = 0, /* encoded facts follow */
	FACTS_ANSWER_NOT_MAIL   /* words that say why follow */
};

enum facts_err { FACTS_OK = 0, FACTS_MALFORMED };

/* Append the encoded facts to out. */
void facts_put(const struct mail *m, struct buf *out);

/* Read facts.
 * Gives   m_r in the arena; every pointer set, every text valid and within the limits of mail.h
 * Fails   FACTS_MALFORMED */
enum facts_err facts_get(struct arena *a, const void *octets, size_t n, const struct mail **m_r,
                         struct why *why) MUST_USE;
#endif

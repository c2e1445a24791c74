/* src/spf/spf_wire.h - what posternd and postern-spf say to each other
 *
 * Request: three texts, each behind its length (16 bits, most significant octet first): address,
 * helo, sender. Answer: result, n_lookups and n_void, 8 bits each; the texts domain and
 * explanation. Nothing else, nothing behind. */
#ifndef SPF_WIRE_H
#define SPF_WIRE_H
#include "spf.h"
#include "own.h"
#include <stddef.h>

struct arena;
struct buf;

enum { SPF_WIRE_REQUEST_MOST_OCTETS = 1024, SPF_WIRE_ANSWER_MOST_OCTETS = 1024 };
enum spf_wire_err { SPF_WIRE_OK = 0, SPF_WIRE_MALFORMED };

/* Append a request.
 * Fails   SPF_WIRE_MALFORMED: a text is over its limit in spf.h; nothing is appended */
enum spf_wire_err spf_wire_put_query(struct buf *b, const struct spf_query *q) MUST_USE;

/* Read a request; the texts are in the arena. */
enum spf_wire_err spf_wire_query(struct arena *a, const void *octets, size_t n,
                                 struct spf_query *q_r) MUST_USE;

/* Append an answer; over-long texts are cut, counts stop at 255. */
void spf_wire_put_answer(struct buf *b, const struct spf_answer *answer);

/* Read an answer: the octets of a child that a stranger may have taken over.
 * Gives   answer_r with texts of one line, clean and within the limits of spf.h */
enum spf_wire_err spf_wire_answer(struct arena *a, const void *octets, size_t n,
                                  struct spf_answer *answer_r) MUST_USE;
#endif

/* src/base/base64.h - base64 (RFC 4648 4), whole runs of octets at a time */
#ifndef BASE64_H
#define BASE64_H
#include "own.h"
#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Append n octets as base64 on one line, padded. */
void base64_put(struct buf *b, const void *octets, size_t n);

/* Append the octets that a base64 text stands for; strict: no blanks, right padding.
 * Gives   false when it is none; b is unchanged then */
bool base64_get(struct buf *b, const char *text, size_t n);
#endif

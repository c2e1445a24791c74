/* src/wire/xforward.h - what Postfix knows of the client (its XFORWARD_README), read and written */
#ifndef XFORWARD_H
#define XFORWARD_H
#include "buf.h"
#include <stdbool.h>

/* Names in the order in which they are announced. LOGIN (a SASL name) is our own: Postfix has no
 * attribute for it in this command, and ignores names that it does not know. */
enum xforward_name {
	XFORWARD_NAME = 0,
	XFORWARD_ADDR,
	XFORWARD_PORT,
	XFORWARD_PROTO,
	XFORWARD_HELO,
	XFORWARD_IDENT,
	XFORWARD_SOURCE,
	XFORWARD_LOGIN,
	XFORWARD_COUNT
};

enum { XFORWARD_VALUE_MAX_OCTETS = 255 };

/* Zeroed is empty. */
struct xforward {
	struct buf values[XFORWARD_COUNT];
	bool known[XFORWARD_COUNT];
};

/* The keyword of an attribute. */
const char *xforward_keyword(enum xforward_name name);

/* Read the arguments of one XFORWARD command: attribute=xtext, separated by spaces.
 * Takes   x     earlier commands' values stay, unless named again
 *         args  NUL-terminated
 * Gives   true; values are printable UTF-8 without spaces, ADDR is an address without IPV6:
 * Fails   false when malformed; then nothing is known any more: no half of it is believed */
bool xforward_read(struct xforward *x, const char *args);

/* A value, or NULL when not known. Borrowed until the next change. */
const char *xforward_value(const struct xforward *x, enum xforward_name name);

/* Forget all and release the memory. */
void xforward_reset(struct xforward *x);
#endif

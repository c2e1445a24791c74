/* src/wire/path.h - envelope addresses (RFC 5321 4.1.2, RFC 6531 3.3), read and sent */
#ifndef PATH_H
#define PATH_H
#include "own.h"
#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Longest path with its brackets (RFC 5321 4.5.3.1.3), longest address we send (64 + @ + 255). */
enum { PATH_MAX_OCTETS = 256, PATH_SEND_MAX_OCTETS = 320 };

enum path_err {
	PATH_OK = 0,
	PATH_SYNTAX,  /* not a path */
	PATH_TOO_LONG /* over PATH_MAX_OCTETS */
};

/* What stood between < and >. */
struct path {
	size_t n_used;  /* octets of the input that it took, brackets included */
	bool is_null;   /* <> */
	bool is_8bit;   /* needs SMTPUTF8 */
	bool is_domain; /* a domain was given; false only for <> and <postmaster> */
};

/* Read "<...>" at the start of n octets. Source routes are dropped (RFC 5321 4.1.1.3); a quoted
 * local part is given without its quotes where it needs none, else in its shortest quoted form.
 * Takes   text    borrows; needs no NUL
 * Gives   the mailbox added to address_r, free of controls, valid UTF-8; nothing added for <>
 * Fails   PATH_SYNTAX, PATH_TOO_LONG; then address_r may hold a part of it */
enum path_err path_read(const char *text, size_t n, struct path *path_r,
                        struct buf *address_r) MUST_USE;

/* Whether an address may stand between < and > of a command that we send: valid UTF-8, no control
 * character, bracket or space, 1 to PATH_SEND_MAX_OCTETS octets. The libraries below would send a
 * line end on to the server, which reads it as a command of its own. */
bool path_is_safe(const char *address);

/* Whether a text has an octet over 127. */
bool path_is_8bit(const char *text);
#endif

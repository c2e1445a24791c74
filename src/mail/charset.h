/* src/mail/charset.h - octets in any charset into UTF-8, also when the label lies
 *
 * The C library loads a charset when it is first asked for, which the jail forbids. So all
 * charsets that are wanted are opened once and stay open (the one piece of state here), and no
 * other is ever asked for. */
#ifndef CHARSET_H
#define CHARSET_H
#include <stdbool.h>
#include <stddef.h>

struct buf;

enum charset_how {
	CHARSET_AS_SAID = 0, /* the label was right */
	CHARSET_GUESSED,     /* the label was missing, unknown or wrong */
	CHARSET_DAMAGED      /* octets that are nothing in this charset became U+FFFD */
};

/* Open every charset; later calls do nothing.
 * Gives   how many could be opened */
size_t charset_warm_up(void);

/* Whether octets under this label can be decoded inside the jail, by us and by GMime.
 * Takes   label  n octets, any case, as a stranger wrote it */
bool charset_known(const char *label, size_t n);

/* Append octets to out as UTF-8.
 * Takes   label     "" when there is none; any case and spelling
 *         fallback  label to try when this one says nothing and the octets are not UTF-8; may be ""
 * Cost    linear; at most 4 octets come of one */
enum charset_how charset_decode(struct buf *out, const char *label, const char *fallback,
                                const void *octets, size_t n);
#endif

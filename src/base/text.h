/* src/base/text.h - octets of strangers made safe to show, log, compare
 *
 * "octets" may hold anything and have a length; "text" is NUL-terminated valid UTF-8. */
#ifndef TEXT_H
#define TEXT_H
#include "own.h"
#include <stdbool.h>
#include <stddef.h>

struct arena;
struct buf;

/* Clean a text in place so that it is one line: C0, C1, DEL, line and paragraph separators become a
 * space (CR LF one); each octet that is not UTF-8, bidirectional controls and characters that show
 * as nothing become '?'. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need
 * them.
 * Takes   text  NUL-terminated octets; never grows */
void text_clean_line(char *text);

/* The same from octets into an arena: NUL becomes a space; cut at max_octets on a character border.
 * Gives   one line of valid UTF-8 without control characters, at most max_octets long */
char *text_line(struct arena *a, const void *octets, size_t n, size_t max_octets);

/* Text of several lines: line ends (CR LF, CR, U+2028, U+2029) become LF; NUL, other C0 except tab,
 * C1, bidirectional controls and each octet that is not UTF-8 become U+FFFD; cut at max_octets on a
 * character border.
 * Gives   valid UTF-8 with LF line ends */
char *text_lines(struct arena *a, const void *octets, size_t n, size_t max_octets);

/* Whether octets are valid UTF-8 (RFC 3629: no surrogates, no overlong forms). NUL is valid. */
bool text_is_utf8(const void *octets, size_t n);

/* Compare ignoring ASCII case only: for protocol names, header names, domains. */
bool text_same(const char *a, const char *b);

/* Whether text begins with prefix, ignoring ASCII case. */
bool text_begins(const char *text, const char *prefix);

/* Where needle stands in text, ignoring ASCII case.
 * Gives   a pointer into text, or NULL */
const char *text_find(const char *text, const char *needle);

/* Lower the ASCII letters in place; other octets stay. */
void text_lower(char *text);

/* Append octets to b for a log value: printable ASCII except '"' and '\' as it is, other UTF-8 that
 * text_clean_line would keep as it is, everything else as \xHH; at most max_octets of input, then
 * "...". */
void text_log(struct buf *b, const void *octets, size_t n, size_t max_octets);

/* Append text to b with & < > " ' escaped for HTML text and attribute values. */
void text_html(struct buf *b, const char *text);

/* Undo xtext (RFC 3461 4: +HH).
 * Gives   true and the decoded octets behind what b held; false, and b as it was, when xtext is
 *         malformed or decodes to NUL, CR or LF */
bool text_unxtext(struct buf *b, const char *xtext);

/* Append text as xtext (RFC 3461 4). */
void text_xtext(struct buf *b, const char *text);

/* Compare n octets in a time that depends on n only (for MACs). */
bool text_same_secret(const void *a, const void *b, size_t n);

/* The name of `names` that is nearest to `typed` (edit distance), for "did you mean".
 * Takes   names  ends with NULL
 * Gives   borrowed name, or NULL when nothing is near (distance over 2 or over a third of typed) */
const char *text_nearest(const char *typed, const char *const names[]);
#endif

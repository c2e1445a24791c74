/* src/mail/words.h - header values into readable UTF-8: encoded words (RFC 2047), raw octets,
 * folding */
#ifndef WORDS_H
#define WORDS_H
#include <stddef.h>

struct arena;
struct buf;

/* Take the folding out of a raw header value (RFC 5322 2.2.3): line ends go, the space behind them
 * stays. */
void words_unfold(struct buf *out, const void *value, size_t n);

/* Decode the run of encoded words that begins at text: words of one charset are joined before they
 * are decoded, because some programs split inside a character. The space between words goes (RFC
 * 2047 6.2).
 * Takes   text  n octets, unfolded
 * Gives   how many octets of text were used, 0 when no encoded word begins here; UTF-8 in out */
size_t words_run(struct buf *out, const char *text, size_t n);

/* Decode a raw header value for reading.
 * Takes   value     raw, folded, n octets
 *         fallback  charset of octets over 127 that are not UTF-8, "" when not known
 * Gives   one clean line of UTF-8, at most max_octets, in the arena */
char *words_decode(struct arena *a, const void *value, size_t n, const char *fallback,
                   size_t max_octets);

/* The same without decoding the encoded words. */
char *words_plain(struct arena *a, const void *value, size_t n, const char *fallback,
                  size_t max_octets);

/* Take characters out in place that show as nothing but make readers disagree: zero-width spaces
 * and bidirectional controls. Takes  text  valid UTF-8; other octets stay */
void words_drop_hidden(struct buf *text);
#endif

/* src/mail/html.h - HTML mail as text for reading: no tree, no network, nothing fetched */
#ifndef HTML_H
#define HTML_H
#include <stddef.h>

struct arena;

/* Turn HTML into text: blocks and <br> become lines, lists get "* ", links keep their address in
 * <> when it differs from their words, <blockquote> becomes "> ", tables one row a line,
 * script/style/head/hidden preheader left out.
 * Takes   html  UTF-8 (the caller decoded the charset), n octets
 *         max_octets  of the text; longer is cut on a line
 * Gives   UTF-8 text with LF line ends, in the arena; "" when nothing can be read
 * Cost    linear; nesting over 200 levels is flattened */
char *html_to_text(struct arena *a, const char *html, size_t n, size_t max_octets);
#endif

/* src/mail/html.c - HTML mail as text: a SAX reader that writes lines as it goes, no tree
 *
 * The reader decides nothing about trust: what it writes goes through text_lines, like any text. */
#include "html.h"

#include "arena.h"
#include "buf.h"
#include "own.h"
#include "text.h"

#include <libxml/HTMLparser.h>
#include <libxml/xmlerror.h>
#include <stdbool.h>
#include <string.h>

enum {
	HTML_CHUNK_OCTETS = 1024,    /* fed at once; depth is looked at in between */
	HTML_DEPTH_MAX = 200,        /* deeper: a new reader goes on, so closing tags stay cheap */
	HTML_SKIPPED_DEPTH_MAX = 2000, /* inside what is left out: a new reader would show it */
	HTML_QUOTE_DEPTH_MAX = 20,
	HTML_BLANK_LINES_MAX = 2,
	HTML_HREF_MAX_OCTETS = 2000,
	HTML_STYLE_MAX_OCTETS = 4000,
	HTML_GROWTH_MAX = 3          /* one bad octet becomes U+FFFD */
};

enum role {
	ROLE_NONE, ROLE_SKIP, ROLE_BLOCK, ROLE_PARAGRAPH, ROLE_BREAK, ROLE_RULE, ROLE_QUOTE,
	ROLE_ITEM, ROLE_PRE, ROLE_ROW, ROLE_CELL, ROLE_LINK, ROLE_IMAGE
};

struct element {
	const char *name;
	enum role role;
};

/* Elements that are not here are only their words; what head may hold is skipped by name. */
static const struct element elements[] = {
	{ "div", ROLE_BLOCK }, { "br", ROLE_BREAK }, { "p", ROLE_PARAGRAPH }, { "td", ROLE_CELL },
	{ "tr", ROLE_ROW }, { "a", ROLE_LINK }, { "img", ROLE_IMAGE }, { "table", ROLE_ROW },
	{ "li", ROLE_ITEM }, { "th", ROLE_CELL }, { "blockquote", ROLE_QUOTE }, { "pre", ROLE_PRE },
	{ "hr", ROLE_RULE }, { "style", ROLE_SKIP }, { "script", ROLE_SKIP },
	{ "title", ROLE_SKIP },
	{ "h1", ROLE_PARAGRAPH }, { "h2", ROLE_PARAGRAPH }, { "h3", ROLE_PARAGRAPH },
	{ "h4", ROLE_PARAGRAPH }, { "h5", ROLE_PARAGRAPH }, { "h6", ROLE_PARAGRAPH },
	{ "ul", ROLE_BLOCK }, { "ol", ROLE_BLOCK }, { "dl", ROLE_BLOCK }, { "dt", ROLE_BLOCK },
	{ "dd", ROLE_BLOCK }, { "center", ROLE_BLOCK }, { "address", ROLE_BLOCK },
	{ "article", ROLE_BLOCK }, { "section", ROLE_BLOCK }, { "header", ROLE_BLOCK },
	{ "footer", ROLE_BLOCK }, { "main", ROLE_BLOCK }, { "nav", ROLE_BLOCK },
	{ "aside", ROLE_BLOCK }, { "form", ROLE_BLOCK }, { "fieldset", ROLE_BLOCK },
	{ "figure", ROLE_BLOCK }, { "figcaption", ROLE_BLOCK }, { "caption", ROLE_BLOCK },
	{ "body", ROLE_BLOCK }, { "html", ROLE_BLOCK }, { "template", ROLE_SKIP },
	{ "svg", ROLE_SKIP }, { "object", ROLE_SKIP }, { "iframe", ROLE_SKIP },
	{ "noframes", ROLE_SKIP }, { "audio", ROLE_SKIP }, { "video", ROLE_SKIP },
	{ "xml", ROLE_SKIP }, { "select", ROLE_SKIP }
};

/* What is written, and what must be written before the next word. */
struct writer {
	struct arena *a;
	struct buf *out;
	size_t max_octets;
	size_t skip;          /* open elements since one that is left out, with it; 0 = shown */
	unsigned breaks;      /* line ends owed */
	unsigned quote;       /* depth of blockquotes */
	unsigned said_quote;  /* the same, of the last word written */
	unsigned pre;
	bool space;           /* a space is owed */
	bool item;            /* a bullet is owed */
	bool row;             /* the row has words on the current line */
	bool joined;          /* the row has several cells with words */
	bool cell;            /* a further cell of it began: breaks before its words do not count */
	char *href;           /* of the open link, or NULL */
	size_t href_at;       /* where its words begin in out */
};

static enum role
role_of(const char *name)
{
	for (size_t i = 0; i < N_ELEMENTS(elements); i++)
		if (text_same(elements[i].name, name))
			return elements[i].role;
	return ROLE_NONE;
}

static void
owe_breaks(struct writer *w, unsigned least)
{
	if (!w->cell && w->breaks < least)
		w->breaks = least;
	w->space = false;
}

static void
owe_one_more_break(struct writer *w)
{
	if (!w->cell && w->breaks < HTML_BLANK_LINES_MAX + 1)
		w->breaks++;
	w->space = false;
}

static void
add_quote_marks(struct writer *w, unsigned depth)
{
	for (unsigned i = 0; i < depth && i < HTML_QUOTE_DEPTH_MAX; i++)
		buf_text(w->out, "> ");
}

/* Write all that is owed, so that a word can follow. */
static void
pay(struct writer *w)
{
	bool fresh = w->out->n == 0;
	unsigned shared = w->quote < w->said_quote ? w->quote : w->said_quote;

	if (w->cell && w->row)
		buf_text(w->out, " | ");
	else if (!fresh && w->breaks == 0 && w->space)
		buf_octet(w->out, ' ');
	for (unsigned i = 0; !fresh && i < w->breaks; i++) {
		buf_octet(w->out, '\n');
		if (i + 1 < w->breaks)
			add_quote_marks(w, shared);
	}
	if (fresh || w->breaks > 0)
		add_quote_marks(w, w->quote);
	if (w->item)
		buf_text(w->out, "* ");
	w->joined = w->joined || w->cell;
	w->breaks = 0;
	w->space = w->item = w->cell = false;
	w->row = true;
	w->said_quote = w->quote;
}

static bool
is_full(const struct writer *w)
{
	return w->out->n > w->max_octets;
}

/* Octets of one character that shows as a space (1 octet, U+00A0) or as nothing (2: soft hyphen,
 * zero-width space, U+034F, BOM, the filler of preheaders); 0 for any other. */
static size_t
space_octets(const char *c, size_t n, bool *nothing_r)
{
	static const char *const none[] = { "\xC2\xAD", "\xE2\x80\x8B", "\xCD\x8F",
	                                    "\xEF\xBB\xBF" };

	*nothing_r = false;
	if (memchr(" \t\n\f\r", *c, 5) != NULL)
		return 1;
	if (n >= 2 && memcmp(c, "\xC2\xA0", 2) == 0)
		return 2;
	*nothing_r = true;
	for (size_t i = 0; i < N_ELEMENTS(none); i++)
		if (n >= strlen(none[i]) && memcmp(c, none[i], strlen(none[i])) == 0)
			return strlen(none[i]);
	return 0;
}

static void
add_preformatted(struct writer *w, const char *text, size_t n)
{
	for (size_t i = 0; i < n && !is_full(w); i++) {
		if (text[i] == '\n') {
			owe_one_more_break(w);
			continue;
		}
		if (w->breaks > 0 || w->cell || w->item || w->space || w->out->n == 0)
			pay(w);
		buf_octet(w->out, text[i]);
	}
}

static void
add_words(struct writer *w, const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && !is_full(w)) {
		bool nothing;
		size_t gap = space_octets(text + i, n - i, &nothing);
		size_t from = i;

		if (gap > 0) {
			w->space = w->space || !nothing;
			i += gap;
			continue;
		}
		do
			i++;
		while (i < n && space_octets(text + i, n - i, &nothing) == 0);
		pay(w);
		buf_add(w->out, text + from, i - from);
	}
}

static void
take_text(void *self, const xmlChar *text, int n)
{
	struct writer *w = self;

	if (w->skip > 0 || n <= 0)
		return;
	if (w->pre > 0)
		add_preformatted(w, (const char *)text, (size_t)n);
	else
		add_words(w, (const char *)text, (size_t)n);
}

static const char *
attribute(const xmlChar **pairs, const char *name)
{
	for (; pairs != NULL && pairs[0] != NULL; pairs += 2)
		if (text_same((const char *)pairs[0], name))
			return pairs[1] != NULL ? (const char *)pairs[1] : "";
	return NULL;
}

/* Whether a style says "property:0" in any unit. */
static bool
says_zero(const char *style, const char *property)
{
	const char *at = strstr(style, property);

	if (at == NULL)
		return false;
	at += strlen(property);
	return *at == '0' && at[1] != '.' && (at[1] < '0' || at[1] > '9');
}

/* Whether an element is not shown. A size of nought does not count: layouts reset it inside. */
static bool
is_hidden(struct writer *w, const xmlChar **pairs)
{
	const char *style = attribute(pairs, "style");
	char *tight;
	size_t n = 0;

	if (attribute(pairs, "hidden") != NULL)
		return true;
	if (style == NULL)
		return false;
	tight = arena_strndup(w->a, style, HTML_STYLE_MAX_OCTETS);
	for (const char *c = tight; *c != '\0'; c++)
		if (*c > ' ' || *c < 0)
			tight[n++] = *c;
	tight[n] = '\0';
	text_lower(tight);
	return strstr(tight, "display:none") != NULL || strstr(tight, "visibility:hidden") != NULL
	       || strstr(tight, "mso-hide:all") != NULL || says_zero(tight, "opacity:")
	       || (says_zero(tight, "max-height:") && strstr(tight, "overflow:hidden") != NULL);
}

static void
open_link(struct writer *w, const char *href)
{
	static const char *const shown[] = { "http:", "https:", "mailto:", "ftp:", "tel:" };
	size_t n = 0;

	w->href = NULL;
	for (size_t i = 0; href != NULL && i < N_ELEMENTS(shown); i++)
		if (text_begins(href, shown[i]))
			w->href = arena_strndup(w->a, href, HTML_HREF_MAX_OCTETS);
	if (w->href == NULL)
		return;
	for (const char *c = w->href; *c != '\0'; c++)
		if ((*c > ' ' || *c < 0) && *c != '<' && *c != '>')
			w->href[n++] = *c;
	w->href[n] = '\0';
	w->href_at = w->out->n;
}

/* The part of an address that people write. */
static const char *
bare(const char *href)
{
	static const char *const usual[] = { "mailto:", "https://", "http://", "tel:" };

	for (size_t i = 0; i < N_ELEMENTS(usual); i++)
		if (text_begins(href, usual[i]))
			return href + strlen(usual[i]);
	return href;
}

static size_t
n_without_slash(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && text[n - 1] == '/' ? n - 1 : n;
}

/* Write the address of a link behind its words, unless they say the same or there are none. */
static void
close_link(struct writer *w)
{
	char *words;
	const char *said, *href = w->href;
	size_t n_said, n_href;

	w->href = NULL;
	if (href == NULL || w->out->n <= w->href_at || is_full(w))
		return;
	words = arena_strndup(w->a, w->out->octets + w->href_at, w->out->n - w->href_at);
	words += strspn(words, " \n>*|");
	said = bare(words);
	n_said = n_without_slash(said);
	n_href = n_without_slash(bare(href));
	if (n_said == n_href && strncmp(said, bare(href), n_said) == 0)
		return;
	buf_printf(w->out, " <%s>", href);
}

static void
open_cell(struct writer *w)
{
	if (w->row && !w->cell) {
		w->cell = true;
		w->breaks = 0;
	}
}

static void
show_image(struct writer *w, const char *alt)
{
	if (alt == NULL || alt[strspn(alt, " \t\r\n")] == '\0')
		return;
	add_words(w, "[", 1);
	add_words(w, alt, strlen(alt));
	buf_octet(w->out, ']');
	w->space = false;
}

static void
show_rule(struct writer *w)
{
	owe_breaks(w, 1);
	add_words(w, "----------", 10);
	owe_breaks(w, 1);
}

static void
open_shown(struct writer *w, enum role role, const xmlChar **pairs)
{
	switch (role) {
	case ROLE_BLOCK: owe_breaks(w, 1); break;
	case ROLE_PARAGRAPH: owe_breaks(w, 2); break;
	case ROLE_BREAK: owe_one_more_break(w); break;
	case ROLE_RULE: show_rule(w); break;
	case ROLE_QUOTE: owe_breaks(w, 1); w->cell = false; w->quote++; break;
	case ROLE_ITEM: owe_breaks(w, 1); w->item = true; break;
	case ROLE_PRE: owe_breaks(w, 1); w->pre++; break;
	case ROLE_ROW: owe_breaks(w, 1); w->row = w->cell; break;
	case ROLE_CELL: open_cell(w); break;
	case ROLE_LINK: open_link(w, attribute(pairs, "href")); break;
	case ROLE_IMAGE: show_image(w, attribute(pairs, "alt")); break;
	case ROLE_NONE: case ROLE_SKIP: break;
	}
}

static void
take_open(void *self, const xmlChar *name, const xmlChar **pairs)
{
	struct writer *w = self;
	enum role role = role_of((const char *)name);

	if (w->skip > 0 || role == ROLE_SKIP || is_hidden(w, pairs))
		w->skip++;
	else if (!is_full(w))
		open_shown(w, role, pairs);
}

static void
close_shown(struct writer *w, enum role role)
{
	switch (role) {
	case ROLE_BLOCK: owe_breaks(w, 1); break;
	case ROLE_PARAGRAPH: owe_breaks(w, 2); break;
	case ROLE_QUOTE:
		owe_breaks(w, 1);
		w->quote -= w->quote > 0;
		break;
	case ROLE_ITEM: owe_breaks(w, 1); w->item = false; break;
	case ROLE_PRE:
		owe_breaks(w, 1);
		w->pre -= w->pre > 0;
		break;
	case ROLE_ROW:
		if (w->joined)
			w->breaks = 1;
		w->cell = w->row = w->joined = false;
		owe_breaks(w, 1);
		break;
	case ROLE_LINK: close_link(w); break;
	case ROLE_NONE: case ROLE_SKIP: case ROLE_BREAK: case ROLE_RULE: case ROLE_CELL:
	case ROLE_IMAGE: break;
	}
}

/* libxml2 closes what it opened, empty elements too: skip counts both. */
static void
take_close(void *self, const xmlChar *name)
{
	struct writer *w = self;

	if (w->skip > 0)
		w->skip--;
	else if (!is_full(w))
		close_shown(w, role_of((const char *)name));
}

/* Blank out "<![if !mso]>" and the like, which HTML takes for comments and libxml2 for words; the
 * end of a real comment, "<![endif]-->", stays. */
static void
blank_declarations(char *html)
{
	char *end;

	for (char *at = strstr(html, "<!["); at != NULL; at = strstr(end, "<![")) {
		end = strchr(at, '>');
		if (end == NULL)
			return;
		if (end[-1] != '-' || end[-2] != '-')
			memset(at, ' ', (size_t)(end - at) + 1);
	}
}

/* A reader with one element open: libxml2 stops reading when the last open one is closed. */
static htmlParserCtxtPtr
reader_new(struct writer *w)
{
	static const char root[] = "<postern-root>";
	htmlSAXHandler sax = { .startElement = take_open, .endElement = take_close,
	                       .characters = take_text, .ignorableWhitespace = take_text,
	                       .initialized = 1 };
	htmlParserCtxtPtr reader =
		htmlCreatePushParserCtxt(&sax, w, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);

	if (reader == NULL)
		abort();
	(void)htmlCtxtUseOptions(reader, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR
	                         | HTML_PARSE_NOWARNING | HTML_PARSE_NONET
	                         | HTML_PARSE_NOIMPLIED | HTML_PARSE_IGNORE_ENC);
	(void)htmlParseChunk(reader, root, sizeof root - 1, 0);
	return reader;
}

static void
reader_free(htmlParserCtxtPtr reader)
{
	if (reader->myDoc != NULL)
		xmlFreeDoc(reader->myDoc);
	reader->myDoc = NULL;
	htmlFreeParserCtxt(reader);
}

/* Octets that the reader holds but has not read: it waits for the end of a tag. */
static size_t
n_unread(htmlParserCtxtPtr reader)
{
	return reader->input == NULL ? 0 : (size_t)(reader->input->end - reader->input->cur);
}

static bool
is_spent(const struct writer *w, htmlParserCtxtPtr reader)
{
	int most = w->skip > 0 ? HTML_SKIPPED_DEPTH_MAX : HTML_DEPTH_MAX;

	return reader->nameNr == 0 || reader->nameNr > most;
}

/* Feed the reader. Closing tags search its stack of open elements, so depth times length could be
 * asked of it; past HTML_DEPTH_MAX a new reader takes over where the old one stands, with nothing
 * open. The same when the mail closed our root. */
static void
read_all(struct writer *w, const char *html, size_t n)
{
	htmlParserCtxtPtr reader = reader_new(w);
	size_t at = 0;

	while (at < n && !is_full(w)) {
		size_t step = n - at < HTML_CHUNK_OCTETS ? n - at : HTML_CHUNK_OCTETS;

		(void)htmlParseChunk(reader, html + at, (int)step, 0);
		at += step;
		if (!is_spent(w, reader))
			continue;
		if (n_unread(reader) <= at)
			at -= n_unread(reader);
		reader->input->cur = reader->input->end;
		(void)htmlParseChunk(reader, NULL, 0, 1);
		reader_free(reader);
		reader = reader_new(w);
	}
	if (!is_full(w))
		(void)htmlParseChunk(reader, NULL, 0, 1);
	reader_free(reader);
}

char *
html_to_text(struct arena *a, const char *html, size_t n, size_t max_octets)
{
	AUTO(buf) struct buf out = { 0 };
	struct writer w = { .a = a, .out = &out, .max_octets = max_octets };
	char *clean = text_lines(a, html, n, n * HTML_GROWTH_MAX);

	blank_declarations(clean);
	read_all(&w, clean, strlen(clean));
	if (out.n == 0)
		return arena_strdup(a, "");
	if (out.n > max_octets) {
		char *line = memrchr(out.octets, '\n', max_octets);

		if (line != NULL)
			out.n = (size_t)(line - out.octets);
	}
	return text_lines(a, out.octets, out.n, max_octets);
}

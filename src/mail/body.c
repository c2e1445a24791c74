/* src/mail/body.c - which lines of a text are quoted, which sign, which are the sender's own
 *
 * Marks are hints for reading: a wrong one hides nothing, so what is doubtful stays unmarked. */
#include "body.h"

#include "arena.h"
#include "buf.h"
#include "phrase.h"

#include <string.h>

enum {
	BODY_QUOTE_DEPTH_MAX = 100,
	BODY_ATTRIBUTION_LINES_MAX = 4,
	BODY_ATTRIBUTION_MAX_OCTETS = 600,
	BODY_BLOCK_LINES_MAX = 12,    /* of a quoted header block, its folded lines included */
	BODY_BLOCK_LABELS_MIN = 3,    /* a subject and two more: "From: Rome / To: Pisa" is prose */
	BODY_SIGNATURE_LINES_MAX = 15, /* behind a delimiter that is not quite "-- " */
	BODY_FOOTER_LINES_MAX = 6,    /* behind a rule: more is a part of the text */
	BODY_RULE_MIN = 10            /* underscores */
};

/* One text cut into lines, and what each of them is. */
struct page {
	struct arena *a;
	char **line;
	size_t n;
	unsigned char *mark; /* UNMARKED, or an enum mail_mark plus 1 */
	bool signing;        /* what follows belongs to a signature until something else begins */
};

enum { UNMARKED = 0 };

static size_t
quote_depth(const char *line, const char **rest_r)
{
	size_t depth = 0;

	while (line[depth] == '>')
		depth++;
	*rest_r = line + depth;
	return depth < BODY_QUOTE_DEPTH_MAX ? depth : BODY_QUOTE_DEPTH_MAX;
}

static void
begin_flowed(struct buf *out, size_t depth, const char *text)
{
	for (size_t i = 0; i < depth; i++)
		buf_text(out, i + 1 < depth || *text != '\0' ? "> " : ">");
}

/* Whether a line asks to be joined with the next (RFC 3676 4.1; 4.3: the signature's never). */
static bool
is_flowed(const char *text, size_t n)
{
	return n > 0 && text[n - 1] == ' ' && strcmp(text, "-- ") != 0;
}

static char *
join_flowed(struct arena *a, char **line, size_t n_lines, bool delsp)
{
	AUTO(buf) struct buf out = { 0 };
	bool open = false;
	size_t open_depth = 0;

	for (size_t i = 0; i < n_lines; i++) {
		const char *text;
		size_t depth = quote_depth(line[i], &text), n;
		bool sign, flowed;

		text += *text == ' ';
		n = strlen(text);
		sign = strcmp(text, "-- ") == 0;
		flowed = is_flowed(text, n);
		if (open && (depth != open_depth || sign)) {
			buf_octet(&out, '\n');
			open = false;
		}
		if (!open)
			begin_flowed(&out, depth, text);
		buf_add(&out, text, flowed && delsp ? n - 1 : n);
		if (!flowed && i + 1 < n_lines)
			buf_octet(&out, '\n');
		open = flowed;
		open_depth = depth;
	}
	return arena_strndup(a, out.octets, out.n);
}

static struct page
cut_lines(struct arena *a, const char *text)
{
	struct page p = { .a = a, .n = 1 };
	char *copy = arena_strdup(a, text);

	for (const char *c = text; *c != '\0'; c++)
		p.n += *c == '\n';
	p.line = arena_array(a, p.n, sizeof *p.line);
	p.mark = arena_array(a, p.n, 1);
	for (size_t i = 0; i < p.n; i++)
		p.line[i] = strsep(&copy, "\n");
	return p;
}

char *
body_unflow(struct arena *a, const char *text, bool delsp)
{
	struct page p = cut_lines(a, text);

	return *text == '\0' ? arena_strdup(a, "") : join_flowed(a, p.line, p.n, delsp);
}

static bool
is_blank(const char *line)
{
	return line[strspn(line, " \t\r")] == '\0';
}

static bool
is_quoted(const char *line)
{
	line += strspn(line, " ");
	return *line == '>';
}

static size_t
next_text(const struct page *p, size_t i)
{
	while (i < p->n && is_blank(p->line[i]))
		i++;
	return i;
}

static bool
quote_follows(const struct page *p, size_t i)
{
	i = next_text(p, i);
	return i < p->n && is_quoted(p->line[i]);
}

static void
mark_lines(struct page *p, size_t first, size_t end, enum mail_mark mark)
{
	memset(p->mark + first, (int)mark + 1, end - first);
	p->signing = false;
}

/* Mark what introduces a quotation, and, when that has no ">" of its own, all that follows it.
 * Gives  the line to go on with */
static size_t
mark_introduction(struct page *p, size_t first, size_t end)
{
	mark_lines(p, first, end, MAIL_MARK_ATTRIBUTION);
	if (quote_follows(p, end))
		return end;
	mark_lines(p, end, p->n, MAIL_MARK_QUOTE);
	return p->n;
}

static bool
is_rule(const char *line)
{
	line += strspn(line, " \t");
	return (strspn(line, "_") >= BODY_RULE_MIN || strspn(line, "-") >= BODY_RULE_MIN)
	       && is_blank(line + strspn(line, "_-"));
}

/* The end of a header block as Outlook and others put above what they quote, or `first` when there
 * is none. A block may begin with any label behind a banner, else with From. */
static size_t
block_end(const struct page *p, size_t first, bool any_first)
{
	unsigned seen = 0, n_seen = 0;
	size_t i = first, end = first;

	for (; i < p->n && i < first + BODY_BLOCK_LINES_MAX && !is_blank(p->line[i]); i++) {
		enum phrase_label label = phrase_label(p->line[i]);

		if (i == first && (label == PHRASE_LABEL_NONE
		                   || (!any_first && label != PHRASE_LABEL_FROM)))
			return first;
		if (label == PHRASE_LABEL_NONE)
			continue;
		n_seen += (seen >> label & 1) == 0;
		seen |= 1u << label;
		end = i + 1;
	}
	return n_seen >= BODY_BLOCK_LABELS_MIN && seen >> PHRASE_LABEL_SUBJECT & 1 ? end : first;
}

/* "-----Original Message-----", "Begin forwarded message:" */
static size_t
take_banner(struct page *p, size_t i)
{
	enum phrase_banner banner = phrase_banner(p->line[i]);
	size_t first, end;

	if (banner == PHRASE_BANNER_NONE)
		return i;
	if (banner == PHRASE_BANNER_FORWARD) {
		mark_lines(p, i, p->n, MAIL_MARK_FORWARD);
		return p->n;
	}
	first = next_text(p, i + 1);
	end = block_end(p, first, true);
	return mark_introduction(p, i, end > first ? end : i + 1);
}

/* "From: … Sent: … To: … Subject: …", with the rule above it */
static size_t
take_block(struct page *p, size_t i)
{
	size_t first = i, end;

	if (is_rule(p->line[i]))
		first = next_text(p, i + 1);
	end = block_end(p, first, false);
	return end > first ? mark_introduction(p, i, end) : i;
}

/* Join the lines of what may be one attribution.
 * Gives  how many; *text_r in the arena */
static size_t
join_attribution(const struct page *p, size_t i, char **text_r)
{
	AUTO(buf) struct buf joined = { 0 };
	size_t n = 0;

	do {
		if (n > 0)
			buf_octet(&joined, ' ');
		buf_text(&joined, p->line[i + n]);
		n++;
		if (phrase_attribution(joined.octets) != PHRASE_ATTRIBUTION_NONE)
			break;
	} while (n < BODY_ATTRIBUTION_LINES_MAX && i + n < p->n && !is_blank(p->line[i + n])
	         && !is_quoted(p->line[i + n]) && joined.n < BODY_ATTRIBUTION_MAX_OCTETS);
	*text_r = arena_strndup(p->a, joined.octets, joined.n);
	return n;
}

static size_t
take_attribution(struct page *p, size_t i)
{
	enum phrase_attribution is;
	size_t n = 1;

	if (strlen(p->line[i]) > BODY_ATTRIBUTION_MAX_OCTETS)
		return i;
	if (phrase_opens(p->line[i])) {
		char *text;

		n = join_attribution(p, i, &text);
		is = phrase_attribution(text);
	} else {
		is = phrase_attribution(p->line[i]);
	}
	if (is == PHRASE_ATTRIBUTION_SURE)
		return mark_introduction(p, i, i + n);
	if (is == PHRASE_ATTRIBUTION_PERHAPS && quote_follows(p, i + n)) {
		mark_lines(p, i, i + n, MAIL_MARK_ATTRIBUTION);
		return i + n;
	}
	return i;
}

/* Whether at most that many lines follow before a quotation or the end. */
static bool
ends_within(const struct page *p, size_t i, size_t most)
{
	size_t n = 0;

	for (; i < p->n && n <= most && !is_quoted(p->line[i]); i++)
		n += !is_blank(p->line[i]);
	return n <= most;
}

/* "-Abhishek Kona": a dash and one to four capitalised words, the last line of a paragraph. */
static bool
is_dashed_name(const struct page *p, size_t i)
{
	const char *c = p->line[i];
	size_t words = 0;

	if (*c++ != '-' || (i + 1 < p->n && !is_blank(p->line[i + 1])))
		return false;
	for (; *c != '\0' && words <= 4; words++) {
		if (!((*c >= 'A' && *c <= 'Z') || *c < 0))
			return false;
		c += strcspn(c, " ");
		c += strspn(c, " ");
	}
	return words >= 1 && words <= 4;
}

static size_t
take_signature(struct page *p, size_t i)
{
	const char *line = p->line[i];
	bool delimiter = strcmp(line, "-- ") == 0;

	if (!delimiter && line[0] == '-' && line[1] == '-' && is_blank(line + 2))
		delimiter = ends_within(p, i + 1, BODY_SIGNATURE_LINES_MAX);
	if (!delimiter && is_rule(line) && strchr(line, '_') != NULL)
		delimiter = ends_within(p, i + 1, BODY_FOOTER_LINES_MAX);
	if (!delimiter && !phrase_is_sent_from(line) && !is_dashed_name(p, i))
		return i;
	mark_lines(p, i, i + 1, MAIL_MARK_SIGNATURE);
	p->signing = delimiter;
	return i + 1;
}

/* Mark the lines that begin something at i.
 * Gives  the next line to look at, always past i */
static size_t
take_line(struct page *p, size_t i)
{
	static size_t (*const takers[])(struct page *, size_t) = { take_banner, take_block,
	                                                           take_attribution,
	                                                           take_signature };

	if (is_quoted(p->line[i])) {
		mark_lines(p, i, i + 1, MAIL_MARK_QUOTE);
		return i + 1;
	}
	for (size_t k = 0; !is_blank(p->line[i]) && k < N_ELEMENTS(takers); k++) {
		size_t next = takers[k](p, i);

		if (next > i)
			return next;
	}
	if (p->signing)
		p->mark[i] = MAIL_MARK_SIGNATURE + 1;
	return i + 1;
}

/* Blank lines between two marked ones belong to the first. */
static void
bridge_blanks(struct page *p)
{
	for (size_t i = 1; i < p->n; i++) {
		size_t next;

		if (p->mark[i] != UNMARKED || p->mark[i - 1] == UNMARKED || !is_blank(p->line[i]))
			continue;
		next = next_text(p, i);
		if (next < p->n && p->mark[next] != UNMARKED)
			memset(p->mark + i, p->mark[i - 1], next - i);
		i = next;
	}
}

void
body_mark(struct arena *a, const char *text, const struct mail_span **span_r, size_t *n_r)
{
	struct page p = cut_lines(a, text);
	struct mail_span *span = arena_array(a, MAIL_MARKS_MAX, sizeof *span);
	size_t n = 0;

	for (size_t i = 0; i < p.n;)
		i = take_line(&p, i);
	bridge_blanks(&p);
	for (size_t i = 0, end; i < p.n && n < MAIL_MARKS_MAX; i = end) {
		end = i + 1;
		while (end < p.n && p.mark[end] == p.mark[i])
			end++;
		if (p.mark[i] != UNMARKED)
			span[n++] = (struct mail_span){ (enum mail_mark)(p.mark[i] - 1), i,
			                                end - 1 };
	}
	*span_r = span;
	*n_r = n;
}

char *
body_own_words(struct arena *a, const char *text, const struct mail_span *span, size_t n)
{
	AUTO(buf) struct buf own = { 0 };
	struct page p = cut_lines(a, text);
	size_t k = 0, n_own = 0;

	for (size_t i = 0; i < p.n; i++) {
		while (k < n && span[k].last < i)
			k++;
		if ((k < n && span[k].first <= i) || (own.n == 0 && is_blank(p.line[i])))
			continue;
		buf_text(&own, p.line[i]);
		if (!is_blank(p.line[i]))
			n_own = own.n;
		buf_octet(&own, '\n');
	}
	return arena_strndup(a, n_own > 0 ? own.octets : "", n_own);
}

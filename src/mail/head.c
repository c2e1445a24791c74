/* src/mail/head.c - the raw header fields of a mail, one after the other, nothing copied */
#include "head.h"
#include <string.h>
#include <strings.h>

enum { JUNK_LINES_MAX = 20 }; /* lines in front of the first field that are stepped over */

void
head_start(struct head *h, const void *octets, size_t n, size_t max_octets, size_t max_fields)
{
	*h = (struct head){.octets = octets, .n = n, .n_left = max_fields};
	h->cut = n > max_octets;
	if (h->cut)
		h->n = max_octets;
}

/* Where the line that begins at `at` ends: behind its LF, or at the end of the octets. */
static size_t
line_end(const struct head *h, size_t at)
{
	const char *lf = at < h->n ? memchr(h->octets + at, '\n', h->n - at) : NULL;

	return lf == NULL ? h->n : (size_t)(lf - h->octets) + 1;
}

static bool
is_blank(const struct head *h, size_t at)
{
	return h->octets[at] == '\n' ||
	       (h->octets[at] == '\r' && (at + 1 == h->n || h->octets[at + 1] == '\n'));
}

static bool
is_continued(const struct head *h, size_t at)
{
	return at < h->n && (h->octets[at] == ' ' || h->octets[at] == '\t');
}

/* The length of the field name at `at` (RFC 5322 2.2: printable, no colon), or 0 when there is
 * none. */
static size_t
name_length(const struct head *h, size_t at, size_t end, size_t *colon_r)
{
	size_t n = at, colon;

	while (n < end && h->octets[n] > ' ' && h->octets[n] < 0x7F && h->octets[n] != ':')
		n++;
	colon = n;
	while (colon < end && (h->octets[colon] == ' ' || h->octets[colon] == '\t'))
		colon++;
	*colon_r = colon;
	return colon < end && h->octets[colon] == ':' ? n - at : 0;
}

static void
take_field(struct head *h, size_t n_name, size_t colon, struct head_field *f_r)
{
	size_t end = line_end(h, h->at), last;

	while (is_continued(h, end))
		end = line_end(h, end);
	last = end;
	if (last > colon + 1 && h->octets[last - 1] == '\n')
		last--;
	if (last > colon + 1 && h->octets[last - 1] == '\r')
		last--;
	*f_r = (struct head_field){
		.name = h->octets + h->at,
		.n_name = n_name,
		.value = h->octets + colon + 1,
		.n_value = last - colon - 1,
		.line = h->octets + h->at,
		.n_line = end - h->at,
		.spaced = colon != h->at + n_name,
	};
	h->at = end;
	h->n_left--;
}

/* Step over what stands in front of the first field: the line of an mbox, a banner, the rest of a
 * cut field. */
static bool
skip_junk(struct head *h)
{
	size_t at = h->at, colon;

	if (h->n - at > 5 && memcmp(h->octets + at, "From ", 5) == 0 &&
	    name_length(h, at, line_end(h, at), &colon) == 0) {
		h->odd |= HEAD_MBOX_LINE;
		h->at = line_end(h, at);
		at = h->at;
	}
	for (size_t i = 0; i < JUNK_LINES_MAX && at < h->n; i++, at = line_end(h, at)) {
		if (name_length(h, at, line_end(h, at), &colon) > 0) {
			if (at != h->at)
				h->odd |= HEAD_JUNK_FIRST;
			h->at = at;
			return true;
		}
	}
	return false;
}

/* No field stands at h->at: say why, and step over the blank line. */
static void
finish(struct head *h)
{
	h->done = true;
	if (h->at >= h->n)
		h->odd |= h->cut ? HEAD_CUT : HEAD_NO_BLANK;
	else if (is_blank(h, h->at))
		h->at = line_end(h, h->at);
	else
		h->odd |= h->n_left == 0 ? HEAD_CUT : HEAD_NO_BLANK;
}

bool
head_next(struct head *h, struct head_field *f_r)
{
	size_t colon, n_name = 0;

	if (h->done)
		return false;
	if ((h->at > 0 || skip_junk(h)) && h->at < h->n && h->n_left > 0 && !is_blank(h, h->at))
		n_name = name_length(h, h->at, line_end(h, h->at), &colon);
	if (n_name > 0)
		take_field(h, n_name, colon, f_r);
	else
		finish(h);
	return n_name > 0;
}

bool
head_is(const struct head_field *f, const char *name)
{
	return f->n_name == strlen(name) && strncasecmp(f->name, name, f->n_name) == 0;
}

/* src/mail/content.c - what makes a mail the same mail when it comes again */
#include "content.h"
#include "head.h"
#include <string.h>

/* Relays add and reorder other fields; these they leave alone (RFC 5322 3.6, RFC 2045). */
static const char *const names[] = {
	"From",        "To",         "Cc",           "Date",
	"Subject",     "Message-ID", "In-Reply-To",  "References",
	"Content-Type", "Content-Transfer-Encoding"};

/* CR LF and LF are the same mail. */
static void
add_lines(struct digest *d, const char *octets, size_t n)
{
	for (const char *cr; (cr = memmem(octets, n, "\r\n", 2)) != NULL;) {
		size_t n_line = (size_t)(cr - octets);
		digest_add(d, octets, n_line);
		octets += n_line + 1;
		n -= n_line + 1;
	}
	digest_add(d, octets, n);
}

/* Add all fields with this name, in their order. Gives where the body begins. */
static size_t
add_fields(struct digest *d, const char *name, const char *octets, size_t n)
{
	struct head h;
	struct head_field f;

	head_start(&h, octets, n, n, n);
	while (head_next(&h, &f)) {
		if (!head_is(&f, name))
			continue;
		digest_add(d, name, strlen(name) + 1);
		add_lines(d, f.value, f.n_value);
		digest_add(d, "\n", 1);
	}
	return h.at;
}

static bool
has_id(const char *octets, size_t n)
{
	struct head h;
	struct head_field f;
	bool found = false;

	head_start(&h, octets, n, n, n);
	while (!found && head_next(&h, &f))
		for (size_t i = 0; head_is(&f, "Message-ID") && !found && i < f.n_value; i++)
			found = memchr(" \t\r\n", f.value[i], 4) == NULL;
	return found;
}

/* No field name begins with a NUL and no mail chooses the first word, so that a body cannot be
 * made to read as fields, nor a mail without an id as one with an id. */
void
content_digest(const void *octets, size_t n, uint8_t sum_r[DIGEST_OCTETS])
{
	static const char by_fields[] = "fields", by_octets[] = "octets";
	struct digest *d = digest_new();
	size_t body_at = 0;

	if (has_id(octets, n)) {
		digest_add(d, by_fields, sizeof by_fields);
		for (size_t i = 0; i < N_ELEMENTS(names); i++)
			body_at = add_fields(d, names[i], octets, n);
		digest_add(d, "", 1);
	} else {
		digest_add(d, by_octets, sizeof by_octets);
	}
	add_lines(d, (const char *)octets + body_at, n - body_at);
	digest_end(&d, sum_r);
}

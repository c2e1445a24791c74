/* src/wire/policy.c - the answering side of Postfix's policy delegation as a function of octets */
#include "policy.h"
#include "text.h"
#include <string.h>

struct policy_request {
	const struct buf *lines; /* "name=value" NUL, and so on */
};

static bool
is_clean(const char *value)
{
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7F)
			return false;
	return text_is_utf8(value, strlen(value));
}

const char *
policy_value(const struct policy_request *r, const char *name)
{
	size_t n_name = strlen(name), at = 0;
	const char *value = NULL;

	while (value == NULL && at < r->lines->n) {
		const char *line = r->lines->octets + at;

		if (strncmp(line, name, n_name) == 0 && line[n_name] == '=')
			value = line + n_name + 1;
		at += strlen(line) + 1;
	}
	return value != NULL && is_clean(value) ? value : NULL;
}

/* Answer the request that is pending. */
static bool
serve(const struct policy *p, const struct policy_calls *calls, struct buf *out)
{
	struct policy_request r = {.lines = &p->pending};
	const char *kind = policy_value(&r, "request");
	AUTO(buf) struct buf action = {0};
	char line[POLICY_ACTION_MAX_OCTETS + 1] = "DUNNO";

	if (kind == NULL || strcmp(kind, "smtpd_access_policy") != 0)
		return false;
	calls->decide(calls->self, &r, &action);
	if (action.n > 0) {
		size_t n = action.n < sizeof line ? action.n : sizeof line - 1;

		memcpy(line, action.octets, n);
		line[n] = '\0';
		text_clean_line(line);
	}
	buf_printf(out, "action=%s\n\n", line);
	return true;
}

/* The line that is pending is over: keep it, or answer. */
static bool
end_line(struct policy *p, const struct policy_calls *calls, struct buf *out)
{
	size_t n = p->pending.n - p->line;
	bool good;

	if (n > 0) {
		const char *line = p->pending.octets + p->line;
		const char *equals = memchr(line, '=', n);

		good = equals != NULL && equals > line && ++p->n_lines <= POLICY_LINES_MAX;
		buf_octet(&p->pending, '\0');
		p->line = p->pending.n;
	} else {
		good = serve(p, calls, out);
		buf_clear(&p->pending);
		p->line = 0;
		p->n_lines = 0;
	}
	return good;
}

static bool
take(struct policy *p, const struct policy_calls *calls, char octet, struct buf *out)
{
	if (octet == '\n')
		return end_line(p, calls, out);
	buf_octet(&p->pending, octet);
	return octet != '\0' && p->pending.n - p->line <= POLICY_LINE_MAX_OCTETS &&
	       p->pending.n <= POLICY_REQUEST_MAX_OCTETS;
}

bool
policy_feed(struct policy *p, const struct policy_calls *calls, const void *in, size_t n,
            struct buf *out)
{
	const char *octets = in;

	for (size_t i = 0; i < n && !p->cut_off; i++)
		p->cut_off = !take(p, calls, octets[i], out);
	return !p->cut_off;
}

void
policy_reset(struct policy *p)
{
	buf_free(&p->pending);
	*p = (struct policy){0};
}

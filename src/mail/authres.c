/* src/mail/authres.c - Authentication-Results (RFC 8601) that our own border wrote */
#include "authres.h"
#include "addr.h"
#include "arena.h"
#include "text.h"
#include <string.h>

/* text_line cuts a value on a character border: one that is nearly so long may be half of one. */
enum { VALUE_MAX_OCTETS = MAIL_FIELD_MAX_OCTETS - 4 };

/* A value that is being read. */
struct scan {
	struct arena *arena;
	const char *at;
};

/* All that is found, before contradictions are taken out. */
struct found {
	struct arena *arena;
	struct authres_result result[AUTHRES_RESULTS_MAX];
	bool bad[AUTHRES_RESULTS_MAX]; /* contradicted */
	size_t n, n_fields, n_forged;
	const char *warning[AUTHRES_WARNINGS_MAX];
	size_t n_warnings;
};

static void
warn(struct found *f, const char *text)
{
	if (f->n_warnings < AUTHRES_WARNINGS_MAX)
		f->warning[f->n_warnings++] = text;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Step over a comment (RFC 5322 3.2.2). */
static bool
skip_comment(struct scan *s)
{
	int depth = 0;

	for (; *s->at != '\0'; s->at++) {
		depth += *s->at == '(';
		depth -= *s->at == ')';
		if (depth > AUTHRES_DEPTH_MAX || (*s->at == '\\' && *++s->at == '\0'))
			return false;
		if (depth == 0) {
			s->at++;
			return true;
		}
	}
	return false;
}

/* Step over spaces and comments, if there are any. */
static bool
skip_space(struct scan *s)
{
	for (;;) {
		s->at += strspn(s->at, " \t");
		if (*s->at != '(')
			return true;
		if (!skip_comment(s))
			return false;
	}
}

/* Step over one character with spaces and comments around it. */
static bool
skip_mark(struct scan *s, char mark)
{
	bool good = skip_space(s) && *s->at == mark;

	s->at += good;
	return good && skip_space(s);
}

/* Read a Keyword (RFC 5321 4.1.2 Ldh-str): letters and digits, hyphens inside. */
static bool
read_keyword(struct scan *s, const char **word_r)
{
	size_t n = 0;

	while (is_alnum(s->at[n]) || (s->at[n] == '-' && n > 0))
		n++;
	if (n == 0 || s->at[n - 1] == '-')
		return false;
	char *word = arena_strndup(s->arena, s->at, n);
	text_lower(word);
	*word_r = word;
	s->at += n;
	return true;
}

/* Read a quoted string (RFC 5322 3.2.4) without its quotes. */
static bool
read_quoted(struct scan *s, const char **text_r)
{
	const char *first = s->at + 1, *last = first;

	for (; *last != '\0' && *last != '"'; last++)
		if (*last == '\\' && *++last == '\0')
			return false;
	if (*last == '\0')
		return false;
	char *text = arena_alloc(s->arena, (size_t)(last - first) + 1), *end = text;
	for (const char *c = first; c < last; c++) {
		c += *c == '\\';
		*end++ = *c;
	}
	*text_r = text;
	s->at = last + 1;
	return true;
}

/* Characters of a token (RFC 2045 5.1), and in UTF-8 mail (RFC 8616) those beyond ASCII. */
static bool
is_token(char c)
{
	return (unsigned char)c > ' ' && c != 0x7F && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

/* What stands bare in a value: a token or [[local-part]@]domain-name. Slash, equals sign, question
 * mark belong to local parts and to base64; colon and brackets to addresses of networks, which many
 * filters do not quote. None of them can end a value, so none changes how the rest is read. */
static bool
is_bare(char c)
{
	return is_token(c) || (c != '\0' && strchr("@/=?:[]", c) != NULL);
}

static bool
read_bare(struct scan *s, bool (*belongs)(char), const char **text_r)
{
	size_t n = 0, n_at = 0;

	for (; belongs(s->at[n]); n++)
		n_at += s->at[n] == '@';
	*text_r = arena_strndup(s->arena, s->at, n);
	s->at += n;
	return n > 0 && n_at <= 1;
}

/* Read a value: a token or a quoted string. */
static bool
read_value(struct scan *s, const char **text_r)
{
	return *s->at == '"' ? read_quoted(s, text_r) : read_bare(s, is_token, text_r);
}

/* Read what a property is: also an address, whose local part may be quoted. */
static bool
read_property_value(struct scan *s, const char **text_r)
{
	const char *quoted = NULL, *rest = NULL;

	if (*s->at != '"')
		return read_bare(s, is_bare, text_r);
	if (!read_quoted(s, &quoted))
		return false;
	*text_r = quoted;
	if (*s->at != '@')
		return true;
	s->at++;
	if (!read_bare(s, is_token, &rest))
		return false;
	*text_r = arena_printf(s->arena, "%s@%s", quoted, rest);
	return true;
}

static bool
is_over(const struct scan *s)
{
	return *s->at == '\0' || *s->at == ';';
}

/* Read ptype.property=value. */
static bool
read_property(struct scan *s, struct authres_property *p_r)
{
	return read_keyword(s, &p_r->type) && skip_mark(s, '.') && read_keyword(s, &p_r->name) &&
	       skip_mark(s, '=') && read_property_value(s, &p_r->value) && skip_space(s);
}

/* Read the properties up to the next ';'. The same one twice with two values is no statement. */
static bool
read_properties(struct scan *s, struct authres_result *r)
{
	struct authres_property *list =
		arena_array(s->arena, AUTHRES_PROPERTIES_MAX, sizeof *list);

	r->property = list;
	while (!is_over(s)) {
		struct authres_property p = {NULL, NULL, NULL};

		if (r->n_properties == AUTHRES_PROPERTIES_MAX || !read_property(s, &p))
			return false;
		const char *before = authres_value(r, p.type, p.name);
		if (before != NULL && strcmp(before, p.value) != 0)
			return false;
		list[r->n_properties++] = p;
	}
	return true;
}

/* Step over a version. Gives  false when it is malformed; *known_r: it is version 1 */
static bool
skip_version(struct scan *s, bool *known_r)
{
	size_t n = strspn(s->at, "0123456789");

	*known_r = n == 1 && *s->at == '1';
	s->at += n;
	return n > 0 && skip_space(s);
}

/* Read reason=value, if it is there; a property type of that name goes on with a dot. */
static bool
read_reason(struct scan *s, const char **reason_r)
{
	struct scan ahead = *s;
	const char *word = NULL;
	bool there = read_keyword(&ahead, &word) && strcmp(word, "reason") == 0 &&
	             skip_mark(&ahead, '=');

	*reason_r = "";
	if (!there)
		return true;
	*s = ahead;
	return read_value(s, reason_r) && skip_space(s);
}

/* Read one method=result … up to the next ';'.
 * Gives   false when it is malformed; *known_r: its version is one that we understand */
static bool
read_result(struct scan *s, struct authres_result *r, bool *known_r)
{
	*known_r = true;
	if (!read_keyword(s, &r->method) || !skip_space(s))
		return false;
	if (*s->at == '/' && !(skip_mark(s, '/') && skip_version(s, known_r)))
		return false;
	if (!skip_mark(s, '=') || !read_keyword(s, &r->result))
		return false;
	if (!is_over(s) && strchr(" \t(", *s->at) == NULL)
		return false;
	return skip_space(s) && read_reason(s, &r->reason) && read_properties(s, r);
}

/* A domain as addresses have it, lower case, or "". */
static const char *
domain_of(struct arena *a, const char *value)
{
	const char *at = strrchr(value, '@');
	const char *domain = at == NULL ? value : at + 1;
	const char *address = addr_canonical(a, arena_printf(a, "x@%s", domain));

	return address == NULL ? "" : addr_domain(address);
}

static bool
is_within(const char *domain, const char *parent)
{
	size_t n = strlen(domain), n_parent = strlen(parent);

	return n >= n_parent && strcmp(domain + n - n_parent, parent) == 0 &&
	       (n == n_parent || domain[n - n_parent - 1] == '.');
}

/* Who signed: header.d, or the domain of header.i when that is all there is (RFC 8601 2.7.1). */
static const char *
signer(struct arena *a, const struct authres_result *r)
{
	const char *d = authres_value(r, "header", "d"), *i = authres_value(r, "header", "i");
	const char *domain = d != NULL && strchr(d, '@') == NULL ? domain_of(a, d) : "";
	const char *user_domain = i != NULL ? domain_of(a, i) : "";

	if (d == NULL)
		return user_domain;
	return i == NULL || is_within(user_domain, domain) ? domain : "";
}

static const char *
identity_of(struct arena *a, const struct authres_result *r)
{
	const char *value = NULL;

	if (strcmp(r->method, "dkim") == 0)
		return signer(a, r);
	if (strcmp(r->method, "auth") == 0) {
		value = authres_value(r, "smtp", "auth");
		return value == NULL ? "" : value;
	}
	if (strcmp(r->method, "dmarc") == 0) {
		value = authres_value(r, "header", "from");
		value = value != NULL && strchr(value, '@') == NULL ? value : NULL;
	} else if (strcmp(r->method, "spf") == 0) {
		value = authres_value(r, "smtp", "mailfrom");
		value = value != NULL ? value : authres_value(r, "smtp", "helo");
	}
	return value == NULL ? "" : domain_of(a, value);
}

/* Read the id that a field begins with. */
static bool
read_id(struct scan *s, const char **id_r)
{
	return skip_space(s) && read_value(s, id_r);
}

/* Read what stands behind the id: [version] and ";none" or one or more results. */
static bool
read_payload(struct scan *s, struct found *f)
{
	const char *word = NULL;
	const char *before = s->at;
	bool known = true;

	if (!skip_space(s))
		return false;
	if (!is_over(s) && !(s->at > before && skip_version(s, &known) && known))
		return false;
	struct scan ahead = *s;
	if (skip_mark(&ahead, ';') && read_keyword(&ahead, &word) && strcmp(word, "none") == 0 &&
	    skip_space(&ahead) && *ahead.at == '\0')
		return true;
	if (*s->at != ';')
		return false;
	while (*s->at == ';') {
		struct authres_result r = {.field = f->n_fields};

		if (f->n == AUTHRES_RESULTS_MAX || !skip_mark(s, ';') ||
		    !read_result(s, &r, &known))
			return false;
		r.identity = identity_of(s->arena, &r);
		if (known)
			f->result[f->n++] = r;
	}
	return true;
}

/* Read one field of our id inside the boundary. */
static void
read_ours(struct found *f, struct scan *s, size_t n_octets)
{
	size_t n_before = f->n;

	if (n_octets >= VALUE_MAX_OCTETS || !read_payload(s, f)) {
		f->n = n_before;
		warn(f, "an Authentication-Results field of ours is malformed: not counted");
	}
	f->n_fields++;
}

/* What must not be said in two ways. HELO has an SPF result beside that of the sender. */
static bool
is_same_matter(const struct authres_result *x, const struct authres_result *y)
{
	return strcmp(x->method, y->method) == 0 &&
	       (strcmp(x->method, "spf") != 0 ||
	        (authres_value(x, "smtp", "mailfrom") == NULL) ==
	                (authres_value(y, "smtp", "mailfrom") == NULL));
}

static bool
is_same_value(const struct authres_result *x, const struct authres_result *y, const char *name)
{
	const char *of_x = authres_value(x, "header", name);
	const char *of_y = authres_value(y, "header", name);

	return of_x == NULL || of_y == NULL ? of_x == of_y : strcmp(of_x, of_y) == 0;
}

/* Whether two results of one field, on one matter, do not go together. A mail may have several
 * signatures, which fare differently. */
static bool
is_at_odds(const struct authres_result *x, const struct authres_result *y)
{
	bool same_result = strcmp(x->result, y->result) == 0;
	bool same_identity = strcmp(x->identity, y->identity) == 0;

	if (strcmp(x->method, "dkim") == 0)
		return !same_result && same_identity && is_same_value(x, y, "s") &&
		       is_same_value(x, y, "b");
	return !same_result || !same_identity;
}

/* Whether the field of y says what x says too. */
static bool
is_repeated(const struct found *f, const struct authres_result *x, size_t field)
{
	bool same = false;

	for (size_t i = 0; i < f->n && !same; i++) {
		const struct authres_result *y = &f->result[i];

		same = y->field == field && is_same_matter(x, y) &&
		       strcmp(x->result, y->result) == 0 && strcmp(x->identity, y->identity) == 0;
	}
	return same;
}

/* Whether a result is contradicted by another one. */
static bool
is_contradicted(const struct found *f, const struct authres_result *x)
{
	bool bad = false;

	for (size_t i = 0; i < f->n && !bad; i++) {
		const struct authres_result *y = &f->result[i];

		if (y == x || !is_same_matter(x, y))
			continue;
		/* Of two fields the upper one is believed, and one of them may be the sender's. */
		if (y->field == x->field)
			bad = is_at_odds(x, y);
		else
			bad = !is_repeated(f, y->field > x->field ? y : x,
			                   y->field > x->field ? x->field : y->field);
	}
	return bad;
}

/* Mark all results on matters that have a contradiction. */
static void
judge(struct found *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (f->bad[i] || !is_contradicted(f, &f->result[i]))
			continue;
		for (size_t j = 0; j < f->n; j++)
			f->bad[j] = f->bad[j] || is_same_matter(&f->result[i], &f->result[j]);
		warn(f, arena_printf(f->arena, "Authentication-Results contradict each other "
		                               "about %s: absent", f->result[i].method));
	}
}

/* Give what is left. */
static void
finish(struct arena *a, struct found *f, struct authres *r_r)
{
	struct authres_result *result = arena_array(a, f->n, sizeof *result);
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		if (!f->bad[i])
			result[n++] = f->result[i];
	*r_r = (struct authres){
		.result = result,
		.n = n,
		.n_fields = f->n_fields,
		.n_forged = f->n_forged,
		.warning = arena_memdup(a, f->warning, f->n_warnings * sizeof f->warning[0]),
		.n_warnings = f->n_warnings,
	};
}

void
authres_read(struct arena *a, const struct mail *m, const struct authres_trust *trust,
             struct authres *r_r)
{
	struct found *f = arena_alloc(a, sizeof *f);
	/* Mail without a Received of our own did not come by our border. */
	bool came_by = mail_count(m, "Received") >= (trust->n_own > 0 ? trust->n_own : 1);
	size_t n_received = 0;

	f->arena = a;
	for (size_t i = 0; i < m->n_fields && trust->authserv_id[0] != '\0'; i++) {
		struct scan s = {a, m->field[i].value};
		const char *id = NULL;

		n_received += text_same(m->field[i].name, "Received");
		if (!text_same(m->field[i].name, "Authentication-Results") ||
		    !read_id(&s, &id) || !text_same(id, trust->authserv_id))
			continue;
		if (!came_by || n_received > trust->n_own)
			f->n_forged++;
		else if (f->n_fields < AUTHRES_FIELDS_MAX)
			read_ours(f, &s, strlen(m->field[i].value));
		else
			f->n_fields++;
	}
	if (f->n_forged > 0)
		warn(f, arena_printf(a, "%zu Authentication-Results with our id outside the "
		                        "trust boundary: forged, ignored", f->n_forged));
	if (f->n_fields > AUTHRES_FIELDS_MAX) {
		warn(f, arena_printf(a, "%zu Authentication-Results of ours: too many, all ignored",
		                     f->n_fields));
		f->n = 0;
	}
	judge(f);
	finish(a, f, r_r);
}

const char *
authres_value(const struct authres_result *result, const char *type, const char *name)
{
	for (size_t i = 0; i < result->n_properties; i++) {
		const struct authres_property *p = &result->property[i];

		if (strcmp(p->type, type) == 0 && strcmp(p->name, name) == 0)
			return p->value;
	}
	return NULL;
}

bool
authres_dkim_pass(const struct authres *r, authres_aligned *aligned, void *self)
{
	bool pass = false;

	for (size_t i = 0; i < r->n && !pass; i++)
		pass = strcmp(r->result[i].method, "dkim") == 0 &&
		       strcmp(r->result[i].result, "pass") == 0 &&
		       r->result[i].identity[0] != '\0' && aligned(self, r->result[i].identity);
	return pass;
}

/* What the one result of a method says, of something that it names. */
static enum authres_verdict
verdict_of(const struct authres_result *r, const char **identity_r)
{
	enum authres_verdict v = AUTHRES_NONE;

	if (r != NULL && r->identity[0] != '\0') {
		if (strcmp(r->result, "pass") == 0)
			v = AUTHRES_PASS;
		else if (strcmp(r->result, "fail") == 0)
			v = AUTHRES_FAIL;
		else if (strcmp(r->result, "temperror") == 0)
			v = AUTHRES_TEMPORARY;
	}
	if (identity_r != NULL)
		*identity_r = r == NULL ? "" : r->identity;
	return v;
}

/* The first result of a method that has a property, or NULL. */
static const struct authres_result *
find(const struct authres *r, const char *method, const char *type, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->result[i].method, method) == 0 &&
		    authres_value(&r->result[i], type, name) != NULL)
			return &r->result[i];
	return NULL;
}

enum authres_verdict
authres_dmarc(const struct authres *r, const char **from_r)
{
	return verdict_of(find(r, "dmarc", "header", "from"), from_r);
}

enum authres_verdict
authres_spf(const struct authres *r, const char **domain_r)
{
	return verdict_of(find(r, "spf", "smtp", "mailfrom"), domain_r);
}

const char *
authres_login(const struct authres *r)
{
	const char *name = NULL;

	return verdict_of(find(r, "auth", "smtp", "auth"), &name) == AUTHRES_PASS ? name : NULL;
}

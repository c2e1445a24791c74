/* src/spf/spf_check.c - one check of RFC 7208, from a client and a sender to a result */
#include "spf_check.h"
#include "arena.h"
#include "buf.h"
#include "clock.h"
#include "dns_name.h"
#include "spf_client.h"
#include "spf_macro.h"
#include "spf_plan.h"
#include "spf_record.h"
#include "text.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	TARGETS_MOST = 512,  /* handles of one check: 11 records of 13 terms, and 100 hosts of MX */
	SHOWN_OCTETS = 160,  /* of a record in an explanation */
	HANDLE_MOST_DIGITS = 4
};

/* A name that libspf2 sees as "&5". No name of the DNS can be taken for it: names in the answers
 * that it gets back are handles too, or names of hosts. */
enum use { USE_TOP, USE_TERM, USE_REDIRECT, USE_HOST };
static const char handle_mark = '&';

struct target {
	enum use use;
	enum spf_mechanism mechanism; /* USE_TERM */
	const char *spec;             /* domain-spec; NULL: the domain itself */
	const char *domain;           /* whose record it stands in; the name itself: TOP, HOST */
	bool any;                     /* any address will do */
};

/* A question of this check and its answer. */
struct asked {
	const char *name;
	enum dns_type type;
	enum dns_err err;
	struct dns_answer answer;
};

struct check {
	struct arena *a;
	const struct dns_source *dns;
	const struct spf_client *client;
	int64_t deadline_ms;
	struct spf_macro_facts facts; /* its domain is set for each name */
	struct target target[TARGETS_MOST];
	size_t n_targets;
	struct asked asked[SPF_CHECK_QUESTIONS_MOST];
	size_t n_asked;
	unsigned n_lookups, n_void;
	const char *record;    /* of the domain itself, for people */
	bool is_ended;         /* by an error, which no term can mend: RFC 7208 2.6.6, 2.6.7 */
	enum spf_result error; /* is_ended: which */
	struct why why;
};

static void PRINTF_LIKE(3, 4)
end(struct check *c, enum spf_result error, const char *fmt, ...)
{
	va_list args;
	char words[WHY_OCTETS];

	if (c->is_ended)
		return;
	va_start(args, fmt);
	(void)vsnprintf(words, sizeof words, fmt, args);
	va_end(args);
	why_set(&c->why, "%s", words);
	c->is_ended = true;
	c->error = error;
}

/* ---- the DNS ---- */

static struct asked *
find_asked(struct check *c, const char *name, enum dns_type type)
{
	for (size_t i = 0; i < c->n_asked; i++)
		if (c->asked[i].type == type && text_same(c->asked[i].name, name))
			return &c->asked[i];
	return NULL;
}

static const char *
type_name(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_PTR:
		return "PTR";
	case DNS_MX:
		return "MX";
	case DNS_TXT:
		return "TXT";
	case DNS_AAAA:
		return "AAAA";
	}
	return "?";
}

/* Ask, within the limits of the check. What is no name has no records (RFC 7208 4.3, 4.8).
 * Fails  DNS_FAILED with words in why, which do not end the check; or the check has ended */
static enum dns_err
fetch(struct check *c, const char *name, enum dns_type type, struct dns_answer *answer_r,
      struct why *why)
{
	unsigned char wire[DNS_NAME_OCTETS_MOST];
	size_t n_wire;

	if (c->is_ended)
		return DNS_FAILED;
	if (!dns_name_pack(name, wire, &n_wire))
		return DNS_VOID;
	struct asked *asked = find_asked(c, name, type);
	if (asked == NULL) {
		if (c->n_asked == SPF_CHECK_QUESTIONS_MOST) {
			end(c, SPF_PERMERROR, "the record needs more than %d questions to the DNS",
			    SPF_CHECK_QUESTIONS_MOST);
			return DNS_FAILED;
		}
		if (clock_mono_ms() >= c->deadline_ms) {
			end(c, SPF_TEMPERROR, "the DNS took too long");
			return DNS_FAILED;
		}
		struct dns_question q = {name, type, c->deadline_ms};
		asked = &c->asked[c->n_asked++];
		*asked = (struct asked){.name = arena_strdup(c->a, name), .type = type};
		asked->err = c->dns->ask(c->dns->arg, c->a, &q, &asked->answer, why);
	}
	if (asked->err == DNS_FAILED && why->text[0] == '\0')
		why_set(why, "it failed before");
	*answer_r = asked->answer;
	return asked->err;
}

/* The same where a failure ends the check. */
static enum dns_err
must_fetch(struct check *c, const char *name, enum dns_type type, struct dns_answer *answer_r)
{
	struct why why = {""};
	enum dns_err e = fetch(c, name, type, answer_r, &why);

	if (e == DNS_FAILED)
		end(c, SPF_TEMPERROR, "%s of %s could not be looked up: %s", type_name(type),
		    text_line(c->a, name, strlen(name), DNS_NAME_TEXT_MOST), why.text);
	return e;
}

/* ---- names ---- */

static const char *
new_target(struct check *c, struct target t)
{
	assert(c->n_targets < TARGETS_MOST);
	c->target[c->n_targets] = t;
	return arena_printf(c->a, "%c%zu", handle_mark, c->n_targets++);
}

static const struct target *
find_target(const struct check *c, const char *handle)
{
	size_t n_digits = strspn(handle + 1, "0123456789"), i = 0;

	if (n_digits == 0 || n_digits > HANDLE_MOST_DIGITS || handle[1 + n_digits] != '\0')
		return NULL;
	for (const char *p = handle + 1; *p != '\0'; p++)
		i = i * 10 + (size_t)(*p - '0');
	return i < c->n_targets ? &c->target[i] : NULL;
}

static const char *
expand(struct check *c, const char *spec, const char *domain)
{
	if (spec == NULL)
		return domain;
	c->facts.domain = domain;
	return spf_macro_expand(c->a, spec, &c->facts);
}

/* What spf_plan_write asks: the domain of a record under way, and the names of its terms. */
struct naming {
	struct check *c;
	const char *domain;
};

static const char *
name_term(void *arg, const struct spf_term *term, const char *spec, bool any)
{
	struct naming *n = arg;
	struct target t = {.use = USE_REDIRECT, .spec = spec, .domain = n->domain, .any = any};

	if (term == NULL)
		return new_target(n->c, t);
	if (term->mechanism == SPF_MECHANISM_PTR) {
		const char *name = expand(n->c, spec, n->domain);
		if (dns_name_is_host(name))
			return name;
	}
	t.use = USE_TERM;
	t.mechanism = term->mechanism;
	return new_target(n->c, t);
}

/* ---- records ---- */

enum found { FOUND, FOUND_NONE, FOUND_ERROR };

/* Choose among the TXT records of a domain (RFC 7208 4.5). */
static enum found
choose(struct check *c, const char *domain, const struct dns_answer *answer,
       const struct dns_record **record_r)
{
	size_t n_found = 0;

	for (size_t i = 0; i < answer->n; i++) {
		if (!spf_record_is(answer->record[i].octets, answer->record[i].n))
			continue;
		*record_r = &answer->record[i];
		n_found++;
	}
	if (n_found > 1)
		end(c, SPF_PERMERROR, "%s has %zu SPF records", domain, n_found);
	return n_found == 0 ? FOUND_NONE : n_found == 1 ? FOUND : FOUND_ERROR;
}

static enum found
find_record(struct check *c, const char *domain, struct spf_record *record_r)
{
	const struct dns_record *txt = NULL;
	struct dns_answer answer = {0};
	struct why why = {""};

	enum dns_err e = must_fetch(c, domain, DNS_TXT, &answer);
	if (e != DNS_OK)
		return e == DNS_VOID ? FOUND_NONE : FOUND_ERROR;
	enum found found = choose(c, domain, &answer, &txt);
	if (found != FOUND)
		return found;
	if (c->record == NULL)
		c->record = text_line(c->a, txt->octets, txt->n, SHOWN_OCTETS);
	if (spf_record_parse(c->a, txt->octets, txt->n, record_r, &why) == SPF_RECORD_OK)
		return FOUND;
	end(c, SPF_PERMERROR, "%s: %s", domain, why.text);
	return FOUND_ERROR;
}

/* The plan of a domain's record, as the one TXT record of its handle.
 * Fails  DNS_FAILED: the check has ended */
static enum dns_err
give_plan(struct check *c, const char *domain, struct dns_answer *answer_r)
{
	struct naming naming = {c, arena_strdup(c->a, domain)};
	struct spf_plan_names names = {name_term, &naming};
	struct dns_record *plan = arena_alloc(c->a, sizeof *plan);
	AUTO(buf) struct buf text = {0};
	struct spf_record record;

	enum found found = find_record(c, domain, &record);
	if (found == FOUND_NONE) /* RFC 7208 5.2, 6.1 */
		end(c, SPF_PERMERROR, "%s is included or redirected to, and has no SPF record",
		    text_line(c->a, domain, strlen(domain), DNS_NAME_TEXT_MOST));
	if (found != FOUND)
		return DNS_FAILED;
	spf_plan_write(&text, &record, &c->client->lib, &names);
	if (c->is_ended)
		return DNS_FAILED;
	*plan = (struct dns_record){arena_memdup(c->a, text.octets, text.n), text.n};
	*answer_r = (struct dns_answer){.record = plan, .n = 1};
	return DNS_OK;
}

/* ---- what libspf2 looks up ---- */

static bool
count_term(struct check *c)
{
	if (!c->is_ended && ++c->n_lookups > SPF_CHECK_LOOKUPS_MOST)
		end(c, SPF_PERMERROR, "more than %d terms ask the DNS", SPF_CHECK_LOOKUPS_MOST);
	return !c->is_ended;
}

static bool
count_void(struct check *c)
{
	if (!c->is_ended && ++c->n_void > SPF_CHECK_VOID_MOST)
		end(c, SPF_PERMERROR, "more than %d terms found nothing in the DNS",
		    SPF_CHECK_VOID_MOST);
	return !c->is_ended;
}

static enum dns_err
give_addresses(struct check *c, const struct target *t, const char *name, enum dns_type type,
               struct dns_answer *answer_r)
{
	enum dns_err e = must_fetch(c, name, type, answer_r);

	if (e == DNS_OK && t->any) {
		struct dns_record *own = arena_alloc(c->a, sizeof *own);
		*own = (struct dns_record){(const char *)c->client->lib.octets,
		                           c->client->lib.is_ip6 ? 16 : 4};
		*answer_r = (struct dns_answer){.record = own, .n = 1};
	}
	return e;
}

/* The hosts of an MX, as handles. A null MX (RFC 7505) names none. */
static enum dns_err
give_hosts(struct check *c, const struct target *t, const char *name, struct dns_answer *answer_r)
{
	struct dns_answer mx = {0};
	enum dns_err e = must_fetch(c, name, DNS_MX, &mx);

	if (e != DNS_OK)
		return e;
	if (mx.n > SPF_CHECK_NAMES_MOST) {
		end(c, SPF_PERMERROR, "%s has more than %d MX records",
		    text_line(c->a, name, strlen(name), DNS_NAME_TEXT_MOST), SPF_CHECK_NAMES_MOST);
		return DNS_FAILED;
	}
	struct dns_record *host = arena_array(c->a, mx.n, sizeof *host);
	size_t n = 0;
	for (size_t i = 0; i < mx.n; i++) {
		struct target of_host = {.use = USE_HOST, .domain = mx.record[i].octets,
		                         .any = t->any};
		if (mx.record[i].n == 0)
			continue;
		const char *handle = new_target(c, of_host);
		host[n++] = (struct dns_record){handle, strlen(handle)};
	}
	*answer_r = (struct dns_answer){.record = host, .n = n};
	return n > 0 ? DNS_OK : DNS_VOID;
}

static enum dns_err
give_term(struct check *c, const struct target *t, enum dns_type type,
          struct dns_answer *answer_r)
{
	enum dns_err e;

	if (!count_term(c))
		return DNS_FAILED;
	const char *name = expand(c, t->spec, t->domain);
	if (c->is_ended)
		return DNS_FAILED;
	if (t->use == USE_REDIRECT || t->mechanism == SPF_MECHANISM_INCLUDE)
		return give_plan(c, name, answer_r);
	if (t->mechanism == SPF_MECHANISM_MX)
		e = give_hosts(c, t, name, answer_r);
	else
		e = give_addresses(c, t, name, type, answer_r);
	return e == DNS_VOID && !count_void(c) ? DNS_FAILED : e;
}

/* The names of the client's address. One that cannot be looked up is no match, not an error
 * (RFC 7208 5.5); neither are more than ten. */
static enum dns_err
give_client_names(struct check *c, struct dns_answer *answer_r)
{
	struct dns_answer ptr = {0};
	struct why why = {""};

	if (fetch(c, c->client->reverse, DNS_PTR, &ptr, &why) != DNS_OK)
		return c->is_ended ? DNS_FAILED : DNS_VOID;
	struct dns_record *name = arena_array(c->a, SPF_CHECK_NAMES_MOST, sizeof *name);
	size_t n = 0;
	for (size_t i = 0; i < ptr.n && i < SPF_CHECK_NAMES_MOST; i++)
		if (dns_name_is_host(ptr.record[i].octets))
			name[n++] = ptr.record[i];
	*answer_r = (struct dns_answer){.record = name, .n = n};
	return n > 0 ? DNS_OK : DNS_VOID;
}

static enum dns_err
give_name_addresses(struct check *c, const char *name, struct dns_answer *answer_r)
{
	struct why why = {""};
	enum dns_err e = fetch(c, name, c->client->lib.is_ip6 ? DNS_AAAA : DNS_A, answer_r, &why);

	return e == DNS_FAILED && !c->is_ended ? DNS_VOID : e;
}

static enum dns_err
look_up(void *arg, const char *name, enum dns_type type, struct dns_answer *answer_r)
{
	struct check *c = arg;

	if (c->is_ended)
		return DNS_FAILED;
	if (type == DNS_PTR)
		return count_term(c) ? give_client_names(c, answer_r) : DNS_FAILED;
	if (*name != handle_mark)
		return give_name_addresses(c, name, answer_r);
	const struct target *t = find_target(c, name);
	if (t == NULL) {
		end(c, SPF_TEMPERROR, "libspf2 asked for a name that it was never told");
		return DNS_FAILED;
	}
	switch (t->use) {
	case USE_TOP:
		return give_plan(c, t->domain, answer_r);
	case USE_HOST:
		return give_addresses(c, t, t->domain, type, answer_r);
	case USE_TERM:
	case USE_REDIRECT:
		break;
	}
	return give_term(c, t, type, answer_r);
}

/* ---- %{p} ---- */

static bool
has_client(struct check *c, const char *name)
{
	struct dns_answer answer = {0};

	if (give_name_addresses(c, name, &answer) != DNS_OK)
		return false;
	for (size_t i = 0; i < answer.n; i++)
		if (memcmp(answer.record[i].octets, c->client->lib.octets, answer.record[i].n) == 0)
			return true;
	return false;
}

static int
nearness(const char *name, const char *domain)
{
	size_t n_name = strlen(name), n_domain = strlen(domain);

	if (text_same(name, domain))
		return 3;
	if (n_name > n_domain && name[n_name - n_domain - 1] == '.' &&
	    text_same(name + n_name - n_domain, domain))
		return 2;
	return 1;
}

/* RFC 7208 7.3: the domain itself, else a subdomain of it, else any validated name. */
static const char *
find_validated(void *arg, const char *domain)
{
	struct check *c = arg;
	struct dns_answer names = {0};
	const char *best = "unknown";
	int best_nearness = 0;

	if (give_client_names(c, &names) != DNS_OK)
		return best;
	for (size_t i = 0; i < names.n; i++) {
		int here = nearness(names.record[i].octets, domain);
		if (here > best_nearness && has_client(c, names.record[i].octets)) {
			best = names.record[i].octets;
			best_nearness = here;
		}
	}
	return best;
}

/* ---- the whole ---- */

/* RFC 7208 4.3: the sender's domain, else the HELO name; the local part is postmaster where there
 * is none. Gives  the domain, "" when there is none */
static const char *
read_sender(struct check *c, const struct spf_query *q)
{
	const char *sender = *q->sender == '\0' ? q->helo : q->sender;
	const char *at = *q->sender == '\0' ? NULL : strrchr(sender, '@');
	const char *domain = at == NULL ? sender : at + 1;
	size_t n = strlen(domain);

	if (n > 0 && domain[n - 1] == '.')
		domain = arena_strndup(c->a, domain, n - 1);
	c->facts.local = at == NULL || at == sender
	                         ? "postmaster"
	                         : arena_strndup(c->a, sender, (size_t)(at - sender));
	c->facts.sender_domain = domain;
	c->facts.sender = arena_printf(c->a, "%s@%s", c->facts.local, domain);
	c->facts.helo = q->helo;
	return domain;
}

static void
conclude(const struct check *c, enum spf_result result, const char *domain,
         struct spf_answer *answer_r)
{
	const char *explanation = c->is_ended ? c->why.text
	                                      : arena_printf(c->a, "%s for %s by \"%s\" of %s",
	                                                     spf_result_name(result),
	                                                     c->client->text, c->record, domain);

	*answer_r = (struct spf_answer){
		.result = result,
		.domain = domain,
		.explanation = text_line(c->a, explanation, strlen(explanation),
	                                 SPF_EXPLANATION_MOST_OCTETS),
		.n_lookups = c->n_lookups,
		.n_void = c->n_void,
	};
}

static enum spf_result
evaluate(struct check *c, struct spf_lib *lib, const char *domain)
{
	struct spf_lib_dns layer = {look_up, c};
	struct spf_record record;

	if (!dns_name_is_host(domain)) {
		end(c, SPF_NONE, "\"%s\" is no domain that could have an SPF record",
		    text_line(c->a, domain, strlen(domain), DNS_NAME_TEXT_MOST));
		return SPF_NONE;
	}
	if (find_record(c, domain, &record) == FOUND_NONE)
		end(c, SPF_NONE, "%s has no SPF record", domain);
	if (c->is_ended)
		return c->error;
	struct target top = {.use = USE_TOP, .domain = domain};
	enum spf_result result = spf_lib_evaluate(lib, &c->client->lib, &layer,
	                                          new_target(c, top));
	if (!c->is_ended && (result == SPF_TEMPERROR || result == SPF_PERMERROR ||
	                     result == SPF_NONE))
		end(c, SPF_TEMPERROR, "libspf2 could not evaluate the record of %s", domain);
	return c->is_ended ? c->error : result;
}

void
spf_check(struct spf_lib *lib, const struct dns_source *dns, struct arena *a,
          const struct spf_query *q, int64_t deadline_ms, struct spf_answer *answer_r)
{
	struct check *c = arena_alloc(a, sizeof *c);
	struct spf_client *client = arena_alloc(a, sizeof *client);

	*c = (struct check){.a = a, .dns = dns, .client = client, .deadline_ms = deadline_ms};
	const char *domain = read_sender(c, q);
	enum spf_result result = SPF_NONE;
	if (!spf_client_read(a, q->address, client)) {
		end(c, SPF_NONE, "the client's address is none");
	} else if (client->is_loopback) {
		end(c, SPF_NONE, "the client is this machine itself");
	} else {
		c->facts.address = client->dotted;
		c->facts.version = client->lib.is_ip6 ? "ip6" : "in-addr";
		c->facts.validated = find_validated;
		c->facts.arg = c;
		result = evaluate(c, lib, domain);
	}
	conclude(c, result, domain, answer_r);
}

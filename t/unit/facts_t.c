/* t/unit/facts_t.c - facts survive the way to posternd; nothing else does */
#include "facts.h"
#include "addr.h"
#include "arena.h"
#include "buf.h"
#include "tap.h"
#include "text.h"
#include <stdlib.h>

static const struct mail_mailbox boxes[] = {{"Ann Bée", "ann@example.com"}, {"", "bob@example.com"}};
static const struct mail_field fields[] = {{"Subject", "hello"}, {"X-Odd", ""}};
static const struct mail_span spans[] = {{MAIL_MARK_QUOTE, 0, 1}, {MAIL_MARK_SIGNATURE, 2, 2}};
static const struct mail_part parts[] = {
	{"1", "text/plain", "utf-8", "", "inline", "", 42, true},
	{"2", "image/png", "", "logo é.png", "attachment", "id@x", UINT64_MAX, false}};
static const struct mail_dsn_rcpt rcpts[] = {
	{"bob@example.com", "", "failed", "5.1.1", "smtp; 550 no"}};
static const char *const ids[] = {"a@x", "b@y"};

static struct mail
sample(void)
{
	struct mail m = {
		.subject = "hello é", .subject_raw = "hello =?", .message_id = "m@x",
		.in_reply_to = ids, .n_in_reply_to = 1, .references = ids, .n_references = 2,
		.date_s = 1767225600, .from_state = MAIL_FROM_ONE, .from_address = "ann@example.com",
		.from_name = "Ann", .from_raw = "Ann <ann@example.com>",
		.to = {boxes, 2}, .cc = {boxes, 1}, .reply_to = {NULL, 0},
		.field = fields, .n_fields = 2, .text_source = MAIL_TEXT_HTML,
		.text = "> one\n> two\n-- \n", .span = spans, .n_spans = 2,
		.type = "multipart/mixed", .report_type = "", .part = parts, .n_parts = 2,
		.dsn = {true, "mx.example.com", rcpts, 1, ids, 2}, .language = "en",
		.language_guessed = true,
		.warning = ids, .n_warnings = 1,
	};
	return m;
}

/* Encode, decode. Gives NULL when refused. */
static const struct mail *
pass(struct arena *a, const struct mail *m)
{
	AUTO(buf) struct buf octets = {0};
	const struct mail *back = NULL;

	facts_put(m, &octets);
	return facts_get(a, octets.octets, octets.n, &back, NULL) == FACTS_OK ? back : NULL;
}

static void
test_round_trip(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf once = {0};
	AUTO(buf) struct buf twice = {0};
	struct mail m = sample();
	const struct mail *back = pass(a, &m);

	OK(back != NULL, "facts come back");
	if (back == NULL)
		return;
	facts_put(&m, &once);
	facts_put(back, &twice);
	OK(once.n == twice.n && memcmp(once.octets, twice.octets, once.n) == 0, "and are the same");
	IS_STR(back->part[1].file_name, "logo é.png", "a file name");
	OK(back->part[1].n_octets == UINT64_MAX, "a large number");
	IS_STR(back->dsn.rcpt[0].status, "5.1.1", "a status");
	IS_STR(mail_field(back, "subject"), "hello", "a field");
	IS_INT(mail_count(back, "x-odd"), 1, "how many fields");
	OK(mail_field_nth(back, "subject", 1) == NULL, "no second one");
}

static void
test_refused(void)
{
	AUTO(arena) struct arena *a = arena_new();
	static const struct mail_mailbox bad_box = {"x", "a@b>\r\nRCPT TO:<c@d"};
	static const struct mail_field bad_field = {"X: y", "z"}, long_field = {"", "z"};
	static const struct mail_span late = {MAIL_MARK_QUOTE, 0, 99}, twisted = {MAIL_MARK_QUOTE, 2, 1};
	static const struct mail_part path = {"1", "a/b", "", "../x", "", "", 0, false};
	static const struct mail_part dot = {"1", "a/b", "", ".profile", "", "", 0, false};
	static const char *const empty_id[] = {""};
	struct mail m;

	m = sample();
	OK(pass(a, &m) != NULL, "the sample itself passes");
#define TRY(change, what) do { m = sample(); change; OK(pass(a, &m) == NULL, what); } while (0)
	TRY(m.subject = "two\nlines", "a subject of two lines");
	TRY(m.subject = "esc \x1B[2J", "an escape in the subject");
	TRY(m.subject = "bad \xFF", "a subject that is not UTF-8");
	TRY(m.subject = "bidi \xE2\x80\xAE", "a subject that turns round");
	TRY(m.text = "bell \a", "a bell in the text");
	TRY(m.text = "cr\r\n", "a CR in the text");
	TRY(m.text = "\xC3", "half a character");
	TRY(m.from_state = (enum mail_from)9, "a from state that is none");
	TRY(m.from_address = "ann", "an identity that is no address");
	TRY(m.from_address = "Ann@Example.com", "an identity that is not canonical");
	TRY(m.from_state = MAIL_FROM_ODD, "an identity where there is none");
	TRY((m.to.box = &bad_box, m.to.n = 1), "an address with a line end");
	TRY((m.field = &bad_field, m.n_fields = 1), "a field name with a colon");
	TRY((m.field = &long_field, m.n_fields = 1), "a field without a name");
	TRY((m.span = &late, m.n_spans = 1), "a mark behind the end of the text");
	TRY((m.span = &twisted, m.n_spans = 1), "a mark that ends before it begins");
	TRY((m.part = &path, m.n_parts = 1), "a path in a file name");
	TRY((m.part = &dot, m.n_parts = 1), "a hidden file name");
	TRY((m.references = empty_id, m.n_references = 1), "an empty reference");
	TRY(m.date_s = -1, "a date before 1970");
	TRY(m.date_s = INT64_MAX, "a date that no calendar has");
	TRY(m.text_source = (enum mail_text)3, "a text source that is none");
}

static void
test_too_many(void)
{
	AUTO(arena) struct arena *a = arena_new();
	struct mail m = sample();
	struct mail_field *many = arena_array(a, MAIL_FIELDS_MAX + 1, sizeof *many);
	char *text = arena_alloc(a, MAIL_TEXT_MAX_OCTETS + 2);

	for (size_t i = 0; i <= MAIL_FIELDS_MAX; i++)
		many[i] = fields[0];
	m.field = many;
	m.n_fields = MAIL_FIELDS_MAX;
	OK(pass(a, &m) != NULL, "as many fields as allowed");
	m.n_fields = MAIL_FIELDS_MAX + 1;
	OK(pass(a, &m) == NULL, "one field more");
	m = sample();
	m.n_spans = 0;
	memset(text, 'x', MAIL_TEXT_MAX_OCTETS);
	m.text = text;
	OK(pass(a, &m) != NULL, "a text as long as allowed");
	text[MAIL_TEXT_MAX_OCTETS] = 'x';
	OK(pass(a, &m) == NULL, "one octet more");
}

/* What facts_get promised: every pointer set, every text valid. Touches all of it. */
static bool
is_whole(const struct mail *m)
{
	size_t n = strlen(m->subject) + strlen(m->subject_raw) + strlen(m->from_raw) + strlen(m->type) +
	           strlen(m->report_type) + strlen(m->language) + strlen(m->dsn.reporting_mta);
	bool ok = text_is_utf8(m->text, strlen(m->text)) && text_is_utf8(m->from_name, strlen(m->from_name));

	for (size_t i = 0; i < m->n_references; i++)
		n += strlen(m->references[i]);
	for (size_t i = 0; i < m->n_in_reply_to; i++)
		n += strlen(m->in_reply_to[i]);
	for (size_t i = 0; i < m->to.n; i++)
		ok = ok && addr_ok(m->to.box[i].address);
	for (size_t i = 0; i < m->n_fields; i++)
		ok = ok && *m->field[i].name != '\0' && strchr(m->field[i].value, '\n') == NULL;
	for (size_t i = 0; i < m->n_parts; i++)
		ok = ok && strchr(m->part[i].file_name, '/') == NULL;
	for (size_t i = 0; i < m->n_spans; i++)
		ok = ok && m->span[i].first <= m->span[i].last;
	for (size_t i = 0; i < m->dsn.n_rcpt; i++)
		n += strlen(m->dsn.rcpt[i].recipient) + strlen(m->dsn.rcpt[i].diagnostic);
	return ok && n < SIZE_MAX && (m->from_state == MAIL_FROM_ONE) == (*m->from_address != '\0');
}

static uint32_t
next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void
mutate(char *octets, size_t *n, uint32_t *random)
{
	for (uint32_t k = next_random(random) % 4 + 1; k > 0 && *n > 1; k--) {
		size_t at = next_random(random) % *n;
		switch (next_random(random) % 5) {
		case 0:
			octets[at] = (char)next_random(random);
			break;
		case 1:
			octets[at] ^= (char)(1 << next_random(random) % 8);
			break;
		case 2:
			*n = at + 1;
			break;
		case 3:
			octets[at] = '\xFF';
			break;
		default:
			memmove(octets + at, octets + at + 1, *n - at - 1);
			--*n;
			break;
		}
	}
}

static void
test_mutations(void)
{
	AUTO(buf) struct buf octets = {0};
	struct mail m = sample();
	uint32_t random = 2463534242U;
	size_t n_taken = 0, n_refused = 0, n_broken = 0;

	facts_put(&m, &octets);
	for (int i = 0; i < 20000; i++) {
		AUTO(arena) struct arena *a = arena_new();
		AUTO(mem) char *copy = malloc(octets.n);
		size_t n = octets.n;
		const struct mail *back = NULL;

		memcpy(copy, octets.octets, n);
		mutate(copy, &n, &random);
		if (facts_get(a, copy, n, &back, NULL) == FACTS_OK) {
			n_taken++;
			n_broken += !is_whole(back);
		} else {
			n_refused++;
		}
	}
	printf("# taken %zu, refused %zu\n", n_taken, n_refused);
	OK(n_refused > 1000 && n_taken > 100, "20,000 mutations, some taken, more refused");
	IS_INT(n_broken, 0, "what was taken is whole");
}

static void
test_bomb(void)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(buf) struct buf octets = {0};
	const struct mail *back = NULL;

	/* Field 24 (warning), empty: two octets that ask for a block each. */
	for (size_t i = 0; i < 1000000; i++)
		buf_add(&octets, "\xC2\x01\x00", 3);
	OK(facts_get(a, octets.octets, octets.n, &back, NULL) == FACTS_MALFORMED, "a million strings");
	OK(facts_get(a, "", 0, &back, NULL) == FACTS_MALFORMED, "nothing at all");
	OK(back == NULL, "written only on success");
}

int
main(void)
{
	test_round_trip();
	test_refused();
	test_too_many();
	test_mutations();
	test_bomb();
	return tap_done();
}

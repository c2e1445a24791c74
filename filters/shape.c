/* filters/shape.c - does it lack what people's mail programs put into a mail? */
#include "filter.h"
#include "text.h"
#include "value.h"

static const char *const programs[] = {"User-Agent", "X-Mailer", "X-MimeOLE",
                                       "X-Originating-IP", NULL};

static bool
quotes(const struct mail *m)
{
	bool found = false;

	for (size_t i = 0; !found && i < m->n_spans; i++)
		found = m->span[i].mark != MAIL_MARK_SIGNATURE;
	return found;
}

static struct finding
look(const struct filter_in *in)
{
	enum { BARE = 15, ANSWER = 15 };
	const struct mail *m = in->mail;
	bool known = value_field_of(m, programs) != NULL;
	bool answers = m->n_in_reply_to > 0 || m->n_references > 0;
	struct finding f = {.verdict = VERDICT_HINT, .class = CLASS_AUTO};

	if (!known && mail_field(m, "MIME-Version") == NULL) {
		f.confidence = BARE;
		f.why = "no mail program, no MIME";
	}
	if (!known && answers && !quotes(m)) {
		f.confidence += ANSWER;
		f.why = "an answer that quotes nothing, by no mail program";
	}
	return f.confidence > 0 ? f : (struct finding){.verdict = VERDICT_PASS};
}

const struct filter filter_shape = {"shape", look};

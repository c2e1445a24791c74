/* filters/list.c - did it come through a mailing list, or as one of many (RFC 2369, RFC 2919)? */
#include "filter.h"
#include "value.h"

static const char *const list_word[] = {"list", NULL};
static const char *const fields[] = {"List-Id",
                                     "List-Post",
                                     "List-Help",
                                     "List-Subscribe",
                                     "List-Unsubscribe",
                                     "List-Owner",
                                     "List-Archive",
                                     "Mailing-List",
                                     "X-Mailing-List",
                                     "X-BeenThere",
                                     "X-Mailman-Version",
                                     "Feedback-ID",
                                     NULL};

static struct finding
look(const struct filter_in *in)
{
	const struct mail *m = in->mail;
	const char *why = value_field_of(m, fields);

	if (why == NULL && (value_first_is(mail_field(m, "Precedence"), list_word) ||
	                    value_first_is(mail_field(m, "X-Precedence"), list_word)))
		why = "Precedence: list";
	return why == NULL ? (struct finding){.verdict = VERDICT_PASS}
	                   : (struct finding){
				     .verdict = VERDICT_CLASS, .class = CLASS_LIST, .why = why};
}

const struct filter filter_list = {"list", look};

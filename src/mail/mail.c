/* src/mail/mail.c - finding a field among the facts of a mail */
#include "mail.h"
#include "text.h"

const char *
mail_field_nth(const struct mail *m, const char *name, size_t n)
{
	for (size_t i = 0; i < m->n_fields; i++) {
		if (text_same(m->field[i].name, name) && n-- == 0)
			return m->field[i].value;
	}
	return NULL;
}

const char *
mail_field(const struct mail *m, const char *name)
{
	return mail_field_nth(m, name, 0);
}

size_t
mail_count(const struct mail *m, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_fields; i++)
		n += text_same(m->field[i].name, name);
	return n;
}

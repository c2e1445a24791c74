UNIT_MAIL_CPPFLAGS = $(AM_CPPFLAGS) $(INC_MAIL) $(INC_UNIT)
UNIT_MAIL = t/unit/addr_t t/unit/authres_t t/unit/content_t t/unit/facts_t t/unit/head_t t/unit/language_t t/unit/parse_t t/unit/token_t
check_PROGRAMS += $(UNIT_MAIL)
TESTS += $(UNIT_MAIL)
t_unit_addr_t_SOURCES = t/unit/addr_t.c
t_unit_addr_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_addr_t_LDADD = $(LIBS_MAIL)
t_unit_authres_t_SOURCES = t/unit/authres_t.c
t_unit_authres_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_authres_t_LDADD = $(LIBS_MAIL)
t_unit_content_t_SOURCES = t/unit/content_t.c
t_unit_content_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_content_t_LDADD = $(LIBS_MAIL)
t_unit_facts_t_SOURCES = t/unit/facts_t.c
t_unit_facts_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_facts_t_LDADD = $(LIBS_MAIL)
t_unit_head_t_SOURCES = t/unit/head_t.c
t_unit_head_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_head_t_LDADD = $(LIBS_MAIL)
t_unit_language_t_SOURCES = t/unit/language_t.c
t_unit_language_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_language_t_LDADD = $(LIBS_MAIL)
t_unit_parse_t_SOURCES = t/unit/parse_t.c
t_unit_parse_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_parse_t_LDADD = $(LIBS_MAIL)
t_unit_token_t_SOURCES = t/unit/token_t.c
t_unit_token_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_token_t_LDADD = $(LIBS_MAIL)
UNIT_MAIL_TEXT = t/unit/body_t t/unit/compose_t t/unit/html_t
check_PROGRAMS += $(UNIT_MAIL_TEXT)
TESTS += $(UNIT_MAIL_TEXT)
t_unit_body_t_SOURCES = t/unit/body_t.c
t_unit_body_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_body_t_LDADD = $(LIBS_MAIL)
t_unit_compose_t_SOURCES = t/unit/compose_t.c
t_unit_compose_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_compose_t_LDADD = $(LIBS_MAIL)
t_unit_html_t_SOURCES = t/unit/html_t.c
t_unit_html_t_CPPFLAGS = $(UNIT_MAIL_CPPFLAGS)
t_unit_html_t_LDADD = $(LIBS_MAIL)
# Mails of our own making, and mails of others where they are
MAIL_TESTS = t/mail-golden.t t/mail-corpus.t
TESTS += $(MAIL_TESTS)
EXTRA_DIST += $(MAIL_TESTS) \
	t/mail/alternative-attachment.eml \
	t/mail/alternative-attachment.expect \
	t/mail/bounce.eml \
	t/mail/bounce.expect \
	t/mail/broken-header.eml \
	t/mail/broken-header.expect \
	t/mail/charset-big5.eml \
	t/mail/charset-big5.expect \
	t/mail/charset-euc-jp.eml \
	t/mail/charset-euc-jp.expect \
	t/mail/charset-gb2312.eml \
	t/mail/charset-gb2312.expect \
	t/mail/charset-iso-2022-jp.eml \
	t/mail/charset-iso-2022-jp.expect \
	t/mail/charset-iso-8859-1.eml \
	t/mail/charset-iso-8859-1.expect \
	t/mail/charset-iso-8859-15.eml \
	t/mail/charset-iso-8859-15.expect \
	t/mail/charset-iso-8859-2.eml \
	t/mail/charset-iso-8859-2.expect \
	t/mail/charset-iso-8859-7.eml \
	t/mail/charset-iso-8859-7.expect \
	t/mail/charset-koi8-r.eml \
	t/mail/charset-koi8-r.expect \
	t/mail/charset-ks_c_5601-1987.eml \
	t/mail/charset-ks_c_5601-1987.expect \
	t/mail/charset-lie-latin1-is-utf8.eml \
	t/mail/charset-lie-latin1-is-utf8.expect \
	t/mail/charset-lie-utf8-is-latin1.eml \
	t/mail/charset-lie-utf8-is-latin1.expect \
	t/mail/charset-shift_jis.eml \
	t/mail/charset-shift_jis.expect \
	t/mail/charset-tis-620.eml \
	t/mail/charset-tis-620.expect \
	t/mail/charset-utf-8.eml \
	t/mail/charset-utf-8.expect \
	t/mail/charset-windows-1251.eml \
	t/mail/charset-windows-1251.expect \
	t/mail/charset-windows-1254.eml \
	t/mail/charset-windows-1254.expect \
	t/mail/charset-windows-1255.eml \
	t/mail/charset-windows-1255.expect \
	t/mail/charset-windows-1256.eml \
	t/mail/charset-windows-1256.expect \
	t/mail/eai.eml \
	t/mail/eai.expect \
	t/mail/html-only.eml \
	t/mail/html-only.expect

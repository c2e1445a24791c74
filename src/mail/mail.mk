noinst_LIBRARIES += libmail.a
libmail_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_MAIL) $(GLIB_CFLAGS) $(GMIME_CFLAGS) $(LIBXML_CFLAGS) $(PROTOBUFC_CFLAGS)
libmail_a_SOURCES = \
	src/mail/addr.c src/mail/addr.h \
	src/mail/head.c src/mail/head.h \
	src/mail/mail.c src/mail/mail.h \
	src/mail/token.c src/mail/token.h
libmail_a_SOURCES += src/mail/html.c src/mail/html.h src/mail/body.c src/mail/body.h \
	src/mail/phrase.c src/mail/phrase.h

noinst_LIBRARIES += libmail.a
libmail_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_MAIL) -Isrc/mail $(GLIB_CFLAGS) $(GMIME_CFLAGS) $(LIBXML_CFLAGS) $(PROTOBUFC_CFLAGS) \
	$(TEXTCAT_CFLAGS) -DTEXTCAT_DIR='"$(TEXTCAT_DIR)"'
libmail_a_SOURCES = \
	src/mail/addr.c src/mail/addr.h \
	src/mail/addresses.c src/mail/addresses.h \
	src/mail/authres.c src/mail/authres.h \
	src/mail/charset.c src/mail/charset.h \
	src/mail/content.c src/mail/content.h \
	src/mail/dsn.c src/mail/dsn.h \
	src/mail/facts.c src/mail/facts.h \
	src/mail/head.c src/mail/head.h \
	src/mail/ids.c src/mail/ids.h \
	src/mail/language.c src/mail/language.h \
	src/mail/mail.c src/mail/mail.h \
	src/mail/notes.c src/mail/notes.h \
	src/mail/parse.c src/mail/parse.h \
	src/mail/parts.c src/mail/parts.h \
	src/mail/token.c src/mail/token.h \
	src/mail/view.c src/mail/view.h \
	src/mail/words.c src/mail/words.h
libmail_a_SOURCES += src/mail/compose.c src/mail/compose.h src/mail/field.c src/mail/field.h \
	src/mail/recheck.c src/mail/recheck.h src/mail/html.c src/mail/html.h src/mail/body.c src/mail/body.h \
	src/mail/phrase.c src/mail/phrase.h

# What facts.proto becomes is made in the build directory; only facts.c includes it
nodist_libmail_a_SOURCES = src/mail/facts.pb-c.c src/mail/facts.pb-c.h
EXTRA_DIST += src/mail/facts.proto
BUILT_SOURCES += src/mail/facts.pb-c.h
CLEANFILES += src/mail/facts.pb-c.c src/mail/facts.pb-c.h
src/mail/facts.pb-c.h: $(srcdir)/src/mail/facts.proto
	$(AM_V_GEN)$(MKDIR_P) src/mail && \
	$(PROTOC_C) --proto_path=$(srcdir)/src/mail --c_out=src/mail $(srcdir)/src/mail/facts.proto
src/mail/facts.pb-c.c: src/mail/facts.pb-c.h
	@test -f $@
src/mail/libmail_a-facts.$(OBJEXT): src/mail/facts.pb-c.h

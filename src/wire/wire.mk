noinst_LIBRARIES += libwire.a
libwire_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_WIRE) $(ETPAN_CFLAGS)
libwire_a_SOURCES = \
	src/wire/control.c src/wire/control.h \
	src/wire/dotted.c src/wire/dotted.h \
	src/wire/lmtp.c src/wire/lmtp.h \
	src/wire/lmtp_out.c src/wire/lmtp_out.h \
	src/wire/path.c src/wire/path.h \
	src/wire/peer.c src/wire/peer.h \
	src/wire/policy.c src/wire/policy.h \
	src/wire/smtp_out.c src/wire/smtp_out.h \
	src/wire/socketmap.c src/wire/socketmap.h \
	src/wire/xforward.c src/wire/xforward.h

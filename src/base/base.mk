noinst_LIBRARIES += libbase.a
libbase_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_BASE) $(GLIB_CFLAGS) $(CONFUSE_CFLAGS) $(JANSSON_CFLAGS) $(SECCOMP_CFLAGS)
libbase_a_SOURCES = \
	src/base/child.c src/base/child.h \
	src/base/jail.c src/base/jail.h \
	src/base/launcher.c src/base/launcher.h \
	src/base/net.c src/base/net_peer.c src/base/net.h \
	src/base/outside.c src/base/outside.h \
	src/base/outside_wire.c src/base/outside_wire.h \
	src/base/sd.c src/base/sd.h \
	src/base/serve.c src/base/serve.h \
	src/base/talk.c src/base/talk.h \
	src/base/own.h src/base/killpoint.h \
	src/base/arena.c src/base/arena.h \
	src/base/base64.c src/base/base64.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/why.c src/base/why.h \
	src/base/text.c src/base/text.h \
	src/base/digest.c src/base/digest.h \
	src/base/durable.c src/base/durable.h \
	src/base/log.c src/base/log.h \
	src/base/number.c src/base/number.h \
	src/base/json.c src/base/json.h \
	src/base/set_file.c \
	src/base/set_kind.c src/base/set_kind.h src/base/set_limit.h \
	src/base/set_words.c src/base/set_words.h \
	src/base/settings.c src/base/settings_write.c src/base/settings.h \
	src/base/set_table.h src/base/set_queue.h

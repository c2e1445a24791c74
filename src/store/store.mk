noinst_LIBRARIES += libstore.a
libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_STORE) -Isrc/store $(PROTOBUFC_CFLAGS) $(GLIB_CFLAGS)
libstore_a_SOURCES = \
	src/store/audit.c src/store/audit.h \
	src/store/blob.c src/store/blob.h \
	src/store/backup.c src/store/backup.h \
	src/store/check.c src/store/check.h \
	src/store/dump.c src/store/dump.h \
	src/store/dump_load.c \
	src/store/dump_table.c src/store/dump_table.h \
	src/store/form.c src/store/form.h \
	src/store/held.c src/store/held.h \
	src/store/home.c src/store/home.h \
	src/store/inside.h \
	src/store/key.c src/store/key.h \
	src/store/kv.c src/store/kv.h src/store/kv_table.c src/store/kv_table.h \
	src/store/message.c src/store/message.h \
	src/store/outbox.c src/store/outbox.h \
	src/store/open.c src/store/open.h \
	src/store/pack.c src/store/pack.h \
	src/store/pages.c src/store/pages.h \
	src/store/party.c src/store/party.h \
	src/store/record.c src/store/record.h \
	src/store/record_held.h src/store/record_party.h \
	src/store/queue_id.c src/store/queue_id.h \
	src/store/recover.c src/store/recover.h \
	src/store/seal.c src/store/seal.h \
	src/store/store.c src/store/store.h \
	src/store/sweep.c src/store/sweep.h \
	src/store/tally.c src/store/tally.h \
	src/store/ticket.c src/store/ticket.h
nodist_libstore_a_SOURCES = src/store/record.pb-c.c src/store/record.pb-c.h

# Only pack.c sees what protoc-c makes of the record forms
src/store/record.pb-c.h: src/store/record.proto
	@$(MKDIR_P) src/store
	$(AM_V_GEN)$(PROTOC_C) --c_out=src/store --proto_path=$(srcdir)/src/store record.proto
src/store/record.pb-c.c: src/store/record.pb-c.h
	@test -f $@ || { rm -f src/store/record.pb-c.h && $(MAKE) $(AM_MAKEFLAGS) src/store/record.pb-c.h; }
src/store/libstore_a-pack.$(OBJEXT): src/store/record.pb-c.h
BUILT_SOURCES += src/store/record.pb-c.h src/store/record.pb-c.c
CLEANFILES += src/store/record.pb-c.h src/store/record.pb-c.c
EXTRA_DIST += src/store/record.proto

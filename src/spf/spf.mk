noinst_LIBRARIES += libspf.a
libspf_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_SPF) $(GLIB_CFLAGS) $(PSL_CFLAGS) $(IDN2_CFLAGS)
libspf_a_SOURCES = \
	src/spf/align.c src/spf/align.h \
	src/spf/dns.h \
	src/spf/dns_cache.c src/spf/dns_cache.h \
	src/spf/dns_client.c src/spf/dns_client.h \
	src/spf/dns_name.c src/spf/dns_name.h \
	src/spf/dns_packet.c src/spf/dns_packet.h \
	src/spf/resolver.c src/spf/resolver.h \
	src/spf/spf.c src/spf/spf.h \
	src/spf/spf_call.c src/spf/spf_call.h \
	src/spf/spf_check.c src/spf/spf_check.h \
	src/spf/spf_client.c src/spf/spf_client.h \
	src/spf/spf_lib.c src/spf/spf_lib.h \
	src/spf/spf_macro.c src/spf/spf_macro.h \
	src/spf/spf_plan.c src/spf/spf_plan.h \
	src/spf/spf_record.c src/spf/spf_record.h \
	src/spf/spf_wire.c src/spf/spf_wire.h \
	src/spf/strict.c src/spf/strict.h

UNIT_SPF_CPPFLAGS = $(AM_CPPFLAGS) $(INC_SPF) $(INC_UNIT)
UNIT_SPF = t/unit/align_t t/unit/spf_call_t t/unit/spf_check_t t/unit/spf_dns_t t/unit/spf_record_t
check_PROGRAMS += $(UNIT_SPF)
TESTS += $(UNIT_SPF)
t_unit_align_t_SOURCES = t/unit/align_t.c
t_unit_align_t_CPPFLAGS = $(UNIT_SPF_CPPFLAGS)
t_unit_align_t_LDADD = $(LIBS_SPF)
t_unit_spf_call_t_SOURCES = t/unit/spf_call_t.c
t_unit_spf_call_t_CPPFLAGS = $(UNIT_SPF_CPPFLAGS)
t_unit_spf_call_t_LDADD = $(LIBS_SPF)
t_unit_spf_check_t_SOURCES = t/unit/spf_check_t.c
t_unit_spf_check_t_CPPFLAGS = $(UNIT_SPF_CPPFLAGS)
t_unit_spf_check_t_LDADD = $(LIBS_SPF_CHILD)
t_unit_spf_dns_t_SOURCES = t/unit/spf_dns_t.c
t_unit_spf_dns_t_CPPFLAGS = $(UNIT_SPF_CPPFLAGS)
t_unit_spf_dns_t_LDADD = $(LIBS_SPF_CHILD)
t_unit_spf_record_t_SOURCES = t/unit/spf_record_t.c
t_unit_spf_record_t_CPPFLAGS = $(UNIT_SPF_CPPFLAGS)
t_unit_spf_record_t_LDADD = $(LIBS_SPF_CHILD)

# postern-spf as posternd asks it, against a name server of our own. The suite of RFC 7208 is not
# ours to ship: POSTERN_SPF_SUITE says where it is
SPF_TESTS = t/spf-hostile.t t/spf-rfc7208.t
TESTS += $(SPF_TESTS)
EXTRA_DIST += $(SPF_TESTS) t/lib/Postern/Dns.pm t/lib/Postern/Spf.pm

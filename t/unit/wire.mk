UNIT_WIRE_CPPFLAGS = $(AM_CPPFLAGS) $(INC_WIRE) $(INC_UNIT)
UNIT_WIRE = t/unit/lmtp_t
check_PROGRAMS += $(UNIT_WIRE)
TESTS += $(UNIT_WIRE)
EXTRA_DIST += t/lmtp
t_unit_lmtp_t_SOURCES = t/unit/lmtp_t.c
t_unit_lmtp_t_CPPFLAGS = $(UNIT_WIRE_CPPFLAGS)
t_unit_lmtp_t_LDADD = $(LIBS_WIRE)

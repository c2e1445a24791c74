noinst_LIBRARIES += libwire.a
libwire_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_WIRE)
libwire_a_SOURCES =

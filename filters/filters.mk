noinst_LIBRARIES += libfilters.a
libfilters_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_DESK) -I$(srcdir)/filters
libfilters_a_SOURCES =

noinst_LIBRARIES += libdesk.a
libdesk_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_DESK)
libdesk_a_SOURCES =

noinst_LIBRARIES += libmail.a
libmail_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_MAIL)
libmail_a_SOURCES =

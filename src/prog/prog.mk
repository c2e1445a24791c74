pkglibexec_PROGRAMS += postern-parse
postern_parse_SOURCES = src/prog/postern-parse.c
postern_parse_CPPFLAGS = $(AM_CPPFLAGS) $(INC_PROG)
postern_parse_LDADD = $(LIBS_MAIL)

pkglibexec_PROGRAMS += postern-parse
postern_parse_SOURCES = src/prog/postern-parse.c
postern_parse_CPPFLAGS = $(AM_CPPFLAGS) $(INC_PROG)
postern_parse_LDADD = $(LIBS_MAIL)

pkglibexec_PROGRAMS += postern-spf
postern_spf_SOURCES = src/prog/postern-spf.c
postern_spf_CPPFLAGS = $(AM_CPPFLAGS) $(INC_PROG)
postern_spf_LDADD = $(LIBS_SPF_CHILD)

pkglibexec_PROGRAMS += postern-exec
postern_exec_SOURCES = src/prog/postern-exec.c
postern_exec_CPPFLAGS = $(AM_CPPFLAGS) $(INC_PROG)
postern_exec_LDADD = $(LIBS_BASE)

sbin_PROGRAMS += posternd
posternd_SOURCES = src/prog/posternd.c src/prog/posternd_doors.c src/prog/posternd_doors.h
posternd_CPPFLAGS = $(AM_CPPFLAGS) $(INC_PROG)
posternd_LDADD = $(LIBS_DESK)

bin_PROGRAMS += postern
postern_SOURCES = src/prog/postern.c \
	src/prog/cli.c src/prog/cli.h \
	src/prog/cli_command.h \
	src/prog/cli_deliver.c \
	src/prog/cli_explain.c \
	src/prog/cli_person.c \
	src/prog/cli_replay.c \
	src/prog/cli_held.c \
	src/prog/cli_keep.c \
	src/prog/cli_key.c \
	src/prog/cli_state.c \
	src/prog/cli_ticket.c \
	src/prog/table.c src/prog/table.h
postern_CPPFLAGS = $(AM_CPPFLAGS) $(INC_PROG)
postern_LDADD = $(LIBS_DESK)

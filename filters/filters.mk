noinst_LIBRARIES += libfilters.a
libfilters_a_CPPFLAGS = $(AM_CPPFLAGS) $(INC_DESK) -I$(srcdir)/filters
libfilters_a_SOURCES = \
	filters/value.c filters/value.h \
	filters/autoreply.c \
	filters/bounce.c \
	filters/daemon.c \
	filters/exec.c \
	filters/list.c \
	filters/loop.c \
	filters/order.c \
	filters/report.c \
	filters/returned.c \
	filters/sender.c \
	filters/shape.c \
	filters/subject.c \
	filters/wording.c
dist_pkgdata_SCRIPTS = filters/examples/spam-headers
EXTRA_DIST += filters/README

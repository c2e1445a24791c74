TEST_EXTENSIONS = .t
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
T_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
T_LOG_COMPILER = $(PERL)
AM_T_LOG_FLAGS = -I$(srcdir)/t/lib
AM_TESTS_ENVIRONMENT = srcdir='$(srcdir)' builddir='$(builddir)'; export srcdir builddir;
INC_UNIT = -I$(srcdir)/t/unit
EXTRA_DIST += t/unit/tap.h
include t/unit/base.mk
include t/unit/mail.mk
include t/unit/wire.mk
include t/unit/spf.mk
include t/unit/store.mk
include t/unit/desk.mk
include t/e2e.mk

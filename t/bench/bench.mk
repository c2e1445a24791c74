# make bench: how fast, as ratios in one run; not a part of make check
EXTRA_PROGRAMS = t/bench/fsync_rate t/bench/lmtp_load t/bench/lmtp_sink
CLEANFILES += $(EXTRA_PROGRAMS)
t_bench_fsync_rate_CPPFLAGS = $(AM_CPPFLAGS) $(INC_BASE)
t_bench_fsync_rate_LDADD = $(LIBS_BASE)
t_bench_lmtp_load_CPPFLAGS = $(AM_CPPFLAGS) $(INC_BASE)
t_bench_lmtp_load_LDADD = $(LIBS_BASE)
t_bench_lmtp_sink_CPPFLAGS = $(AM_CPPFLAGS) $(INC_WIRE)
t_bench_lmtp_sink_LDADD = $(LIBS_WIRE)
EXTRA_DIST += t/bench/run
bench: all $(EXTRA_PROGRAMS) t/unit/classify
	srcdir='$(srcdir)' builddir='$(builddir)' $(PERL) '$(srcdir)/t/bench/run'
	srcdir='$(srcdir)' builddir='$(builddir)' $(PERL) '$(srcdir)/t/classes'
.PHONY: bench

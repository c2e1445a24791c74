include t/bench/bench.mk
# What runs the programs, and what reads the tree
LINTS = t/00-docs.t t/00-floors.t t/00-layout.t t/00-nolitter.t
E2E = t/e2e-limits.t t/e2e-loop.t t/e2e-attack.t t/e2e-evidence.t t/e2e-canary.t t/e2e-exec.t t/e2e-held.t t/e2e-desk.t t/e2e-gate.t t/e2e-postfix-lmtp.t t/e2e-postfix-pipe.t t/e2e-wiring.t
# The command line, without a daemon
CLI = t/cli-deliver.t t/cli-help.t
TESTS += $(LINTS) $(CLI) $(E2E)
T_LIB = \
	t/lib/Postern/Dovecot.pm t/lib/Postern/LMTP.pm t/lib/Postern/Lint.pm t/lib/Postern/Mail.pm \
	t/lib/Postern/Postfix.pm t/lib/Postern/Sink.pm t/lib/Postern/Test.pm
EXTRA_DIST += $(T_LIB) $(LINTS) $(CLI) $(E2E) t/lint-allow

TESTS += t/e2e-metrics.t
EXTRA_DIST += t/e2e-metrics.t

# For those who run a part of the suite: make check TESTS="$(make -s print-unit-tests)"
print-unit-tests:
	@echo $(filter t/unit/%,$(TESTS))
print-lints:
	@echo $(LINTS)
.PHONY: print-unit-tests print-lints

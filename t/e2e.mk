# What runs the programs, and what reads the tree
TESTS += \
	t/00-docs.t t/00-floors.t t/00-layout.t t/00-nolitter.t
T_LIB = \
	t/lib/Postern/LMTP.pm t/lib/Postern/Lint.pm t/lib/Postern/Mail.pm \
	t/lib/Postern/Postfix.pm t/lib/Postern/Sink.pm t/lib/Postern/Test.pm
EXTRA_DIST += $(T_LIB) t/lint-allow \
	t/00-docs.t t/00-floors.t t/00-layout.t t/00-nolitter.t

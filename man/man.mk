dist_man_MANS += man/postern.1 man/postern.conf.5 man/posternd.8 man/postern-postfix.8
EXTRA_DIST += man/postern.conf.5.in t/man.t
TESTS += t/man.t

# After a change of src/base/set_table.h or set_queue.h: make update-man, and commit the result.
.PHONY: update-man
update-man: t/unit/settings_t
	@$(MKDIR_P) man
	t/unit/settings_t --manual > man/settings.new
	sed -e '/^@SETTINGS@$$/{' -e 'r man/settings.new' -e 'd' -e '}' \
		'$(srcdir)/man/postern.conf.5.in' > '$(srcdir)/man/postern.conf.5.new'
	mv '$(srcdir)/man/postern.conf.5.new' '$(srcdir)/man/postern.conf.5'
	rm -f man/settings.new

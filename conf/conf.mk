EXTRA_DIST += conf/postern.conf

# The operator's file is never touched: it is put there once, and taken away only while unchanged.
install-data-local: install-conf
uninstall-local: uninstall-conf
.PHONY: install-conf uninstall-conf
CONF_INSTALLED = $(DESTDIR)$(sysconfdir)/postern/postern.conf
install-conf:
	$(MKDIR_P) '$(DESTDIR)$(sysconfdir)/postern'
	test -f '$(CONF_INSTALLED)' || $(INSTALL_DATA) '$(srcdir)/conf/postern.conf' '$(CONF_INSTALLED)'
uninstall-conf:
	if cmp -s '$(srcdir)/conf/postern.conf' '$(CONF_INSTALLED)'; then rm -f '$(CONF_INSTALLED)'; fi
	-rmdir '$(DESTDIR)$(sysconfdir)/postern' 2>/dev/null

# After a change of src/base/set_table.h or set_queue.h: make update-conf, and commit the result.
.PHONY: update-conf
update-conf: t/unit/settings_t
	t/unit/settings_t --defaults > '$(srcdir)/conf/postern.conf.new'
	mv '$(srcdir)/conf/postern.conf.new' '$(srcdir)/conf/postern.conf'

# Snippets for the system around it. sysusers and tmpfiles are for packagers: they name them.
systemdsystemunit_DATA = conf/posternd.service conf/posternd.socket
EXTRA_DIST += conf/posternd.service.in conf/posternd.socket conf/postern.sysusers conf/postern.tmpfiles \
	conf/postfix-main.cf conf/postfix-master.cf
CLEANFILES += conf/posternd.service
conf/posternd.service: conf/posternd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) conf && \
	sed 's|@sbindir[@]|$(sbindir)|g' '$(srcdir)/conf/posternd.service.in' > $@
doc_DATA = conf/postfix-main.cf conf/postfix-master.cf conf/postern.sysusers conf/postern.tmpfiles

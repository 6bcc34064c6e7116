# What systemd reads: units, the user they run as, folders, kernel limits.
EXTRA_DIST += packaging/install.sh packaging/packages.sh

systemdunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
sysctldir = $(prefix)/lib/sysctl.d
nodist_systemdunit_DATA = packaging/pharosd.service \
	packaging/pharos-collectord.service
nodist_sysusers_DATA = packaging/sysusers.d/pharos.conf
nodist_tmpfiles_DATA = packaging/tmpfiles.d/pharos.conf
dist_sysctl_DATA = packaging/sysctl.d/60-pharos.conf

packaging_filled = $(nodist_systemdunit_DATA) $(nodist_sysusers_DATA) \
	$(nodist_tmpfiles_DATA)
EXTRA_DIST += $(packaging_filled:=.in)
CLEANFILES += $(packaging_filled)

packaging/%: $(srcdir)/packaging/%.in Makefile
	$(fill_paths)

# Others than root must come to what is below; init and enroll make the rest.
install-data-local:
	$(MKDIR_P) $(DESTDIR)$(sysconfdir)/pharos \
		$(DESTDIR)$(localstatedir)/lib/pharos

# Manual pages. Those of the probes are read off their manifests: the plug-in
# is asked, so one that is added has its page.
probe_pages = $(patsubst %.la,man/pharos-probe-%.7,$(probe_LTLIBRARIES))
if NATIVE
man7_MANS = $(probe_pages)
endif
CLEANFILES += $(probe_pages)

man/pharos-probe-%.7: %.la pharos-probe$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	PHAROS_PROBES=.libs ./pharos-probe$(EXEEXT) --manual $* >$@.tmp && \
	mv $@.tmp $@

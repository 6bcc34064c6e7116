# Manual pages. Those of the probes are read off their manifests: the plug-in
# is asked, so one that is added has its page.
pages = \
	man/pharos-agent.yaml.5 \
	man/pharos-collector.yaml.5 \
	man/pharos-collectord.8 \
	man/pharos-emulator.8 \
	man/pharos-fleet.yaml.5 \
	man/pharos-lab.1 \
	man/pharos-probe.8 \
	man/pharos-record.5 \
	man/pharos-truth.8 \
	man/pharos-topology.5 \
	man/pharos.1 \
	man/pharosd.8
nodist_man_MANS += $(pages)
EXTRA_DIST += $(pages:=.in)
CLEANFILES += $(pages)

man/%: $(srcdir)/man/%.in Makefile
	$(fill_paths)

# One needs no plug-in: pharosd does it itself.
own_pages = man/pharos-probe-clock.7
probe_pages = $(own_pages) \
	$(patsubst %.la,man/pharos-probe-%.7,$(probe_LTLIBRARIES))
if NATIVE
man7_MANS = $(probe_pages)
endif
CLEANFILES += $(probe_pages)

$(own_pages): man/pharos-probe-%.7: pharos-probe$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	./pharos-probe$(EXEEXT) --manual $* >$@.tmp && mv $@.tmp $@

man/pharos-probe-%.7: %.la pharos-probe$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	PHAROS_PROBES=.libs ./pharos-probe$(EXEEXT) --manual $* >$@.tmp && \
	mv $@.tmp $@

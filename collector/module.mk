# The collector: intake, store and web under one parent.
noinst_LIBRARIES += libcollector.a
libcollector_a_SOURCES = \
	%D%/bins.h \
	%D%/children.h \
	%D%/collector.h \
	%D%/fleet.h \
	%D%/history.h \
	%D%/journal.h \
	%D%/latest.h \
	%D%/pki.h \
	%D%/planner.h \
	%D%/registry.h \
	%D%/settings.h \
	%D%/states.h

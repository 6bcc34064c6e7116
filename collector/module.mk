# The collector: intake, store and web under one parent.
noinst_LIBRARIES += libcollector.a
libcollector_a_SOURCES = \
	%D%/bins.h \
	%D%/children.h \
	%D%/collector.h \
	%D%/fleet.c \
	%D%/fleet.h \
	%D%/fleet_difference.c \
	%D%/fleet_parse.c \
	%D%/fleet_read.c \
	%D%/history.h \
	%D%/journal.h \
	%D%/latest.h \
	%D%/pki.h \
	%D%/planner.c \
	%D%/planner.h \
	%D%/registry.h \
	%D%/settings.h \
	%D%/states.c \
	%D%/states.h

# The collector: intake, store and web under one parent.
noinst_LIBRARIES += libcollector.a
libcollector_a_SOURCES = \
	%D%/batch.c \
	%D%/batch.h \
	%D%/bins.h \
	%D%/children.h \
	%D%/collector.h \
	%D%/fleet.c \
	%D%/fleet.h \
	%D%/fleet_difference.c \
	%D%/fleet_parse.c \
	%D%/fleet_read.c \
	%D%/history.h \
	%D%/init.c \
	%D%/journal.c \
	%D%/journal.h \
	%D%/journal_files.c \
	%D%/journal_files.h \
	%D%/journal_reader.c \
	%D%/latest.h \
	%D%/pages.c \
	%D%/pages.h \
	%D%/pki.c \
	%D%/pki.h \
	%D%/pki_sign.c \
	%D%/pki_sign.h \
	%D%/planner.c \
	%D%/planner.h \
	%D%/registry.c \
	%D%/registry.h \
	%D%/registry_private.h \
	%D%/registry_refused.c \
	%D%/registry_token.c \
	%D%/settings.c \
	%D%/settings.h \
	%D%/states.c \
	%D%/states.h \
	%D%/web.c \
	%D%/web.h \
	%D%/web_fleet.c \
	%D%/web_matrix.c \
	%D%/web_series.c

# The one command line, one file a subcommand.
bin_PROGRAMS += pharos
pharos_SOURCES = \
	%D%/api.c \
	%D%/api.h \
	%D%/arguments.c \
	%D%/arguments.h \
	%D%/check.c \
	%D%/commands.h \
	%D%/control.c \
	%D%/control.h \
	%D%/enroll.c \
	%D%/main.c \
	%D%/matrix.c \
	%D%/output.c \
	%D%/output.h \
	%D%/probe.c \
	%D%/probe.h \
	%D%/probe_help.c \
	%D%/probe_measure.c \
	%D%/probe_print.c \
	%D%/probe_sum.c \
	%D%/probe_targets.c \
	%D%/records.c \
	%D%/records.h \
	%D%/records_text.c \
	%D%/probe_write.c \
	%D%/reload.c \
	%D%/remove.c \
	%D%/series.c \
	%D%/status.c \
	%D%/status.h \
	%D%/status_agent.c \
	%D%/status_collector.c \
	%D%/token.c
pharos_LDADD = libagent.a libcollector.a libscheduler.a $(common_libs) \
	$(RRD_LIBS) $(CAP_LIBS)
include cli/calibrate.mk

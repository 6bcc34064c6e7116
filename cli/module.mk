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
	%D%/lab.c \
	%D%/lab.h \
	%D%/lab_ask.c \
	%D%/lab_down.c \
	%D%/lab_enter.c \
	%D%/lab_events.c \
	%D%/lab_exec.c \
	%D%/lab_from_config.c \
	%D%/lab_link.c \
	%D%/lab_log.c \
	%D%/lab_measure.c \
	%D%/lab_measure.h \
	%D%/lab_run.c \
	%D%/lab_start.c \
	%D%/lab_start.h \
	%D%/lab_status.c \
	%D%/lab_truth.c \
	%D%/lab_up.c \
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
pharos_LDADD = libagent.a libcollector.a liblab.a librun.a libemulator.a libscheduler.a $(common_libs) \
	$(RRD_LIBS) $(CAP_LIBS)
include cli/calibrate.mk

# pharosd and the worker host, pharos-probe.
noinst_LIBRARIES += libagent.a
libagent_a_SOURCES = \
	%D%/aftermath.c \
	%D%/aftermath.h \
	%D%/agent.c \
	%D%/alarm.c \
	%D%/alarm.h \
	%D%/enrol.c \
	%D%/finding.c \
	%D%/finding.h \
	%D%/interfaces.c \
	%D%/interfaces.h \
	%D%/job.c \
	%D%/job.h \
	%D%/lane.c \
	%D%/lane.h \
	%D%/overflow.c \
	%D%/overflow.h \
	%D%/plan.c \
	%D%/privilege.c \
	%D%/privilege.h \
	%D%/report.c \
	%D%/report.h \
	%D%/runs.c \
	%D%/runs.h \
	%D%/settings.c \
	%D%/shelf.c \
	%D%/shelf.h \
	%D%/spool.c \
	%D%/uplink.c \
	%D%/agent.h \
	%D%/crew.h \
	%D%/enrol.h \
	%D%/plan.h \
	%D%/plugin.h \
	%D%/settings.h \
	%D%/spool.h \
	%D%/uplink.h \
	%D%/worker.h

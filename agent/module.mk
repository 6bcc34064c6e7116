# pharosd and the worker host, pharos-probe.
noinst_LIBRARIES += libagent.a
libagent_a_SOURCES = \
	%D%/aftermath.c \
	%D%/aftermath.h \
	%D%/overflow.c \
	%D%/overflow.h \
	%D%/shelf.c \
	%D%/shelf.h \
	%D%/spool.c \
	%D%/agent.h \
	%D%/crew.h \
	%D%/enrol.h \
	%D%/plan.h \
	%D%/plugin.h \
	%D%/settings.h \
	%D%/spool.h \
	%D%/uplink.h \
	%D%/worker.h

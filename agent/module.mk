# pharosd and the worker host, pharos-probe.
noinst_LIBRARIES += libagent.a
libagent_a_SOURCES = \
	%D%/agent.h \
	%D%/crew.h \
	%D%/enrol.h \
	%D%/plan.h \
	%D%/plugin.h \
	%D%/settings.h \
	%D%/spool.h \
	%D%/uplink.h \
	%D%/worker.h

# pharosd and the worker host, pharos-probe.
noinst_LIBRARIES += libagent.a
libagent_a_SOURCES = \
	%D%/admission.c \
	%D%/admission.h \
	%D%/aftermath.c \
	%D%/aftermath.h \
	%D%/agent.c \
	%D%/agent.h \
	%D%/agent_calls.c \
	%D%/agent_parts.h \
	%D%/alarm.c \
	%D%/alarm.h \
	%D%/asks.c \
	%D%/asks.h \
	%D%/batching.c \
	%D%/batching.h \
	%D%/budget.c \
	%D%/budget.h \
	%D%/calibration.c \
	%D%/calibration.h \
	%D%/clock_metrics.c \
	%D%/clock_metrics.h \
	%D%/clock_tally.c \
	%D%/clock_tally.h \
	%D%/commits.c \
	%D%/commits.h \
	%D%/crew.c \
	%D%/crew.h \
	%D%/discredit.c \
	%D%/discredit.h \
	%D%/enrol.c \
	%D%/enrol.h \
	%D%/far_end.c \
	%D%/far_end.h \
	%D%/finding.c \
	%D%/finding.h \
	%D%/gap.c \
	%D%/gap.h \
	%D%/harvest.c \
	%D%/harvest.h \
	%D%/hearing.c \
	%D%/hearing.h \
	%D%/hosted.c \
	%D%/hosted.h \
	%D%/hosted_record.c \
	%D%/hosted_run.h \
	%D%/hosted_stream.c \
	%D%/identity.c \
	%D%/identity.h \
	%D%/interfaces.c \
	%D%/interfaces.h \
	%D%/intervals.c \
	%D%/intervals.h \
	%D%/job.c \
	%D%/job.h \
	%D%/lane.c \
	%D%/lane.h \
	%D%/lately.c \
	%D%/lately.h \
	%D%/ledger.c \
	%D%/ledger.h \
	%D%/limits.c \
	%D%/limits.h \
	%D%/limits_look.c \
	%D%/limits_read.c \
	%D%/manual.c \
	%D%/manual.h \
	%D%/mate.c \
	%D%/mate.h \
	%D%/mate_far.c \
	%D%/mate_hear.c \
	%D%/mate_parts.h \
	%D%/mate_runs.c \
	%D%/measuring.c \
	%D%/measuring.h \
	%D%/numbering.c \
	%D%/numbering.h \
	%D%/offer.c \
	%D%/once.c \
	%D%/once.h \
	%D%/opt_out.c \
	%D%/opt_out.h \
	%D%/order.c \
	%D%/order.h \
	%D%/outbox.c \
	%D%/outbox.h \
	%D%/overflow.c \
	%D%/overflow.h \
	%D%/own_clock.c \
	%D%/own_clock.h \
	%D%/peers.c \
	%D%/peers.h \
	%D%/plan.c \
	%D%/plan.h \
	%D%/plan_parts.h \
	%D%/plan_test.c \
	%D%/plugin.c \
	%D%/plugin.h \
	%D%/prices.c \
	%D%/prices.h \
	%D%/privilege.c \
	%D%/privilege.h \
	%D%/quiet.c \
	%D%/quiet.h \
	%D%/refusals.c \
	%D%/refusals.h \
	%D%/renewal.c \
	%D%/renewal.h \
	%D%/report.c \
	%D%/report.h \
	%D%/resolve.c \
	%D%/resolve.h \
	%D%/runs.c \
	%D%/runs.h \
	%D%/runs_fate.c \
	%D%/runs_parts.h \
	%D%/serving.c \
	%D%/serving.h \
	%D%/setback.c \
	%D%/setback.h \
	%D%/settings.c \
	%D%/settings.h \
	%D%/settings_change.c \
	%D%/shelf.c \
	%D%/shelf.h \
	%D%/spool.c \
	%D%/spool.h \
	%D%/stream.c \
	%D%/stream.h \
	%D%/streams.c \
	%D%/streams.h \
	%D%/subscription.c \
	%D%/subscription.h \
	%D%/uplink.c \
	%D%/uplink.h \
	%D%/told_clock.c \
	%D%/told_clock.h \
	%D%/trust.c \
	%D%/trust.h \
	%D%/vitals.c \
	%D%/vitals.h \
	%D%/vouched.c \
	%D%/vouched.h \
	%D%/waiting.c \
	%D%/waiting.h \
	%D%/watch.c \
	%D%/watch.h \
	%D%/worker.c \
	%D%/worker.h \
	%D%/worker_far.c \
	%D%/worker_parts.h \
	%D%/worker_runs.c

sbin_PROGRAMS += pharosd
pharosd_SOURCES = %D%/pharosd.c
pharosd_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--export-dynamic-symbol=_gnutls_global_init_skip
pharosd_LDADD = libagent.a libscheduler.a $(common_libs) $(CAP_LIBS)

# Plug-ins find in it what it has of the headers that are installed for them. It
# starts with each measurement by hand, and there is one for each probe that a
# box runs: it is linked with little.
pharosexec_PROGRAMS += pharos-probe
pharos_probe_SOURCES = %D%/pharos-probe.c
pharos_probe_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed -export-dynamic
pharos_probe_LDADD = libagent.a $(common_libs) $(CAP_LIBS)

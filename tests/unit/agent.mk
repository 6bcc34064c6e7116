# unit tests: agent
spool_tests = \
	tests/unit/spool \
	tests/unit/spool_bounds \
	tests/unit/spool_crash \
	tests/unit/spool_gap
agent_tests = \
	tests/unit/agent_settings \
	tests/unit/alarm \
	tests/unit/budget \
	tests/unit/calibration \
	tests/unit/enrol \
	tests/unit/finding \
	tests/unit/lately \
	tests/unit/manual \
	tests/unit/own_clock \
	tests/unit/plan \
	$(spool_tests) \
	tests/unit/told_clock \
	tests/unit/uplink
check_PROGRAMS += $(agent_tests)
TESTS += $(agent_tests)

agent_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
agent_test_libs = libharness.a libagent.a libscheduler.a $(common_libs) \
	$(CMOCKA_LIBS)

tests_unit_agent_settings_SOURCES = %D%/agent_settings.c
tests_unit_agent_settings_CFLAGS = $(agent_cflags)
tests_unit_agent_settings_LDADD = $(agent_test_libs)
tests_unit_alarm_SOURCES = %D%/alarm.c
tests_unit_alarm_CFLAGS = $(agent_cflags)
tests_unit_alarm_LDADD = $(agent_test_libs)
tests_unit_budget_SOURCES = %D%/budget.c
tests_unit_budget_CFLAGS = $(agent_cflags)
tests_unit_budget_LDADD = $(agent_test_libs)
tests_unit_calibration_SOURCES = %D%/calibration.c
tests_unit_calibration_CFLAGS = $(agent_cflags)
tests_unit_calibration_LDADD = $(agent_test_libs)
tests_unit_told_clock_SOURCES = %D%/told_clock.c
tests_unit_told_clock_CFLAGS = $(agent_cflags)
tests_unit_told_clock_LDADD = $(agent_test_libs)
tests_unit_enrol_SOURCES = %D%/enrol.c
tests_unit_enrol_CFLAGS = $(agent_cflags)
tests_unit_enrol_LDADD = $(agent_test_libs)
tests_unit_finding_SOURCES = %D%/finding.c
tests_unit_finding_CFLAGS = $(agent_cflags)
tests_unit_finding_LDADD = $(agent_test_libs)
tests_unit_lately_SOURCES = %D%/lately.c
tests_unit_lately_CFLAGS = $(agent_cflags)
tests_unit_lately_LDADD = $(agent_test_libs)
tests_unit_manual_SOURCES = %D%/manual.c
tests_unit_manual_CFLAGS = $(agent_cflags)
tests_unit_manual_LDADD = $(agent_test_libs)
tests_unit_own_clock_SOURCES = %D%/own_clock.c
tests_unit_own_clock_CFLAGS = $(agent_cflags)
tests_unit_own_clock_LDADD = $(agent_test_libs)
tests_unit_plan_SOURCES = %D%/plan.c
tests_unit_plan_CFLAGS = $(agent_cflags)
tests_unit_plan_LDADD = $(agent_test_libs)
tests_unit_spool_SOURCES = %D%/spool.c %D%/spooled.c %D%/spooled.h
tests_unit_spool_CFLAGS = $(agent_cflags)
tests_unit_spool_LDADD = $(agent_test_libs)
tests_unit_spool_bounds_SOURCES = %D%/spool_bounds.c %D%/spooled.c %D%/spooled.h
tests_unit_spool_bounds_CFLAGS = $(agent_cflags)
tests_unit_spool_bounds_LDADD = $(agent_test_libs)
tests_unit_spool_crash_SOURCES = %D%/spool_crash.c %D%/spooled.c %D%/spooled.h
tests_unit_spool_crash_CFLAGS = $(agent_cflags)
tests_unit_spool_crash_LDADD = $(agent_test_libs)
tests_unit_spool_gap_SOURCES = %D%/spool_gap.c %D%/spooled.c %D%/spooled.h
tests_unit_spool_gap_CFLAGS = $(agent_cflags)
tests_unit_spool_gap_LDADD = $(agent_test_libs)

# Workers and crew, with a plug-in that needs no network.
worker_tests = \
	tests/unit/crew \
	tests/unit/far_end \
	tests/unit/worker
check_PROGRAMS += $(worker_tests)
TESTS += $(worker_tests)
check_LTLIBRARIES = tests/probe/trivial.la
tests_probe_trivial_la_SOURCES = tests/probe/trivial.c
tests_probe_trivial_la_LDFLAGS = $(probe_ldflags) -rpath /nowhere
check_LTLIBRARIES += tests/probe/guest.la
tests_probe_guest_la_SOURCES = tests/probe/guest.c
tests_probe_guest_la_LDFLAGS = $(probe_ldflags) -rpath /nowhere
EXTRA_DIST += tests/probe/Makefile

worker_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
worker_libs = libharness.a libagent.a $(common_libs) $(CAP_LIBS) \
	$(CMOCKA_LIBS)
tests_unit_crew_SOURCES = %D%/crew.c
tests_unit_crew_CFLAGS = $(worker_cflags)
tests_unit_crew_LDADD = $(worker_libs)
tests_unit_far_end_SOURCES = %D%/far_end.c %D%/peer.c %D%/peer.h
tests_unit_far_end_CFLAGS = $(worker_cflags)
tests_unit_far_end_LDADD = $(worker_libs)
tests_unit_worker_SOURCES = %D%/peer.c %D%/peer.h %D%/worker.c
tests_unit_worker_CFLAGS = $(worker_cflags)
tests_unit_worker_LDADD = $(worker_libs)

tests_unit_uplink_SOURCES = \
	%D%/uplink.c \
	%D%/uplink_collector.c %D%/uplink_collector.h \
	%D%/uplinked.c %D%/uplinked.h
tests_unit_uplink_CFLAGS = $(agent_cflags)
tests_unit_uplink_LDADD = $(agent_test_libs)

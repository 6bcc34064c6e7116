# unit tests: agent
agent_tests = \
	tests/unit/agent_settings \
	tests/unit/finding \
	tests/unit/plan \
	tests/unit/spool
check_PROGRAMS += $(agent_tests)
TESTS += $(agent_tests)

agent_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
agent_test_libs = libharness.a libagent.a libscheduler.a $(common_libs) \
	$(CMOCKA_LIBS)

tests_unit_agent_settings_SOURCES = %D%/agent_settings.c
tests_unit_agent_settings_CFLAGS = $(agent_cflags)
tests_unit_agent_settings_LDADD = $(agent_test_libs)
tests_unit_finding_SOURCES = %D%/finding.c
tests_unit_finding_CFLAGS = $(agent_cflags)
tests_unit_finding_LDADD = $(agent_test_libs)
tests_unit_plan_SOURCES = %D%/plan.c
tests_unit_plan_CFLAGS = $(agent_cflags)
tests_unit_plan_LDADD = $(agent_test_libs)
tests_unit_spool_SOURCES = %D%/spool.c
tests_unit_spool_CFLAGS = $(agent_cflags)
tests_unit_spool_LDADD = $(agent_test_libs)

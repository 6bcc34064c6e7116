# unit tests: agent
agent_tests = \
	tests/unit/spool
check_PROGRAMS += $(agent_tests)
TESTS += $(agent_tests)

agent_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
agent_test_libs = libharness.a libagent.a $(common_libs) $(CMOCKA_LIBS)

tests_unit_spool_SOURCES = %D%/spool.c
tests_unit_spool_CFLAGS = $(agent_cflags)
tests_unit_spool_LDADD = $(agent_test_libs)

# unit tests: collector
collector_tests = \
	tests/unit/journal
check_PROGRAMS += $(collector_tests)
TESTS += $(collector_tests)

collector_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
collector_libs = libcollector.a libharness.a $(common_libs) $(CMOCKA_LIBS)

tests_unit_journal_SOURCES = %D%/journal.c
tests_unit_journal_CFLAGS = $(collector_cflags)
tests_unit_journal_LDADD = $(collector_libs)

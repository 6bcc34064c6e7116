# unit tests: what really happened on a link
truth_tests = tests/unit/truth
check_PROGRAMS += $(truth_tests)
TESTS += $(truth_tests)

tests_unit_truth_SOURCES = %D%/truth.c
tests_unit_truth_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_truth_LDADD = libharness.a $(truth_libs) $(CMOCKA_LIBS)

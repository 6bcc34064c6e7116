# unit tests: how true links are
trial_tests = \
	tests/unit/calibrate \
	tests/unit/netem
check_PROGRAMS += $(trial_tests)
TESTS += $(trial_tests)

tests_unit_calibrate_SOURCES = %D%/calibrate.c
tests_unit_calibrate_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_calibrate_LDADD = libharness.a $(truth_libs) $(CMOCKA_LIBS)
tests_unit_netem_SOURCES = %D%/netem.c
tests_unit_netem_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_netem_LDADD = $(truth_libs) $(CMOCKA_LIBS)

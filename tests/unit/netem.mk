# unit tests: netem
netem_tests = tests/unit/netem
check_PROGRAMS += $(netem_tests)
TESTS += $(netem_tests)

tests_unit_netem_SOURCES = %D%/netem.c
tests_unit_netem_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_netem_LDADD = $(truth_libs) $(CMOCKA_LIBS)

# unit tests: emulated networks
lab_tests = \
	tests/unit/way
check_PROGRAMS += $(lab_tests)
TESTS += $(lab_tests)

lab_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
lab_libs = liblab.a $(common_libs) $(CMOCKA_LIBS)

tests_unit_way_SOURCES = %D%/way.c
tests_unit_way_CFLAGS = $(lab_cflags)
tests_unit_way_LDADD = $(lab_libs)

# unit tests: limits, and what the daemons say of themselves
bounds_tests = \
	tests/unit/exposition \
	tests/unit/http_guard
check_PROGRAMS += $(bounds_tests)
TESTS += $(bounds_tests)

tests_unit_exposition_SOURCES = %D%/exposition.c
tests_unit_exposition_CFLAGS = $(io_cflags)
tests_unit_exposition_LDADD = $(io_libs)
tests_unit_http_guard_SOURCES = %D%/http_guard.c
tests_unit_http_guard_CFLAGS = $(io_cflags)
tests_unit_http_guard_LDADD = $(io_libs)

check_PROGRAMS += tests/unit/hearing
TESTS += tests/unit/hearing
check_LTLIBRARIES += tests/probe/nasty.la
tests_probe_nasty_la_SOURCES = tests/probe/nasty.c
tests_probe_nasty_la_LDFLAGS = $(probe_ldflags) -rpath /nowhere
tests_unit_hearing_SOURCES = %D%/hearing.c
tests_unit_hearing_CFLAGS = $(worker_cflags)
tests_unit_hearing_LDADD = $(worker_libs)

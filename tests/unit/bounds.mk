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

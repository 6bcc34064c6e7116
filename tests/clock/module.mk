# A wall clock that tests can set: preloaded, so without sanitizers.
check_LTLIBRARIES += tests/clock/clock.la
tests_clock_clock_la_SOURCES = %D%/clock.c %D%/layout.h
tests_clock_clock_la_CFLAGS = -Wall -Wextra -Wno-unused-parameter
tests_clock_clock_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere

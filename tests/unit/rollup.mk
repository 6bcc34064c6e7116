# unit tests: what is kept for years
rollup_tests = \
	tests/unit/baseline \
	tests/unit/rollup \
	tests/unit/series \
	tests/unit/since
check_PROGRAMS += $(rollup_tests)
TESTS += $(rollup_tests)
EXTRA_DIST += %D%/formats/bins-1.sql

tests_unit_baseline_SOURCES = %D%/baseline.c
tests_unit_baseline_CFLAGS = $(collector_cflags)
tests_unit_baseline_LDADD = $(collector_libs)
tests_unit_rollup_SOURCES = %D%/formats.c %D%/formats.h %D%/rollup.c \
	%D%/sample.c %D%/sample.h
tests_unit_rollup_CFLAGS = $(collector_cflags)
tests_unit_rollup_LDADD = $(collector_libs)
tests_unit_series_SOURCES = %D%/sample.c %D%/sample.h %D%/series.c
tests_unit_series_CFLAGS = $(collector_cflags)
tests_unit_series_LDADD = $(collector_libs)
tests_unit_since_SOURCES = %D%/since.c
tests_unit_since_CFLAGS = $(collector_cflags)
tests_unit_since_LDADD = $(collector_libs)

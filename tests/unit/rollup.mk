# unit tests: what is kept for years
rollup_tests = \
	tests/unit/baseline \
	tests/unit/rollup \
	tests/unit/rollup_expiry \
	tests/unit/rollup_late \
	tests/unit/rollup_note \
	tests/unit/series \
	tests/unit/since
check_PROGRAMS += $(rollup_tests)
TESTS += $(rollup_tests)
EXTRA_DIST += %D%/formats/bins-1.sql

tests_unit_baseline_SOURCES = %D%/baseline.c
tests_unit_baseline_CFLAGS = $(collector_cflags)
tests_unit_baseline_LDADD = $(collector_libs)
tests_unit_rollup_SOURCES = %D%/rollup.c
tests_unit_rollup_CFLAGS = $(collector_cflags)
tests_unit_rollup_LDADD = $(stored_libs)
tests_unit_rollup_expiry_SOURCES = %D%/rollup_expiry.c
tests_unit_rollup_expiry_CFLAGS = $(collector_cflags)
tests_unit_rollup_expiry_LDADD = $(stored_libs)
tests_unit_rollup_late_SOURCES = %D%/rollup_late.c
tests_unit_rollup_late_CFLAGS = $(collector_cflags)
tests_unit_rollup_late_LDADD = $(stored_libs)
tests_unit_rollup_note_SOURCES = %D%/rollup_note.c
tests_unit_rollup_note_CFLAGS = $(collector_cflags)
tests_unit_rollup_note_LDADD = $(stored_libs)
tests_unit_series_SOURCES = %D%/series.c
tests_unit_series_CFLAGS = $(collector_cflags)
tests_unit_series_LDADD = $(stored_libs)
tests_unit_since_SOURCES = %D%/since.c
tests_unit_since_CFLAGS = $(collector_cflags)
tests_unit_since_LDADD = $(collector_libs)

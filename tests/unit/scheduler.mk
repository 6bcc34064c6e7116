# unit tests: scheduler
scheduler_tests = \
	tests/unit/heap \
	tests/unit/schedule \
	tests/unit/timing \
	tests/unit/timing_json \
	tests/unit/timing_statistics
check_PROGRAMS += $(scheduler_tests)
TESTS += $(scheduler_tests)

scheduler_libs = libscheduler.a $(core_libs)

tests_unit_heap_SOURCES = %D%/heap.c
tests_unit_heap_CFLAGS = $(core_cflags)
tests_unit_heap_LDADD = $(scheduler_libs)
tests_unit_schedule_SOURCES = %D%/schedule.c %D%/starts.h
tests_unit_schedule_CFLAGS = $(core_cflags)
tests_unit_schedule_LDADD = $(scheduler_libs)
tests_unit_timing_SOURCES = %D%/timing.c %D%/starts.h
tests_unit_timing_CFLAGS = $(core_cflags)
tests_unit_timing_LDADD = $(scheduler_libs)
tests_unit_timing_json_SOURCES = %D%/timing_json.c %D%/starts.h
tests_unit_timing_json_CFLAGS = $(core_cflags)
tests_unit_timing_json_LDADD = $(scheduler_libs)
tests_unit_timing_statistics_SOURCES = %D%/timing_statistics.c %D%/starts.h
tests_unit_timing_statistics_CFLAGS = $(core_cflags)
tests_unit_timing_statistics_LDADD = $(scheduler_libs)

# unit tests: scheduler
scheduler_tests = \
	tests/unit/heap
check_PROGRAMS += $(scheduler_tests)
TESTS += $(scheduler_tests)

scheduler_libs = libscheduler.a $(core_libs)

tests_unit_heap_SOURCES = %D%/heap.c
tests_unit_heap_CFLAGS = $(core_cflags)
tests_unit_heap_LDADD = $(scheduler_libs)

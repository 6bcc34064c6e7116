# unit tests: the one-way delay probe
owd_tests = \
	tests/unit/owd_trace
check_PROGRAMS += $(owd_tests)
TESTS += $(owd_tests)

owd_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
owd_libs = libowd.a libowamp.a $(CMOCKA_LIBS) $(common_libs) -lm

tests_unit_owd_trace_SOURCES = %D%/owd_trace.c
tests_unit_owd_trace_CFLAGS = $(owd_cflags)
tests_unit_owd_trace_LDADD = $(owd_libs)

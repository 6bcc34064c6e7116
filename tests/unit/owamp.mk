# unit tests: OWAMP
owamp_tests = \
	tests/unit/owamp_ntp
check_PROGRAMS += $(owamp_tests)
TESTS += $(owamp_tests)

owamp_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
owamp_libs = libowamp.a $(CMOCKA_LIBS) $(common_libs)

tests_unit_owamp_ntp_SOURCES = %D%/owamp_ntp.c
tests_unit_owamp_ntp_CFLAGS = $(owamp_cflags)
tests_unit_owamp_ntp_LDADD = $(owamp_libs)

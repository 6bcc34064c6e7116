# unit tests: probes
probes_tests = \
	tests/unit/icmp \
	tests/unit/tally
check_PROGRAMS += $(probes_tests)
TESTS += $(probes_tests)

probes_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

tests_unit_icmp_SOURCES = %D%/icmp.c probes/icmp.c probes/icmp_text.c
tests_unit_icmp_CFLAGS = $(probes_cflags)
tests_unit_icmp_LDADD = $(CMOCKA_LIBS)
tests_unit_tally_SOURCES = %D%/tally.c probes/tally.c
tests_unit_tally_CFLAGS = $(probes_cflags)
tests_unit_tally_LDADD = $(CMOCKA_LIBS)

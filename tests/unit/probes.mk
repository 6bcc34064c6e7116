# unit tests: probes
probes_tests = \
	tests/unit/fault \
	tests/unit/icmp \
	tests/unit/pace \
	tests/unit/ping_runs \
	tests/unit/pages \
	tests/unit/sender \
	tests/unit/stamp \
	tests/unit/tally
check_PROGRAMS += $(probes_tests)
TESTS += $(probes_tests)

probes_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

tests_unit_icmp_SOURCES = %D%/icmp.c probes/icmp.c probes/icmp_text.c
tests_unit_icmp_CFLAGS = $(probes_cflags)
tests_unit_icmp_LDADD = $(CMOCKA_LIBS)
tests_unit_sender_SOURCES = %D%/sender.c probes/sender.c
tests_unit_sender_CFLAGS = $(probes_cflags)
tests_unit_sender_LDADD = $(CMOCKA_LIBS) $(common_libs)
tests_unit_tally_SOURCES = %D%/tally.c probes/stamp.c probes/tally.c
tests_unit_tally_CFLAGS = $(probes_cflags)
tests_unit_tally_LDADD = $(CMOCKA_LIBS)
tests_unit_stamp_SOURCES = %D%/stamp.c probes/stamp.c
tests_unit_stamp_CFLAGS = $(probes_cflags)
tests_unit_stamp_LDADD = $(CMOCKA_LIBS)
tests_unit_pace_SOURCES = %D%/pace.c probes/pace.c
tests_unit_pace_CFLAGS = $(probes_cflags)
tests_unit_pace_LDADD = $(CMOCKA_LIBS)
tests_unit_ping_runs_SOURCES = %D%/ping_runs.c probes/ping_runs.c
tests_unit_ping_runs_CFLAGS = $(probes_cflags)
tests_unit_ping_runs_LDADD = $(CMOCKA_LIBS)
tests_unit_pages_SOURCES = %D%/pages.c probes/pages.c
tests_unit_pages_CFLAGS = $(probes_cflags)
tests_unit_pages_LDADD = $(CMOCKA_LIBS)
tests_unit_fault_SOURCES = %D%/fault.c probes/fault.c probes/icmp_text.c
tests_unit_fault_CFLAGS = $(probes_cflags)
tests_unit_fault_LDADD = $(CMOCKA_LIBS)

# unit tests: OWAMP
owamp_tests = \
	tests/unit/owamp_account \
	tests/unit/owamp_account_truth \
	tests/unit/owamp_control \
	tests/unit/owamp_control_faults \
	tests/unit/owamp_control_fetch \
	tests/unit/owamp_deviates \
	tests/unit/owamp_distribution \
	tests/unit/owamp_gaps \
	tests/unit/owamp_keys \
	tests/unit/owamp_ntp \
	tests/unit/owamp_packet \
	tests/unit/owamp_pattern \
	tests/unit/owamp_session \
	tests/unit/owamp_setup \
	tests/unit/owamp_statement \
	tests/unit/owamp_timetable
check_PROGRAMS += $(owamp_tests)
TESTS += $(owamp_tests)

owamp_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
owamp_libs = libowamp.la $(CMOCKA_LIBS) $(common_libs) -lm

tests_unit_owamp_deviates_SOURCES = %D%/owamp_deviates.c
tests_unit_owamp_deviates_CFLAGS = $(owamp_cflags)
tests_unit_owamp_deviates_LDADD = $(owamp_libs)
tests_unit_owamp_keys_SOURCES = %D%/owamp_keys.c
tests_unit_owamp_keys_CFLAGS = $(owamp_cflags)
tests_unit_owamp_keys_LDADD = $(owamp_libs)
tests_unit_owamp_ntp_SOURCES = %D%/owamp_ntp.c
tests_unit_owamp_ntp_CFLAGS = $(owamp_cflags)
tests_unit_owamp_ntp_LDADD = $(owamp_libs)
tests_unit_owamp_packet_SOURCES = %D%/owamp_packet.c
tests_unit_owamp_packet_CFLAGS = $(owamp_cflags)
tests_unit_owamp_packet_LDADD = $(owamp_libs)
tests_unit_owamp_timetable_SOURCES = %D%/owamp_timetable.c
tests_unit_owamp_timetable_CFLAGS = $(owamp_cflags)
tests_unit_owamp_timetable_LDADD = $(owamp_libs)
owamp_line = %D%/owamp_line.c %D%/owamp_line.h
tests_unit_owamp_control_SOURCES = %D%/owamp_control.c $(owamp_line)
tests_unit_owamp_control_CFLAGS = $(owamp_cflags)
tests_unit_owamp_control_LDADD = $(owamp_libs)
tests_unit_owamp_control_faults_SOURCES = %D%/owamp_control_faults.c \
	$(owamp_line)
tests_unit_owamp_control_faults_CFLAGS = $(owamp_cflags)
tests_unit_owamp_control_faults_LDADD = $(owamp_libs)
tests_unit_owamp_control_fetch_SOURCES = %D%/owamp_control_fetch.c $(owamp_line)
tests_unit_owamp_control_fetch_CFLAGS = $(owamp_cflags)
tests_unit_owamp_control_fetch_LDADD = $(owamp_libs)
owamp_accounted = %D%/owamp_accounted.c %D%/owamp_accounted.h
tests_unit_owamp_account_SOURCES = %D%/owamp_account.c $(owamp_accounted)
tests_unit_owamp_account_CFLAGS = $(owamp_cflags)
tests_unit_owamp_account_LDADD = $(owamp_libs)
tests_unit_owamp_account_truth_SOURCES = %D%/owamp_account_truth.c \
	$(owamp_accounted)
tests_unit_owamp_account_truth_CFLAGS = $(owamp_cflags)
tests_unit_owamp_account_truth_LDADD = $(owamp_libs)
tests_unit_owamp_distribution_SOURCES = %D%/owamp_distribution.c
tests_unit_owamp_distribution_CFLAGS = $(owamp_cflags)
tests_unit_owamp_distribution_LDADD = $(owamp_libs)
tests_unit_owamp_pattern_SOURCES = %D%/owamp_pattern.c
tests_unit_owamp_pattern_CFLAGS = $(owamp_cflags)
tests_unit_owamp_pattern_LDADD = $(owamp_libs)
tests_unit_owamp_gaps_SOURCES = %D%/owamp_gaps.c
tests_unit_owamp_gaps_CFLAGS = $(owamp_cflags)
tests_unit_owamp_gaps_LDADD = $(owamp_libs)
owamp_wire = $(owamp_line) %D%/owamp_wire.c %D%/owamp_wire.h
tests_unit_owamp_session_SOURCES = %D%/owamp_session.c $(owamp_wire)
tests_unit_owamp_session_CFLAGS = $(owamp_cflags)
tests_unit_owamp_session_LDADD = $(owamp_libs)
tests_unit_owamp_setup_SOURCES = %D%/owamp_setup.c $(owamp_wire)
tests_unit_owamp_setup_CFLAGS = $(owamp_cflags)
tests_unit_owamp_setup_LDADD = $(owamp_libs)
tests_unit_owamp_statement_SOURCES = %D%/owamp_statement.c $(owamp_wire)
tests_unit_owamp_statement_CFLAGS = $(owamp_cflags)
tests_unit_owamp_statement_LDADD = $(owamp_libs)

# unit tests: the fleet's judgement of clocks
clocks_tests = \
	tests/unit/court \
	tests/unit/envelope
check_PROGRAMS += $(clocks_tests)
TESTS += $(clocks_tests)

tests_unit_court_SOURCES = %D%/chance.c %D%/chance.h %D%/court.c \
	%D%/court_fleet.c %D%/court_fleet.h
tests_unit_court_CFLAGS = $(collector_cflags)
tests_unit_court_LDADD = $(collector_libs) -lm
tests_unit_envelope_SOURCES = %D%/chance.c %D%/chance.h %D%/envelope.c
tests_unit_envelope_CFLAGS = $(collector_cflags)
tests_unit_envelope_LDADD = $(collector_libs) -lm

# unit tests: the fleet's judgement of clocks
clocks_tests = \
	tests/unit/court \
	tests/unit/court_memory \
	tests/unit/court_seeds \
	tests/unit/envelope
check_PROGRAMS += $(clocks_tests)
TESTS += $(clocks_tests)

check_LIBRARIES += libcourted.a
libcourted_a_SOURCES = \
	%D%/chance.c %D%/chance.h \
	%D%/court_fleet.c %D%/court_fleet.h
libcourted_a_CFLAGS = $(collector_cflags)
court_libs = libcourted.a $(collector_libs) -lm
tests_unit_court_SOURCES = %D%/court.c
tests_unit_court_CFLAGS = $(collector_cflags)
tests_unit_court_LDADD = $(court_libs)
tests_unit_court_memory_SOURCES = %D%/court_memory.c
tests_unit_court_memory_CFLAGS = $(collector_cflags)
tests_unit_court_memory_LDADD = $(court_libs)
tests_unit_court_seeds_SOURCES = %D%/court_seeds.c
tests_unit_court_seeds_CFLAGS = $(collector_cflags)
tests_unit_court_seeds_LDADD = $(court_libs)
tests_unit_envelope_SOURCES = %D%/chance.c %D%/chance.h %D%/envelope.c
tests_unit_envelope_CFLAGS = $(collector_cflags)
tests_unit_envelope_LDADD = $(collector_libs) -lm

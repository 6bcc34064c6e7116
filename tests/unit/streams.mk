# unit tests: streams and what they may cost
stream_tests = \
	tests/unit/intervals \
	tests/unit/limits \
	tests/unit/opt_out \
	tests/unit/quiet \
	tests/unit/steady \
	tests/unit/trust \
	tests/unit/worker_stream
check_PROGRAMS += $(stream_tests)
TESTS += $(stream_tests)
check_LTLIBRARIES += tests/probe/stream.la
tests_probe_stream_la_SOURCES = tests/probe/stream.c
tests_probe_stream_la_LDFLAGS = $(probe_ldflags) -rpath /nowhere

tests_unit_intervals_SOURCES = %D%/intervals.c
tests_unit_intervals_CFLAGS = $(worker_cflags)
tests_unit_intervals_LDADD = $(worker_libs)
tests_unit_worker_stream_SOURCES = %D%/peer.c %D%/peer.h \
	%D%/worker_stream.c
tests_unit_worker_stream_CFLAGS = $(worker_cflags)
tests_unit_worker_stream_LDADD = $(worker_libs)

tests_unit_limits_SOURCES = %D%/limits.c
tests_unit_limits_CFLAGS = $(agent_cflags)
tests_unit_limits_LDADD = $(agent_test_libs)
tests_unit_steady_SOURCES = %D%/steady.c
tests_unit_steady_CFLAGS = $(agent_cflags)
tests_unit_steady_LDADD = $(agent_test_libs)
tests_unit_trust_SOURCES = %D%/trust.c
tests_unit_trust_CFLAGS = $(agent_cflags)
tests_unit_trust_LDADD = $(agent_test_libs)
tests_unit_quiet_SOURCES = %D%/quiet.c
tests_unit_quiet_CFLAGS = $(agent_cflags)
tests_unit_quiet_LDADD = $(agent_test_libs)
tests_unit_opt_out_SOURCES = %D%/opt_out.c
tests_unit_opt_out_CFLAGS = $(agent_cflags)
tests_unit_opt_out_LDADD = $(agent_test_libs)

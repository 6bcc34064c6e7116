# unit tests: the parts of the one-way delay probe
owd_tests = \
	tests/unit/owd_catch \
	tests/unit/owd_departures \
	tests/unit/owd_far \
	tests/unit/owd_far_guests \
	tests/unit/owd_far_limits \
	tests/unit/owd_far_receiver \
	tests/unit/owd_far_sender \
	tests/unit/owd_findings \
	tests/unit/owd_flow \
	tests/unit/owd_gather \
	tests/unit/owd_ledger \
	tests/unit/owd_ledger_statements \
	tests/unit/owd_ledger_truth \
	tests/unit/owd_orphan \
	tests/unit/owd_outbound \
	tests/unit/owd_outbound_clock \
	tests/unit/owd_relay \
	tests/unit/owd_run \
	tests/unit/owd_run_far \
	tests/unit/owd_samples \
	tests/unit/owd_shelf \
	tests/unit/owd_table \
	tests/unit/owd_trace \
	tests/unit/owd_turns \
	tests/unit/owd_udp \
	tests/unit/owd_udp_stamps
check_PROGRAMS += $(owd_tests)
TESTS += $(owd_tests)

owd_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
owd_libs = libowd.la libowamp.la $(CMOCKA_LIBS) $(common_libs) -lm

owd_ledgered = %D%/owd_ledgered.c %D%/owd_ledgered.h
tests_unit_owd_ledger_SOURCES = %D%/owd_ledger.c $(owd_ledgered)
tests_unit_owd_ledger_CFLAGS = $(owd_cflags)
tests_unit_owd_ledger_LDADD = $(owd_libs)
tests_unit_owd_ledger_statements_SOURCES = %D%/owd_ledger_statements.c \
	$(owd_ledgered)
tests_unit_owd_ledger_statements_CFLAGS = $(owd_cflags)
tests_unit_owd_ledger_statements_LDADD = $(owd_libs)
tests_unit_owd_ledger_truth_SOURCES = %D%/owd_ledger_truth.c $(owd_ledgered)
tests_unit_owd_ledger_truth_CFLAGS = $(owd_cflags)
tests_unit_owd_ledger_truth_LDADD = $(owd_libs)
tests_unit_owd_catch_SOURCES = %D%/owd_catch.c
tests_unit_owd_catch_CFLAGS = $(owd_cflags)
tests_unit_owd_catch_LDADD = $(owd_libs)
tests_unit_owd_departures_SOURCES = %D%/owd_departures.c
tests_unit_owd_departures_CFLAGS = $(owd_cflags)
tests_unit_owd_departures_LDADD = $(owd_libs)
owd_sending = %D%/loop.c %D%/loop.h %D%/owd_sending.c %D%/owd_sending.h
tests_unit_owd_outbound_SOURCES = %D%/owd_outbound.c $(owd_sending)
tests_unit_owd_outbound_CFLAGS = $(owd_cflags)
tests_unit_owd_outbound_LDADD = $(owd_libs)
tests_unit_owd_outbound_clock_SOURCES = %D%/owd_outbound_clock.c $(owd_sending)
tests_unit_owd_outbound_clock_CFLAGS = $(owd_cflags)
tests_unit_owd_outbound_clock_LDADD = $(owd_libs)
owd_sockets = %D%/loop.c %D%/loop.h %D%/owd_sockets.c %D%/owd_sockets.h
tests_unit_owd_udp_SOURCES = %D%/owd_udp.c $(owd_sockets)
tests_unit_owd_udp_CFLAGS = $(owd_cflags)
tests_unit_owd_udp_LDADD = $(owd_libs)
tests_unit_owd_udp_stamps_SOURCES = %D%/owd_udp_stamps.c $(owd_sockets)
tests_unit_owd_udp_stamps_CFLAGS = $(owd_cflags)
tests_unit_owd_udp_stamps_LDADD = $(owd_libs)
tests_unit_owd_trace_SOURCES = %D%/owd_trace.c
tests_unit_owd_trace_CFLAGS = $(owd_cflags)
tests_unit_owd_trace_LDADD = $(owd_libs)
tests_unit_owd_run_SOURCES = %D%/owd_run.c %D%/owd_stage.c %D%/owd_stage.h \
	%D%/loop.c %D%/loop.h probes/owd/owd.c
tests_unit_owd_run_CFLAGS = $(owd_cflags)
tests_unit_owd_run_LDADD = $(owd_libs)
tests_unit_owd_run_far_SOURCES = %D%/owd_run_far.c %D%/owd_stage.c \
	%D%/owd_stage.h %D%/loop.c %D%/loop.h probes/owd/owd.c
tests_unit_owd_run_far_CFLAGS = $(owd_cflags)
tests_unit_owd_run_far_LDADD = $(owd_libs)
tests_unit_owd_relay_SOURCES = %D%/owd_relay.c %D%/owd_stage.c \
	%D%/owd_stage.h %D%/loop.c %D%/loop.h probes/owd/owd.c
tests_unit_owd_orphan_SOURCES = %D%/owd_orphan.c %D%/owd_stage.c \
	%D%/owd_stage.h %D%/loop.c %D%/loop.h probes/owd/owd.c
tests_unit_owd_orphan_CFLAGS = $(owd_cflags)
tests_unit_owd_orphan_LDADD = $(owd_libs)
tests_unit_owd_relay_CFLAGS = $(owd_cflags)
tests_unit_owd_relay_LDADD = $(owd_libs)
tests_unit_owd_table_SOURCES = %D%/owd_table.c probes/owd/owd.c
tests_unit_owd_table_CFLAGS = $(owd_cflags)
tests_unit_owd_table_LDADD = $(owd_libs)
owd_scene = %D%/loop.c %D%/loop.h %D%/owd_caller.c %D%/owd_caller.h \
	%D%/owd_far_scene.c %D%/owd_far_scene.h
owd_far_end = %D%/owd_far_end.c %D%/owd_far_end.h $(owd_scene)
tests_unit_owd_far_SOURCES = %D%/owd_far.c $(owd_far_end)
tests_unit_owd_far_CFLAGS = $(owd_cflags)
tests_unit_owd_far_LDADD = $(owd_libs)
tests_unit_owd_far_receiver_SOURCES = %D%/owd_far_receiver.c $(owd_far_end)
tests_unit_owd_far_receiver_CFLAGS = $(owd_cflags)
tests_unit_owd_far_receiver_LDADD = $(owd_libs)
tests_unit_owd_far_sender_SOURCES = %D%/owd_far_sender.c $(owd_far_end)
tests_unit_owd_far_sender_CFLAGS = $(owd_cflags)
tests_unit_owd_far_sender_LDADD = $(owd_libs)
tests_unit_owd_far_limits_SOURCES = %D%/owd_far_limits.c $(owd_scene)
tests_unit_owd_far_limits_CFLAGS = $(owd_cflags)
tests_unit_owd_far_limits_LDADD = $(owd_libs)
tests_unit_owd_samples_SOURCES = %D%/owd_samples.c
tests_unit_owd_samples_CFLAGS = $(owd_cflags)
tests_unit_owd_samples_LDADD = $(owd_libs)
tests_unit_owd_shelf_SOURCES = %D%/owd_shelf.c %D%/loop.c %D%/loop.h
tests_unit_owd_shelf_CFLAGS = $(owd_cflags)
tests_unit_owd_shelf_LDADD = $(owd_libs)
tests_unit_owd_far_guests_SOURCES = %D%/owd_far_guests.c $(owd_scene)
tests_unit_owd_far_guests_CFLAGS = $(owd_cflags)
tests_unit_owd_far_guests_LDADD = $(owd_libs)
tests_unit_owd_findings_SOURCES = %D%/owd_findings.c
tests_unit_owd_findings_CFLAGS = $(owd_cflags)
tests_unit_owd_findings_LDADD = $(owd_libs)
tests_unit_owd_flow_SOURCES = %D%/owd_flow.c %D%/loop.c %D%/loop.h
tests_unit_owd_flow_CFLAGS = $(owd_cflags)
tests_unit_owd_flow_LDADD = $(owd_libs)
tests_unit_owd_gather_SOURCES = %D%/owd_gather.c %D%/loop.c %D%/loop.h
tests_unit_owd_gather_CFLAGS = $(owd_cflags)
tests_unit_owd_gather_LDADD = $(owd_libs)
tests_unit_owd_turns_SOURCES = %D%/owd_turns.c %D%/loop.c %D%/loop.h
tests_unit_owd_turns_CFLAGS = $(owd_cflags)
tests_unit_owd_turns_LDADD = $(owd_libs)

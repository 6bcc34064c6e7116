# Fuzz targets: parsers of what strangers send, one C file each with
# LLVMFuzzerTestOneInput. make check replays tests/fuzz/corpus/TARGET through
# each and needs no clang. To look for new inputs, with clang, for so many
# seconds, in a build folder of its own (build/fuzz, or $BUILD):
#
#   tests/fuzz/run.sh TARGET SECONDS
#
# What made a target fail goes into its corpus together with the fix. A new
# target is its name in fuzz_targets, its lines and at least one file in its
# corpus.
TEST_EXTENSIONS = .fuzz
FUZZ_LOG_DRIVER = $(LOG_DRIVER)
FUZZ_LOG_COMPILER = $(SHELL) $(top_srcdir)/%D%/replay.sh
EXTRA_DIST += %D%/replay.sh %D%/run.sh %D%/corpus
# clang's fuzzer has a main of its own
if FUZZER
fuzz_replay = %D%/target.h
else
fuzz_replay = %D%/replay.c %D%/target.h
endif
check_LIBRARIES += libspecimen.a
libspecimen_a_SOURCES = %D%/specimen.c %D%/specimen.h \
	tests/unit/folder.c tests/unit/folder.h
libspecimen_a_CFLAGS = $(AM_CFLAGS)
fuzz_agent_libs = libspecimen.a libagent.a libscheduler.a $(common_libs)
fuzz_collector_libs = libspecimen.a libcollector.a libagent.a \
	libscheduler.a $(common_libs) $(RRD_LIBS)

fuzz_targets = \
	tests/fuzz/batch.fuzz \
	tests/fuzz/certificate.fuzz \
	tests/fuzz/chrony.fuzz \
	tests/fuzz/enrol.fuzz \
	tests/fuzz/fleet.fuzz \
	tests/fuzz/frame.fuzz \
	tests/fuzz/from_config.fuzz \
	tests/fuzz/gpsd.fuzz \
	tests/fuzz/hello.fuzz \
	tests/fuzz/http.fuzz \
	tests/fuzz/icmp.fuzz \
	tests/fuzz/manifest.fuzz \
	tests/fuzz/member.fuzz \
	tests/fuzz/order.fuzz \
	tests/fuzz/owamp_client.fuzz \
	tests/fuzz/owamp_inlet.fuzz \
	tests/fuzz/owamp_packet.fuzz \
	tests/fuzz/owamp_server.fuzz \
	tests/fuzz/packing.fuzz \
	tests/fuzz/plan.fuzz \
	tests/fuzz/record.fuzz \
	tests/fuzz/request.fuzz \
	tests/fuzz/settings.fuzz \
	tests/fuzz/summary.fuzz \
	tests/fuzz/time.fuzz \
	tests/fuzz/topology.fuzz \
	tests/fuzz/tree.fuzz \
	tests/fuzz/truth.fuzz \
	tests/fuzz/unit.fuzz \
	tests/fuzz/worker.fuzz \
	tests/fuzz/yaml.fuzz
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)

tests_fuzz_batch_fuzz_SOURCES = %D%/batch.c $(fuzz_replay)
tests_fuzz_batch_fuzz_LDADD = $(fuzz_collector_libs)
tests_fuzz_certificate_fuzz_SOURCES = %D%/certificate.c $(fuzz_replay)
tests_fuzz_certificate_fuzz_LDADD = $(fuzz_collector_libs)
tests_fuzz_chrony_fuzz_SOURCES = %D%/chrony.c $(fuzz_replay)
tests_fuzz_chrony_fuzz_LDADD = $(common_libs)
tests_fuzz_enrol_fuzz_SOURCES = %D%/enrol.c $(fuzz_replay)
tests_fuzz_enrol_fuzz_LDADD = $(fuzz_collector_libs)
tests_fuzz_fleet_fuzz_SOURCES = %D%/fleet.c $(fuzz_replay)
tests_fuzz_fleet_fuzz_LDADD = $(fuzz_collector_libs)
tests_fuzz_frame_fuzz_SOURCES = %D%/frame.c $(fuzz_replay)
tests_fuzz_frame_fuzz_LDADD = $(truth_libs)
tests_fuzz_from_config_fuzz_SOURCES = %D%/from_config.c $(fuzz_replay)
tests_fuzz_from_config_fuzz_LDADD = libspecimen.a liblab.a libagent.a \
	libscheduler.a $(common_libs)
tests_fuzz_gpsd_fuzz_SOURCES = %D%/gpsd.c $(fuzz_replay)
tests_fuzz_gpsd_fuzz_LDADD = $(common_libs)
tests_fuzz_hello_fuzz_SOURCES = %D%/hello.c $(fuzz_replay)
tests_fuzz_hello_fuzz_LDADD = $(fuzz_collector_libs)
tests_fuzz_http_fuzz_SOURCES = %D%/http.c $(fuzz_replay)
tests_fuzz_http_fuzz_LDADD = $(fuzz_collector_libs)
tests_fuzz_icmp_fuzz_SOURCES = %D%/icmp.c probes/icmp.c probes/icmp_text.c \
	$(fuzz_replay)
tests_fuzz_icmp_fuzz_CFLAGS = $(AM_CFLAGS)
tests_fuzz_icmp_fuzz_LDADD = $(common_libs)
tests_fuzz_manifest_fuzz_SOURCES = %D%/manifest.c $(fuzz_replay)
tests_fuzz_manifest_fuzz_LDADD = $(common_libs)
tests_fuzz_member_fuzz_SOURCES = %D%/member.c $(fuzz_replay)
tests_fuzz_member_fuzz_LDADD = $(common_libs)
tests_fuzz_order_fuzz_SOURCES = %D%/order.c tests/probe/trivial.c \
	$(fuzz_replay)
tests_fuzz_order_fuzz_CFLAGS = $(AM_CFLAGS)
tests_fuzz_order_fuzz_LDADD = $(fuzz_agent_libs)
tests_fuzz_owamp_client_fuzz_SOURCES = %D%/owamp_client.c $(fuzz_replay)
tests_fuzz_owamp_client_fuzz_LDADD = libowamp.la $(common_libs)
tests_fuzz_owamp_inlet_fuzz_SOURCES = %D%/owamp_inlet.c $(fuzz_replay)
tests_fuzz_owamp_inlet_fuzz_LDADD = libowamp.la $(common_libs)
tests_fuzz_owamp_packet_fuzz_SOURCES = %D%/owamp_packet.c $(fuzz_replay)
tests_fuzz_owamp_packet_fuzz_LDADD = libowamp.la $(common_libs)
tests_fuzz_owamp_server_fuzz_SOURCES = %D%/owamp_server.c $(fuzz_replay)
tests_fuzz_owamp_server_fuzz_LDADD = libowamp.la $(common_libs)
tests_fuzz_packing_fuzz_SOURCES = %D%/packing.c $(fuzz_replay)
tests_fuzz_packing_fuzz_LDADD = $(common_libs)
tests_fuzz_plan_fuzz_SOURCES = %D%/plan.c $(fuzz_replay)
tests_fuzz_plan_fuzz_LDADD = $(fuzz_agent_libs)
tests_fuzz_record_fuzz_SOURCES = %D%/record.c $(fuzz_replay)
tests_fuzz_record_fuzz_LDADD = $(common_libs)
tests_fuzz_request_fuzz_SOURCES = %D%/request.c $(fuzz_replay)
tests_fuzz_request_fuzz_LDADD = libemulator.a $(common_libs)
tests_fuzz_settings_fuzz_SOURCES = %D%/settings.c $(fuzz_replay)
tests_fuzz_settings_fuzz_LDADD = $(fuzz_collector_libs)
tests_fuzz_summary_fuzz_SOURCES = %D%/summary.c $(fuzz_replay)
tests_fuzz_summary_fuzz_LDADD = $(common_libs)
tests_fuzz_time_fuzz_SOURCES = %D%/time.c $(fuzz_replay)
tests_fuzz_time_fuzz_LDADD = $(common_libs)
tests_fuzz_topology_fuzz_SOURCES = %D%/topology.c $(fuzz_replay)
tests_fuzz_topology_fuzz_LDADD = libspecimen.a liblab.a libagent.a \
	libscheduler.a $(common_libs)
tests_fuzz_tree_fuzz_SOURCES = %D%/tree.c $(fuzz_replay)
tests_fuzz_tree_fuzz_LDADD = $(common_libs)
tests_fuzz_truth_fuzz_SOURCES = %D%/truth.c $(fuzz_replay)
tests_fuzz_truth_fuzz_LDADD = $(truth_libs)
tests_fuzz_unit_fuzz_SOURCES = %D%/unit.c $(fuzz_replay)
tests_fuzz_unit_fuzz_LDADD = $(common_libs)
tests_fuzz_worker_fuzz_SOURCES = %D%/worker.c $(fuzz_replay)
tests_fuzz_worker_fuzz_LDADD = $(fuzz_agent_libs)
tests_fuzz_yaml_fuzz_SOURCES = %D%/yaml.c $(fuzz_replay)
tests_fuzz_yaml_fuzz_LDADD = $(common_libs)

# Fuzz targets: parsers of what strangers send, one C file each with
# LLVMFuzzerTestOneInput. make check replays tests/fuzz/corpus/TARGET through
# each and needs no clang. To look for new inputs, in a build folder of its own:
#
#   ../configure CC=clang \
#       CFLAGS='-g -O1 -fsanitize=fuzzer-no-link,address,undefined'
#   make libcommon.a
#   clang -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -I.. \
#       ../tests/fuzz/member.c libcommon.a -ljson-c -lm -o member.fuzzer
#   mkdir found && ./member.fuzzer found ../tests/fuzz/corpus/member
#
# What made a target fail goes into its corpus together with the fix. A new
# target is four lines here and at least one file in its corpus.
TEST_EXTENSIONS = .fuzz
FUZZ_LOG_DRIVER = $(LOG_DRIVER)
FUZZ_LOG_COMPILER = $(SHELL) $(top_srcdir)/%D%/replay.sh
EXTRA_DIST += %D%/replay.sh %D%/corpus
fuzz_replay = %D%/replay.c %D%/target.h

check_PROGRAMS += tests/fuzz/icmp.fuzz
TESTS += tests/fuzz/icmp.fuzz
tests_fuzz_icmp_fuzz_SOURCES = %D%/icmp.c probes/icmp.c probes/icmp_text.c \
	$(fuzz_replay)
tests_fuzz_icmp_fuzz_CFLAGS = $(AM_CFLAGS)
tests_fuzz_icmp_fuzz_LDADD = $(common_libs)

check_PROGRAMS += tests/fuzz/manifest.fuzz
TESTS += tests/fuzz/manifest.fuzz
tests_fuzz_manifest_fuzz_SOURCES = %D%/manifest.c $(fuzz_replay)
tests_fuzz_manifest_fuzz_LDADD = $(common_libs)

check_PROGRAMS += tests/fuzz/member.fuzz
TESTS += tests/fuzz/member.fuzz
tests_fuzz_member_fuzz_SOURCES = %D%/member.c $(fuzz_replay)
tests_fuzz_member_fuzz_LDADD = $(common_libs)

check_PROGRAMS += tests/fuzz/record.fuzz
TESTS += tests/fuzz/record.fuzz
tests_fuzz_record_fuzz_SOURCES = %D%/record.c $(fuzz_replay)
tests_fuzz_record_fuzz_LDADD = $(common_libs)

check_PROGRAMS += tests/fuzz/summary.fuzz
TESTS += tests/fuzz/summary.fuzz
tests_fuzz_summary_fuzz_SOURCES = %D%/summary.c $(fuzz_replay)
tests_fuzz_summary_fuzz_LDADD = $(common_libs)

check_PROGRAMS += tests/fuzz/unit.fuzz
TESTS += tests/fuzz/unit.fuzz
tests_fuzz_unit_fuzz_SOURCES = %D%/unit.c $(fuzz_replay)
tests_fuzz_unit_fuzz_LDADD = $(common_libs)

check_PROGRAMS += tests/fuzz/yaml.fuzz
TESTS += tests/fuzz/yaml.fuzz
tests_fuzz_yaml_fuzz_SOURCES = %D%/yaml.c $(fuzz_replay)
tests_fuzz_yaml_fuzz_LDADD = $(common_libs)

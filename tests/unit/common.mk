# unit tests: common
core_tests = \
	tests/unit/address \
	tests/unit/catalog \
	tests/unit/clock \
	tests/unit/digits \
	tests/unit/discipline \
	tests/unit/error \
	tests/unit/log \
	tests/unit/manifest \
	tests/unit/member \
	tests/unit/memory \
	tests/unit/metric \
	tests/unit/name \
	tests/unit/option \
	tests/unit/phc \
	tests/unit/place \
	tests/unit/table \
	tests/unit/unit \
	tests/unit/vouch \
	tests/unit/witness
check_PROGRAMS += $(core_tests)
TESTS += $(core_tests)

core_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
core_libs = $(common_libs) $(CMOCKA_LIBS)

tests_unit_address_SOURCES = %D%/address.c
tests_unit_address_CFLAGS = $(core_cflags)
tests_unit_address_LDADD = $(core_libs)
tests_unit_catalog_SOURCES = %D%/catalog.c
tests_unit_catalog_CFLAGS = $(core_cflags)
tests_unit_catalog_LDADD = libharness.a $(core_libs)
tests_unit_clock_SOURCES = %D%/clock.c
tests_unit_clock_CFLAGS = $(core_cflags)
tests_unit_clock_LDADD = $(core_libs)
tests_unit_digits_SOURCES = %D%/digits.c
tests_unit_digits_CFLAGS = $(core_cflags)
tests_unit_digits_LDADD = $(core_libs)
tests_unit_discipline_SOURCES = %D%/discipline.c
tests_unit_discipline_CFLAGS = $(core_cflags)
tests_unit_discipline_LDADD = $(core_libs)
tests_unit_error_SOURCES = %D%/error.c
tests_unit_error_CFLAGS = $(core_cflags)
tests_unit_error_LDADD = $(core_libs)
tests_unit_log_SOURCES = %D%/log.c
tests_unit_log_CFLAGS = $(core_cflags)
tests_unit_log_LDADD = $(core_libs)
tests_unit_manifest_SOURCES = %D%/manifest.c
tests_unit_manifest_CFLAGS = $(core_cflags)
tests_unit_manifest_LDADD = $(core_libs)
tests_unit_member_SOURCES = %D%/member.c
tests_unit_member_CFLAGS = $(core_cflags)
tests_unit_member_LDADD = $(core_libs)
tests_unit_memory_SOURCES = %D%/memory.c
tests_unit_memory_CFLAGS = $(core_cflags)
tests_unit_memory_LDADD = $(core_libs)
tests_unit_metric_SOURCES = %D%/metric.c
tests_unit_metric_CFLAGS = $(core_cflags)
tests_unit_metric_LDADD = $(core_libs)
tests_unit_name_SOURCES = %D%/name.c
tests_unit_name_CFLAGS = $(core_cflags)
tests_unit_name_LDADD = $(core_libs)
tests_unit_option_SOURCES = %D%/option.c
tests_unit_option_CFLAGS = $(core_cflags)
tests_unit_option_LDADD = $(core_libs)
tests_unit_phc_SOURCES = %D%/phc.c
tests_unit_phc_CFLAGS = $(core_cflags)
tests_unit_phc_LDADD = $(core_libs)
tests_unit_place_SOURCES = %D%/place.c
tests_unit_place_CFLAGS = $(core_cflags)
tests_unit_place_LDADD = $(core_libs)
tests_unit_table_SOURCES = %D%/table.c
tests_unit_table_CFLAGS = $(core_cflags)
tests_unit_table_LDADD = $(core_libs)
tests_unit_unit_SOURCES = %D%/unit.c
tests_unit_unit_CFLAGS = $(core_cflags)
tests_unit_unit_LDADD = $(core_libs)

# distributions, findings and files
data_tests = \
	tests/unit/bundle \
	tests/unit/histogram \
	tests/unit/record \
	tests/unit/sides \
	tests/unit/sides_losses \
	tests/unit/summary \
	tests/unit/yaml
check_PROGRAMS += $(data_tests)
TESTS += $(data_tests)

tests_unit_bundle_SOURCES = %D%/bundle.c
tests_unit_bundle_CFLAGS = $(core_cflags)
tests_unit_bundle_LDADD = $(core_libs)
tests_unit_histogram_SOURCES = %D%/histogram.c
tests_unit_histogram_CFLAGS = $(core_cflags)
tests_unit_histogram_LDADD = $(core_libs)
tests_unit_record_SOURCES = %D%/record.c
tests_unit_record_CFLAGS = $(core_cflags)
tests_unit_record_LDADD = $(core_libs)
tests_unit_sides_SOURCES = %D%/sided.c %D%/sided.h %D%/sides.c
tests_unit_sides_CFLAGS = $(core_cflags)
tests_unit_sides_LDADD = $(core_libs)
tests_unit_sides_losses_SOURCES = %D%/sided.c %D%/sided.h %D%/sides_losses.c
tests_unit_sides_losses_CFLAGS = $(core_cflags)
tests_unit_sides_losses_LDADD = $(core_libs)
tests_unit_summary_SOURCES = %D%/summary.c
tests_unit_summary_CFLAGS = $(core_cflags)
tests_unit_summary_LDADD = $(core_libs)
tests_unit_yaml_SOURCES = %D%/yaml.c
tests_unit_yaml_CFLAGS = $(core_cflags)
tests_unit_yaml_LDADD = $(core_libs)

check_PROGRAMS += tests/unit/lasts
TESTS += tests/unit/lasts
tests_unit_lasts_SOURCES = %D%/lasts.c
tests_unit_lasts_CFLAGS = $(core_cflags)
tests_unit_lasts_LDADD = $(core_libs)
tests_unit_vouch_SOURCES = %D%/vouch.c
tests_unit_vouch_CFLAGS = $(core_cflags)
tests_unit_vouch_LDADD = $(core_libs)
tests_unit_witness_SOURCES = %D%/witness.c
tests_unit_witness_CFLAGS = $(core_cflags)
tests_unit_witness_LDADD = $(core_libs)

# unit tests: who belongs to the fleet, for life
identity_tests = \
	tests/unit/registry_format
check_PROGRAMS += $(identity_tests)
TESTS += $(identity_tests)
EXTRA_DIST += \
	%D%/formats/registry-1.sql

tests_unit_registry_format_SOURCES = %D%/registry_format.c
tests_unit_registry_format_CFLAGS = $(collector_cflags)
tests_unit_registry_format_LDADD = $(collector_libs)

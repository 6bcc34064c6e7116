# unit tests: who belongs to the fleet, for life
identity_tests = \
	tests/unit/behind \
	tests/unit/holders \
	tests/unit/registry_format \
	tests/unit/renames \
	tests/unit/renewal \
	tests/unit/spool_format
check_PROGRAMS += $(identity_tests)
TESTS += $(identity_tests)
EXTRA_DIST += \
	%D%/formats/registry-1.sql \
	%D%/formats/spool-1.sql

tests_unit_behind_SOURCES = %D%/behind.c
tests_unit_behind_CFLAGS = $(collector_cflags)
tests_unit_behind_LDADD = $(collector_libs)
tests_unit_holders_SOURCES = %D%/holders.c
tests_unit_holders_CFLAGS = $(collector_cflags)
tests_unit_holders_LDADD = $(collector_libs)
tests_unit_renames_SOURCES = %D%/renames.c
tests_unit_renames_CFLAGS = $(collector_cflags)
tests_unit_renames_LDADD = $(collector_libs)
tests_unit_registry_format_SOURCES = %D%/formats.c %D%/formats.h \
	%D%/registry_format.c
tests_unit_registry_format_CFLAGS = $(collector_cflags)
tests_unit_registry_format_LDADD = $(collector_libs)
tests_unit_spool_format_SOURCES = %D%/formats.c %D%/formats.h \
	%D%/spool_format.c
tests_unit_spool_format_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_spool_format_LDADD = libagent.a libharness.a $(common_libs) \
	$(CMOCKA_LIBS)
tests_unit_renewal_SOURCES = %D%/renewal.c
tests_unit_renewal_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_renewal_LDADD = libagent.a libharness.a $(common_libs) \
	$(CMOCKA_LIBS)

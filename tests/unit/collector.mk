# unit tests: collector
collector_tests = \
	tests/unit/batch \
	tests/unit/collector_settings \
	tests/unit/intake_commit \
	tests/unit/journal \
	tests/unit/journal_blocks \
	tests/unit/journal_crash \
	tests/unit/journal_forgets \
	tests/unit/journal_read \
	tests/unit/pki \
	tests/unit/publisher \
	tests/unit/registry \
	tests/unit/registry_hello \
	tests/unit/registry_refused \
	tests/unit/registry_rename \
	tests/unit/registry_token
check_PROGRAMS += $(collector_tests)
TESTS += $(collector_tests)

collector_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
collector_libs = libcollector.a libscheduler.a libharness.a \
	$(common_libs) $(RRD_LIBS) $(CMOCKA_LIBS)

tests_unit_batch_SOURCES = %D%/batch.c
tests_unit_batch_CFLAGS = $(collector_cflags)
tests_unit_batch_LDADD = $(collector_libs)
tests_unit_collector_settings_SOURCES = %D%/collector_settings.c
tests_unit_collector_settings_CFLAGS = $(collector_cflags)
tests_unit_collector_settings_LDADD = $(collector_libs)
tests_unit_intake_commit_SOURCES = %D%/intake_commit.c
tests_unit_intake_commit_CFLAGS = $(collector_cflags)
tests_unit_intake_commit_LDADD = libjournaled.a $(stored_libs)
EXTRA_DIST += %D%/formats/journal-1.sql
check_LIBRARIES += libjournaled.a
libjournaled_a_SOURCES = \
	%D%/formats.c %D%/formats.h \
	%D%/journaled.c %D%/journaled.h
libjournaled_a_CFLAGS = $(collector_cflags)
journal_libs = libjournaled.a $(collector_libs)
tests_unit_journal_SOURCES = %D%/journal.c
tests_unit_journal_CFLAGS = $(collector_cflags)
tests_unit_journal_LDADD = $(journal_libs)
tests_unit_journal_blocks_SOURCES = %D%/journal_blocks.c
tests_unit_journal_blocks_CFLAGS = $(collector_cflags)
tests_unit_journal_blocks_LDADD = $(journal_libs)
tests_unit_journal_crash_SOURCES = %D%/journal_crash.c
tests_unit_journal_crash_CFLAGS = $(collector_cflags)
tests_unit_journal_crash_LDADD = $(journal_libs)
tests_unit_journal_forgets_SOURCES = %D%/journal_forgets.c
tests_unit_journal_forgets_CFLAGS = $(collector_cflags)
tests_unit_journal_forgets_LDADD = $(journal_libs)
tests_unit_journal_read_SOURCES = %D%/journal_read.c
tests_unit_journal_read_CFLAGS = $(collector_cflags)
tests_unit_journal_read_LDADD = $(journal_libs)
tests_unit_pki_SOURCES = %D%/pki.c
tests_unit_pki_CFLAGS = $(collector_cflags)
tests_unit_pki_LDADD = $(collector_libs)
tests_unit_publisher_SOURCES = %D%/publisher.c
tests_unit_publisher_CFLAGS = $(collector_cflags)
tests_unit_publisher_LDADD = libcollector.a libscheduler.a libharness.a \
	$(common_libs) $(CMOCKA_LIBS)
tests_unit_registry_SOURCES = %D%/registry.c
tests_unit_registry_CFLAGS = $(collector_cflags)
tests_unit_registry_LDADD = $(stored_libs)
tests_unit_registry_hello_SOURCES = %D%/registry_hello.c
tests_unit_registry_hello_CFLAGS = $(collector_cflags)
tests_unit_registry_hello_LDADD = $(stored_libs)
tests_unit_registry_refused_SOURCES = %D%/registry_refused.c
tests_unit_registry_refused_CFLAGS = $(collector_cflags)
tests_unit_registry_refused_LDADD = $(stored_libs)
tests_unit_registry_rename_SOURCES = %D%/registry_rename.c
tests_unit_registry_rename_CFLAGS = $(collector_cflags)
tests_unit_registry_rename_LDADD = $(stored_libs)
tests_unit_registry_token_SOURCES = %D%/registry_token.c
tests_unit_registry_token_CFLAGS = $(collector_cflags)
tests_unit_registry_token_LDADD = $(stored_libs)

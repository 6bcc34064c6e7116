# unit tests: the store and the files it keeps
store_tests = \
	tests/unit/archive \
	tests/unit/archive_crash \
	tests/unit/archive_damage \
	tests/unit/archive_expiry \
	tests/unit/archive_merge \
	tests/unit/archive_rename \
	tests/unit/bins \
	tests/unit/bins_crash \
	tests/unit/bins_flush \
	tests/unit/bins_format \
	tests/unit/bins_sides \
	tests/unit/crowd \
	tests/unit/full_disk \
	tests/unit/history \
	tests/unit/history_read \
	tests/unit/history_rebuild \
	tests/unit/latest \
	tests/unit/store \
	tests/unit/store_archive \
	tests/unit/store_crash \
	tests/unit/store_departed \
	tests/unit/store_fleet \
	tests/unit/store_history \
	tests/unit/store_rename \
	tests/unit/store_rows
check_PROGRAMS += $(store_tests)
TESTS += $(store_tests)

check_LIBRARIES += libstored.a
libstored_a_SOURCES = \
	%D%/archived.c %D%/archived.h \
	%D%/binned.c %D%/binned.h \
	%D%/formats.c %D%/formats.h \
	%D%/historic.c %D%/historic.h \
	%D%/registered.c %D%/registered.h \
	%D%/rolled.c %D%/rolled.h \
	%D%/sample.c %D%/sample.h \
	%D%/store_found.c %D%/store_found.h \
	%D%/store_hours.c %D%/store_hours.h \
	%D%/store_shape.c %D%/store_shape.h \
	%D%/store_stage.c %D%/store_stage.h
libstored_a_CFLAGS = $(collector_cflags)
stored_libs = libstored.a $(collector_libs)

tests_unit_archive_SOURCES = %D%/archive.c
tests_unit_archive_CFLAGS = $(collector_cflags)
tests_unit_archive_LDADD = $(stored_libs)
tests_unit_archive_crash_SOURCES = %D%/archive_crash.c
tests_unit_archive_crash_CFLAGS = $(collector_cflags)
tests_unit_archive_crash_LDADD = $(stored_libs)
tests_unit_archive_damage_SOURCES = %D%/archive_damage.c
tests_unit_archive_damage_CFLAGS = $(collector_cflags)
tests_unit_archive_damage_LDADD = $(stored_libs)
tests_unit_archive_expiry_SOURCES = %D%/archive_expiry.c
tests_unit_archive_expiry_CFLAGS = $(collector_cflags)
tests_unit_archive_expiry_LDADD = $(stored_libs)
tests_unit_archive_merge_SOURCES = %D%/archive_merge.c
tests_unit_archive_merge_CFLAGS = $(collector_cflags)
tests_unit_archive_merge_LDADD = $(stored_libs)
tests_unit_archive_rename_SOURCES = %D%/archive_rename.c
tests_unit_archive_rename_CFLAGS = $(collector_cflags)
tests_unit_archive_rename_LDADD = $(stored_libs)
tests_unit_bins_SOURCES = %D%/bins.c
tests_unit_bins_CFLAGS = $(collector_cflags)
tests_unit_bins_LDADD = $(stored_libs)
tests_unit_bins_crash_SOURCES = %D%/bins_crash.c
tests_unit_bins_crash_CFLAGS = $(collector_cflags)
tests_unit_bins_crash_LDADD = $(stored_libs)
tests_unit_bins_flush_SOURCES = %D%/bins_flush.c
tests_unit_bins_flush_CFLAGS = $(collector_cflags)
tests_unit_bins_flush_LDADD = $(stored_libs)
tests_unit_bins_format_SOURCES = %D%/bins_format.c
tests_unit_bins_format_CFLAGS = $(collector_cflags)
tests_unit_bins_format_LDADD = $(stored_libs)
tests_unit_bins_sides_SOURCES = %D%/bins_sides.c
tests_unit_bins_sides_CFLAGS = $(collector_cflags)
tests_unit_bins_sides_LDADD = $(stored_libs)
tests_unit_crowd_SOURCES = %D%/crowd.c
tests_unit_crowd_CFLAGS = $(collector_cflags)
tests_unit_crowd_LDADD = $(stored_libs)
tests_unit_full_disk_SOURCES = %D%/full_disk.c
tests_unit_full_disk_CFLAGS = $(collector_cflags)
tests_unit_full_disk_LDADD = libjournaled.a $(stored_libs)
tests_unit_history_SOURCES = %D%/history.c
tests_unit_history_CFLAGS = $(collector_cflags)
tests_unit_history_LDADD = $(stored_libs)
tests_unit_history_read_SOURCES = %D%/history_read.c
tests_unit_history_read_CFLAGS = $(collector_cflags)
tests_unit_history_read_LDADD = $(stored_libs)
tests_unit_history_rebuild_SOURCES = %D%/history_rebuild.c
tests_unit_history_rebuild_CFLAGS = $(collector_cflags)
tests_unit_history_rebuild_LDADD = $(stored_libs)
tests_unit_latest_SOURCES = %D%/latest.c
tests_unit_latest_CFLAGS = $(collector_cflags)
tests_unit_latest_LDADD = $(stored_libs)
tests_unit_store_SOURCES = %D%/store.c
tests_unit_store_CFLAGS = $(collector_cflags)
tests_unit_store_LDADD = $(stored_libs)
tests_unit_store_archive_SOURCES = %D%/store_archive.c
tests_unit_store_archive_CFLAGS = $(collector_cflags)
tests_unit_store_archive_LDADD = $(stored_libs)
tests_unit_store_crash_SOURCES = %D%/store_crash.c
tests_unit_store_crash_CFLAGS = $(collector_cflags)
tests_unit_store_crash_LDADD = $(stored_libs)
tests_unit_store_departed_SOURCES = %D%/store_departed.c
tests_unit_store_departed_CFLAGS = $(collector_cflags)
tests_unit_store_departed_LDADD = $(stored_libs)
tests_unit_store_fleet_SOURCES = %D%/store_fleet.c
tests_unit_store_fleet_CFLAGS = $(collector_cflags)
tests_unit_store_fleet_LDADD = $(stored_libs)
tests_unit_store_history_SOURCES = %D%/store_history.c
tests_unit_store_history_CFLAGS = $(collector_cflags)
tests_unit_store_history_LDADD = $(stored_libs)
tests_unit_store_rename_SOURCES = %D%/store_rename.c
tests_unit_store_rename_CFLAGS = $(collector_cflags)
tests_unit_store_rename_LDADD = $(stored_libs)
tests_unit_store_rows_SOURCES = %D%/store_rows.c
tests_unit_store_rows_CFLAGS = $(collector_cflags)
tests_unit_store_rows_LDADD = $(stored_libs)

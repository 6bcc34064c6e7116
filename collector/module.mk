# The collector: intake, store and web under one parent.
noinst_LIBRARIES += libcollector.a
libcollector_a_SOURCES = \
	%D%/collector.c \
	%D%/check.c \
	%D%/control.c \
	%D%/control_status.c \
	%D%/control_status.h \
	%D%/parent.h \
	%D%/parts.c \
	%D%/parts.h \
	%D%/publisher.c \
	%D%/publisher.h \
	%D%/batch.c \
	%D%/batch.h \
	%D%/bins.c \
	%D%/bins.h \
	%D%/bins_cache.c \
	%D%/bins_cache.h \
	%D%/bins_commit.c \
	%D%/bins_file.h \
	%D%/bins_read.c \
	%D%/board.c \
	%D%/board.h \
	%D%/children.h \
	%D%/collector.h \
	%D%/fleet.c \
	%D%/fleet.h \
	%D%/fleet_difference.c \
	%D%/fleet_parse.c \
	%D%/fleet_read.c \
	%D%/history.c \
	%D%/history.h \
	%D%/history_copy.c \
	%D%/history_layout.c \
	%D%/history_layout.h \
	%D%/history_read.c \
	%D%/history_rows.c \
	%D%/init.c \
	%D%/intake.c \
	%D%/intake.h \
	%D%/intake_admit.c \
	%D%/intake_beat.c \
	%D%/intake_enrol.c \
	%D%/intake_hello.c \
	%D%/intake_plan.c \
	%D%/intake_records.c \
	%D%/journal.c \
	%D%/journal.h \
	%D%/journal_files.c \
	%D%/journal_files.h \
	%D%/journal_reader.c \
	%D%/latest.c \
	%D%/latest.h \
	%D%/latest_file.h \
	%D%/latest_planes.c \
	%D%/members.c \
	%D%/pages.c \
	%D%/pages.h \
	%D%/pki.c \
	%D%/pki.h \
	%D%/pki_collector.c \
	%D%/pki_sign.c \
	%D%/pki_sign.h \
	%D%/planner.c \
	%D%/planner.h \
	%D%/reader.c \
	%D%/reader.h \
	%D%/registry.c \
	%D%/registry.h \
	%D%/registry_member.c \
	%D%/registry_private.h \
	%D%/registry_refused.c \
	%D%/registry_token.c \
	%D%/settings.c \
	%D%/settings.h \
	%D%/sites.c \
	%D%/states.c \
	%D%/states.h \
	%D%/store.c \
	%D%/store.h \
	%D%/store_history.c \
	%D%/store_record.c \
	%D%/store_windows.c \
	%D%/web.c \
	%D%/web.h \
	%D%/web_fleet.c \
	%D%/web_health.c \
	%D%/web_matrix.c \
	%D%/web_matrix.h \
	%D%/web_matrix_ask.c \
	%D%/web_metrics.c \
	%D%/web_series.c

sbin_PROGRAMS += pharos-collectord
pharos_collectord_SOURCES = %D%/pharos-collectord.c
pharos_collectord_LDADD = libcollector.a libscheduler.a $(common_libs) \
	$(RRD_LIBS)

# unit tests: io
io_tests = \
	tests/unit/channel \
	tests/unit/child \
	tests/unit/chrony \
	tests/unit/daemon \
	tests/unit/database \
	tests/unit/fetch \
	tests/unit/fetch_tls \
	tests/unit/gpsd \
	tests/unit/hash \
	tests/unit/http \
	tests/unit/http_hold \
	tests/unit/http_stream \
	tests/unit/listener \
	tests/unit/loaded \
	tests/unit/packing \
	tests/unit/timekeeper \
	tests/unit/tls \
	tests/unit/tls_buffers
check_PROGRAMS += $(io_tests)
TESTS += $(io_tests)

check_LIBRARIES += libharness.a
libharness_a_SOURCES = \
	%D%/authority.c %D%/authority.h \
	%D%/client.c %D%/client.h \
	%D%/folder.c %D%/folder.h \
	%D%/loop.c %D%/loop.h \
	%D%/server.c %D%/server.h
libharness_a_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
io_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
io_libs = libharness.a $(common_libs) $(CMOCKA_LIBS)

tests_unit_channel_SOURCES = %D%/channel.c
tests_unit_channel_CFLAGS = $(io_cflags)
tests_unit_channel_LDADD = $(io_libs)
tests_unit_child_SOURCES = %D%/child.c
tests_unit_child_CFLAGS = $(io_cflags)
tests_unit_child_LDADD = $(io_libs)
tests_unit_chrony_SOURCES = %D%/chrony.c
tests_unit_chrony_CFLAGS = $(io_cflags)
tests_unit_chrony_LDADD = $(io_libs)
tests_unit_daemon_SOURCES = %D%/daemon.c
tests_unit_daemon_CFLAGS = $(io_cflags)
tests_unit_daemon_LDADD = $(io_libs)
tests_unit_database_SOURCES = %D%/database.c
tests_unit_database_CFLAGS = $(io_cflags)
tests_unit_database_LDADD = $(io_libs)
tests_unit_fetch_SOURCES = %D%/fetch.c
tests_unit_fetch_CFLAGS = $(io_cflags)
tests_unit_fetch_LDADD = $(io_libs)
tests_unit_fetch_tls_SOURCES = %D%/fetch_tls.c
tests_unit_fetch_tls_CFLAGS = $(io_cflags)
tests_unit_fetch_tls_LDADD = $(io_libs)
tests_unit_gpsd_SOURCES = %D%/gpsd.c
tests_unit_gpsd_CFLAGS = $(io_cflags)
tests_unit_gpsd_LDADD = $(io_libs)
tests_unit_hash_SOURCES = %D%/hash.c
tests_unit_hash_CFLAGS = $(io_cflags)
tests_unit_hash_LDADD = $(io_libs)
tests_unit_http_SOURCES = %D%/http.c
tests_unit_http_CFLAGS = $(io_cflags)
tests_unit_http_LDADD = $(io_libs)
tests_unit_http_hold_SOURCES = %D%/http_hold.c
tests_unit_http_hold_CFLAGS = $(io_cflags)
tests_unit_http_hold_LDADD = $(io_libs)
tests_unit_http_stream_SOURCES = %D%/http_stream.c
tests_unit_http_stream_CFLAGS = $(io_cflags)
tests_unit_http_stream_LDADD = $(io_libs)
tests_unit_listener_SOURCES = %D%/listener.c
tests_unit_listener_CFLAGS = $(io_cflags)
tests_unit_listener_LDADD = $(io_libs)
tests_unit_loaded_SOURCES = %D%/loaded.c
tests_unit_loaded_CFLAGS = $(io_cflags)
tests_unit_loaded_LDADD = $(io_libs)
tests_unit_packing_SOURCES = %D%/packing.c
tests_unit_packing_CFLAGS = $(io_cflags)
tests_unit_packing_LDADD = $(io_libs)
tests_unit_timekeeper_SOURCES = %D%/timekeeper.c
tests_unit_timekeeper_CFLAGS = $(io_cflags)
tests_unit_timekeeper_LDADD = $(io_libs)
tests_unit_tls_SOURCES = %D%/tls.c
tests_unit_tls_CFLAGS = $(io_cflags)
tests_unit_tls_LDADD = $(io_libs)

tests_unit_tls_buffers_SOURCES = %D%/tls_buffers.c
tests_unit_tls_buffers_CFLAGS = $(io_cflags)
tests_unit_tls_buffers_LDADD = $(io_libs)

# What every part shares. It knows nothing of the layers above.
noinst_LIBRARIES += libcommon.a
libcommon_a_CFLAGS = $(AM_CFLAGS) -fPIC
libcommon_a_SOURCES = \
	%D%/address.c \
	%D%/address.h \
	%D%/bundle.h \
	%D%/bundle_parts.h \
	%D%/catalog.c \
	%D%/catalog.h \
	%D%/channel.c \
	%D%/channel.h \
	%D%/child.c \
	%D%/child.h \
	%D%/chrony.c \
	%D%/chrony.h \
	%D%/chrony_ask.c \
	%D%/clock.c \
	%D%/clock.h \
	%D%/daemon.c \
	%D%/daemon.h \
	%D%/daemon_arguments.c \
	%D%/daemon_file.c \
	%D%/database.c \
	%D%/database.h \
	%D%/digits.c \
	%D%/digits.h \
	%D%/discipline.c \
	%D%/discipline.h \
	%D%/discipline_json.c \
	%D%/draft.c \
	%D%/draft.h \
	%D%/error.c \
	%D%/error.h \
	%D%/exposition.c \
	%D%/exposition.h \
	%D%/fetch.c \
	%D%/fetch.h \
	%D%/fetch_json.c \
	%D%/fetch_parts.h \
	%D%/fetcher.c \
	%D%/glyph.c \
	%D%/glyph.h \
	%D%/grid.c \
	%D%/grid.h \
	%D%/hash.c \
	%D%/hash.h \
	%D%/hash_text.c \
	%D%/histogram.h \
	%D%/host.c \
	%D%/host.h \
	%D%/http.c \
	%D%/http.h \
	%D%/http_guard.c \
	%D%/http_guard.h \
	%D%/http_parts.h \
	%D%/http_reply.c \
	%D%/http_route.c \
	%D%/http_stream.c \
	%D%/lasts.c \
	%D%/lasts.h \
	%D%/listener.c \
	%D%/listener.h \
	%D%/log.c \
	%D%/log.h \
	%D%/manifest.c \
	%D%/manifest.h \
	%D%/member.c \
	%D%/member.h \
	%D%/memory.c \
	%D%/memory.h \
	%D%/metric.c \
	%D%/metric.h \
	%D%/metrics.c \
	%D%/metrics.h \
	%D%/name.c \
	%D%/name.h \
	%D%/option.c \
	%D%/option.h \
	%D%/packing.c \
	%D%/packing.h \
	%D%/place.c \
	%D%/place.h \
	%D%/record.h \
	%D%/settings.c \
	%D%/settings.h \
	%D%/spawn.c \
	%D%/spawn.h \
	%D%/steady.c \
	%D%/steady.h \
	%D%/strict.c \
	%D%/strict.h \
	%D%/summary.h \
	%D%/table.c \
	%D%/table.h \
	%D%/tls.c \
	%D%/tls.h \
	%D%/tls_buffers.c \
	%D%/tls_buffers.h \
	%D%/tls_verify.c \
	%D%/tree.c \
	%D%/tree.h \
	%D%/tree_parse.c \
	%D%/unit.c \
	%D%/unit.h \
	%D%/utf8.c \
	%D%/utf8.h \
	%D%/yaml.h

# distributions, findings and files
libcommon_a_SOURCES += \
	%D%/bundle.c \
	%D%/bundle_write.c \
	%D%/finding.c \
	%D%/finding.h \
	%D%/histogram.c \
	%D%/record.c \
	%D%/record_check.c \
	%D%/summary.c \
	%D%/summary_json.c \
	%D%/summary_write.c \
	%D%/yaml.c \
	%D%/yaml_check.c \
	%D%/yaml_reader.h \
	%D%/yaml_tree.c

common_libs = libcommon.a $(EVENT_LIBS) $(SSL_LIBS) $(CURL_LIBS) \
	$(JSON_LIBS) $(YAJL_LIBS) $(YAML_LIBS) $(SQLITE_LIBS) $(ZSTD_LIBS)

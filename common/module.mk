# What every part shares. It knows nothing of the layers above.
noinst_LIBRARIES += libcommon.a
libcommon_a_CFLAGS = $(AM_CFLAGS) -fPIC
libcommon_a_SOURCES = \
	%D%/address.c \
	%D%/catalog.c \
	%D%/channel.c \
	%D%/child.c \
	%D%/clock.c \
	%D%/daemon.c \
	%D%/daemon_file.c \
	%D%/database.c \
	%D%/discipline.c \
	%D%/error.c \
	%D%/glyph.c \
	%D%/grid.c \
	%D%/hash.c \
	%D%/lasts.c \
	%D%/listener.c \
	%D%/log.c \
	%D%/manifest.c \
	%D%/member.c \
	%D%/memory.c \
	%D%/metric.c \
	%D%/metrics.c \
	%D%/name.c \
	%D%/option.c \
	%D%/packing.c \
	%D%/place.c \
	%D%/settings.c \
	%D%/spawn.c \
	%D%/table.c \
	%D%/tls.c \
	%D%/unit.c \
	%D%/address.h \
	%D%/bundle.h \
	%D%/catalog.h \
	%D%/channel.h \
	%D%/child.h \
	%D%/clock.h \
	%D%/daemon.h \
	%D%/database.h \
	%D%/discipline.h \
	%D%/error.h \
	%D%/fetch.h \
	%D%/glyph.h \
	%D%/grid.h \
	%D%/hash.h \
	%D%/histogram.h \
	%D%/http.h \
	%D%/lasts.h \
	%D%/listener.h \
	%D%/log.h \
	%D%/manifest.h \
	%D%/member.h \
	%D%/memory.h \
	%D%/metric.h \
	%D%/metrics.h \
	%D%/name.h \
	%D%/option.h \
	%D%/packing.h \
	%D%/place.h \
	%D%/record.h \
	%D%/settings.h \
	%D%/spawn.h \
	%D%/summary.h \
	%D%/table.h \
	%D%/tls.h \
	%D%/unit.h \
	%D%/yaml.h

# distributions, findings and files
libcommon_a_SOURCES += \
	%D%/histogram.c \
	%D%/record.c \
	%D%/record_check.c \
	%D%/summary.c \
	%D%/summary_json.c \
	%D%/yaml.c \
	%D%/yaml_check.c \
	%D%/yaml_reader.h \
	%D%/yaml_tree.c

common_libs = libcommon.a $(EVENT_LIBS) $(SSL_LIBS) $(CURL_LIBS) \
	$(JSON_LIBS) $(YAML_LIBS) $(SQLITE_LIBS) $(ZSTD_LIBS)

# Programs of bench/ping. ping_probe has what the plug-in calls instead of libc.
check_PROGRAMS += bench/ping_floor bench/ping_probe
bench_ping_floor_SOURCES = %D%/ping_floor.c
bench_ping_floor_LDADD = $(common_libs)
bench_ping_probe_SOURCES = %D%/ping_probe.c
bench_ping_probe_LDADD = $(common_libs)
bench_ping_probe_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
EXTRA_DIST += %D%/ping %D%/ping_trips.py

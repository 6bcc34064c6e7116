# Programs of bench/owd.
check_PROGRAMS += bench/owd_streams
bench_owd_streams_SOURCES = %D%/owd_streams.c
bench_owd_streams_LDADD = libowd.a libowamp.a $(common_libs) -lm

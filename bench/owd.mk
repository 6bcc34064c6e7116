# Programs of bench/owd.
check_PROGRAMS += bench/owd_foreign bench/owd_plain bench/owd_streams
bench_owd_foreign_SOURCES = %D%/owd_foreign.c
bench_owd_foreign_LDADD = libowamp.la $(common_libs)
bench_owd_plain_SOURCES = %D%/owd_plain.c
bench_owd_plain_LDADD = $(common_libs)
bench_owd_streams_SOURCES = %D%/owd_streams.c
bench_owd_streams_LDADD = libowd.la libowamp.la $(common_libs) -lm
EXTRA_DIST += %D%/owd %D%/owd_worker.py

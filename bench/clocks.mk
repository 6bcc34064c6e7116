# The program of bench/clocks.
check_PROGRAMS += bench/clocks_court
bench_clocks_court_SOURCES = %D%/clocks_court.c
bench_clocks_court_LDADD = $(bench_libs) -lm
EXTRA_DIST += %D%/clocks %D%/named

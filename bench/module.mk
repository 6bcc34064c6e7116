# Benchmarks: Python scripts run real daemons, the programs below are clients
# in numbers and the libraries alone. No test; "make bench" prints the tables.
bench_programs = bench/alone bench/audit bench/crowd bench/fill
bench_libs = libcollector.a libscheduler.a $(common_libs) $(RRD_LIBS)

bench_alone_SOURCES = \
	%D%/alone.c \
	%D%/append.c \
	%D%/append.h \
	%D%/handshake.c \
	%D%/handshake.h
bench_alone_LDADD = $(common_libs) $(RRD_LIBS)
bench_audit_SOURCES = %D%/audit.c
bench_audit_LDADD = $(bench_libs)
bench_crowd_SOURCES = \
	%D%/batches.c \
	%D%/batches.h \
	%D%/crowd.c \
	%D%/crowd.h \
	%D%/hold.c \
	%D%/identity.c \
	%D%/identity.h \
	%D%/link.c \
	%D%/link.h \
	%D%/send.c
bench_crowd_LDADD = $(bench_libs)
bench_fill_SOURCES = %D%/fill.c
bench_fill_LDADD = $(bench_libs)
EXTRA_DIST += %D%/agent %D%/collector %D%/matrix %D%/stage.py
include bench/ping.mk
include bench/owd.mk
include bench/clocks.mk
include bench/lab.mk
check_PROGRAMS += $(bench_programs)

# Needs root, for namespaces, and figures only mean something with -O2.
.PHONY: bench
bench: $(bench_programs) all
	$(MAKE) -s install
	for part in collector agent matrix clocks lab ping owd; do \
		PHAROS_BUILD='$(abs_top_builddir)' PHAROS_PREFIX='$(prefix)' \
		$(top_srcdir)/bench/$$part || exit 1; done

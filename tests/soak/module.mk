# The soak test's own knowledge of the schedule; soak.py runs it.
check_PROGRAMS += tests/soak/starts
tests_soak_starts_SOURCES = %D%/starts.c
tests_soak_starts_LDADD = libscheduler.a $(common_libs)
EXTRA_DIST += %D%/soak.py

# What the system tests of the lab need.
check_PROGRAMS += tests/lab/rows
tests_lab_rows_SOURCES = %D%/rows.c
tests_lab_rows_LDADD = $(truth_libs)
# What a topology asks for, for system tests that set it up without the lab.
check_PROGRAMS += tests/lab/outline
tests_lab_outline_SOURCES = %D%/outline.c
tests_lab_outline_LDADD = liblab.a $(common_libs)

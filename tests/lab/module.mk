# What a topology asks for, for system tests that set it up without the lab.
check_PROGRAMS += tests/lab/outline
tests_lab_outline_SOURCES = %D%/outline.c
tests_lab_outline_LDADD = liblab.a $(common_libs)

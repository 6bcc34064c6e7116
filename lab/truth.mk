# What really happened on a link: its recorder, and the reader of what it wrote.
liblab_a_SOURCES += \
	%D%/capture.c \
	%D%/capture.h \
	%D%/frame.c \
	%D%/frame.h \
	%D%/netns.c \
	%D%/netns.h \
	%D%/truth.c \
	%D%/truth.h \
	%D%/truth_file.h \
	%D%/truth_join.c \
	%D%/truth_parts.h \
	%D%/truth_write.c
truth_libs = liblab.a libemulator.a $(common_libs)

pharosexec_PROGRAMS += pharos-truth
pharos_truth_SOURCES = %D%/pharos-truth.c
pharos_truth_LDADD = $(truth_libs)

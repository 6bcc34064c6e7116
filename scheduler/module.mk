# When runs start. It reads no clock and knows no probe.
noinst_LIBRARIES += libscheduler.a
libscheduler_a_SOURCES = \
	%D%/heap.c \
	%D%/heap.h \
	%D%/schedule.h \
	%D%/timing.h

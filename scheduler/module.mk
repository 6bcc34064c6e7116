# When runs start. It reads no clock and knows no probe.
noinst_LIBRARIES += libscheduler.a
libscheduler_a_SOURCES = \
	%D%/dice.c \
	%D%/heap.c \
	%D%/schedule.c \
	%D%/timing.c \
	%D%/timing_json.c \
	%D%/dice.h \
	%D%/heap.h \
	%D%/schedule.h \
	%D%/timing.h

# How true links are: netem where there is one, and trials of our own.
liblab_a_SOURCES += \
	%D%/calibrate.c \
	%D%/calibrate.h \
	%D%/calibrate_keep.c \
	%D%/calibrate_print.c \
	%D%/netem.c \
	%D%/netem.h \
	%D%/space.c \
	%D%/space.h \
	%D%/tap.c \
	%D%/tap.h \
	%D%/tool.c \
	%D%/tool.h \
	%D%/trial.c \
	%D%/trial.h \
	%D%/trial_parts.h \
	%D%/trial_send.c \
	%D%/trial_stage.c

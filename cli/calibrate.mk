# pharos lab calibrate, and what it is linked with.
pharos_SOURCES += \
	%D%/lab_calibrate.c \
	%D%/lab_calibrate.h
pharos_LDADD += liblab.a libemulator.a $(common_libs)

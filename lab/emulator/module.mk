# The links of a lab; they need libc alone.
noinst_LIBRARIES += libemulator.a
libemulator_a_SOURCES = \
	%D%/cable.c \
	%D%/cable.h \
	%D%/chance.c \
	%D%/chance.h \
	%D%/command.h \
	%D%/control.c \
	%D%/control.h \
	%D%/course.c \
	%D%/course.h \
	%D%/due.c \
	%D%/due.h \
	%D%/fate.c \
	%D%/fate.h \
	%D%/hello.c \
	%D%/hello.h \
	%D%/late.c \
	%D%/late.h \
	%D%/net.c \
	%D%/net.h \
	%D%/now.c \
	%D%/now.h \
	%D%/pool.c \
	%D%/pool.h \
	%D%/request.c \
	%D%/request.h \
	%D%/serial.c \
	%D%/serial.h \
	%D%/verdict.c \
	%D%/verdict.h

pharosexec_PROGRAMS += pharos-emulator
pharos_emulator_SOURCES = %D%/pharos-emulator.c
pharos_emulator_LDADD = libemulator.a
# libc alone: none of the libraries that configure found
pharos_emulator_LDFLAGS = $(AM_LDFLAGS) -Wl,--as-needed

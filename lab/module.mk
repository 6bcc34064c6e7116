# The demo; its networks and daemons are those of the system tests.
EXTRA_DIST += %D%/demo.py

# Emulated networks: what their files say, and what follows from it.
noinst_LIBRARIES += liblab.a
liblab_a_SOURCES = \
	%D%/way.c \
	%D%/way.h

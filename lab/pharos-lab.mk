# What holds a lab, and what those who speak with it share.
noinst_LIBRARIES += librun.a
librun_a_SOURCES = \
	%D%/group.c \
	%D%/group.h \
	%D%/group_lines.c \
	%D%/litter.c \
	%D%/litter.h \
	%D%/run.c \
	%D%/run.h

pharosexec_PROGRAMS += pharos-lab
pharos_lab_SOURCES = \
	%D%/agenda.c \
	%D%/agenda.h \
	%D%/boxes.c \
	%D%/boxes.h \
	%D%/boxes_fleet.c \
	%D%/boxes_fleet.h \
	%D%/desk.c \
	%D%/desk.h \
	%D%/desk_json.c \
	%D%/desk_json.h \
	%D%/emulation.c \
	%D%/emulation.h \
	%D%/gateway.c \
	%D%/gateway.h \
	%D%/gateway_openvpn.c \
	%D%/gateway_wireguard.c \
	%D%/hellos.c \
	%D%/hellos.h \
	%D%/keeper.c \
	%D%/keeper.h \
	%D%/lab.c \
	%D%/lab.h \
	%D%/links.c \
	%D%/links.h \
	%D%/links_choose.c \
	%D%/links_emulator.c \
	%D%/links_hello.c \
	%D%/links_json.c \
	%D%/links_netem.c \
	%D%/links_parts.h \
	%D%/nodes.c \
	%D%/nodes.h \
	%D%/notices.c \
	%D%/notices.h \
	%D%/pharos-lab.c \
	%D%/reach.c \
	%D%/reach.h \
	%D%/record.c \
	%D%/record.h \
	%D%/routing.c \
	%D%/routing.h \
	%D%/tapes.c \
	%D%/tapes.h
pharos_lab_LDADD = liblab.a librun.a libemulator.a $(common_libs)

# The demo; its networks and daemons are those of the system tests.
EXTRA_DIST += %D%/demo.py
include lab/emulator/module.mk
include lab/pharos-lab.mk

# Emulated networks: what their files say, and what follows from it.
noinst_LIBRARIES += liblab.a
liblab_a_SOURCES = \
	%D%/bird.c \
	%D%/bird.h \
	%D%/carried.c \
	%D%/carried.h \
	%D%/experiment.c \
	%D%/experiment.h \
	%D%/experiment_judge.c \
	%D%/experiment_plot.c \
	%D%/experiment_report.c \
	%D%/experiment_report.h \
	%D%/from_config.c \
	%D%/from_config.h \
	%D%/from_config_folder.c \
	%D%/from_config_parts.h \
	%D%/from_config_words.c \
	%D%/from_config_write.c \
	%D%/frr.c \
	%D%/frr.h \
	%D%/frr_ospf.c \
	%D%/paths.c \
	%D%/paths.h \
	%D%/routes.c \
	%D%/routes.h \
	%D%/speakers.c \
	%D%/speakers.h \
	%D%/topology.c \
	%D%/topology.h \
	%D%/topology_addresses.c \
	%D%/topology_check.c \
	%D%/topology_events.c \
	%D%/topology_fleet.c \
	%D%/topology_links.c \
	%D%/topology_netem.c \
	%D%/topology_nodes.c \
	%D%/topology_parse.c \
	%D%/topology_parts.h \
	%D%/topology_read.c \
	%D%/way.c \
	%D%/way.h \
	%D%/wireguard.c \
	%D%/wireguard.h
include lab/truth.mk
include lab/trial.mk

lab_DATA = \
	%D%/topologies/abilene-plain.yaml \
	%D%/topologies/abilene.yaml \
	%D%/topologies/bottleneck.yaml \
	%D%/topologies/diamond.yaml \
	%D%/topologies/line.yaml \
	%D%/topologies/mesh4.yaml \
	%D%/topologies/mesh8.yaml \
	%D%/topologies/multicast-tree.yaml \
	%D%/topologies/pair.yaml
EXTRA_DIST += $(lab_DATA)

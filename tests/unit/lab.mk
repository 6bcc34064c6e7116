# unit tests: emulated networks
lab_tests = \
	tests/unit/experiment \
	tests/unit/from_config \
	tests/unit/group \
	tests/unit/paths \
	tests/unit/routing \
	tests/unit/topology \
	tests/unit/way \
	tests/unit/wireguard
check_PROGRAMS += $(lab_tests)
TESTS += $(lab_tests)

lab_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
lab_libs = liblab.a $(common_libs) $(CMOCKA_LIBS)

tests_unit_experiment_SOURCES = %D%/experiment.c
tests_unit_experiment_CFLAGS = $(lab_cflags)
tests_unit_experiment_LDADD = $(lab_libs)
tests_unit_from_config_SOURCES = %D%/from_config.c
tests_unit_from_config_CFLAGS = $(lab_cflags)
tests_unit_from_config_LDADD = $(lab_libs)
tests_unit_group_SOURCES = %D%/group.c
tests_unit_group_CFLAGS = $(lab_cflags)
tests_unit_group_LDADD = librun.a $(common_libs) $(CMOCKA_LIBS)
tests_unit_paths_SOURCES = %D%/paths.c
tests_unit_paths_CFLAGS = $(lab_cflags)
tests_unit_paths_LDADD = $(lab_libs)
tests_unit_routing_SOURCES = %D%/routing.c
tests_unit_routing_CFLAGS = $(lab_cflags)
tests_unit_routing_LDADD = $(lab_libs)
tests_unit_topology_SOURCES = %D%/topology.c
tests_unit_topology_CFLAGS = $(lab_cflags)
tests_unit_topology_LDADD = $(lab_libs)
tests_unit_way_SOURCES = %D%/way.c
tests_unit_way_CFLAGS = $(lab_cflags)
tests_unit_way_LDADD = $(lab_libs)
tests_unit_wireguard_SOURCES = %D%/wireguard.c
tests_unit_wireguard_CFLAGS = $(lab_cflags)
tests_unit_wireguard_LDADD = $(lab_libs)

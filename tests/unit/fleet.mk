# unit tests: the fleet file and what is made of it, states of cells
check_PROGRAMS += tests/unit/fleet
TESTS += tests/unit/fleet
tests_unit_fleet_SOURCES = %D%/fleet.c
tests_unit_fleet_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_fleet_LDADD = libcollector.a libscheduler.a $(common_libs) \
	$(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/states
TESTS += tests/unit/states
tests_unit_states_SOURCES = %D%/states.c
tests_unit_states_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_states_LDADD = libcollector.a libscheduler.a $(common_libs) \
	$(CMOCKA_LIBS)
check_PROGRAMS += tests/unit/fleet_calibration tests/unit/fleet_clock \
	tests/unit/fleet_doubts tests/unit/planner
TESTS += tests/unit/fleet_calibration tests/unit/fleet_clock \
	tests/unit/fleet_doubts tests/unit/planner
tests_unit_fleet_calibration_SOURCES = %D%/fleet_calibration.c %D%/planned.c \
	%D%/planned.h
tests_unit_fleet_calibration_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_fleet_calibration_LDADD = $(tests_unit_planner_LDADD)
tests_unit_fleet_clock_SOURCES = %D%/fleet_clock.c %D%/planned.c %D%/planned.h
tests_unit_fleet_clock_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_fleet_clock_LDADD = $(tests_unit_planner_LDADD)
tests_unit_fleet_doubts_SOURCES = %D%/fleet_doubts.c %D%/planned.c \
	%D%/planned.h
tests_unit_fleet_doubts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_fleet_doubts_LDADD = $(tests_unit_planner_LDADD)
tests_unit_planner_SOURCES = %D%/planned.c %D%/planned.h %D%/planner.c
tests_unit_planner_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_planner_LDADD = libcollector.a libscheduler.a libharness.a \
	$(common_libs) $(CMOCKA_LIBS)

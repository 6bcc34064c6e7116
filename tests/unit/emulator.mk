# unit tests: the emulator of links
emulator_tests = \
	tests/unit/course \
	tests/unit/fate \
	tests/unit/request \
	tests/unit/serial \
	tests/unit/verdict
check_PROGRAMS += $(emulator_tests)
TESTS += $(emulator_tests)

emulator_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
emulator_libs = libemulator.a $(CMOCKA_LIBS)

tests_unit_course_SOURCES = %D%/course.c
tests_unit_course_CFLAGS = $(emulator_cflags)
tests_unit_course_LDADD = $(emulator_libs)
tests_unit_fate_SOURCES = %D%/fate.c
tests_unit_fate_CFLAGS = $(emulator_cflags)
tests_unit_fate_LDADD = $(emulator_libs)
tests_unit_request_SOURCES = %D%/request.c
tests_unit_request_CFLAGS = $(emulator_cflags)
tests_unit_request_LDADD = $(emulator_libs)
tests_unit_serial_SOURCES = %D%/serial.c
tests_unit_serial_CFLAGS = $(emulator_cflags)
tests_unit_serial_LDADD = $(emulator_libs)
tests_unit_verdict_SOURCES = %D%/verdict.c
tests_unit_verdict_CFLAGS = $(emulator_cflags)
tests_unit_verdict_LDADD = $(emulator_libs)

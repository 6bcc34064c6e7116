/* SPDX-License-Identifier: BSD-2-Clause */
#include "lab/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/memory.h"

static void
expect(bool second, double cpu, const char *expected)
{
	struct group_line lines[GROUP_LINES];
	size_t count = group_lines(second, cpu, lines);
	char all[256] = "";

	for (size_t i = 0; i < count; i++)
		sprintf(
		    all + strlen(all), "%s=%s;", lines[i].file, lines[i].text);
	assert_string_equal(all, expected);
}

static void
first_version_is_told_quota_and_shares(void **state)
{
	expect(false, 0.2,
	    "cpu.cfs_period_us=100000;cpu.cfs_quota_us=20000;cpu.shares=204;");
	expect(false, 2,
	    "cpu.cfs_period_us=100000;cpu.cfs_quota_us=200000;"
	    "cpu.shares=2048;");
}

static void
second_version_is_told_most_and_weight(void **state)
{
	expect(true, 0.2, "cpu.max=20000 100000;cpu.weight=20;");
	expect(true, 2, "cpu.max=200000 100000;cpu.weight=200;");
}

static void
the_least_and_the_most_are_what_the_kernel_takes(void **state)
{
	expect(false, 1e-6,
	    "cpu.cfs_period_us=100000;cpu.cfs_quota_us=1000;cpu.shares=2;");
	expect(true, 1e-6, "cpu.max=1000 100000;cpu.weight=2;");
	expect(true, 64, "cpu.max=6400000 100000;cpu.weight=6400;");
}

static void
the_lab_has_the_most_weight_and_no_limit(void **state)
{
	expect(false, 0, "cpu.shares=262144;");
	expect(true, 0, "cpu.weight=10000;");
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* The mount that is found in a table of mounts, in which %s is a folder of a
 * version 2 with these controllers. */
static char *
find(const char *format, const char *controllers, bool *second)
{
	char folder[] = "/tmp/pharos-group-XXXXXX", *table, *list, *text,
	     *found;

	assert_non_null(mkdtemp(folder));
	list = memory_print("%s/cgroup.controllers", folder);
	table = memory_print("%s/mounts", folder);
	text = memory_print(format, folder);
	write_file(list, controllers);
	write_file(table, text);
	found = group_mount(table, second);
	unlink(list);
	unlink(table);
	rmdir(folder);
	free(text);
	free(table);
	free(list);
	return (found);
}

static void
the_controller_is_where_the_mounts_say(void **state)
{
	bool second;
	char *found = find("cgroup2 %s cgroup2 rw,nosuid 0 0\n",
	    "cpuset cpu io memory\n", &second);

	assert_non_null(found);
	assert_non_null(strstr(found, "/tmp/pharos-group-"));
	assert_true(second);
	free(found);
	/* both versions are mounted, and the first has it */
	found = find("cgroup2 %s cgroup2 rw 0 0\n"
		     "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0\n"
		     "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup "
		     "rw,cpu,cpuacct 0 0\n",
	    "hugetlb\n", &second);
	assert_string_equal(found, "/sys/fs/cgroup/cpu,cpuacct");
	assert_false(second);
	free(found);
	assert_null(find("cgroup2 %s cgroup2 rw 0 0\n", "\n", &second));
	assert_null(group_mount("/no/such", &second));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(first_version_is_told_quota_and_shares),
	    cmocka_unit_test(second_version_is_told_most_and_weight),
	    cmocka_unit_test(the_least_and_the_most_are_what_the_kernel_takes),
	    cmocka_unit_test(the_lab_has_the_most_weight_and_no_limit),
	    cmocka_unit_test(the_controller_is_where_the_mounts_say),
	};

	return (cmocka_run_group_tests_name("group", tests, NULL, NULL));
}

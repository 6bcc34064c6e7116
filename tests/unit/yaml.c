/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/clock.h"
#include "common/member.h"
#include "common/option.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct yml *
parse(const char *text)
{
	struct error err;
	struct yml *tree = yml_parse("f.yaml", text, strlen(text), &err);

	if (tree == NULL)
		fail_msg("%s", err.text);
	return (tree);
}

static void
assert_refused(const char *text, size_t length, const char *says)
{
	struct error err = {""};

	if (yml_parse("f.yaml", text, length, &err) != NULL)
		fail_msg("taken, expected %s", says);
	if (strstr(err.text, says) == NULL ||
	    strstr(err.text, "expected") == NULL)
		fail_msg("%s; expected it to say: %s", err.text, says);
}

static void
assert_at(const struct yml *node, int line, int column)
{
	assert_non_null(node);
	assert_int_equal(node->line, line);
	assert_int_equal(node->column, column);
}

static void
tree_remembers_where_it_was_written(void **state)
{
	struct yml *tree = parse(
	    "# fleet\n"
	    "sites:\n"
	    "  nyc: {address: 198.51.100.1, label: {zh: \xe7\xba\xbd\xe7\xba\xa6,"
	    " en: New York}}\n"
	    "  lon:\n"
	    "    groups: [eu, \"@us\"]\n"
	    "list:\n"
	    "- a\n"
	    "- 'b'\n");
	struct yml *sites = yml_get(tree, "sites"), *nyc, *label, *groups;

	assert_int_equal(tree->kind, YML_MAP);
	assert_int_equal(tree->count, 2);
	assert_at(sites, 2, 1);
	nyc = yml_get(sites, "nyc");
	assert_at(nyc, 3, 3);
	assert_at(yml_get(nyc, "address"), 3, 9);
	assert_string_equal(yml_get(nyc, "address")->text, "198.51.100.1");
	label = yml_get(nyc, "label");
	assert_string_equal(label->keys[1], "en");
	/* a column counts characters, not bytes */
	assert_at(yml_get(label, "en"), 3, 48);
	groups = yml_get(yml_get(sites, "lon"), "groups");
	assert_at(groups, 5, 5);
	assert_int_equal(groups->kind, YML_LIST);
	assert_at(groups->items[1], 5, 18);
	assert_true(groups->items[1]->quoted);
	assert_false(groups->items[0]->quoted);
	assert_at(yml_get(tree, "list")->items[1], 8, 3);
	assert_string_equal(sites->file, "f.yaml");
	assert_null(yml_get(sites, "par"));
	assert_null(yml_get(groups, "eu"));
	yml_free(tree);
}

static void
scalars_stay_text(void **state)
{
	struct yml *tree = parse(
	    "{a: 010, b: 1e3, c: yes, d: '~', e: ~, f: null, g: , h: \"\"}");

	assert_string_equal(yml_get(tree, "a")->text, "010");
	assert_string_equal(yml_get(tree, "b")->text, "1e3");
	assert_string_equal(yml_get(tree, "c")->text, "yes");
	assert_false(yml_null(yml_get(tree, "c")));
	assert_false(yml_null(yml_get(tree, "d")));
	assert_true(yml_null(yml_get(tree, "e")));
	assert_true(yml_null(yml_get(tree, "f")));
	assert_true(yml_null(yml_get(tree, "g")));
	assert_false(yml_null(yml_get(tree, "h")));
	assert_true(yml_null(yml_get(tree, "none")));
	assert_false(yml_null(tree));
	yml_free(tree);
}

static void
empty_file_is_nothing(void **state)
{
	static const char *const texts[] = {
	    "", "\n", "# only words\n", "---\n", "\xef\xbb\xbf"};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct yml *tree = parse(texts[i]);

		assert_true(yml_null(tree));
		yml_free(tree);
	}
}

static void
mistakes_are_refused_at_their_place(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
	    {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: key \"a\" again"},
	    {"{x: {k: 1,\n  k: 2}}", "f.yaml:2:3: key \"k\" again"},
	    {"a: &x 1\n", "f.yaml:1:4: an anchor"},
	    {"a: &x [1]\n", "f.yaml:1:4: an anchor"},
	    {"&x a: 1\n", "f.yaml:1:1: an anchor"},
	    {"a: 1\nb: *a\n", "f.yaml:2:4: an alias"},
	    {"*a : 1\n", "f.yaml:1:1: an alias"},
	    {"a: !!str 1\n", "f.yaml:1:4: a tag"},
	    {"a: ! 1\n", "f.yaml:1:4: a tag"},
	    {"a: !x {b: 1}\n", "f.yaml:1:4: a tag"},
	    {"a: 1\n---\nb: 1\n", "f.yaml:2:1: a second document"},
	    {"a: 1\n...\n---\n", "f.yaml:3:1: a second document"},
	    {"%YAML 1.1\n---\na: 1\n", "f.yaml:1:1: a % directive"},
	    {"%TAG ! !foo\n---\na: 1\n", "f.yaml:1:1: a % directive"},
	    {"a:\n\tb: 1\n", "f.yaml:2:1: a tab"},
	    {"a:\n  b: 1\n  \tc: 1\n", "f.yaml:3:3: a tab"},
	    {"a: \xc3\xa9\n  \xff\n", "f.yaml:2:3: invalid"},
	    {"a: \xc0\xaf\n", "f.yaml:1:4: invalid"},
	    {"a: \xed\xa0\x80\n", "f.yaml:1:4: invalid"},
	    {"a: \xe2\x82", "f.yaml:1:4: incomplete"},
	    {"a: \x07\n", "f.yaml:1:4: control"},
	    {"a: \"x\\0y\"\n", "f.yaml:1:4: a zero byte"},
	    {"a: [1, 2\nb: 3\n", "f.yaml:2:2: "},
	    {"a: {b: 1\n", "f.yaml:2:1: "},
	    {"members: [@us, lon]\n", "f.yaml:1:11: this character"},
	    {"a: b: c\n", "f.yaml:1:5: a ':'"},
	    {"a: 1\n  b: 2\n", "f.yaml:2:4: a ':'"},
	    {"a:\n  b: 1\n c: 2\n", "f.yaml:3:2: out of line"},
	    {"- a\nb: 1\n", "f.yaml:2:1: out of line"},
	    {"a: 1\nword\nb: 1\n", "f.yaml:3:1: a key without"},
	    {"a: \"open\n", "expected valid YAML"},
	    {"? [a, b]\n: 1\n", "f.yaml:1:3: a list or a map for a key"},
	    {"{a: 1}: 2\n", "f.yaml:1:1: a list or a map for a key"},
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_refused(bad[i].text, strlen(bad[i].text), bad[i].says);
	assert_refused("a: \0\n", 5, "f.yaml:1:4: control");
	assert_refused("\xff\xfe"
		       "a\0",
	    4, "f.yaml:1:1: invalid");
}

static void
depth_is_limited(void **state)
{
	char deep[2 * (YML_DEPTH + 1) + 1] = {0};

	memset(deep, '[', YML_DEPTH);
	memset(deep + YML_DEPTH, ']', YML_DEPTH);
	yml_free(parse(deep));
	memset(deep, '[', YML_DEPTH + 1);
	memset(deep + YML_DEPTH + 1, ']', YML_DEPTH + 1);
	assert_refused(deep, strlen(deep), "f.yaml:1:33: one level too deep");
}

static void
size_is_limited(void **state)
{
	char *large = malloc(YML_MOST + 1);

	assert_non_null(large);
	memset(large, '#', YML_MOST + 1);
	assert_refused(large, YML_MOST + 1, "f.yaml:1:1: too large");
	yml_free(yml_parse("f.yaml", large, YML_MOST, NULL));
	free(large);
}

static void
duplicate_among_many_keys_is_found(void **state)
{
	enum { KEYS = 100000, EACH = 10 };
	char *text = malloc((size_t)KEYS * EACH + 1);
	struct yml *tree;

	assert_non_null(text);
	for (size_t i = 0; i < KEYS; i++)
		snprintf(text + i * EACH, EACH + 1, "k%06zu: \n", i);
	tree = parse(text);
	assert_int_equal(tree->count, KEYS);
	yml_free(tree);
	memcpy(text + (size_t)(KEYS - 1) * EACH, "k000001", 7);
	assert_refused(text, (size_t)KEYS * EACH,
	    "f.yaml:100000:1: key \"k000001\" again");
	free(text);
}

static void
file_is_read_and_named(void **state)
{
	char path[] = "/tmp/yaml-test-XXXXXX", says[64];
	int fd = mkstemp(path);
	struct yml *tree;
	struct error err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a: 1\na: 2\n", 5), 5);
	tree = yml_read(path, &err);
	assert_non_null(tree);
	assert_string_equal(yml_get(tree, "a")->text, "1");
	yml_free(tree);
	assert_int_equal(write(fd, "a: 2\n", 5), 5);
	assert_null(yml_read(path, &err));
	snprintf(says, sizeof(says), "%s:2:1: key", path);
	assert_ptr_equal(strstr(err.text, says), err.text);
	close(fd);
	unlink(path);
	assert_null(yml_read(path, &err));
	assert_non_null(strstr(err.text, "No such file"));
	assert_null(yml_read("/tmp", &err));
	assert_non_null(strstr(err.text, "/tmp: "));
}

static void
unknown_key_names_the_nearest(void **state)
{
	static const char *const keys[] = {"members", "mesh", NULL};
	struct yml *tree = parse("mesh: a\nmembrs: [b]\n");
	struct yml *other = parse("zebra: 1");
	struct error err;

	assert_int_equal(yml_known(tree, keys, &err), -1);
	assert_string_equal(err.text,
	    "f.yaml:2:1: unknown key \"membrs\": did you mean \"members\"? "
	    "expected one of: members, mesh");
	assert_int_equal(yml_known(other, keys, &err), -1);
	assert_string_equal(err.text,
	    "f.yaml:1:1: unknown key \"zebra\", expected one of: members, "
	    "mesh");
	assert_int_equal(yml_known(yml_get(tree, "mesh"), keys, &err), -1);
	assert_string_equal(err.text, "f.yaml:1:1: text, expected a map");
	yml_free(tree);
	yml_free(other);
}

/* The problem of that number begins like this. */
static void
assert_told(json_object *problems, size_t i, const char *says)
{
	const char *text =
	    json_object_get_string(json_object_array_get_idx(problems, i));

	if (text == NULL || strstr(text, says) != text)
		fail_msg("expected \"%s\" in %s", says,
		    json_object_to_json_string(problems));
}

static void
each_unknown_key_is_told(void **state)
{
	static const char *const keys[] = {"members", "mesh", NULL};
	struct yml *tree = parse("membrs: [b]\nmesh: a\nzebra: 1\n");
	json_object *problems = json_object_new_array();

	yml_known_each(tree, keys, problems);
	assert_told(problems, 0, "f.yaml:1:1: unknown key \"membrs\"");
	assert_told(problems, 1, "f.yaml:3:1: unknown key \"zebra\"");
	yml_known_each(yml_get(tree, "mesh"), keys, problems);
	assert_told(problems, 2, "f.yaml:2:1: text, expected a map");
	assert_int_equal(json_object_array_length(problems), 3);
	json_object_put(problems);
	yml_free(tree);
}

static void
wrong_kind_is_said(void **state)
{
	struct yml *tree = parse("a: [1]\nb:\n");
	struct error err;

	assert_int_equal(
	    yml_expect(yml_get(tree, "a"), YML_LIST, "a list", &err), 0);
	assert_int_equal(
	    yml_expect(yml_get(tree, "a"), YML_MAP, "a map of sites", &err),
	    -1);
	assert_string_equal(
	    err.text, "f.yaml:1:1: a list, expected a map of sites");
	assert_int_equal(
	    yml_expect(yml_get(tree, "b"), YML_LIST, "a list", &err), -1);
	assert_string_equal(err.text, "f.yaml:2:1: nothing, expected a list");
	yml_free(tree);
}

struct sample {
	int64_t count;
	nanoseconds spacing;
	char name[17];
};

static const struct setting table[] = {
    {"count", OPTION_COUNT, "10", 1, 100, NULL, "how many",
	offsetof(struct sample, count)},
    {"spacing", OPTION_DURATION, "1s", 0.001, 3600, NULL, "how far apart",
	offsetof(struct sample, spacing)},
    {"name", OPTION_TEXT, NULL, 0, 16, NULL, "what it is called",
	offsetof(struct sample, name)},
    {NULL},
};

static void
settings_become_json_in_base_units(void **state)
{
	struct yml *tree = parse("{spacing: 100ms, name: ~x, count: \"20\"}");
	json_object *json = yml_settings(tree, table, NULL);

	assert_string_equal(
	    json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
	    "{\"spacing\":0.1,\"name\":\"~x\",\"count\":20}");
	json_object_put(json);
	json = yml_settings(NULL, table, NULL);
	assert_int_equal(json_object_object_length(json), 0);
	json_object_put(json);
	yml_free(tree);
}

static void
bad_settings_are_refused_at_their_place(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
	    {"count: 3\nspacing: 100\n", "f.yaml:2:1: spacing: \"100\": "},
	    {"count: 101", "f.yaml:1:1: count: \"101\": "},
	    {"count:", "f.yaml:1:1: count: nothing, "},
	    {"count: [1]", "f.yaml:1:1: count: a list, "},
	    {"{name: n, cuont: 3}", "f.yaml:1:11: unknown key \"cuont\""},
	    {"[count]", "f.yaml:1:1: a list, "},
	    {"count", "f.yaml:1:1: text, "},
	};
	struct error err;

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct yml *tree = parse(bad[i].text);

		assert_null(yml_settings(tree, table, &err));
		if (strstr(err.text, bad[i].says) != err.text ||
		    strstr(err.text, "expected") == NULL)
			fail_msg("%s", err.text);
		yml_free(tree);
	}
}

static void
each_mistake_of_settings_is_told_in_the_order_written(void **state)
{
	static const char *const says[] = {
	    "f.yaml:1:2: count: \"0\": ",
	    "f.yaml:2:2: unknown key \"nmae\"",
	    "f.yaml:2:11: spacing: \"100\": ",
	};
	struct yml *tree =
	    parse("{count: 0,\n nmae: x, spacing: 100, name: n}");
	struct yml *list = parse("[count]");
	json_object *problems = json_object_new_array();
	json_object *json = yml_settings_each(tree, table, problems);

	assert_string_equal(
	    json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN),
	    "{\"name\":\"n\"}");
	assert_int_equal(json_object_array_length(problems), COUNT(says));
	for (size_t i = 0; i < COUNT(says); i++)
		assert_told(problems, i, says[i]);
	json_object_put(json);
	json = yml_settings_each(list, table, problems);
	assert_int_equal(json_object_object_length(json), 0);
	assert_told(problems, COUNT(says), "f.yaml:1:1: a list, ");
	json_object_put(json);
	json_object_put(problems);
	yml_free(tree);
	yml_free(list);
}

static void
settings_fill_a_struct(void **state)
{
	struct yml *tree = parse("name: box\nspacing: 2ms\n");
	struct yml *without = parse("count: 3\n");
	struct sample sample;
	struct error err;

	assert_int_equal(yml_load(tree, table, &sample, &err), 0);
	assert_int_equal(sample.count, 10);
	assert_int_equal(sample.spacing, 2 * NS_PER_MS);
	assert_string_equal(sample.name, "box");
	assert_int_equal(yml_load(without, table, &sample, &err), -1);
	assert_ptr_equal(strstr(err.text, "f.yaml:1:1: "), err.text);
	assert_non_null(strstr(err.text, "name"));
	assert_int_equal(yml_load(NULL, table, &sample, &err), -1);
	assert_non_null(strstr(err.text, "name"));
	yml_free(tree);
	yml_free(without);
}

static void
settings_among_other_members_change_a_struct(void **state)
{
	struct yml *tree = parse("{ends: [a, b], count: 7}");
	struct yml *wrong = parse("{count: 8,\n spacing: 100}");
	struct sample sample = {.count = 1, .spacing = 5, .name = "box"};
	struct error err;

	assert_int_equal(yml_change(tree, table, &sample, &err), 0);
	assert_int_equal(yml_change(NULL, table, &sample, &err), 0);
	assert_int_equal(yml_change(wrong, table, &sample, &err), -1);
	assert_ptr_equal(
	    strstr(err.text, "f.yaml:2:2: spacing: \"100\": "), err.text);
	assert_int_equal(sample.count, 7);
	assert_int_equal(sample.spacing, 5);
	assert_string_equal(sample.name, "box");
	yml_free(tree);
	yml_free(wrong);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tree_remembers_where_it_was_written),
	    cmocka_unit_test(scalars_stay_text),
	    cmocka_unit_test(empty_file_is_nothing),
	    cmocka_unit_test(mistakes_are_refused_at_their_place),
	    cmocka_unit_test(depth_is_limited),
	    cmocka_unit_test(size_is_limited),
	    cmocka_unit_test(duplicate_among_many_keys_is_found),
	    cmocka_unit_test(file_is_read_and_named),
	    cmocka_unit_test(unknown_key_names_the_nearest),
	    cmocka_unit_test(each_unknown_key_is_told),
	    cmocka_unit_test(wrong_kind_is_said),
	    cmocka_unit_test(settings_become_json_in_base_units),
	    cmocka_unit_test(bad_settings_are_refused_at_their_place),
	    cmocka_unit_test(
		each_mistake_of_settings_is_told_in_the_order_written),
	    cmocka_unit_test(settings_fill_a_struct),
	    cmocka_unit_test(settings_among_other_members_change_a_struct),
	};

	return (cmocka_run_group_tests_name("yaml", tests, NULL, NULL));
}

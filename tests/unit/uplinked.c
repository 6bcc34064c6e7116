/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/uplinked.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/member.h"
#include "common/memory.h"
#include "tests/unit/authority.h"
#include "tests/unit/folder.h"

static json_object *
say_hello(void *arg, bool manifests)
{
	json_object *hello = json_object_new_object();

	if (manifests)
		json_object_object_add(
		    hello, "manifests", json_object_new_array());
	return (hello);
}

static void
take_plan(void *arg, struct json_object *plan)
{
	((struct world *)arg)->plans_taken++;
}

static void
was_delivered(void *arg)
{
	((struct world *)arg)->delivered++;
}

static void
was_set_back(void *arg, nanoseconds since)
{
	((struct world *)arg)->since = since;
}

static const struct uplink_calls calls = {
    .hello = say_hello,
    .plan = take_plan,
    .delivered = was_delivered,
    .set_back = was_set_back,
};

static void
rename_in(struct world *world, const char *from, const char *to)
{
	char *a = folder_path(&world->folder, from);
	char *b = folder_path(&world->folder, to);

	assert_int_equal(rename(a, b), 0);
	free(a);
	free(b);
}

static void
make_identities(struct world *world)
{
	struct authority authority;

	authority_make(&authority, "fleet");
	authority_issue(&authority, world->folder, "collector", "IP:127.0.0.1");
	authority_issue(&authority, world->folder, "box", "URI:pharos:box/lon");
	authority_write(&authority, world->folder, "ca");
	rename_in(world, "box.crt", "box.pem");
	rename_in(world, "ca.crt", "ca.pem");
	authority_clear(&authority);
}

int
uplinked_make(void **state)
{
	static const struct spool_limits limits = {
	    1 << 30, 366 * 86400 * NS_PER_S};
	struct world *world = memory_new(1, sizeof(*world));
	char *path;

	*state = world;
	assert_int_equal(folder_make(&world->folder), 0);
	world->base = event_base_new();
	snprintf(world->settings.state, sizeof(world->settings.state), "%s",
	    (char *)world->folder);
	make_identities(world);
	path = folder_path(&world->folder, "spool.db");
	world->spool = spool_new(path, "lon", &limits, clock_wall(), NULL);
	assert_non_null(world->spool);
	free(path);
	world->collector.spool = world->spool;
	uplink_collector_open(&world->collector, world->base, &world->folder,
	    world->settings.collector, sizeof(world->settings.collector));
	return (0);
}

int
uplinked_remove(void **state)
{
	struct world *world = *state;

	uplink_free(world->uplink);
	spool_free(world->spool);
	uplink_collector_close(&world->collector);
	event_base_free(world->base);
	folder_remove(&world->folder);
	free(world);
	return (0);
}

void
uplinked_start(struct world *world)
{
	world->uplink = uplink_new(
	    world->base, &world->settings, world->spool, &calls, world, NULL);
	assert_non_null(world->uplink);
}

void
uplinked_fill(struct world *world, int count)
{
	for (int i = 0; i < count; i++) {
		json_object *record = json_object_new_object();

		member_add_whole(record, "mark", i);
		spool_add(world->spool, record, NULL);
		json_object_put(record);
	}
	assert_int_equal(spool_commit(world->spool, clock_wall(), NULL), 0);
}

void
uplinked_expect(struct world *world, size_t count)
{
	json_object *arrived = world->collector.arrived, *record;

	assert_int_equal(json_object_array_length(arrived), count);
	for (size_t i = 0; i < count; i++) {
		record = json_object_array_get_idx(arrived, i);
		assert_int_equal(member_whole_or(record, "mark", -1), i);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/peers.h"

#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/member.h"
#include "common/memory.h"
#include "common/name.h"

struct peers {
	struct probe_peer *list; /* by name; its texts and addresses are ours */
	size_t count;
};

static int
by_box(const void *a, const void *b)
{
	const struct probe_peer *x = a, *y = b;

	return (strcmp(x->box, y->box));
}

static int
read_addresses(struct probe_peer *peer, json_object *json, struct error *err)
{
	json_object *array;
	union address *addresses;
	size_t count;

	if (member_array(json, "addresses", &array, err) == -1)
		return (-1);
	count = json_object_array_length(array);
	addresses = memory_new(count, sizeof(*addresses));
	peer->addresses = addresses;
	for (size_t i = 0; i < count; i++) {
		const char *text =
		    json_object_get_string(json_object_array_get_idx(array, i));

		if (text == NULL || !address_parse(text, 0, &addresses[i]))
			return (error_set(err,
			    "addresses[%zu]: expected an IPv4 or IPv6 address",
			    i));
		peer->address_count++;
	}
	return (0);
}

/* 1: it has no secret. */
static int
read_peer(struct probe_peer *peer, json_object *json, struct error *err)
{
	const char *box, *secret;

	if (member_text(json, "box", &box, err) == -1)
		return (-1);
	if (!name_valid(box))
		return (error_set(
		    err, "box: \"%.80s\", expected %s", box, name_rule));
	if (member_get(json, "secret") == NULL)
		return (1);
	if (member_text(json, "secret", &secret, err) == -1)
		return (-1);
	if (hash_unhex(secret, peer->secret, sizeof(peer->secret)) == -1)
		return (
		    error_set(err, "secret: expected %zu hexadecimal digits",
			2 * sizeof(peer->secret)));
	peer->box = memory_text(box);
	return (read_addresses(peer, json, err));
}

static int
read_peers(struct peers *peers, json_object *json, struct error *err)
{
	size_t count = json_object_array_length(json);
	int result;

	peers->list = memory_new(count, sizeof(*peers->list));
	for (size_t i = 0; i < count; i++) {
		result = read_peer(&peers->list[peers->count],
		    json_object_array_get_idx(json, i), err);
		if (result != 1)
			peers->count++;
		if (result == -1)
			return (error_place(err, "peers[%zu]", i));
	}
	return (0);
}

struct peers *
peers_read(struct json_object *json, struct error *err)
{
	struct peers *peers = memory_new(1, sizeof(*peers));

	if (json == NULL)
		return (peers);
	if (!json_object_is_type(json, json_type_array)) {
		error_set(err, "member \"peers\": expected an array");
	} else if (read_peers(peers, json, err) == 0) {
		if (peers->count > 0)
			qsort(peers->list, peers->count, sizeof(*peers->list),
			    by_box);
		return (peers);
	}
	peers_free(peers);
	return (NULL);
}

static void
free_peer(struct probe_peer *peer)
{
	explicit_bzero(peer->secret, sizeof(peer->secret));
	free((char *)peer->box);
	free((union address *)peer->addresses);
}

void
peers_free(struct peers *peers)
{
	if (peers == NULL)
		return;
	for (size_t i = 0; i < peers->count; i++)
		free_peer(&peers->list[i]);
	free(peers->list);
	free(peers);
}

size_t
peers_count(const struct peers *peers)
{
	return (peers->count);
}

const struct probe_peer *
peers_find(const struct peers *peers, const char *box)
{
	const struct probe_peer key = {.box = box};

	if (peers == NULL || peers->count == 0)
		return (NULL);
	return (bsearch(
	    &key, peers->list, peers->count, sizeof(*peers->list), by_box));
}

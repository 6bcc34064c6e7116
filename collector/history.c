/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/history.h"

#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/history_layout.h"
#include "common/daemon.h"
#include "common/digits.h"
#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

#define KNOWN_BY_ONE "0.99999" /* xff: a row of 8640 bins needs one of them */

struct history_update {
	char *path;
	struct history_layout layout;
	long first, last; /* start of the first bin, end of the last; s */
	char **lines;     /* "TIME:VALUE:VALUE..." */
	size_t count, room;
};

char *
history_path(const char *dir, const struct bins_key *key)
{
	return (memory_print("%s/%s/%d/%s/%s.rrd", dir, key->test, key->family,
	    key->src, key->dst));
}

static bool
has_source(const rrd_info_t *info, const char *name)
{
	char key[HISTORY_NAME + 16];

	snprintf(key, sizeof(key), "ds[%s].index", name);
	for (; info != NULL; info = info->next)
		if (strcmp(info->key, key) == 0)
			return (true);
	return (false);
}

bool
history_fits(const char *path, const struct manifest *manifest,
    nanoseconds step, nanoseconds *last)
{
	struct history_layout layout;
	rrd_info_t *info;
	bool fits;

	*last = 0;
	if (access(path, F_OK) == -1)
		return (true);
	info = history_info(path);
	if (info == NULL) {
		rrd_clear_error();
		return (false);
	}
	*last = history_number(info, "last_update") * NS_PER_S;
	history_layout_fill(&layout, manifest, step);
	fits = history_number(info, "step") == layout.step;
	for (size_t i = 0; i < layout.source_count; i++)
		fits = fits && has_source(info, layout.sources[i].name);
	history_layout_clear(&layout);
	rrd_info_free(info);
	return (fits);
}

struct history_update *
history_update_new(
    const char *path, const struct manifest *manifest, nanoseconds step)
{
	struct history_update *update = memory_new(1, sizeof(*update));

	update->path = memory_text(path);
	history_layout_fill(&update->layout, manifest, step);
	return (update);
}

void
history_update_free(struct history_update *update)
{
	if (update == NULL)
		return;
	for (size_t i = 0; i < update->count; i++)
		free(update->lines[i]);
	free(update->lines);
	history_layout_clear(&update->layout);
	free(update->path);
	free(update);
}

/* bundle NULL: nothing is known up to this time. */
static void
add_line(struct history_update *update, long time, const struct bundle *bundle)
{
	char *line =
	    memory_new(24 + update->layout.source_count * (DIGITS_MOST + 1), 1);
	int used = sprintf(line, "%ld", time);

	for (size_t i = 0; i < update->layout.source_count; i++) {
		const struct history_source *s = &update->layout.sources[i];
		double value;

		line[used++] = ':';
		if (bundle != NULL &&
		    bundle_get_metric(bundle, update->layout.manifest,
			s->metric, s->stat, &value))
			used += (int)digits_exact(line + used, value);
		else
			line[used++] = 'U';
	}
	if (update->count == update->room) {
		update->room = update->room > 0 ? 2 * update->room : 4;
		update->lines = memory_resize(
		    update->lines, update->room, sizeof(*update->lines));
	}
	update->lines[update->count++] = line;
}

void
history_update_add(struct history_update *update, nanoseconds start,
    const struct bundle *bundle)
{
	long time = (long)(start / NS_PER_S);

	if (update->count == 0)
		update->first = time;
	/* else the bin's value would count from the last bin on, or the bin be
	 * unknown with all between */
	if (time != update->last)
		add_line(update, time, NULL);
	update->last = time + update->layout.step;
	add_line(update, update->last, bundle);
}

static char *
source_argument(const struct history_layout *layout, size_t i)
{
	return (memory_print(
	    "DS:%s:GAUGE:%ld:U:U", layout->sources[i].name, layout->step));
}

static char *
archive_argument(const struct history_layout *layout, size_t i)
{
	const struct history_archive *archive = &layout->archives[i];

	return (memory_print("RRA:%s:" KNOWN_BY_ONE ":%ld:%ld", archive->cf,
	    archive->row / layout->step, archive->rows));
}

static int
make_folder(const char *path, struct error *err)
{
	char *folder = memory_text(path);
	int result;

	*strrchr(folder, '/') = '\0';
	result = daemon_make_dir(folder, err);
	free(folder);
	return (result);
}

/* An empty file whose first row follows start. */
static int
create(const char *path, const struct history_layout *layout, long start,
    struct error *err)
{
	size_t count = layout->source_count + layout->archive_count;
	char **arguments = memory_new(count + 1, sizeof(*arguments));
	size_t n = 0;
	int result = make_folder(path, err);

	for (size_t i = 0; i < layout->source_count; i++)
		arguments[n++] = source_argument(layout, i);
	for (size_t i = 0; i < layout->archive_count; i++)
		arguments[n++] = archive_argument(layout, i);
	if (result == 0 &&
	    rrd_create_r2(path, (unsigned long)layout->step, start, 0, NULL,
		NULL, (int)n, (const char **)arguments) == -1)
		result = history_failed(path, err);
	for (size_t i = 0; i < n; i++)
		free(arguments[i]);
	free(arguments);
	return (result);
}

/* The names in the order of the lines' values, for the file may have others. */
static char *
template_of(const struct history_layout *layout)
{
	char *template = memory_new(layout->source_count + 1, HISTORY_NAME);
	size_t used = 0;

	for (size_t i = 0; i < layout->source_count; i++)
		used += (size_t)sprintf(template + used, "%s%s",
		    i > 0 ? ":" : "", layout->sources[i].name);
	return (template);
}

static int
write_lines(
    const struct history_update *update, const char *path, struct error *err)
{
	char *template = template_of(&update->layout);
	int result = 0, tries = 0;

	if (update->count > 0)
		do
			result = rrd_updatex_r(path, template,
			    RRD_SKIP_PAST_UPDATES, (int)update->count,
			    (const char **)update->lines);
		while (result == -1 && history_busy(&tries));
	if (result == -1)
		history_failed(path, err);
	free(template);
	return (result);
}

int
history_update_append(struct history_update *update, struct error *err)
{
	int result = 0;

	if (update->count > 0 && update->layout.source_count > 0) {
		if (access(update->path, F_OK) == -1)
			result = create(
			    update->path, &update->layout, update->first, err);
		if (result == 0)
			result = write_lines(update, update->path, err);
	}
	history_update_free(update);
	return (result);
}

/* What cannot be read is put aside: the history goes on without it. */
static int
put_aside(const char *path, const struct error *why, struct error *err)
{
	char *aside = memory_print("%s.damaged", path);
	int result = rename(path, aside);

	log_warnx("%s; older rows are lost, the file is kept as %s", why->text,
	    aside);
	if (result == -1)
		error_set(err, "%s: %m", aside);
	free(aside);
	return (result);
}

static int
keep_rows(const struct history_update *update, const char *path, long keep,
    struct error *err)
{
	struct error why;

	if (access(update->path, F_OK) == -1)
		return (0);
	if (history_copy(update->path, path, &update->layout, keep, &why) == 0)
		return (0);
	return (put_aside(update->path, &why, err));
}

int
history_update_rebuild(
    struct history_update *update, nanoseconds keep, struct error *err)
{
	char *path = memory_print("%s.new", update->path);
	int result = 0;

	if (update->layout.source_count > 0) {
		long start = (long)(keep / NS_PER_S);

		result = create(path, &update->layout, start, err);
		if (result == 0)
			result = keep_rows(update, path, start, err);
		if (result == 0)
			result = write_lines(update, path, err);
		if (result == 0 && rename(path, update->path) == -1)
			result = error_set(err, "%s: %m", update->path);
	}
	free(path);
	history_update_free(update);
	return (result);
}

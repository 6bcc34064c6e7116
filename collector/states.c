/* SPDX-License-Identifier: BSD-2-Clause */
#include "collector/states.h"

#include "collector/baseline.h"
#include "common/catalog.h"
#include "common/manifest.h"
#include "common/member.h"

const char *const state_names[STATES] = {"ok", "stale", "no-data",
    "unreachable", "untested", "maint", "disabled", "clock", "self"};

/* Good recedes and bad advances in both themes; adjacent grades stay apart for
 * colour-blind readers and in grey. */
static const struct {
	const char *name, *en, *zh, *light, *dark;
} grades[] = {
    {"excellent", "excellent", "优", "#dcf3ec", "#0f3b35"},
    {"good", "good", "良", "#9ccfba", "#2b7062"},
    {"acceptable", "acceptable", "可接受", "#c4a52e", "#8f8020"},
    {"poor", "poor", "差", "#c9682a", "#d88a3c"},
    {"verypoor", "very poor", "很差", "#9b2430", "#ffb09a"},
    {"bad", "bad", "极差", "#43081f", "#fff0f0"},
};

static const struct {
	const char *en, *zh, *glyph, *meaning_en, *meaning_zh;
} looks[STATES] = {
    [STATE_OK] = {"ok", "正常", "", "measured as scheduled", "按计划测得"},
    [STATE_STALE] = {"stale", "过期", "◔",
	"the last value is older than the schedule explains, or a box is "
	"silent",
	"最近的值早于计划所允许的时间，或站点无响应"},
    [STATE_NO_DATA] = {"no data", "无数据", "·",
	"scheduled, but nothing has arrived", "已安排，但尚无数据"},
    [STATE_UNREACHABLE] = {"unreachable", "不可达", "✕",
	"probes are sent and none is answered", "已发送探测，但无任何应答"},
    [STATE_UNTESTED] = {"untested", "未测", "", "not in the schedule",
	"不在测量计划中"},
    [STATE_MAINT] = {"maintenance", "维护", "⚒", "not measured for maintenance",
	"维护中，暂不测量"},
    [STATE_DISABLED] = {"disabled", "停用", "‖", "switched off on purpose",
	"已停用"},
    [STATE_CLOCK] = {"clock", "时钟", "◷", "the clocks cannot carry this delay",
	"时钟误差大于该时延"},
    [STATE_SELF] = {"self", "自身", "╲", "a site and itself", "站点自身"},
};

const char *
states_grade(int grade)
{
	return (grades[grade].name);
}

const char *
states_label(int grade, bool chinese)
{
	return (chinese ? grades[grade].zh : grades[grade].en);
}

const char *
states_colour(int grade, bool dark)
{
	return (dark ? grades[grade].dark : grades[grade].light);
}

enum cell_state
state_of(const struct state_facts *facts, nanoseconds now)
{
	if (facts->self)
		return (STATE_SELF);
	if (!facts->tested)
		return (STATE_UNTESTED);
	if (facts->finding == 0)
		return (STATE_NO_DATA);
	if (facts->silent || now - facts->finding > facts->stale_after)
		return (STATE_STALE);
	if (facts->outcome == OUTCOME_NO_ANSWER)
		return (STATE_UNREACHABLE);
	return (facts->doubted ? STATE_CLOCK : STATE_OK);
}

static json_object *
both(const char *en, const char *zh)
{
	json_object *json = json_object_new_object();

	member_add_text(json, "en", en);
	member_add_text(json, "zh", zh);
	return (json);
}

static json_object *
grades_json(void)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < sizeof(grades) / sizeof(grades[0]); i++) {
		json_object *json = json_object_new_object();

		member_add_text(json, "name", grades[i].name);
		json_object_object_add(
		    json, "label", both(grades[i].en, grades[i].zh));
		member_add_text(json, "light", grades[i].light);
		member_add_text(json, "dark", grades[i].dark);
		json_object_array_add(array, json);
	}
	return (array);
}

static json_object *
states_json(void)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < STATES; i++) {
		json_object *json = json_object_new_object();

		member_add_text(json, "name", state_names[i]);
		json_object_object_add(
		    json, "label", both(looks[i].en, looks[i].zh));
		member_add_text(json, "glyph", looks[i].glyph);
		json_object_object_add(json, "meaning",
		    both(looks[i].meaning_en, looks[i].meaning_zh));
		json_object_array_add(array, json);
	}
	return (array);
}

static json_object *
metric_json(const struct metric *metric)
{
	json_object *json = json_object_new_object();
	json_object *edges = json_object_new_array();

	member_add_text(json, "unit", unit_name(metric->unit));
	member_add_text(json, "better", metric_better_names[metric->better]);
	for (size_t i = 0; i < METRIC_EDGES; i++)
		json_object_array_add(
		    edges, member_new_number(metric->edges[i]));
	json_object_object_add(json, "edges", edges);
	return (json);
}

static json_object *
probe_json(const struct manifest *manifest)
{
	json_object *json = json_object_new_object();

	for (const struct metric *m = manifest->metrics; m->name != NULL; m++)
		if (m->graded)
			json_object_object_add(json, m->name, metric_json(m));
	return (json);
}

json_object *
states_scales(const struct catalog *catalog)
{
	json_object *json = json_object_new_object();
	json_object *probes = json_object_new_object();

	for (size_t i = 0; i < catalog_size(catalog); i++) {
		const struct manifest *manifest = catalog_at(catalog, i);

		json_object_object_add(
		    probes, manifest->name, probe_json(manifest));
	}
	json_object_object_add(json, "grades", grades_json());
	json_object_object_add(json, "states", states_json());
	json_object_object_add(json, "probes", probes);
	json_object_object_add(json, "baseline", baseline_scales());
	return (json);
}

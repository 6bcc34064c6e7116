/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics.h - a whole table of metrics, checked and as JSON.
 *
 *   [{"name":"loss","kind":"ratio","unit":"ratio","better":"less",
 *     "part":"lost","whole":"sent","edges":[...],"help":"..."},...]
 *
 * "merge" is there for values, "part" and "whole" for ratios, "edges" where
 * there are grades; "better" is neither and "unit" none when absent.
 */
#ifndef PHAROS_COMMON_METRICS_H
#define PHAROS_COMMON_METRICS_H

#include "common/metric.h"

struct error;
struct json_object;

#define METRICS_MOST 256 /* rows in a table */

/* Names, help, ratios of counts of the same table, rising edges. */
int metrics_check(const struct metric *table, struct error *err);
struct json_object *metrics_json(const struct metric *table);
/* The table borrows its texts from json, which must outlive it; free() ends
 * it. Only what metrics_check accepts is returned. */
struct metric *metrics_parse(struct json_object *json, struct error *err);

#endif

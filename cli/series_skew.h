/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * series_skew.h - a history without what its two clocks part by.
 */
#ifndef PHAROS_CLI_SERIES_SKEW_H
#define PHAROS_CLI_SERIES_SKEW_H

struct api;
struct error;
struct json_object;

/* What is known of a pair's two clocks over a span, as /api/v1/skew has it; new
 * reference or NULL. from, to: NULL: as it is usual. */
struct json_object *series_skew(struct api *api, const char *pair,
    const char *from, const char *to, struct error *err);
/* Adds "delay_deskewed" beside "delay", or what that metric is called: less what
 * the clocks have parted since the skew's own moment, or until it. Nothing when
 * the skew is not known, or when that metric is not there. */
void series_deskew(struct json_object *metrics, struct json_object *reply,
    struct json_object *skew);
/* In words, for people; free() it. */
char *series_skew_words(struct json_object *skew);

#endif

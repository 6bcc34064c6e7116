/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit.h - quantities as people write and read them.
 *
 * Inside and in JSON every quantity is in its base unit. People must name the
 * unit of a duration or a rate: a bare number there is an error, not a guess.
 */
#ifndef PHAROS_COMMON_UNIT_H
#define PHAROS_COMMON_UNIT_H

struct error;

enum unit {
	UNIT_NONE,    /* a pure number; JSON name "" */
	UNIT_SECONDS, /* "s":     10ms 1.5s 2m 6h 1d 2y (of 365 days); us
	                 and ns too; 0 alone */
	UNIT_BYTES,   /* "B":     64 1500 64kB 4MiB (k = 1000, Ki = 1024) */
	UNIT_RATE,    /* "1/s":   2/s 120/m 0.5/h */
	UNIT_BITRATE, /* "bit/s": 10Mbit/s 9600bit/s */
	UNIT_RATIO,   /* "ratio": 0.01 1% 20ppm */
	UNIT_COUNT    /* "1":     a whole number of things */
};

#define UNIT_TEXT 32

/* 0 with *value in base units, or -1: what is wrong and what was expected. */
int unit_parse(
    enum unit unit, const char *text, double *value, struct error *err);
/* For people: three significant digits and a scaled unit, "38.2 ms", "0.12 %",
 * "1.5 kB". */
char *unit_format(enum unit unit, double value, char text[static UNIT_TEXT]);
/* Exact, and unit_parse reads it back: "100ms", "64", "2/s". */
char *unit_write(enum unit unit, double value, char text[static UNIT_TEXT]);
const char *unit_name(enum unit unit);
/* -1 when no unit has this JSON name. */
int unit_find(const char *name, enum unit *unit);

#endif

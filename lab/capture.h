/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture.h - every frame at one interface, stamped by the kernel.
 *
 * A ring shared with the kernel (packet(7), TPACKET_V3): frames are stamped as
 * they pass, so it does not matter when they are looked at.
 */
#ifndef PHAROS_LAB_CAPTURE_H
#define PHAROS_LAB_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/clock.h"

struct capture;
struct error;

#define CAPTURE_DELAY (NS_PER_S / 20) /* until a frame can be looked at */

struct capture_frame {
	nanoseconds stamp; /* CLOCK_REALTIME */
	bool outgoing;     /* sent by this interface's host, not received */
	const uint8_t *data;
	size_t length;
};

typedef void (*capture_call)(const struct capture_frame *frame, void *arg);

/* netns is as netns.h has it; interface NULL: all of them. NULL with err. */
struct capture *capture_new(
    int netns, const char *interface, struct error *err);
void capture_free(struct capture *capture);    /* NULL is fine */
int capture_fd(const struct capture *capture); /* readable: there are some */
/* Hands over all that there are. */
void capture_read(struct capture *capture, capture_call call, void *arg);
/* Frames the kernel had no room for, so far. */
uint64_t capture_drops(struct capture *capture);

#endif

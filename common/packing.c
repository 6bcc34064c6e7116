/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/packing.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zstd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"

#define LEVEL 3
#define WINDOW_LOG_MOST 23 /* 8 MiB: what a stranger may make us hold */

void *
packing_pack(const void *data, size_t length, size_t *packed)
{
	size_t room = ZSTD_compressBound(length);
	void *out = memory_new(room, 1);

	*packed = ZSTD_compress(out, room, data, length, LEVEL);
	if (ZSTD_isError(*packed))
		log_fatal("zstd: %s", ZSTD_getErrorName(*packed));
	return (out);
}

/* Room for more, the final NUL and one byte that tells "full" from "over". */
static void
grow(ZSTD_outBuffer *out, size_t most)
{
	size_t size = out->size < 4096 ? 4096 : out->size * 2;

	if (size > most + 1)
		size = most + 1;
	out->dst = memory_resize(out->dst, size + 1, 1);
	out->size = size;
}

/* 0 when all of in was whole frames that fit, -1 with err set. */
static int
unpack_all(ZSTD_DStream *stream, ZSTD_inBuffer *in, ZSTD_outBuffer *out,
    size_t most, struct error *err)
{
	size_t left = 1; /* an empty input is a truncated one */

	while (in->pos < in->size || (left > 0 && out->pos == out->size)) {
		if (out->pos == out->size)
			grow(out, most);
		left = ZSTD_decompressStream(stream, out, in);
		if (ZSTD_isError(left))
			return (error_set(err, "zstd data is damaged: %s",
			    ZSTD_getErrorName(left)));
		if (out->pos > most)
			return (error_set(
			    err, "zstd data unpacks to over %zu bytes", most));
	}
	if (left > 0)
		return (error_set(err, "zstd data is truncated"));
	return (0);
}

/* Is it one frame that says how much is in it, and may it be? Most are. */
static bool
is_plain_frame(const void *data, size_t length, size_t most, size_t *size)
{
	unsigned long long said = ZSTD_getFrameContentSize(data, length);

	*size = (size_t)said;
	return (said != ZSTD_CONTENTSIZE_UNKNOWN &&
		said != ZSTD_CONTENTSIZE_ERROR && said <= most &&
		ZSTD_findFrameCompressedSize(data, length) == length);
}

/* In one go, with a context that is made once: NULL when it is damaged. */
static char *
unpack_frame(const void *data, size_t length, size_t size)
{
	static _Thread_local ZSTD_DCtx *context;
	char *text = memory_resize(NULL, size + 1, 1);
	size_t result;

	if (context == NULL)
		context = ZSTD_createDCtx();
	if (context == NULL)
		log_fatal("out of memory");
	result = ZSTD_decompressDCtx(context, text, size, data, length);
	if (ZSTD_isError(result) || result != size) {
		free(text);
		return (NULL);
	}
	text[size] = '\0';
	return (text);
}

static char *
unpack_stream(const void *data, size_t length, size_t most, size_t *unpacked,
    int *too_large, struct error *err)
{
	ZSTD_inBuffer in = {data, length, 0};
	ZSTD_outBuffer out = {NULL, 0, 0};
	ZSTD_DStream *stream = ZSTD_createDStream();
	int result;

	if (stream == NULL)
		log_fatal("out of memory");
	ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, WINDOW_LOG_MOST);
	result = unpack_all(stream, &in, &out, most, err);
	ZSTD_freeDStream(stream);
	*too_large = result != 0 && out.pos > most;
	if (result != 0) {
		free(out.dst);
		return (NULL);
	}
	assert(out.pos <= most);
	*unpacked = out.pos;
	((char *)out.dst)[out.pos] = '\0';
	return (out.dst);
}

char *
packing_unpack(const void *data, size_t length, size_t most, size_t *unpacked,
    int *too_large, struct error *err)
{
	char *text = NULL;

	if (is_plain_frame(data, length, most, unpacked))
		text = unpack_frame(data, length, *unpacked);
	*too_large = 0;
	/* which also says what is wrong with it */
	return (text != NULL ? text
			     : unpack_stream(data, length, most, unpacked,
				   too_large, err));
}

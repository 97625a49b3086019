/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RESP_BUFFER_H_INCLUDED
#define RESP_BUFFER_H_INCLUDED

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes that belong to somebody else. */
struct slice {
	const char *data;
	size_t size;
};

struct buffer {
	char *data;
	size_t used;
	size_t size;
};

/** Make room for `more` bytes behind the used ones. False without memory. */
bool
buffer_reserve(struct buffer *b, size_t more);

bool
buffer_append(struct buffer *b, const void *data, size_t size);

/** The whole of `s` as a number. */
bool
slice_number(struct slice s, int64_t *value);

/** Whether `s` is that word, in any case. */
bool
slice_is(struct slice s, const char *word);

#endif /* RESP_BUFFER_H_INCLUDED */

/* SPDX-License-Identifier: BSD-2-Clause */
/**
 * @file
 * The input buffer of small/ibuf.h as loadable modules see it: they get a pointer to one
 * from elsewhere, and read and write through the addresses of its positions.
 *
 * Everything here is weak in the library: a program with a database layer uses
 * the definitions in there. In the thread of the buffer's cord. Origin: spec ipc.md 16.
 */
#ifndef TARANTOOL_BOX_IBUF_H_INCLUDED
#define TARANTOOL_BOX_IBUF_H_INCLUDED

#include "../trivia/compiler.h"

#include <stddef.h>

typedef struct ibuf box_ibuf_t;

/**
 * Make room for `size` bytes behind the write position, and return that. What is to be
 * read may move. NULL with OutOfMemory in the diag, and nothing changed, without memory.
 */
API_EXPORT void *
box_ibuf_reserve(box_ibuf_t *ibuf, size_t size);

/**
 * Where the buffer keeps its read position and the end of what is to be read: *rpos and
 * *wpos become the addresses of these. A reader moves **rpos. wpos may be NULL.
 */
API_EXPORT void
box_ibuf_read_range(box_ibuf_t *ibuf, char ***rpos, char ***wpos);

/**
 * Where the buffer keeps its write position and the end of its memory: *wpos and *end become
 * the addresses of these. A writer moves **wpos, at most to **end. end may be NULL.
 */
API_EXPORT void
box_ibuf_write_range(box_ibuf_t *ibuf, char ***wpos, char ***end);

#endif /* TARANTOOL_BOX_IBUF_H_INCLUDED */

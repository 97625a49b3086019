/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TARANTOOL_SMALL_STATIC_H_INCLUDED
#define TARANTOOL_SMALL_STATIC_H_INCLUDED
/**
 * @file
 * A scratch buffer of the calling thread (spec small.md 12). Memory is handed
 * out from its start to its end, then from its start again: an allocation is
 * good until 12 KiB more have been allocated, and nobody frees it.
 */
#include "trivia/config.h"

#include <stddef.h>
#include <string.h>
#include "slab_arena.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
	/** The largest allocation. */
	SMALL_STATIC_SIZE = 4096 * 3
};

extern __thread char static_storage_buffer[SMALL_STATIC_SIZE];
/** Where the next allocation starts. */
extern __thread size_t static_storage_pos;

/** Starts over. */
static inline void
static_reset(void)
{
	static_storage_pos = 0;
}

/** `size` contiguous bytes, without allocating them; NULL if there are too many. */
static inline void *
static_reserve(size_t size)
{
	if (size > SMALL_STATIC_SIZE)
		return NULL;
	if (static_storage_pos + size > SMALL_STATIC_SIZE)
		static_storage_pos = 0;
	return &static_storage_buffer[static_storage_pos];
}

/** `size` bytes, not aligned; NULL if there are too many. */
static inline void *
static_alloc(size_t size)
{
	void *ptr = static_reserve(size);
	if (ptr != NULL)
		static_storage_pos += size;
	return ptr;
}

/**
 * As static_reserve(), aligned to `alignment`, a power of two. Room for the
 * worst padding has to be there, so it may start over a bit early.
 */
static inline void *
static_aligned_reserve(size_t size, size_t alignment)
{
	if (size > SMALL_STATIC_SIZE || alignment > SMALL_STATIC_SIZE)
		return NULL;
	void *ptr = static_reserve(size + alignment - 1);
	return (void *)small_align((size_t)ptr, alignment);
}

/** As static_alloc(), aligned to `alignment`, a power of two. */
static inline void *
static_aligned_alloc(size_t size, size_t alignment)
{
	char *ptr = (char *)static_aligned_reserve(size, alignment);
	if (ptr != NULL)
		static_storage_pos = ptr - static_storage_buffer + size;
	return ptr;
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TARANTOOL_SMALL_STATIC_H_INCLUDED */

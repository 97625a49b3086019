/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INCLUDES_TARANTOOL_SMALL_SLAB_ARENA_H
#define INCLUDES_TARANTOOL_SMALL_SLAB_ARENA_H
/**
 * @file
 * A source of memory blocks of one size, aligned to that size, for any number
 * of threads (spec small.md 8).
 *
 * Blocks come from an area that is preallocated at creation, then from the
 * kernel one by one. A returned block stays with the arena and is the first to
 * be handed out again. cordage/arena.h has what the reference has not: giving
 * memory of such blocks back to the kernel.
 */
#include "lf_lifo.h"
#include <sys/mman.h>
#include <limits.h>

#ifdef __cplusplus
extern "C" {
#endif

struct quota;

enum {
	/** The smallest block. */
	SLAB_MIN_SIZE = USHRT_MAX + 1,
	/** 2^63: for limits that are none. */
	SMALL_UNLIMITED = SIZE_MAX / 2 + 1
};

/** Set in all SLAB_ARENA_* flags, to tell them from flags of mmap. */
#define SLAB_ARENA_FLAG_MARK (0x80000000)
#define SLAB_ARENA_FLAG(x) ((x) | SLAB_ARENA_FLAG_MARK)
/** Whether all bits of SLAB_ARENA_* flag `x` are set in `f`. */
#define IS_SLAB_ARENA_FLAG(f, x) (((f) & SLAB_ARENA_FLAG(x)) == SLAB_ARENA_FLAG(x))

enum {
	/** Blocks belong to this process alone. */
	SLAB_ARENA_PRIVATE = SLAB_ARENA_FLAG(1 << 0),
	/** Blocks are shared with children after fork. */
	SLAB_ARENA_SHARED = SLAB_ARENA_FLAG(1 << 1),
	/** Blocks are left out of core dumps. */
	SLAB_ARENA_DONTDUMP = SLAB_ARENA_FLAG(1 << 2)
};

struct slab_arena {
	/** Returned blocks. */
	struct lf_lifo cache;
	/** Start of the preallocated area, or NULL. */
	void *arena;
	/** Its size, a multiple of slab_size. */
	size_t prealloc;
	/** Bytes of blocks ever handed out: in use or in the cache. Never falls. */
	size_t used;
	/** What blocks are charged to. Not owned; arenas may share it. */
	struct quota *quota;
	/** Bytes of a block, a power of two. */
	uint32_t slab_size;
	/** SLAB_ARENA_* flags. */
	int flags;
};

/**
 * Sets up an arena. Exclusive.
 *
 * `quota` outlives the arena. `prealloc` bytes, at most the limit of the quota,
 * are mapped at once; they are rounded up to whole blocks and charged to the
 * quota only when blocks are handed out. `slab_size` is rounded up to a power
 * of two of at least SLAB_MIN_SIZE. `flags` are SLAB_ARENA_* with one of
 * PRIVATE and SHARED, or, as for mmap, exactly MAP_PRIVATE, or MAP_SHARED.
 *
 * Returns 0, or -1 if the preallocation cannot be mapped (errno from mmap) or
 * `slab_size` is above 2 GiB (errno untouched).
 */
int
slab_arena_create(struct slab_arena *arena, struct quota *quota,
		  size_t prealloc, uint32_t slab_size, int flags);

/**
 * Unmaps all memory. Exclusive; all blocks have been returned. The quota is
 * not given back.
 */
void
slab_arena_destroy(struct slab_arena *arena);

/**
 * A block of slab_size bytes aligned to slab_size, or NULL with nothing
 * changed: the quota is exhausted (errno untouched), or the kernel refuses
 * (errno from mmap). Its contents are unspecified.
 */
void *
slab_map(struct slab_arena *arena);

/** Returns a block. NULL is ignored. */
void
slab_unmap(struct slab_arena *arena, void *ptr);

/** Makes the preallocated area, if there is one, read-only. Exclusive. */
void
slab_arena_mprotect(struct slab_arena *arena);

/** `size` rounded up to a multiple of `alignment`, a power of two. */
static inline size_t
small_align(size_t size, size_t alignment)
{
	assert((alignment & (alignment - 1)) == 0);
	assert(size <= SIZE_MAX - alignment);
	return (size + alignment - 1) & ~(alignment - 1);
}

/** The binary logarithm of `size`, not 0, rounded down. */
static inline size_t
small_lb(size_t size)
{
	assert(size != 0);
	return sizeof(unsigned long) * CHAR_BIT - 1 - __builtin_clzl(size);
}

/** The smallest power of two that is not below `size`; 0 for 0. */
static inline size_t
small_round(size_t size)
{
	assert(size <= SIZE_MAX / 2 + 1);
	if (size <= 1)
		return size;
	return (size_t)1 << (small_lb(size - 1) + 1);
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* INCLUDES_TARANTOOL_SMALL_SLAB_ARENA_H */

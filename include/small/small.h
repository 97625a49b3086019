/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INCLUDES_TARANTOOL_SMALL_SMALL_H
#define INCLUDES_TARANTOOL_SMALL_SMALL_H
/**
 * @file
 * A general allocator: a pool for each size class, and huge slabs for what is
 * too large to pool (spec small.md 14.2).
 *
 * The caller remembers the size of an object and says it again to free it. An
 * allocator belongs to the thread of its slab cache.
 */
#include "trivia/config.h"

#include <stdint.h>
#include "mempool.h"
#include "slab_arena.h"
#include "lifo.h"
#include "small_class.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
	/** The most pools that there are. */
	FACTOR_POOL_MAX = 1024
};

enum small_opt {
	/** Whether smfree_delayed() delays. */
	SMALL_DELAYED_FREE_MODE
};

enum small_free_mode {
	/** Objects are freed at once. */
	SMALL_FREE,
	/** The same, and each allocation frees some objects that were delayed. */
	SMALL_COLLECT_GARBAGE,
	/** smfree_delayed() only queues objects. */
	SMALL_DELAYED_FREE
};

/** The pool of a size class. */
struct factor_pool {
	struct mempool pool;
	/** The smallest size it serves. */
	size_t objsize_min;
};

struct small_alloc {
	/** Where slabs come from. Not owned. */
	struct slab_cache *cache;
	/** Pools by class number. */
	struct factor_pool factor_pool_cache[FACTOR_POOL_MAX];
	/** How many of them there are. */
	uint32_t factor_pool_cache_size;
	/** Pools with delayed frees, linked by mempool.link. */
	struct lifo delayed;
	/** Huge objects to be freed later. */
	struct lifo delayed_large;
	/** By what classes grow on average. */
	float factor;
	struct small_class small_class;
	/** The largest object that is pooled. */
	uint32_t objsize_max;
	enum small_free_mode free_mode;
};

/**
 * Sets up an allocator whose classes start at `objsize_min`, rounded up to 8,
 * and grow by about `alloc_factor`, above 1 and up to 2; *actual_alloc_factor
 * becomes what it is then. Allocates nothing.
 */
void
small_alloc_create(struct small_alloc *alloc, struct slab_cache *cache,
		   uint32_t objsize_min, float alloc_factor,
		   float *actual_alloc_factor);

/** Sets SMALL_DELAYED_FREE_MODE, the only option. */
void
small_alloc_setopt(struct small_alloc *alloc, enum small_opt opt, bool val);

/**
 * Frees all pooled objects and the queued huge ones. Huge objects in use stay
 * with the slab cache.
 */
void
small_alloc_destroy(struct small_alloc *alloc);

/** `size` bytes aligned to 8, their contents unspecified; or NULL. */
void *
smalloc(struct small_alloc *alloc, size_t size);

/** Frees an object that was allocated with that `size`, which is not 0. */
void
smfree(struct small_alloc *alloc, void *ptr, size_t size);

/**
 * As smfree(), but in mode SMALL_DELAYED_FREE the object is only queued, and
 * still counted as used. Allocations free what is queued, up to 100 objects
 * each, after the mode has been switched off. The first word of the object is
 * overwritten.
 */
void
smfree_delayed(struct small_alloc *alloc, void *ptr, size_t size);

/** A result other than 0 ends the enumeration. */
typedef int (*mempool_stats_cb)(const struct mempool_stats *stats, void *cb_ctx);

/**
 * Calls `cb` for each pool, the one of the smallest objects first, and adds up
 * their totals. Huge objects are not included.
 */
void
small_stats(struct small_alloc *alloc, struct small_stats *totals,
	    mempool_stats_cb cb, void *cb_ctx);

#ifdef __cplusplus
} /* extern "C" */

#include "exception.h"

/** Throws OutOfMemory, "for `where`", instead of returning NULL. */
static inline void *
smalloc_xc(struct small_alloc *alloc, size_t size, const char *where)
{
	void *ptr = smalloc(alloc, size);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, size, "slab allocator", where);
	return ptr;
}

/** The same, with all bytes 0. */
static inline void *
smalloc0_xc(struct small_alloc *alloc, size_t size, const char *where)
{
	return memset(smalloc_xc(alloc, size, where), 0, size);
}

#endif /* __cplusplus */

#endif /* INCLUDES_TARANTOOL_SMALL_SMALL_H */

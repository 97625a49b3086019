/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INCLUDES_TARANTOOL_SMALL_MEMPOOL_H
#define INCLUDES_TARANTOOL_SMALL_MEMPOOL_H
/**
 * @file
 * A pool of objects of one size (spec small.md 10).
 *
 * Objects are packed against the end of slabs, so an object whose size is a
 * power of two is aligned to it; others are as aligned as their size, which is
 * a multiple of 8. The slab of lowest address serves first, in it the object
 * that was freed last, else the lowest one that was never used.
 *
 * A pool belongs to the thread of its slab cache.
 */
#include "trivia/config.h"

#include <stddef.h>
#include <stdbool.h>
#include <inttypes.h>
#include <sys/types.h>
#include <string.h>
#include "slab_cache.h"
#include "lifo.h"

/**
 * The trees of the reference's rb.h, if a program brings that, keep the colour of a node
 * in a pointer, like the one in struct mslab.
 */
#define RB_COMPACT 1

#ifdef __cplusplus
extern "C" {
#endif

/** How much of a slab mempool_create() lets its header waste. */
static const double OVERHEAD_RATIO = 0.01;

/** The header of a slab of a pool. */
struct mslab {
	struct slab slab;
	/** Freed objects, linked through their first word. */
	void *free_list;
	/** Offset of the first object that was never used. */
	uint32_t free_offset;
	/** Free objects, never used ones included. */
	uint32_t nfree;
	/** Private: node of mempool.hot_slabs. */
	struct {
		struct mslab *rbn_left;
		/* The lowest bit is the colour of the node. */
		struct mslab *rbn_right_red;
	} next_in_hot;
	/** Link in mempool.cold_slabs. */
	struct rlist next_in_cold;
	/** Whether it is in mempool.hot_slabs. */
	bool in_hot_slabs;
};

/** Private: a balanced tree of slabs, ordered by address. */
typedef struct {
	struct mslab *rbt_root;
} mslab_tree_t;

struct mempool {
	/** For small_alloc: pools with delayed frees. Must be first. */
	struct lifo link;
	/** For small_alloc: objects to be freed later. */
	struct lifo delayed;
	/** Where slabs come from, not owned; NULL in a zeroed pool. */
	struct slab_cache *cache;
	/** All slabs. stats.used: bytes of objects allocated. */
	struct slab_list slabs;
	/** Slabs with free objects. */
	mslab_tree_t hot_slabs;
	/** Their lowest, or NULL. */
	struct mslab *first_hot_slab;
	/** Slabs with too few free objects: used when memory runs out. */
	struct rlist cold_slabs;
	/** A slab without objects that is kept, or NULL. */
	struct mslab *spare;
	/** Bytes of an object. */
	uint32_t objsize;
	uint8_t slab_order;
	/** Objects in a slab. */
	uint32_t objcount;
	/** Offset of the first object in a slab. */
	uint32_t offset;
	/** Turns the address of an object into that of its slab. */
	intptr_t slab_ptr_mask;
};

struct mempool_stats {
	/** Bytes of an object. */
	uint32_t objsize;
	/** Objects allocated. */
	uint32_t objcount;
	/** Bytes of a slab. */
	uint32_t slabsize;
	/** Slabs held. */
	uint32_t slabcount;
	/** Bytes of objects allocated; of slabs held, without headers. */
	struct small_stats totals;
};

/**
 * Sets up an empty pool on slabs of the given order, which must have room for
 * an object. `objsize` is a multiple of 8, at least 8. Allocates nothing.
 */
void
mempool_create_with_order(struct mempool *pool, struct slab_cache *cache,
			  uint32_t objsize, uint8_t order);

/** Gives back all slabs, also those with objects in use. */
void
mempool_destroy(struct mempool *pool);

/** An object, its contents unspecified, or NULL. */
void *
mempool_alloc(struct mempool *pool);

/** Fills in `stats`. */
void
mempool_stats(struct mempool *pool, struct mempool_stats *stats);

/** The half of mempool_free() that knows the slab; leaves `used` alone. */
void
mslab_free(struct mempool *pool, struct mslab *slab, void *ptr);

/** Bytes of a slab that its header takes. */
static inline uint32_t
mslab_sizeof(void)
{
	return small_align(sizeof(struct mslab), sizeof(intptr_t));
}

/** The largest object worth pooling in slabs of `slab_size` bytes: 16 fit. */
static inline uint32_t
mempool_objsize_max(uint32_t slab_size)
{
	return (slab_size - mslab_sizeof()) / 16 / 8 * 8;
}

/** As mempool_create_with_order(), with slabs that waste about 1% at most. */
static inline void
mempool_create(struct mempool *pool, struct slab_cache *cache, uint32_t objsize)
{
	uint32_t larger = objsize > mslab_sizeof() ? objsize : mslab_sizeof();
	double wanted = larger / OVERHEAD_RATIO;
	if (wanted > cache->arena->slab_size)
		wanted = cache->arena->slab_size;
	uint8_t order = slab_order(cache, (size_t)wanted);
	assert(order <= cache->order_max);
	mempool_create_with_order(pool, cache, objsize, order);
}

/** False for a zeroed pool. */
static inline bool
mempool_is_initialized(struct mempool *pool)
{
	return pool->cache != NULL;
}

/** Frees an object. Its contents become '#' if NDEBUG is not defined. */
static inline void
mempool_free(struct mempool *pool, void *ptr)
{
	assert(ptr != NULL);
#ifndef NDEBUG
	memset(ptr, '#', pool->objsize);
#endif
	struct mslab *slab = (struct mslab *)slab_from_ptr(ptr, pool->slab_ptr_mask);
	assert(slab->slab.order == pool->slab_order);
	pool->slabs.stats.used -= pool->objsize;
	mslab_free(pool, slab, ptr);
}

/** Objects allocated. */
static inline size_t
mempool_count(struct mempool *pool)
{
	return pool->slabs.stats.used / pool->objsize;
}

/** Bytes of objects allocated. */
static inline size_t
mempool_used(struct mempool *pool)
{
	return pool->slabs.stats.used;
}

/** Bytes of slabs held. */
static inline size_t
mempool_total(struct mempool *pool)
{
	return pool->slabs.stats.total;
}

#ifdef __cplusplus
} /* extern "C" */

#include "exception.h"

/** Throws OutOfMemory instead of returning NULL. */
static inline void *
mempool_alloc_xc(struct mempool *pool)
{
	void *ptr = mempool_alloc(pool);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, pool->objsize, "mempool", "new slab");
	return ptr;
}

/** The same, with all bytes 0. */
static inline void *
mempool_alloc0_xc(struct mempool *pool)
{
	return memset(mempool_alloc_xc(pool), 0, pool->objsize);
}

#endif /* __cplusplus */

#endif /* INCLUDES_TARANTOOL_SMALL_MEMPOOL_H */

/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INCLUDES_TARANTOOL_SMALL_SLAB_CACHE_H
#define INCLUDES_TARANTOOL_SMALL_SLAB_CACHE_H
/**
 * @file
 * A thread's allocator of slabs: power-of-two pieces of arena blocks, aligned
 * to their size, cut and merged by the buddy system (spec small.md 9).
 *
 * A slab of order n has order0_size << n bytes, its header of 48 bytes
 * included; the largest order is a whole block. What does not fit a block is a
 * huge slab: malloc memory, charged to the arena's quota.
 *
 * A cache belongs to one thread; debug builds of the library check that. No
 * function here sets the diagnostics area, and none sets errno itself.
 */
#include "trivia/config.h"

#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <assert.h>
#include <pthread.h>
#include "rlist.h"
#include "slab_arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/** In the header of every slab: 0xeec0ffee. */
extern const uint32_t slab_magic;

/** Bytes in use, of bytes held. */
struct small_stats {
	size_t used;
	size_t total;
};

static inline void
small_stats_reset(struct small_stats *stats)
{
	stats->used = 0;
	stats->total = 0;
}

/** The header of a slab. */
struct slab {
	/** Link in slab_cache.allocated: huge slabs and starts of blocks. */
	struct rlist next_in_cache;
	/** Link in a free list; for the use of the owner while handed out. */
	struct rlist next_in_list;
	/** Bytes, the header included. */
	size_t size;
	/** Equal to slab_magic. */
	uint32_t magic;
	/** order_max + 1 if huge. */
	uint8_t order;
	/** 0 if free or huge, else order + 1. */
	uint8_t in_use;
};

/** Slabs, and their sizes added up in stats.total. */
struct slab_list {
	struct rlist slabs;
	/** What is `used` is for the owner to say. */
	struct small_stats stats;
};

/** Puts `slab` in front by its link `member`. */
#define slab_list_add(list, slab, member) do { \
	rlist_add_entry(&(list)->slabs, (slab), member); \
	(list)->stats.total += (slab)->size; \
} while (0)

/** Takes `slab` out by its link `member`. */
#define slab_list_del(list, slab, member) do { \
	rlist_del_entry((slab), member); \
	(list)->stats.total -= (slab)->size; \
} while (0)

static inline void
slab_list_create(struct slab_list *list)
{
	rlist_create(&list->slabs);
	small_stats_reset(&list->stats);
}

enum {
	/** Larger than any order. */
	ORDER_MAX = 16
};

struct slab_cache {
	/** Where blocks come from. Not owned. */
	struct slab_arena *arena;
	/** Bytes of the smallest slab: a page, unless that needs too many orders. */
	uint32_t order0_size;
	/** Its binary logarithm. */
	uint8_t order0_size_lb;
	/** The order of a whole block. */
	uint8_t order_max;
	/**
	 * Blocks and huge slabs held. stats.used: bytes of all slabs handed
	 * out and not put back, headers and rounding included.
	 */
	struct slab_list allocated;
	/**
	 * Free slabs by order. stats.total counts the slabs of the order that
	 * are handed out, too, stats.used only those. Not initialised above
	 * order_max.
	 */
	struct slab_list orders[ORDER_MAX + 1];
	/** The owner. */
	pthread_t thread_id;
};

/** Sets up an empty cache of the calling thread. Allocates nothing. */
void
slab_cache_create(struct slab_cache *cache, struct slab_arena *arena);

/** Gives back all memory, also what is in use. Any thread. */
void
slab_cache_destroy(struct slab_cache *cache);

/**
 * A slab with at least `size` bytes behind the header, or NULL. Sizes of 4 GiB
 * and more are not supported.
 */
struct slab *
slab_get(struct slab_cache *cache, size_t size);

/** A slab of the given order, at most order_max, or NULL. */
struct slab *
slab_get_with_order(struct slab_cache *cache, uint8_t order);

/**
 * A huge slab with `size` bytes behind the header, or NULL. Any size will do.
 * It is aligned to 16 bytes only.
 */
struct slab *
slab_get_large(struct slab_cache *cache, size_t size);

/** Gives back a slab of any kind. */
void
slab_put(struct slab_cache *cache, struct slab *slab);

/** Gives back a slab that is not huge. */
void
slab_put_with_order(struct slab_cache *cache, struct slab *slab);

/** Gives back a huge slab. */
void
slab_put_large(struct slab_cache *cache, struct slab *slab);

/** Verifies the accounting; says what is wrong on stderr and aborts. */
void
slab_cache_check(struct slab_cache *cache);

/** Bytes of slabs handed out. Any thread; may be stale in others. */
static inline size_t
slab_cache_used(struct slab_cache *cache)
{
	return cache->allocated.stats.used;
}

/** Bytes of a slab that the header takes. */
static inline uint32_t
slab_sizeof(void)
{
	return small_align(sizeof(struct slab), sizeof(intptr_t));
}

/** Bytes behind the header; of slabs below 4 GiB. */
static inline uint32_t
slab_capacity(struct slab *slab)
{
	return slab->size - slab_sizeof();
}

/** The memory behind the header. */
static inline void *
slab_data(struct slab *slab)
{
	return (char *)slab + slab_sizeof();
}

/** The slab whose slab_data() is `data`. */
static inline struct slab *
slab_from_data(void *data)
{
	return (struct slab *)((char *)data - slab_sizeof());
}

/**
 * The slab that contains `ptr`, given the mask ~(size of the slab - 1). Not for
 * huge slabs, which are not aligned.
 */
static inline struct slab *
slab_from_ptr(void *ptr, intptr_t slab_mask)
{
	struct slab *slab = (struct slab *)((intptr_t)ptr & slab_mask);
	assert(slab->magic == slab_magic);
	return slab;
}

/**
 * The smallest order whose slabs have `size` bytes, the header included;
 * order_max + 1 if only a huge slab has.
 */
static inline uint8_t
slab_order(struct slab_cache *cache, size_t size)
{
	assert(size <= UINT32_MAX);
	if (size <= cache->order0_size)
		return 0;
	if (size > cache->arena->slab_size)
		return cache->order_max + 1;
	return small_lb(size - 1) + 1 - cache->order0_size_lb;
}

/** Bytes of a slab of the given order, at most order_max. */
static inline intptr_t
slab_order_size(struct slab_cache *cache, uint8_t order)
{
	assert(order <= cache->order_max);
	return (intptr_t)cache->order0_size << order;
}

/**
 * Makes the calling thread the owner. The former owner does not use the cache
 * any more.
 */
static inline void
slab_cache_set_thread(struct slab_cache *cache)
{
	cache->thread_id = pthread_self();
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* INCLUDES_TARANTOOL_SMALL_SLAB_CACHE_H */

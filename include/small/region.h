/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INCLUDES_TARANTOOL_SMALL_REGION_H
#define INCLUDES_TARANTOOL_SMALL_REGION_H
/**
 * @file
 * Memory that is allocated piece by piece and freed at once, or back to a mark
 * (spec small.md 11).
 *
 *	size_t mark = region_used(region);
 *	... region_alloc(region, size) ...
 *	region_truncate(region, mark);
 *
 * Allocations are packed into slabs, the newest of which is allocated from. A
 * slab starts 8-aligned, and a plain allocation starts where the last one
 * ended; use the aligned forms for anything but bytes.
 *
 * A region belongs to the thread of its slab cache. Single allocations of
 * 4 GiB and more fail.
 */
#include "trivia/config.h"

#include <stddef.h>
#include <inttypes.h>
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "rlist.h"
#include "slab_cache.h"

#ifdef __cplusplus
extern "C" {
#endif

struct region {
	/** Where slabs come from. Not owned. */
	struct slab_cache *cache;
	/** The newest first. stats.used: bytes allocated, padding included. */
	struct slab_list slabs;
};

/** The header of a slab of a region. */
struct rslab {
	struct slab slab;
	/** Bytes allocated in this slab. */
	uint32_t used;
};

/** The slow half of region_reserve(): takes a new slab. */
void *
region_reserve_slow(struct region *region, size_t size);

/** Gives back all slabs. The region stays usable. */
void
region_free(struct region *region);

/**
 * Frees what was allocated after region_used() was `size`. Newest slabs without
 * allocations are given back, too, so reserved memory is not valid any more.
 */
void
region_truncate(struct region *region, size_t size);

/**
 * The last `size` allocated bytes, at most region_used(), in one piece. If they
 * are spread over slabs, that is a copy, which is allocated in addition. NULL if
 * there is no memory for it.
 */
void *
region_join(struct region *region, size_t size);

/** Bytes of a slab that its header takes. */
static inline uint32_t
rslab_sizeof(void)
{
	return small_align(sizeof(struct rslab), sizeof(intptr_t));
}

static inline void *
rslab_data(struct rslab *slab)
{
	return (char *)slab + rslab_sizeof();
}

/** The first byte that is not allocated. */
static inline void *
rslab_data_end(struct rslab *slab)
{
	return (char *)rslab_data(slab) + slab->used;
}

/** Bytes not allocated. */
static inline uint32_t
rslab_unused(struct rslab *slab)
{
	return slab->slab.size - rslab_sizeof() - slab->used;
}

/*
 * Under AddressSanitizer only what was allocated or reserved may be touched. This needs
 * the same instrumentation in all files that use a region; where some cannot have it,
 * define CORDAGE_REGION_UNWATCHED for the rest.
 */
#if (defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)) && \
    !defined(CORDAGE_REGION_UNWATCHED)
/** Tells the library that there is such code; it forbids what becomes free. */
char cordage_region_watched __attribute__((weak)) = 1;

void
__asan_poison_memory_region(void const volatile *addr, size_t size);
void
__asan_unpoison_memory_region(void const volatile *addr, size_t size);

#define region_allow(ptr, size) __asan_unpoison_memory_region((ptr), (size))
#define region_forbid(ptr, size) __asan_poison_memory_region((ptr), (size))
#else
#define region_allow(ptr, size) ((void)0)
#define region_forbid(ptr, size) ((void)0)
#endif

/** Makes an empty region. Allocates nothing. */
static inline void
region_create(struct region *region, struct slab_cache *cache)
{
	region->cache = cache;
	slab_list_create(&region->slabs);
}

/** Gives back all slabs. */
static inline void
region_destroy(struct region *region)
{
	region_free(region);
}

/** Whether there is one. Cheaper than rlist_empty(): one link says it. */
static inline bool
region_has_slab(struct region *region)
{
	return rlist_first(&region->slabs.slabs) != &region->slabs.slabs;
}

/** The slab that is allocated from; there has to be one. */
static inline struct rslab *
region_newest_slab(struct region *region)
{
	return (struct rslab *)rlist_first_entry(&region->slabs.slabs,
						 struct slab, next_in_list);
}

/**
 * At least `size` contiguous bytes, without allocating them, or NULL. An
 * allocation of up to that many bytes returns the same address.
 */
static inline void *
region_reserve(struct region *region, size_t size)
{
	if (region_has_slab(region)) {
		struct rslab *slab = region_newest_slab(region);
		if (size <= rslab_unused(slab)) {
			region_allow(rslab_data_end(slab), size);
			return rslab_data_end(slab);
		}
	}
	return region_reserve_slow(region, size);
}

/** `size` bytes, not aligned, their contents unspecified; or NULL. */
static inline void *
region_alloc(struct region *region, size_t size)
{
	void *ptr = region_reserve(region, size);
	if (ptr != NULL) {
		region_newest_slab(region)->used += size;
		region->slabs.stats.used += size;
	}
	return ptr;
}

/** As region_reserve(), aligned to `alignment`, a power of two. */
static inline void *
region_aligned_reserve(struct region *region, size_t size, size_t alignment)
{
	/* The worst case, so that success does not depend on the padding. */
	size_t padded = size + alignment - 1;
	if (padded < size)
		return NULL;
	void *ptr = region_reserve(region, padded);
	return (void *)small_align((size_t)ptr, alignment);
}

/** As region_alloc(), aligned to `alignment`, a power of two. */
static inline void *
region_aligned_alloc(struct region *region, size_t size, size_t alignment)
{
	void *ptr = region_aligned_reserve(region, size, alignment);
	if (ptr != NULL) {
		struct rslab *slab = region_newest_slab(region);
		size_t padding = (char *)ptr - (char *)rslab_data_end(slab);
		slab->used += padding + size;
		region->slabs.stats.used += padding + size;
	}
	return ptr;
}

/** Frees the contents of the newest slab, and of no other. Keeps all slabs. */
static inline void
region_reset(struct region *region)
{
	if (region_has_slab(region)) {
		struct rslab *slab = region_newest_slab(region);
		region->slabs.stats.used -= slab->used;
		slab->used = 0;
		region_forbid(rslab_data(slab), rslab_unused(slab));
	}
}

/** Bytes allocated, padding included: a mark for region_truncate(). */
static inline size_t
region_used(struct region *region)
{
	return region->slabs.stats.used;
}

/** Bytes of slabs held. */
static inline size_t
region_total(struct region *region)
{
	return region->slabs.stats.total;
}

/** Gives back all slabs if more than `after` bytes are allocated. */
static inline void
region_free_after(struct region *region, size_t after)
{
	if (region_used(region) > after)
		region_free(region);
}

/** region_alloc() as a callback: `ctx` is the region. */
static inline void *
region_alloc_cb(void *ctx, size_t size)
{
	return region_alloc((struct region *)ctx, size);
}

/**
 * region_reserve() as a callback: `ctx` is the region. *size becomes what can
 * be allocated at that address; 0 on failure.
 */
static inline void *
region_reserve_cb(void *ctx, size_t *size)
{
	struct region *region = (struct region *)ctx;
	void *ptr = region_reserve(region, *size);
	*size = ptr != NULL ? rslab_unused(region_newest_slab(region)) : 0;
	region_allow(ptr, *size);
	return ptr;
}

/**
 * A `T *` for one object, or NULL; *size becomes its size. These macros need
 * alignof, from trivia/util.h or stdalign.h.
 */
#define region_alloc_object(region, T, size) ({ \
	*(size) = sizeof(T); \
	(T *)region_aligned_alloc((region), sizeof(T), alignof(T)); \
})

/** The same for `count` objects. Their size has to fit an int. */
#define region_alloc_array(region, T, count, size) ({ \
	int region_array_size_ = sizeof(T) * (count); \
	*(size) = region_array_size_; \
	(T *)region_aligned_alloc((region), region_array_size_, alignof(T)); \
})

#ifdef __cplusplus
} /* extern "C" */

#include "exception.h"

/* The functions with _xc throw OutOfMemory instead of returning NULL. */

static inline void *
region_alloc_xc(struct region *region, size_t size)
{
	void *ptr = region_alloc(region, size);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, size, "region", "new slab");
	return ptr;
}

static inline void *
region_reserve_xc(struct region *region, size_t size)
{
	void *ptr = region_reserve(region, size);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, size, "region", "new slab");
	return ptr;
}

static inline void *
region_join_xc(struct region *region, size_t size)
{
	void *ptr = region_join(region, size);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, size, "region", "join");
	return ptr;
}

/** With all bytes 0. */
static inline void *
region_alloc0_xc(struct region *region, size_t size)
{
	return memset(region_alloc_xc(region, size), 0, size);
}

/** Copies `size` bytes into the region. */
static inline void
region_dup_xc(struct region *region, const void *ptr, size_t size)
{
	(void)memcpy(region_alloc_xc(region, size), ptr, size);
}

static inline void *
region_aligned_alloc_xc(struct region *region, size_t size, size_t alignment)
{
	void *ptr = region_aligned_alloc(region, size, alignment);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, size, "region", "new slab");
	return ptr;
}

static inline void *
region_aligned_reserve_xc(struct region *region, size_t size, size_t alignment)
{
	void *ptr = region_aligned_reserve(region, size, alignment);
	if (ptr == NULL)
		tnt_raise(OutOfMemory, size, "region", "new slab");
	return ptr;
}

/** With all bytes 0. */
static inline void *
region_aligned_calloc_xc(struct region *region, size_t size, size_t align)
{
	return memset(region_aligned_alloc_xc(region, size, align), 0, size);
}

/* Callbacks: `ctx` is the region. */

static inline void *
region_alloc_xc_cb(void *ctx, size_t size)
{
	return region_alloc_xc((struct region *)ctx, size);
}

static inline void *
region_reserve_xc_cb(void *ctx, size_t *size)
{
	struct region *region = (struct region *)ctx;
	void *ptr = region_reserve_xc(region, *size);
	*size = rslab_unused(region_newest_slab(region));
	region_allow(ptr, *size);
	return ptr;
}

/** Aligned for uint64_t. */
static inline void *
region_aligned_alloc_xc_cb(void *ctx, size_t size)
{
	return region_aligned_alloc_xc((struct region *)ctx, size,
				       __alignof__(uint64_t));
}

#define region_reserve_object_xc(region, T) \
	((T *)region_aligned_reserve_xc((region), sizeof(T), alignof(T)))
#define region_alloc_object_xc(region, T) \
	((T *)region_aligned_alloc_xc((region), sizeof(T), alignof(T)))
#define region_calloc_object_xc(region, T) \
	((T *)region_aligned_calloc_xc((region), sizeof(T), alignof(T)))

/** Frees at the end of its scope what was allocated within. */
struct RegionGuard {
	struct region *region;
	size_t used;

	RegionGuard(struct region *region_arg)
		: region(region_arg), used(region_used(region_arg))
	{
	}

	~RegionGuard()
	{
		region_truncate(region, used);
	}
};

#endif /* __cplusplus */

#endif /* INCLUDES_TARANTOOL_SMALL_REGION_H */

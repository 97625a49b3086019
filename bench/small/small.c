/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The allocators of small/, through nothing but their headers: builds against any
 * implementation of them.
 *
 *     gcc -O2 -DNDEBUG -D_GNU_SOURCE -Iinclude small.c libcordage.a ...
 */
#include "harness.h"

#include "small/mempool.h"
#include "small/quota.h"
#include "small/region.h"
#include "small/slab_arena.h"
#include "small/slab_cache.h"
#include "small/small.h"

static struct quota quota;
static struct slab_arena arena;
static struct slab_cache cache;
static struct mempool pool;
static struct small_alloc general;
static struct region region;

static inline void *
slab_alloc(size_t size)
{
	struct slab *slab = slab_get(&cache, size);
	return slab != NULL ? slab_data(slab) : NULL;
}

#define NAME pool
#define ALLOC(size) mempool_alloc(&pool)
#define RELEASE(object, size) mempool_free(&pool, object)
#define LIVE LIVE_MAX
#include "work.h"

#define NAME general
#define ALLOC(size) smalloc(&general, size)
#define RELEASE(object, size) smfree(&general, object, size)
#define LIVE LIVE_MAX
#include "work.h"

#define NAME slab
#define ALLOC(size) slab_alloc(size)
#define RELEASE(object, size) slab_put(&cache, slab_from_data(object))
#define LIVE 256
#include "work.h"

/* Many pieces of memory, then all of it back at once. */
static void
region_request(size_t size)
{
	static int position;
	size_t mark = region_used(&region);
	for (int i = 0; i < BURST; i++) {
		size_t piece = size != 0 ? size : trace[position++ % TRACE].size;
		touch(region_alloc(&region, piece), piece);
	}
	region_truncate(&region, mark);
}

int
main(void)
{
	float factor;
	quota_init(&quota, QUOTA_MAX);
	if (slab_arena_create(&arena, &quota, 0, 4 << 20, MAP_PRIVATE) != 0)
		return 1;
	slab_cache_create(&cache, &arena);
	small_alloc_create(&general, &cache, 16, 1.05, &factor);
	mempool_create(&pool, &cache, 64);
	region_create(&region, &cache);

	prepare(16, 4096);
	measure("pairs", "mempool", pool_pairs, 64, BURST);
	measure("burst", "mempool", pool_burst, 64, BURST);
	measure("mix", "mempool", pool_mix, 64, BURST);
	measure("pairs", "small_alloc", general_pairs, 64, BURST);
	measure("burst", "small_alloc", general_burst, 64, BURST);
	measure("mix", "small_alloc", general_mix, 64, BURST);
	measure("mixed sizes", "small_alloc", general_mix, 0, BURST);
	measure("request", "region", region_request, 32, BURST);
	measure("request, mixed sizes", "region", region_request, 0, BURST);

	/* The header is in the 64 KiB. */
	size_t size = 65536 - slab_sizeof();
	measure("64 KiB pairs", "slab_cache", slab_pairs, size, BURST);
	measure("64 KiB burst", "slab_cache", slab_burst, size, BURST);
	prepare(4096, 262144);
	measure("4 to 256 KiB", "slab_cache", slab_mix, 0, BURST);
	return 0;
}

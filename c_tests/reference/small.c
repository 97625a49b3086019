/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slabs, pools, regions and buffers: every address, every figure of the statistics and
 * every failure is the reference's. (Not small_alloc, whose classes Debian's version has
 * computed in another way.)
 */
#include "trace.h"
#include "small/quota.h"
#include "small/slab_cache.h"
#include "small/mempool.h"
#include "small/region.h"
#include "small/ibuf.h"
#include "small/obuf.h"

#include <string.h>

enum { KIB = 1024, MIB = 1024 * KIB };

static struct quota quota;
WITH_ROOM(struct slab_arena, arena);
WITH_ROOM(struct slab_cache, cache);

/** Blocks come from an area mapped at once, so that their addresses are in order. */
static void
begin(unsigned seed, size_t limit, uint32_t block)
{
	trace_state = seed;
	quota_init(&quota, limit);
	if (slab_arena_create(&arena.it, &quota, 256 * MIB, block, MAP_PRIVATE) != 0)
		abort();
	slab_cache_create(&cache.it, &arena.it);
}

/** An address, as far as it does not depend on where the area is: -1 NULL, -2 elsewhere. */
static long
place(void *address)
{
	if (address == NULL)
		return -1;
	uintptr_t offset = (uintptr_t)address - (uintptr_t)arena.it.arena;
	return offset < arena.it.prealloc ? (long)offset : -2;
}

static void
print_cache(void)
{
	struct slab_cache *c = &cache.it;
	printf("cache %zu of %zu, arena %zu, quota %zu:", c->allocated.stats.used,
	       c->allocated.stats.total, arena.it.used, quota_used(&quota));
	for (int order = 0; order <= c->order_max; order++)
		printf(" %zu/%zu", c->orders[order].stats.used, c->orders[order].stats.total);
	printf("\n");
	slab_cache_check(c);
}

static void
end(void)
{
	print_cache();
	slab_cache_destroy(&cache.it);
	printf("end: arena %zu, quota %zu\n", arena.it.used, quota_used(&quota));
	slab_arena_destroy(&arena.it);
}

static void
slabs(unsigned seed, size_t limit, uint32_t block, uint32_t largest)
{
	struct slab *held[64] = { NULL };
	begin(seed, limit, block);
	for (int i = 0; i < 4000; i++) {
		struct slab **slab = &held[any(64)];
		if (*slab != NULL)
			slab_put(&cache.it, *slab);
		*slab = NULL;
		if (any(4) == 0)
			continue;
		size_t size = any(any(8) == 0 ? largest : 100000);
		switch (any(10)) {
		case 0:
			*slab = slab_get_large(&cache.it, size);
			break;
		case 1:
			*slab = slab_get_with_order(&cache.it, any(cache.it.order_max + 1));
			break;
		default:
			*slab = slab_get(&cache.it, size);
		}
		printf("%zu: %ld", size, place(*slab));
		if (*slab != NULL)
			printf(" order %d, %zu bytes, in use %d", (*slab)->order,
			       (*slab)->size, (*slab)->in_use);
		printf("\n");
		if (i % 7 == 0)
			print_cache();
	}
	for (int i = 0; i < 64; i++) {
		if (held[i] != NULL)
			slab_put(&cache.it, held[i]);
	}
	end();
}

enum { POOLS = 4, OBJECTS = 3000 };

WITH_ROOM(struct mempool, pools[POOLS]);

static void
print_pool(struct mempool *pool)
{
	struct mempool_stats stats;
	mempool_stats(pool, &stats);
	printf("%u bytes: %u in %u slabs of %u, %zu of %zu, spare %ld, next from %ld\n",
	       stats.objsize, stats.objcount, stats.slabcount, stats.slabsize,
	       stats.totals.used, stats.totals.total, place(pool->spare),
	       place(pool->first_hot_slab));
}

static void
objects(unsigned seed, size_t limit)
{
	static void *held[POOLS][OBJECTS];
	static const uint32_t number[POOLS] = { OBJECTS, 1000, 300, 40 };
	memset(held, 0, sizeof(held));
	begin(seed, limit, MIB);
	for (int i = 0; i < POOLS; i++) {
		uint32_t words = any(30) + (i == 1 ? any(300) : i == 2 ? any(3000) : 0) + 1;
		uint32_t size = i == 3 ? mempool_objsize_max(MIB) : words * 8;
		if (i == 1)
			mempool_create_with_order(&pools[i].it, &cache.it, size, 3);
		else
			mempool_create(&pools[i].it, &cache.it, size);
		printf("order %d, %u objects from %u\n", pools[i].it.slab_order,
		       pools[i].it.objcount, pools[i].it.offset);
	}
	/* It grows, shrinks, and stays as it is. */
	uint32_t phase = 1;
	for (int i = 0; i < 60000; i++) {
		uint32_t p = any(POOLS);
		void **object = &held[p][any(number[p])];
		struct mempool *pool = &pools[p].it;
		if (any(400) == 0)
			phase = any(3);
		if (*object != NULL && phase != 1) {
			mempool_free(pool, *object);
			*object = NULL;
		} else if (*object == NULL && phase != 0) {
			*object = mempool_alloc(pool);
			printf("%u at %ld\n", p, place(*object));
		}
		if (i % 11 == 0)
			print_pool(pool);
		if (i % 97 == 0)
			print_cache();
	}
	for (int i = 0; i < POOLS; i++)
		mempool_destroy(&pools[i].it);
	end();
}

static void
pieces(unsigned seed, size_t limit)
{
	WITH_ROOM(struct region, with_room);
	struct region *region = &with_room.it;
	size_t marks[32];
	int marked = 0;
	begin(seed, limit, MIB);
	region_create(region, &cache.it);
	for (int i = 0; i < 20000; i++) {
		size_t size = any(any(20) == 0 ? 300000 : 500), alignment = 1u << any(8);
		uint32_t what = any(40);
		void *piece = NULL;
		if (what < 20) {
			piece = region_alloc(region, size);
		} else if (what < 26) {
			piece = region_aligned_alloc(region, size, alignment);
		} else if (what < 28) {
			piece = region_reserve(region, size);
		} else if (what < 29) {
			piece = region_aligned_reserve(region, size, alignment);
		} else if (what < 31 && marked < 32) {
			marks[marked++] = region_used(region);
		} else if (what < 33 && marked > 0) {
			/* What was reset or freed has no marks any more. */
			size_t mark = marks[--marked];
			if (mark <= region_used(region))
				region_truncate(region, mark);
			else
				marked = 0;
		} else if (what == 33 && region_used(region) > 0) {
			size_t used = region_used(region);
			piece = region_join(region, any(used < 50000 ? used : 50000) + 1);
		} else if (what == 34 && any(10) == 0) {
			region_reset(region);
			marked = 0;
		} else if (what == 35 && any(10) == 0) {
			region_free(region);
			marked = 0;
		} else if (what == 36 && any(20) == 0) {
			region_free_after(region, 50000);
			marked = 0;
		}
		printf("%u %zu: %ld, used %zu of %zu, slabs %zu\n", what, size, place(piece),
		       region_used(region), region_total(region), slab_cache_used(&cache.it));
	}
	region_destroy(region);
	end();
}

static void
buffers(unsigned seed, size_t limit)
{
	static char data[MIB];
	struct ibuf in;
	struct obuf out;
	struct obuf_svp marks[8];
	int marked = 0;
	begin(seed, limit, 4 * MIB);
	ibuf_create(&in, &cache.it, 16320);
	obuf_create(&out, &cache.it, 1000 + any(20000));
	for (int i = 0; i < 20000; i++) {
		size_t size = any(any(30) == 0 ? MIB : 3000), done = size;
		uint32_t what = any(24);
		void *at = NULL;
		if (what < 4) {
			at = ibuf_alloc(&in, size);
		} else if (what == 4) {
			at = ibuf_reserve_cb(&in, &done);
		} else if (what < 8) {
			in.rpos += any(ibuf_used(&in) + 1);
		} else if (what == 8 && any(20) == 0) {
			ibuf_reset(&in);
		} else if (what == 9 && any(50) == 0) {
			ibuf_reinit(&in);
		} else if (what < 14) {
			at = obuf_alloc(&out, size);
		} else if (what < 16) {
			done = obuf_dup(&out, data, size);
		} else if (what == 16 && any(20) == 0) {
			obuf_reset(&out);
			marked = 0;
		} else if (what == 17 && marked < 8) {
			marks[marked++] = obuf_create_svp(&out);
		} else if (what == 18 && marked > 0) {
			obuf_rollback_to_svp(&out, &marks[--marked]);
		} else if (what == 19) {
			at = obuf_reserve_cb(&out, &done);
		} else if (what == 20 && any(100) == 0) {
			obuf_destroy(&out);
			obuf_create(&out, &cache.it, 1000 + any(20000));
			marked = 0;
		}
		printf("%u %zu: %ld %zu, in %zu+%zu of %zu from %zu, out %zu in %d", what, size,
		       place(at), done, ibuf_used(&in), ibuf_unused(&in), ibuf_capacity(&in),
		       ibuf_pos(&in), obuf_size(&out), obuf_iovcnt(&out));
		for (int n = 0; n <= out.n_iov; n++)
			printf(" %zu/%zu", out.iov[n].iov_len, out.capacity[n]);
		printf(", slabs %zu\n", slab_cache_used(&cache.it));
	}
	ibuf_destroy(&in);
	obuf_destroy(&out);
	end();
}

static void
trace(void)
{
	slabs(1, QUOTA_MAX, 4 * MIB, 6000000);
	slabs(2, 40 * MIB, 4 * MIB, 6000000);
	slabs(3, 20 * MIB, 64 * KIB, 200000);
	objects(4, QUOTA_MAX);
	objects(5, 6 * MIB);
	objects(6, 20 * MIB);
	pieces(7, QUOTA_MAX);
	pieces(8, 8 * MIB);
	buffers(9, QUOTA_MAX);
	buffers(10, 8 * MIB);
}

TRACE(reference_small)

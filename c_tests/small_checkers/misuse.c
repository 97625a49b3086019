/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deliberate misuse of each allocator, for memory checkers to find: see misuse.py.
 *
 *     misuse            lists the cases and what a checker has to do about each
 *     misuse CASE...    runs them, with a line on stderr before each
 */
#include "cordage/arena.h"
#include "small/ibuf.h"
#include "small/mempool.h"
#include "small/obuf.h"
#include "small/quota.h"
#include "small/region.h"
#include "small/small.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct quota quota;
static struct slab_arena arena;
static struct slab_cache cache;
static struct mempool pool;
static struct small_alloc alloc;
static struct region region;
static struct ibuf ibuf;
static struct obuf obuf;

static void
set_up(void)
{
	float factor;
	quota_init(&quota, QUOTA_MAX);
	if (slab_arena_create(&arena, &quota, 1 << 20, 1 << 20, MAP_PRIVATE) != 0)
		abort();
	slab_cache_create(&cache, &arena);
	mempool_create(&pool, &cache, 64);
	small_alloc_create(&alloc, &cache, 16, 1.05, &factor);
	region_create(&region, &cache);
	ibuf_create(&ibuf, &cache, 1000);
	obuf_create(&obuf, &cache, 1000);
}

static void
tear_down(void)
{
	obuf_destroy(&obuf);
	ibuf_destroy(&ibuf);
	region_destroy(&region);
	small_alloc_destroy(&alloc);
	mempool_destroy(&pool);
	slab_cache_destroy(&cache);
	slab_arena_destroy(&arena);
}

static void
touch(char *ptr)
{
	*(volatile char *)ptr = 1;
}

/* Uses all of the memory. */
static void
use(void *ptr, size_t size)
{
	memset(ptr, 'u', size);
}

/* ---------------------------------------------------------------------- clean */

/* Everything is used to the last byte, freed, and used again. */
static void
clean(void)
{
	enum { COUNT = 500 };
	static void *objects[COUNT], *sized[COUNT];
	static struct slab *slabs[COUNT];
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT; i++) {
			use(objects[i] = mempool_alloc(&pool), 64);
			use(sized[i] = smalloc(&alloc, i + 1), i + 1);
			slabs[i] = slab_get(&cache, 100 * (i % 50));
			use(slab_data(slabs[i]), slab_capacity(slabs[i]));
			use(region_alloc(&region, i), i);
			use(region_aligned_alloc(&region, i, 16), i);
			use(ibuf_alloc(&ibuf, i), i);
			use(obuf_alloc(&obuf, i), i);
		}
		size_t all = 100000;
		void *reserved = region_reserve_cb(&region, &all);
		use(reserved, all);
		if (region_alloc(&region, 50) != reserved)
			abort();
		use((char *)reserved + 50, 50);
		use(region_join(&region, region_used(&region)), 1);
		region_truncate(&region, region_used(&region) / 2);
		use(region_alloc(&region, 5), 5);
		region_reset(&region);
		use(region_alloc(&region, 3), 3);
		void *large = smalloc(&alloc, 2000000);
		use(large, 2000000);
		small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, true);
		smfree_delayed(&alloc, large, 2000000);
		for (size_t i = 0; i < COUNT; i++) {
			smfree_delayed(&alloc, sized[i], i + 1);
			mempool_free(&pool, objects[(i * 7) % COUNT]);
			slab_put(&cache, slabs[(i * 7) % COUNT]);
		}
		small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, false);
		for (int i = 0; i < 20; i++)
			use(smalloc(&alloc, 3), 3);
		ibuf.rpos += ibuf_used(&ibuf) / 2;
		use(ibuf_alloc(&ibuf, ibuf_capacity(&ibuf)), 1);
		ibuf_reinit(&ibuf);
		obuf_reset(&obuf);
		region_free(&region);
	}
	cordage_arena_trim(&arena);
	void *block = slab_map(&arena);
	use(block, arena.slab_size);
	slab_unmap(&arena, block);
}

/* Objects in use are gone with their pool, and a pool with its cache. */
static void
abandoned(void)
{
	for (int i = 0; i < 1000; i++) {
		use(mempool_alloc(&pool), 64);
		use(smalloc(&alloc, i), i);
	}
	slab_cache_destroy(&cache);
	slab_cache_create(&cache, &arena);
	mempool_create(&pool, &cache, 64);
	float factor;
	small_alloc_create(&alloc, &cache, 16, 1.05, &factor);
	for (int i = 0; i < 1000; i++) {
		use(mempool_alloc(&pool), 64);
		use(smalloc(&alloc, i), i);
	}
}

/* What objects of the allocators point to has not leaked at the end. */
static void
held(void)
{
	static void ***holder;
	holder = mempool_alloc(&pool);
	*holder = region_aligned_alloc(&region, sizeof(void *), sizeof(void *));
	**holder = malloc(100);
	exit(0);
}

/* --------------------------------------------------------------------- misuse */

static void
block_after_return(void)
{
	char *block = slab_map(&arena);
	slab_unmap(&arena, block);
	touch(block + 5000);
}

static void
slab_after_put(void)
{
	struct slab *slab = slab_get(&cache, 4000);
	slab_put(&cache, slab);
	touch((char *)slab_data(slab) + 100);
}

/* The merged slab begins elsewhere; this header is not one any more. */
static void
header_after_merge(void)
{
	struct slab *lower = slab_get(&cache, 4000);
	struct slab *upper = slab_get(&cache, 4000);
	slab_put(&cache, lower);
	slab_put(&cache, upper);
	touch((char *)(upper < lower ? lower : upper) + 40);
}

static void
slab_overflow(void)
{
	struct slab *slab = slab_get(&cache, 4000);
	touch((char *)slab + slab->size);
}

static void
huge_slab_after_put(void)
{
	struct slab *slab = slab_get(&cache, 5000000);
	char *data = slab_data(slab);
	slab_put(&cache, slab);
	touch(data);
}

static void
object_after_free(void)
{
	char *object = mempool_alloc(&pool);
	mempool_free(&pool, object);
	touch(object + 8);
}

static void
object_overflow(void)
{
	char *object = mempool_alloc(&pool);
	touch(object + 64);
}

static void
object_freed_twice(void)
{
	char *object = mempool_alloc(&pool);
	mempool_free(&pool, object);
	mempool_free(&pool, object);
}

static void
object_after_pool(void)
{
	char *object = mempool_alloc(&pool);
	mempool_destroy(&pool);
	mempool_create(&pool, &cache, 64);
	touch(object);
}

static void
sized_after_free(void)
{
	char *object = smalloc(&alloc, 100);
	smfree(&alloc, object, 100);
	touch(object + 50);
}

/* Its class has more bytes, but it is not what was asked for. */
static void
sized_overflow(void)
{
	char *object = smalloc(&alloc, 101);
	touch(object + 101);
}

static void
sized_freed_twice(void)
{
	char *object = smalloc(&alloc, 100);
	smfree(&alloc, object, 100);
	smfree(&alloc, object, 100);
}

static void
large_overflow(void)
{
	char *object = smalloc(&alloc, 2000001);
	touch(object + 2000001);
}

static void
delayed_after_collection(void)
{
	char *object = smalloc(&alloc, 100);
	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, true);
	smfree_delayed(&alloc, object, 100);
	object[50] = 'd';
	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, false);
	(void)smalloc(&alloc, 16);
	touch(object + 50);
}

static void
region_after_free(void)
{
	char *ptr = region_alloc(&region, 100);
	region_free(&region);
	touch(ptr);
}

static void
region_slab_overflow(void)
{
	size_t size = 0;
	char *ptr = region_reserve_cb(&region, &size);
	touch(ptr + size);
}

static void
buffer_after_growth(void)
{
	char *ptr = ibuf_alloc(&ibuf, 1000);
	ibuf_alloc(&ibuf, 100000);
	touch(ptr);
}

static void
buffer_overflow(void)
{
	ibuf_alloc(&ibuf, 1000);
	touch(ibuf.end);
}

static void
vector_after_destroy(void)
{
	char *ptr = obuf_alloc(&obuf, 100);
	obuf_destroy(&obuf);
	touch(ptr);
}

static void
vector_overflow(void)
{
	obuf_alloc(&obuf, 100);
	touch((char *)obuf.iov[0].iov_base + obuf.capacity[0]);
}

/* -------- seen only where region.h is compiled with AddressSanitizer */

static void
region_after_truncate(void)
{
	region_alloc(&region, 10);
	size_t mark = region_used(&region);
	char *ptr = region_alloc(&region, 100);
	region_truncate(&region, mark);
	touch(ptr);
}

static void
region_after_reset(void)
{
	char *ptr = region_alloc(&region, 100);
	region_reset(&region);
	touch(ptr + 99);
}

static void
region_overflow(void)
{
	char *ptr = region_alloc(&region, 101);
	touch(ptr + 101);
}

static const struct {
	const char *name;
	const char *expected;
	void (*run)(void);
} cases[] = {
#define CLEAN(name) { #name, "clean", name }
#define FOUND(name) { #name, "found", name }
#define ASAN_ONLY(name) { #name, "asan", name }
	CLEAN(clean),
	CLEAN(abandoned),
	CLEAN(held),
	FOUND(block_after_return),
	FOUND(slab_after_put),
	FOUND(header_after_merge),
	FOUND(slab_overflow),
	FOUND(huge_slab_after_put),
	FOUND(object_after_free),
	FOUND(object_overflow),
	FOUND(object_freed_twice),
	FOUND(object_after_pool),
	FOUND(sized_after_free),
	FOUND(sized_overflow),
	FOUND(sized_freed_twice),
	FOUND(large_overflow),
	FOUND(delayed_after_collection),
	FOUND(region_after_free),
	FOUND(region_slab_overflow),
	FOUND(buffer_after_growth),
	FOUND(buffer_overflow),
	FOUND(vector_after_destroy),
	FOUND(vector_overflow),
	ASAN_ONLY(region_after_truncate),
	ASAN_ONLY(region_after_reset),
	ASAN_ONLY(region_overflow),
};

int
main(int argc, char **argv)
{
	size_t count = sizeof(cases) / sizeof(*cases);
	for (size_t i = 0; argc < 2 && i < count; i++)
		printf("%s %s\n", cases[i].name, cases[i].expected);
	for (int arg = 1; arg < argc; arg++) {
		size_t i = 0;
		while (i < count && strcmp(argv[arg], cases[i].name) != 0)
			i++;
		if (i == count)
			return 2;
		fprintf(stderr, "case %s\n", argv[arg]);
		set_up();
		cases[i].run();
		tear_down();
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C++ helpers of small/: they throw OutOfMemory where the C functions return
 * NULL, and otherwise do the same (spec small.md 17). The quota allows one block.
 */
#include "memory.h"
#include "fiber.h"
#include "small/ibuf.h"
#include "small/mempool.h"
#include "small/obuf.h"
#include "small/quota.h"
#include "small/region.h"
#include "small/small.h"
#include "unit.h"

#include <string.h>

/* More than there is. */
static const size_t TOO_MUCH = 100000;
static const char data[TOO_MUCH] = "";

static struct quota quota;
static struct slab_arena arena;
static struct slab_cache cache;

/* Says what is thrown; the cache is as it was. */
template <class F>
static void
expect_throw(const char *what, F f)
{
	size_t used = slab_cache_used(&cache);
	try {
		f();
		printf("%s: nothing thrown\n", what);
	} catch (OutOfMemory *e) {
		printf("%s: %s\n", what, e->errmsg);
	}
	fail_unless(slab_cache_used(&cache) == used);
}

static bool
all_zero(const void *ptr, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (((const char *)ptr)[i] != 0)
			return false;
	}
	return true;
}

/* A block full of junk, so that zeros are not there by chance. */
static void
spoil()
{
	struct slab *slab = slab_get_with_order(&cache, cache.order_max);
	memset(slab_data(slab), 'x', slab_capacity(slab));
	slab_put(&cache, slab);
}

static void
pool()
{
	header();
	struct mempool mempool;
	mempool_create_with_order(&mempool, &cache, 1000, 4);
	void *object = mempool_alloc_xc(&mempool);
	memset(object, 'x', 1000);
	mempool_free(&mempool, object);
	fail_unless(mempool_alloc0_xc(&mempool) == object && all_zero(object, 1000));
	while (mempool_alloc(&mempool) != NULL)
		;
	expect_throw("mempool_alloc_xc", [&] { mempool_alloc_xc(&mempool); });
	expect_throw("mempool_alloc0_xc", [&] { mempool_alloc0_xc(&mempool); });
	mempool_destroy(&mempool);
	footer();
}

struct wide {
	uint64_t words[3];
};

static void
regions()
{
	header();
	spoil();
	struct region region;
	region_create(&region, &cache);
	{
		RegionGuard guard(&region);
		char *p = (char *)region_alloc0_xc(&region, 3);
		fail_unless(all_zero(p, 3));
		region_dup_xc(&region, "abc", 3);
		fail_unless(memcmp(p + 3, "abc", 3) == 0);
		fail_unless(region_reserve_xc(&region, 10) == p + 6);
		fail_unless(region_alloc_xc(&region, 1) == p + 6);
		fail_unless(region_join_xc(&region, 4) == p + 3);
		fail_unless(region_alloc_xc_cb(&region, 1) == p + 7);
		size_t size = 1;
		fail_unless(region_reserve_xc_cb(&region, &size) == p + 8 && size == 4032);
		fail_unless((uintptr_t)region_aligned_alloc_xc(&region, 1, 64) % 64 == 0);
		fail_unless((uintptr_t)region_aligned_reserve_xc(&region, 1, 64) % 64 == 0);
		p = (char *)region_aligned_calloc_xc(&region, 100, 32);
		fail_unless((uintptr_t)p % 32 == 0 && all_zero(p, 100));
		fail_unless((uintptr_t)region_aligned_alloc_xc_cb(&region, 1) % 8 == 0);
		struct wide *reserved = region_reserve_object_xc(&region, struct wide);
		fail_unless(region_alloc_object_xc(&region, struct wide) == reserved);
		fail_unless(all_zero(region_calloc_object_xc(&region, struct wide),
				     sizeof(struct wide)));
		fail_unless(guard.used == 0 && guard.region == &region);
	}
	fail_unless(region_used(&region) == 0);
	region_alloc_xc(&region, 30000);
	region_alloc_xc(&region, 10000);
	expect_throw("region_alloc_xc", [&] { region_alloc_xc(&region, TOO_MUCH); });
	expect_throw("region_alloc_xc_cb", [&] { region_alloc_xc_cb(&region, TOO_MUCH); });
	expect_throw("region_alloc0_xc", [&] { region_alloc0_xc(&region, TOO_MUCH); });
	expect_throw("region_dup_xc", [&] { region_dup_xc(&region, data, TOO_MUCH); });
	expect_throw("region_reserve_xc", [&] { region_reserve_xc(&region, TOO_MUCH); });
	expect_throw("region_reserve_xc_cb", [&] {
		size_t size = TOO_MUCH;
		region_reserve_xc_cb(&region, &size);
	});
	expect_throw("region_join_xc", [&] { region_join_xc(&region, 40000); });
	expect_throw("region_aligned_alloc_xc", [&] {
		region_aligned_alloc_xc(&region, TOO_MUCH, 8);
	});
	expect_throw("region_aligned_reserve_xc", [&] {
		region_aligned_reserve_xc(&region, TOO_MUCH, 8);
	});
	expect_throw("region_aligned_calloc_xc", [&] {
		region_aligned_calloc_xc(&region, TOO_MUCH, 8);
	});
	expect_throw("region_aligned_alloc_xc_cb", [&] {
		region_aligned_alloc_xc_cb(&region, TOO_MUCH);
	});
	region_destroy(&region);
	footer();
}

static void
general()
{
	header();
	spoil();
	static struct small_alloc alloc;
	float factor;
	small_alloc_create(&alloc, &cache, 16, 1.3, &factor);
	void *object = smalloc_xc(&alloc, 100, "a test");
	memset(object, 'x', 100);
	smfree(&alloc, object, 100);
	fail_unless(smalloc0_xc(&alloc, 100, "a test") == object && all_zero(object, 100));
	expect_throw("smalloc_xc", [&] { smalloc_xc(&alloc, TOO_MUCH, "a test"); });
	expect_throw("smalloc0_xc", [&] { smalloc0_xc(&alloc, TOO_MUCH, "a test"); });
	small_alloc_destroy(&alloc);
	footer();
}

static void
buffers()
{
	header();
	struct ibuf ibuf;
	ibuf_create(&ibuf, &cache, 4000);
	fail_unless(ibuf_alloc_xc(&ibuf, 10) == ibuf.buf);
	fail_unless(ibuf_reserve_xc(&ibuf, 10) == ibuf.wpos);
	fail_unless(ibuf_alloc_xc_cb(&ibuf, 10) == ibuf.buf + 10);
	size_t size = 0;
	fail_unless(ibuf_reserve_xc_cb(&ibuf, &size) == ibuf.wpos && size >= 4000);
	expect_throw("ibuf_reserve_xc", [&] { ibuf_reserve_xc(&ibuf, TOO_MUCH); });
	expect_throw("ibuf_alloc_xc", [&] { ibuf_alloc_xc(&ibuf, TOO_MUCH); });
	expect_throw("ibuf_alloc_xc_cb", [&] { ibuf_alloc_xc_cb(&ibuf, TOO_MUCH); });
	expect_throw("ibuf_reserve_xc_cb", [&] {
		size_t size = TOO_MUCH;
		ibuf_reserve_xc_cb(&ibuf, &size);
	});
	ibuf_destroy(&ibuf);

	struct obuf obuf;
	obuf_create(&obuf, &cache, 4000);
	char *p = (char *)obuf_alloc_xc(&obuf, 10);
	fail_unless(obuf_reserve_xc(&obuf, 10) == p + 10);
	fail_unless(obuf_alloc_xc_cb(&obuf, 10) == p + 10);
	size = 1;
	fail_unless(obuf_reserve_xc_cb(&obuf, &size) == p + 20 && size == 4048 - 20);
	obuf_dup_xc(&obuf, "abc", 3);
	fail_unless(memcmp(p + 20, "abc", 3) == 0);
	expect_throw("obuf_reserve_xc", [&] { obuf_reserve_xc(&obuf, TOO_MUCH); });
	expect_throw("obuf_alloc_xc", [&] { obuf_alloc_xc(&obuf, TOO_MUCH); });
	expect_throw("obuf_alloc_xc_cb", [&] { obuf_alloc_xc_cb(&obuf, TOO_MUCH); });
	expect_throw("obuf_reserve_xc_cb", [&] {
		size_t size = TOO_MUCH;
		obuf_reserve_xc_cb(&obuf, &size);
	});
	expect_throw("obuf_dup_xc", [&] { obuf_dup_xc(&obuf, data, TOO_MUCH); });
	obuf_destroy(&obuf);
	footer();
}

int
main()
{
	/* Errors live in fibers. */
	memory_init();
	fiber_init(fiber_c_invoke);
	quota_init(&quota, SLAB_MIN_SIZE);
	fail_if(slab_arena_create(&arena, &quota, 0, SLAB_MIN_SIZE, MAP_PRIVATE) != 0);
	slab_cache_create(&cache, &arena);
	pool();
	regions();
	general();
	buffers();
	fail_unless(slab_cache_used(&cache) == 0);
	slab_cache_destroy(&cache);
	slab_arena_destroy(&arena);
	fiber_free();
	memory_free();
	return 0;
}

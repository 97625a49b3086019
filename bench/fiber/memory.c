/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Allocators. Half of each is inline in the headers, which are Cordage's also where the
 * library is another one: Debian's package of the reference has no headers of them.
 */
#include "rows.h"

enum {
	REGION_ALLOCATIONS = 128,
	REGION_SIZE = 32,
	POOL_SIZE = 64,
	/** 32 KiB. */
	POOL_ORDER = 3,
};

static struct region region;
static size_t region_mark;

/* region: 128 allocations of 32 bytes, then back to the mark. */

static void
region_prepare(const struct bench_setting *setting)
{
	(void)setting;
	region_create(&region, cord_slab_cache());
	/* Keeps the slab in the region. */
	if (region_alloc(&region, REGION_SIZE) == NULL)
		bench_die("region_alloc failed");
	region_mark = region_used(&region);
}

static uint64_t
region_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		for (int i = 0; i < REGION_ALLOCATIONS; i++)
			bench_use(region_alloc(&region, REGION_SIZE));
		region_truncate(&region, region_mark);
	}
	return rounds * REGION_ALLOCATIONS;
}

const struct bench_row region_row = {
	"region", BENCH_REPEATED, region_prepare, region_run,
};

/* mempool: one object of 64 bytes is allocated and freed. */

/** With room for members that another release may have. */
static union {
	struct mempool pool;
	char room[4096];
} pool;

static void
mempool_prepare(const struct bench_setting *setting)
{
	(void)setting;
	mempool_create_with_order(&pool.pool, cord_slab_cache(), POOL_SIZE, POOL_ORDER);
	/* mempool_free() is inline and needs this layout. */
	if (pool.pool.objsize != POOL_SIZE || pool.pool.slab_order != POOL_ORDER)
		bench_die("struct mempool has another layout here");
	/* So that freeing the other one does not empty the slab. */
	if (mempool_alloc(&pool.pool) == NULL)
		bench_die("mempool_alloc failed");
}

static uint64_t
mempool_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		void *object = mempool_alloc(&pool.pool);
		bench_use(object);
		mempool_free(&pool.pool, object);
	}
	return rounds;
}

const struct bench_row mempool_row = {
	"mempool", BENCH_REPEATED, mempool_prepare, mempool_run,
};

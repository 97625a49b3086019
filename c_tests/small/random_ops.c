/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A million random operations on all allocators at once, over one arena whose quota is
 * too small for what they want. A model knows every byte that is handed out: each
 * allocation keeps its contents until it is freed, the statistics are what the model
 * says, a request that fails changes nothing, and in the end nothing is lost.
 *
 * RANDOM_OPS in the environment is another number of operations, RANDOM_SEED another
 * sequence. The Rust tests (tests/small_models) know more about each allocator, and
 * shrink what they find.
 */
#include "cordage/arena.h"
#include "small/ibuf.h"
#include "small/mempool.h"
#include "small/obuf.h"
#include "small/quota.h"
#include "small/region.h"
#include "small/small.h"
#include "unit.h"

#include <stdlib.h>

enum {
	BLOCK = 256 * 1024,
	BLOCKS = 40,
	SLOTS = 1500,
	POOLS = 3,
	REGIONS = 3,
	PIECES = 100,
};

static const uint32_t pool_sizes[POOLS] = { 8, 64, 1000 };

static struct quota quota;
static struct slab_arena arena;
static struct slab_cache cache;
static struct mempool pools[POOLS];
static struct small_alloc alloc;

static uint64_t random_state = 1;
static long failures;

static uint32_t
next_random(uint32_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return ((random_state * 2685821657736338717ULL) >> 32) % below;
}

/* As likely small as large. */
static size_t
random_size(unsigned bits)
{
	return 1 + next_random(1U << (1 + next_random(bits)));
}

/* ------------------------------------------------------ contents of allocations */

/* What byte `i` of an allocation holds depends on where it is. */
static char
pattern(const char *ptr, size_t i)
{
	return (char)((uintptr_t)ptr / 8 + i);
}

/* Both ends, and all of what is small. */
static void
fill(char *ptr, size_t size)
{
	for (size_t i = 0; i < size; i += i == 100 && size > 300 ? size - 200 : 1)
		ptr[i] = pattern(ptr, i);
}

static void
check(const char *ptr, size_t size)
{
	for (size_t i = 0; i < size; i += i == 100 && size > 300 ? size - 200 : 1)
		fail_unless(ptr[i] == pattern(ptr, i));
}

/* ------------------------------------------------- what changes, and what does not */

struct state {
	struct small_stats allocated;
	size_t arena_used, quota_used;
};

static struct state
state(void)
{
	struct state s = { cache.allocated.stats, arena.used, quota_used(&quota) };
	return s;
}

/* A request that failed. */
static void
expect_unchanged(struct state before)
{
	struct state now = state();
	fail_unless(memcmp(&before, &now, sizeof(now)) == 0);
	failures++;
}

/* -------------------------------------------------- objects, slabs and whole blocks */

enum kind { NONE, OBJECT, SIZED, SLAB, WHOLE_BLOCK };

static struct slot {
	enum kind kind;
	unsigned pool;
	size_t size;
	char *ptr;
} slots[SLOTS];

static size_t slabs_used, blocks_used, objects_used[POOLS];

static void
release(struct slot *slot)
{
	check(slot->ptr, slot->size);
	switch (slot->kind) {
	case OBJECT:
		mempool_free(&pools[slot->pool], slot->ptr);
		objects_used[slot->pool] -= slot->size;
		break;
	case SIZED:
		if (next_random(2) == 0)
			smfree(&alloc, slot->ptr, slot->size);
		else
			smfree_delayed(&alloc, slot->ptr, slot->size);
		break;
	case SLAB:
		slabs_used -= slab_from_data(slot->ptr)->size;
		slab_put(&cache, slab_from_data(slot->ptr));
		break;
	case WHOLE_BLOCK:
		blocks_used -= BLOCK;
		slab_unmap(&arena, slot->ptr);
		break;
	case NONE:
		break;
	}
	slot->kind = NONE;
}

static void
acquire(struct slot *slot)
{
	struct state before = state();
	unsigned what = next_random(100);
	slot->ptr = NULL;
	if (what < 45) {
		slot->kind = OBJECT;
		slot->pool = next_random(POOLS);
		slot->size = pool_sizes[slot->pool];
		slot->ptr = mempool_alloc(&pools[slot->pool]);
		if (slot->ptr != NULL)
			objects_used[slot->pool] += slot->size;
	} else if (what < 90) {
		slot->kind = SIZED;
		slot->size = random_size(what < 88 ? 12 : 18);
		slot->ptr = smalloc(&alloc, slot->size);
		/* It may have freed what was delayed. */
		before = state();
	} else if (what < 99) {
		slot->kind = SLAB;
		struct slab *slab = slab_get(&cache, random_size(18));
		if (slab != NULL) {
			slot->size = slab_capacity(slab);
			slot->ptr = slab_data(slab);
			slabs_used += slab->size;
		}
	} else {
		slot->kind = WHOLE_BLOCK;
		slot->size = BLOCK;
		slot->ptr = slab_map(&arena);
		if (slot->ptr != NULL)
			blocks_used += BLOCK;
	}
	if (slot->ptr == NULL) {
		slot->kind = NONE;
		expect_unchanged(before);
		return;
	}
	fill(slot->ptr, slot->size);
}

static void
use_slot(void)
{
	struct slot *slot = &slots[next_random(SLOTS)];
	if (slot->kind != NONE)
		release(slot);
	else
		acquire(slot);
}

/* ------------------------------------------------------------------------ regions */

static struct pieces {
	struct region region;
	int count;
	struct {
		size_t mark, size;
		char *ptr;
	} piece[PIECES];
} regions[REGIONS];

static void
cut(struct pieces *p, int count)
{
	size_t mark = count < p->count ? p->piece[count].mark : region_used(&p->region);
	for (int i = count; i < p->count; i++)
		check(p->piece[i].ptr, p->piece[i].size);
	if (count == 0 && next_random(2) == 0)
		region_free(&p->region);
	else
		region_truncate(&p->region, mark);
	fail_unless(region_used(&p->region) == mark);
	p->count = count;
}

static void
use_region(void)
{
	struct pieces *p = &regions[next_random(REGIONS)];
	if (p->count == PIECES || next_random(20) == 0) {
		cut(p, next_random(p->count + 1));
		return;
	}
	struct state before = state();
	size_t mark = region_used(&p->region), total = region_total(&p->region);
	size_t size = random_size(next_random(50) == 0 ? 19 : 10);
	size_t alignment = 1 << next_random(7);
	char *ptr;
	if (next_random(2) == 0) {
		ptr = region_aligned_alloc(&p->region, size, alignment);
		fail_unless((uintptr_t)ptr % alignment == 0);
	} else {
		ptr = region_alloc(&p->region, size);
	}
	if (ptr == NULL) {
		expect_unchanged(before);
		fail_unless(region_used(&p->region) == mark);
		fail_unless(region_total(&p->region) == total);
		return;
	}
	fail_unless(region_used(&p->region) >= mark + size);
	fill(ptr, size);
	p->piece[p->count].mark = mark;
	p->piece[p->count].size = size;
	p->piece[p->count].ptr = ptr;
	p->count++;
}

/* ------------------------------------------------------------------------ buffers */

/* Both carry the numbers from 0 on, in bytes. */
static struct ibuf in;
static unsigned char in_written, in_read;
static struct obuf out;

static void
use_ibuf(void)
{
	struct state before = state();
	size_t size = random_size(16);
	if (next_random(2) == 0) {
		if (size > ibuf_used(&in))
			size = ibuf_used(&in);
		for (size_t i = 0; i < size; i++)
			fail_unless((unsigned char)*in.rpos++ == in_read++);
		return;
	}
	if (next_random(100) == 0) {
		ibuf_reinit(&in);
		in_read = in_written;
		return;
	}
	size_t used = ibuf_used(&in);
	char *ptr = ibuf_alloc(&in, size);
	if (ptr == NULL) {
		expect_unchanged(before);
		fail_unless(ibuf_used(&in) == used);
		return;
	}
	for (size_t i = 0; i < size; i++)
		ptr[i] = (char)in_written++;
}

static void
check_obuf(void)
{
	size_t offset = 0;
	for (int i = 0; i < obuf_iovcnt(&out); i++) {
		const unsigned char *base = out.iov[i].iov_base;
		for (size_t j = 0; j < out.iov[i].iov_len; j++)
			fail_unless(base[j] == (unsigned char)offset++);
	}
	fail_unless(offset == obuf_size(&out));
}

static void
use_obuf(void)
{
	static unsigned char data[1 << 17];
	struct state before = state();
	size_t used = obuf_size(&out), size = random_size(next_random(20) == 0 ? 16 : 8);
	struct obuf_svp svp = obuf_create_svp(&out);
	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)(used + i);
	if (next_random(2) == 0) {
		void *ptr = obuf_alloc(&out, size);
		if (ptr == NULL) {
			expect_unchanged(before);
			fail_unless(obuf_size(&out) == used);
			return;
		}
		memcpy(ptr, data, size);
	} else {
		size_t done = obuf_dup(&out, data, size);
		fail_unless(done <= size && obuf_size(&out) == used + done);
		failures += done < size;
	}
	if (next_random(10) == 0)
		obuf_rollback_to_svp(&out, &svp);
	if (next_random(100) == 0) {
		check_obuf();
		if (next_random(4) == 0) {
			obuf_destroy(&out);
			obuf_create(&out, &cache, 1000);
		} else {
			obuf_reset(&out);
		}
	}
}

/* ------------------------------------------------------------------------ the whole */

static int
add_slabs(const struct mempool_stats *stats, void *sum)
{
	*(size_t *)sum += (size_t)stats->slabsize * stats->slabcount;
	return 0;
}

/* Every byte of every slab is somebody's. */
static void
check_all(void)
{
	struct small_stats totals;
	size_t used = slabs_used, large = 0, pooled = 0;
	small_stats(&alloc, &totals, add_slabs, &used);
	for (int i = 0; i < POOLS; i++) {
		fail_unless(mempool_used(&pools[i]) == objects_used[i]);
		fail_unless(mempool_count(&pools[i]) == objects_used[i] / pool_sizes[i]);
		used += mempool_total(&pools[i]);
	}
	for (int i = 0; i < SLOTS; i++) {
		if (slots[i].kind != SIZED)
			continue;
		if (slots[i].size > alloc.objsize_max)
			large += slots[i].size + slab_sizeof();
		else
			pooled += slots[i].size;
	}
	for (int i = 0; i < REGIONS; i++)
		used += region_total(&regions[i].region);
	if (ibuf_capacity(&in) > 0)
		used += ibuf_capacity(&in) + slab_sizeof();
	for (int i = 0; i < out.n_iov; i++)
		used += out.capacity[i] + slab_sizeof();
	fail_unless(totals.used >= pooled);
	/* Large objects may be delayed. */
	bool exact = alloc.free_mode == SMALL_FREE;
	fail_unless(slab_cache_used(&cache) == used + large ||
		    (!exact && slab_cache_used(&cache) > used + large));
	slab_cache_check(&cache);

	struct cordage_arena_stats stats;
	cordage_arena_stats(&arena, &stats);
	fail_unless(stats.in_use + stats.cached == arena.used);
	fail_unless(quota_used(&quota) <= quota_total(&quota));
}

static void
create_all(void)
{
	quota_init(&quota, (size_t)BLOCK * BLOCKS);
	fail_if(slab_arena_create(&arena, &quota, 4 * BLOCK, BLOCK, MAP_PRIVATE) != 0);
	slab_cache_create(&cache, &arena);
	for (int i = 0; i < POOLS; i++)
		mempool_create(&pools[i], &cache, pool_sizes[i]);
	float factor;
	small_alloc_create(&alloc, &cache, 12, 1.2, &factor);
	for (int i = 0; i < REGIONS; i++)
		region_create(&regions[i].region, &cache);
	ibuf_create(&in, &cache, 1000);
	obuf_create(&out, &cache, 1000);
}

static void
destroy_all(void)
{
	check_obuf();
	for (int i = 0; i < SLOTS; i++) {
		if (slots[i].kind != NONE)
			release(&slots[i]);
	}
	for (int i = 0; i < REGIONS; i++)
		cut(&regions[i], 0);
	fail_unless(slabs_used == 0 && blocks_used == 0);
	/* What was delayed is freed by the allocations that follow. */
	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, false);
	while (alloc.free_mode != SMALL_FREE)
		smfree(&alloc, smalloc(&alloc, 1), 1);
	check_all();
	for (int i = 0; i < POOLS; i++) {
		fail_unless(mempool_used(&pools[i]) == 0);
		mempool_destroy(&pools[i]);
	}
	small_alloc_destroy(&alloc);
	for (int i = 0; i < REGIONS; i++)
		region_destroy(&regions[i].region);
	ibuf_destroy(&in);
	obuf_destroy(&out);
	fail_unless(slab_cache_used(&cache) == 0);
	fail_unless(cache.allocated.stats.total == BLOCK);
	slab_cache_destroy(&cache);
	fail_unless(quota_used(&quota) == arena.used);
	slab_arena_destroy(&arena);
}

int
main(void)
{
	header();
	const char *ops = getenv("RANDOM_OPS"), *seed = getenv("RANDOM_SEED");
	long count = ops != NULL ? atol(ops) : 1000000;
	if (seed != NULL)
		random_state = strtoull(seed, NULL, 10) | 1;
	create_all();
	for (long i = 0; i < count; i++) {
		unsigned what = next_random(1000);
		if (what < 750)
			use_slot();
		else if (what < 900)
			use_region();
		else if (what < 910)
			use_ibuf();
		else if (what < 990)
			use_obuf();
		else if (what < 995)
			small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE,
					   next_random(2) == 0);
		else
			check_all();
	}
	check_all();
	/* The quota was too small for that many. */
	fail_unless(count < 100000 || failures > count / 1000);
	destroy_all();
	printf("nothing lost\n");
	footer();
	return 0;
}

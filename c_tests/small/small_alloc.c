/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * small_alloc: its pools, delayed frees, statistics, then random sizes with
 * canaries, pooled and huge (spec small.md 14.2).
 */
#include "fixture.h"
#include "small/small.h"

static struct fixture f;
static struct small_alloc alloc;

struct seen {
	int pools;
	unsigned last_objsize;
	size_t used;
	size_t total;
	int stop_after;
};

static int
see(const struct mempool_stats *stats, void *ctx)
{
	struct seen *seen = ctx;
	fail_unless(stats->objsize > seen->last_objsize);
	seen->last_objsize = stats->objsize;
	seen->used += stats->totals.used;
	seen->total += stats->totals.total;
	return ++seen->pools == seen->stop_after;
}

/* Bytes of pooled objects in use. */
static size_t
used(void)
{
	struct small_stats totals;
	struct seen seen = { 0, 0, 0, 0, -1 };
	small_stats(&alloc, &totals, see, &seen);
	fail_unless(totals.used == seen.used && totals.total == seen.total);
	fail_unless((uint32_t)seen.pools == alloc.factor_pool_cache_size);
	return totals.used;
}

static void
pools(void)
{
	header();
	fixture_create(&f);
	float factors[] = { 1.05, 1.1, 1.3, 2.0 };
	for (int i = 0; i < 4; i++) {
		float actual;
		small_alloc_create(&alloc, &f.cache, 13, factors[i], &actual);
		fail_unless(alloc.factor == actual);
		printf("factor %.2f: %.6f, %u pools of", factors[i], actual,
		       alloc.factor_pool_cache_size);
		for (int j = 0; j < 5; j++)
			printf(" %u", alloc.factor_pool_cache[j].pool.objsize);
		printf(" ... %u\n", alloc.objsize_max);
		/* Every size has a pool, and it is the smallest that will do. */
		size_t min = 1;
		for (uint32_t j = 0; j < alloc.factor_pool_cache_size; j++) {
			struct factor_pool *p = &alloc.factor_pool_cache[j];
			fail_unless(p->objsize_min == min);
			fail_unless(small_class_calc_offset_by_size(&alloc.small_class, min) == j);
			fail_unless(small_class_calc_offset_by_size(&alloc.small_class,
								    p->pool.objsize) == j);
			min = p->pool.objsize + 1;
		}
		fail_unless(min == alloc.objsize_max + 1);
		fail_unless(slab_cache_used(&f.cache) == 0);
		small_alloc_destroy(&alloc);
	}
	fixture_destroy(&f);
	footer();
}

static void
statistics(void)
{
	header();
	fixture_create(&f);
	float actual;
	small_alloc_create(&alloc, &f.cache, 12, 1.3, &actual);
	fail_unless(used() == 0);
	void *none = smalloc(&alloc, 0);
	fail_if(none == NULL);
	printf("0 bytes: %zu used\n", used());
	smfree(&alloc, none, 1);
	void *a = smalloc(&alloc, 17);
	printf("17 bytes: %zu used\n", used());

	/* Pooled up to objsize_max; beyond, exact and charged to the quota. */
	size_t before = slab_cache_used(&f.cache);
	void *b = smalloc(&alloc, alloc.objsize_max);
	fail_unless(slab_cache_used(&f.cache) == before + 4194304);
	before = slab_cache_used(&f.cache);
	void *c = smalloc(&alloc, alloc.objsize_max + 1);
	fail_unless(slab_cache_used(&f.cache) == before + alloc.objsize_max + 1 + 48);
	fail_unless(quota_used(&f.quota) == f.arena.used + 263168);
	printf("%u bytes more: %zu used\n", alloc.objsize_max, used());
	smfree(&alloc, c, alloc.objsize_max + 1);
	smfree(&alloc, b, alloc.objsize_max);
	smfree(&alloc, a, 17);
	fail_unless(used() == 0);

	struct small_stats totals;
	struct seen seen = { 0, 0, 0, 0, 3 };
	small_stats(&alloc, &totals, see, &seen);
	fail_unless(seen.pools == 3 && totals.total == seen.total);

	/* Huge objects in use stay with the cache. */
	c = smalloc(&alloc, 5000000);
	small_alloc_destroy(&alloc);
	fail_unless(slab_cache_used(&f.cache) == 5000048);
	slab_put(&f.cache, slab_from_data(c));
	fixture_destroy(&f);
	footer();
}

/* Queued objects are used until allocations collect them, 100 at a time. */
static void
delayed(void)
{
	header();
	enum { SMALL = 250, LARGE = 150, SIZE = 100, HUGE_SIZE = 300000 };
	static void *small[SMALL], *large[LARGE];
	fixture_create(&f);
	float actual;
	small_alloc_create(&alloc, &f.cache, 12, 1.3, &actual);
	for (int i = 0; i < SMALL; i++)
		small[i] = smalloc(&alloc, SIZE);
	for (int i = 0; i < LARGE; i++)
		large[i] = smalloc(&alloc, HUGE_SIZE);
	size_t small_used = used(), all_used = slab_cache_used(&f.cache);

	/* Not in this mode yet. */
	smfree_delayed(&alloc, small[0], SIZE);
	fail_unless(used() == small_used / SMALL * (SMALL - 1));
	small[0] = smalloc(&alloc, SIZE);

	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, true);
	for (int i = 0; i < SMALL; i++)
		smfree_delayed(&alloc, small[i], SIZE);
	for (int i = 0; i < LARGE; i++)
		smfree_delayed(&alloc, large[i], HUGE_SIZE);
	fail_unless(used() == small_used);
	fail_unless(slab_cache_used(&f.cache) == all_used);

	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, false);
	fail_unless(alloc.free_mode == SMALL_COLLECT_GARBAGE);
	fail_unless(used() == small_used);
	/* Huge ones first: 100, 50; then 100, 100, 50 and the end of the queue. */
	for (int i = 1; alloc.free_mode == SMALL_COLLECT_GARBAGE; i++) {
		void *p = smalloc(&alloc, 12);
		smfree(&alloc, p, 12);
		printf("allocation %d: %zu small, ", i, used() / (small_used / SMALL));
		size_t pooled = mempool_total(&alloc.factor_pool_cache[0].pool) +
			mempool_total(&alloc.factor_pool_cache[
				small_class_calc_offset_by_size(&alloc.small_class, SIZE)].pool);
		printf("%zu huge\n", (slab_cache_used(&f.cache) - pooled) / (HUGE_SIZE + 48));
	}
	/* What is still queued goes when the allocator is destroyed. */
	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, true);
	smfree_delayed(&alloc, smalloc(&alloc, HUGE_SIZE), HUGE_SIZE);
	smfree_delayed(&alloc, smalloc(&alloc, SIZE), SIZE);
	small_alloc_destroy(&alloc);
	fixture_destroy(&f);
	footer();
}

/*
 * A pool whose last delayed object is also the last of a batch stays queued. Another
 * delayed object must not queue it twice, or the pools below it are lost.
 */
static void
delayed_again(void)
{
	header();
	enum { COUNT = 100, SIZE = 100 };
	static void *objects[COUNT];
	fixture_create(&f);
	float actual;
	small_alloc_create(&alloc, &f.cache, 12, 1.3, &actual);
	void *below = smalloc(&alloc, 3000), *again = smalloc(&alloc, SIZE);
	for (int i = 0; i < COUNT; i++)
		objects[i] = smalloc(&alloc, SIZE);
	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, true);
	smfree_delayed(&alloc, below, 3000);
	for (int i = 0; i < COUNT; i++)
		smfree_delayed(&alloc, objects[i], SIZE);
	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, false);
	smfree(&alloc, smalloc(&alloc, 12), 12);
	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, true);
	smfree_delayed(&alloc, again, SIZE);
	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, false);
	int allocations = 0;
	while (alloc.free_mode == SMALL_COLLECT_GARBAGE && allocations < 10) {
		smfree(&alloc, smalloc(&alloc, 12), 12);
		allocations++;
	}
	printf("%zu used after %d allocations\n", used(), allocations);
	small_alloc_destroy(&alloc);
	fixture_destroy(&f);
	footer();
}

enum { OBJECTS = 1000, STREAKS = 400 };

/* Canaries: the size at the start, the slot at the end. */
static void
random_sizes(const char *what, size_t min, size_t max)
{
	static char *objects[OBJECTS];
	static size_t sizes[OBJECTS];
	float actual;
	fixture_create(&f);
	small_alloc_create(&alloc, &f.cache, 12, 1.3, &actual);
	for (int streak = 0; streak < STREAKS; streak++) {
		if (streak % 5 == 0)
			small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, streak % 10 != 0);
		bool allocate = streak % 2 == 0;
		for (int n = rand() % (max > 5000 ? 30 : OBJECTS); n > 0; n--) {
			int i = rand() % OBJECTS;
			if (allocate && objects[i] == NULL) {
				sizes[i] = min + rand() % (max - min);
				objects[i] = smalloc(&alloc, sizes[i]);
				fail_if(objects[i] == NULL);
				memcpy(objects[i], &sizes[i], sizeof(size_t));
				memcpy(objects[i] + sizes[i] - sizeof(i), &i, sizeof(i));
			} else if (!allocate && objects[i] != NULL) {
				fail_unless(memcmp(objects[i], &sizes[i], sizeof(size_t)) == 0);
				fail_unless(memcmp(objects[i] + sizes[i] - sizeof(i), &i,
						   sizeof(i)) == 0);
				smfree_delayed(&alloc, objects[i], sizes[i]);
				objects[i] = NULL;
			}
		}
		slab_cache_check(&f.cache);
	}
	small_alloc_setopt(&alloc, SMALL_DELAYED_FREE_MODE, false);
	for (int i = 0; i < OBJECTS; i++) {
		if (objects[i] != NULL)
			smfree(&alloc, objects[i], sizes[i]);
		objects[i] = NULL;
	}
	/* A bounded number of allocations frees everything that was queued. */
	for (int i = 0; i < 1000 && alloc.free_mode == SMALL_COLLECT_GARBAGE; i++) {
		void *p = smalloc(&alloc, 12);
		fail_if(p == NULL);
		smfree(&alloc, p, 12);
	}
	fail_unless(used() == 0);
	size_t held = 0;
	for (uint32_t i = 0; i < alloc.factor_pool_cache_size; i++)
		held += mempool_total(&alloc.factor_pool_cache[i].pool);
	fail_unless(slab_cache_used(&f.cache) == held);
	small_alloc_destroy(&alloc);
	fixture_destroy(&f);
	printf("%s: nothing left\n", what);
}

int
main(void)
{
	pools();
	statistics();
	delayed();
	delayed_again();
	header();
	srand(20240229);
	random_sizes("pooled", 12, 5000);
	random_sizes("huge", mempool_objsize_max(4194304), 2 * 4194304);
	footer();
	return 0;
}

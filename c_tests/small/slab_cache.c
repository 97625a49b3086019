/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slab_cache: sizes and accounting of spec small.md 9.5 and 19, then random gets
 * and puts of every size with a full check after each.
 */
#include "fixture.h"

static struct fixture f;

static void
print_stats(const char *when)
{
	printf("%s: used %zu, total %zu, by order:", when,
	       f.cache.allocated.stats.used, f.cache.allocated.stats.total);
	for (int order = 0; order <= f.cache.order_max; order++) {
		struct small_stats *stats = &f.cache.orders[order].stats;
		if (stats->total != 0)
			printf(" %d: %zu of %zu", order, stats->used, stats->total);
	}
	printf("\n");
	slab_cache_check(&f.cache);
}

/* The size classes of arenas of different sizes. */
static void
classes(void)
{
	header();
	uint32_t sizes[] = { 65536, 4194304, 134217728, 1073741824 };
	struct quota quota;
	struct slab_arena arena;
	struct slab_cache cache;
	quota_init(&quota, UINT_MAX);
	for (int i = 0; i < 4; i++) {
		fail_if(slab_arena_create(&arena, &quota, 0, sizes[i], MAP_PRIVATE) != 0);
		slab_cache_create(&cache, &arena);
		printf("blocks of %u: order0_size %u = 2^%d, order_max %d\n", sizes[i],
		       cache.order0_size, cache.order0_size_lb, cache.order_max);
		fail_unless(slab_order_size(&cache, cache.order_max) == sizes[i]);
		slab_cache_destroy(&cache);
		slab_arena_destroy(&arena);
	}
	footer();
}

/* Which slab a request gets, and where its data is. */
static void
orders(void)
{
	header();
	fixture_create(&f);
	size_t sizes[] = { 0, 4048, 4049, 8144, 8145, 16336, 16337, 65488, 65489,
			   131024, 524240, 524288, 4194256, 4194257 };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct slab *slab = slab_get(&f.cache, sizes[i]);
		fail_if(slab == NULL);
		printf("%zu: order %d, size %zu\n", sizes[i], slab->order, slab->size);
		fail_unless(slab->magic == slab_magic);
		fail_unless(slab->order == slab_order(&f.cache, sizes[i] + slab_sizeof()));
		fail_unless(slab_capacity(slab) >= sizes[i]);
		fail_unless(slab_capacity(slab) + slab_sizeof() == slab->size);
		fail_unless((char *)slab_data(slab) == (char *)slab + 48);
		fail_unless(slab_from_data(slab_data(slab)) == slab);
		if (slab->order <= f.cache.order_max) {
			fail_unless(slab->in_use == slab->order + 1);
			fail_unless((uintptr_t)slab % slab->size == 0);
			fail_unless((size_t)slab_order_size(&f.cache, slab->order) == slab->size);
			char *last = (char *)slab + slab->size - 1;
			fail_unless(slab_from_ptr(last, ~(intptr_t)(slab->size - 1)) == slab);
		} else {
			fail_unless(slab->in_use == 0);
			fail_unless((uintptr_t)slab_data(slab) % 16 == 0);
		}
		slab_put(&f.cache, slab);
	}
	fixture_destroy(&f);
	footer();
}

static void
accounting(void)
{
	header();
	fixture_create(&f);
	print_stats("empty");
	struct slab *a = slab_get(&f.cache, 65488);
	print_stats("65488");
	/* The buddy of the first comes next: it was freed last. */
	struct slab *b = slab_get(&f.cache, 65488);
	fail_unless((char *)b == (char *)a + 65536);
	print_stats("again");
	struct slab *huge = slab_get(&f.cache, 5000000);
	print_stats("5000000");
	fail_unless(quota_used(&f.quota) == 4194304 + 5000192);
	fail_unless(f.arena.used == 4194304);
	struct slab *large = slab_get_large(&f.cache, 1);
	fail_unless(large->size == 49 && large->order == f.cache.order_max + 1);
	fail_unless(slab_cache_used(&f.cache) == 2 * 65536 + 5000048 + 49);
	slab_put_large(&f.cache, large);
	slab_put(&f.cache, huge);
	print_stats("put the huge one");
	fail_unless(quota_used(&f.quota) == 4194304);
	slab_put(&f.cache, a);
	print_stats("put the first");
	fail_unless(slab_get(&f.cache, 65488) == a);
	slab_put(&f.cache, a);
	slab_put_with_order(&f.cache, b);
	print_stats("put the second");
	fixture_destroy(&f);
	footer();
}

/* A cache keeps one free block; others go to the arena, and from there to anybody. */
static void
free_blocks(void)
{
	header();
	fixture_create(&f);
	struct slab *a = slab_get_with_order(&f.cache, f.cache.order_max);
	struct slab *b = slab_get_with_order(&f.cache, f.cache.order_max);
	print_stats("two blocks");
	slab_put(&f.cache, a);
	print_stats("one put");
	slab_put(&f.cache, b);
	print_stats("both put");
	fail_unless(f.arena.used == 2 * 4194304);

	struct slab_cache other;
	slab_cache_create(&other, &f.arena);
	fail_unless(slab_get_with_order(&other, other.order_max) == b);
	fail_unless(f.arena.used == 2 * 4194304);
	/* Destroying a cache takes back what is in use. */
	slab_cache_destroy(&other);
	fixture_destroy(&f);
	footer();
}

static void
random_sizes(void)
{
	header();
	enum { SLOTS = 25, STEPS = 1000, SIZE_MAX_ = 5000000 };
	fixture_create(&f);
	struct slab *slots[SLOTS] = { NULL };
	srand(20240229);
	for (int step = 0; step < STEPS; step++) {
		struct slab **slot = &slots[rand() % SLOTS];
		if (*slot != NULL)
			slab_put(&f.cache, *slot);
		*slot = slab_get(&f.cache, rand() % SIZE_MAX_);
		fail_if(*slot == NULL);
		slab_cache_check(&f.cache);
	}
	for (int i = 0; i < SLOTS; i++) {
		if (slots[i] != NULL)
			slab_put(&f.cache, slots[i]);
	}
	print_stats("everything put");
	fixture_destroy(&f);
	footer();
}

int
main(void)
{
	classes();
	orders();
	accounting();
	free_blocks();
	random_sizes();
	return 0;
}

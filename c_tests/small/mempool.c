/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mempool: layout of slabs, order of reuse, hot, cold and spare slabs,
 * statistics, then random allocation with canaries (spec small.md 10).
 */
#include "fixture.h"
#include "small/mempool.h"

static struct fixture f;
static struct mempool pool;

static void
print_stats(void)
{
	struct mempool_stats stats;
	mempool_stats(&pool, &stats);
	fail_unless(stats.objcount == mempool_count(&pool));
	fail_unless(stats.totals.used == mempool_used(&pool));
	printf("objsize %u, objcount %u, slabsize %u, slabcount %u, used %zu of %zu\n",
	       stats.objsize, stats.objcount, stats.slabsize, stats.slabcount,
	       stats.totals.used, stats.totals.total);
	slab_cache_check(&f.cache);
}

/* How objects are packed: the table of spec small.md 10.3. */
static void
layout(void)
{
	header();
	fixture_create(&f);
	uint32_t sizes[] = { 8, 16, 64, 104, 336, 1024, 4096, 65536, 262136 };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		mempool_create(&pool, &f.cache, sizes[i]);
		fail_unless(mempool_is_initialized(&pool));
		printf("%u: order %d, slab %ld, %u objects from %u\n", sizes[i],
		       pool.slab_order, -pool.slab_ptr_mask, pool.objcount, pool.offset);
		fail_unless(slab_cache_used(&f.cache) == 0);
		char *first = mempool_alloc(&pool);
		char *second = mempool_alloc(&pool);
		char *slab = (char *)((intptr_t)first & pool.slab_ptr_mask);
		fail_unless(first == slab + pool.offset);
		fail_unless(second == first + sizes[i]);
		mempool_destroy(&pool);
	}
	fail_unless(mempool_objsize_max(4194304) == 262136);
	struct mempool zeroed = { .cache = NULL };
	fail_unless(!mempool_is_initialized(&zeroed));
	fixture_destroy(&f);
	footer();
}

/* Objects whose size is a power of two are aligned to it. */
static void
alignment(void)
{
	header();
	fixture_create(&f);
	for (uint32_t size = 8; size <= 2048; size *= 2) {
		mempool_create(&pool, &f.cache, size);
		for (int i = 0; i < 32; i++)
			fail_unless((uintptr_t)mempool_alloc(&pool) % size == 0);
		mempool_destroy(&pool);
	}
	fixture_destroy(&f);
	footer();
}

/* What was freed last is allocated first, and what that does to the contents. */
static void
reuse(void)
{
	header();
	fixture_create(&f);
	mempool_create(&pool, &f.cache, 64);
	char *a = mempool_alloc(&pool), *b = mempool_alloc(&pool);
	memset(a, 'a', 64);
	memset(b, 'b', 64);
	mempool_free(&pool, b);
	mempool_free(&pool, a);
#ifndef NDEBUG
	char fill = '#';
#else
	char fill = 'a';
#endif
	fail_unless(WATCHED || (a[8] == fill && a[63] == fill));
	/* The first word is the link to the object that was freed before. */
	fail_unless(WATCHED || *(char **)(void *)a == b);
	fail_unless(mempool_alloc(&pool) == a);
	fail_unless(mempool_alloc(&pool) == b);
	fail_unless(mempool_alloc(&pool) == b + 64);
	print_stats();
	mempool_destroy(&pool);
	fixture_destroy(&f);
	footer();
}

/*
 * The slab of lowest address serves; a slab is cold until an eighth of it is
 * free; one empty slab is kept, the lower one of two.
 */
static void
slabs(void)
{
	header();
	enum { OBJSIZE = 2048, ORDER = 3, COUNT = 15 };
	fixture_create(&f);
	mempool_create_with_order(&pool, &f.cache, OBJSIZE, ORDER);
	fail_unless(pool.objcount == COUNT);
	char *objects[3][COUNT];
	struct mslab *slab[3];
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < COUNT; j++)
			objects[i][j] = mempool_alloc(&pool);
		slab[i] = (struct mslab *)((intptr_t)objects[i][0] & pool.slab_ptr_mask);
		fail_unless((char *)slab[i] == (char *)slab[0] + i * 32768);
		fail_if(slab[i]->in_hot_slabs);
	}
	print_stats();
	fail_unless(pool.first_hot_slab == NULL);

	/* 15 / 8 = 1 object makes a slab hot. */
	mempool_free(&pool, objects[2][3]);
	mempool_free(&pool, objects[0][4]);
	fail_unless(WATCHED || (slab[0]->in_hot_slabs && slab[2]->in_hot_slabs));
	fail_unless(WATCHED || pool.first_hot_slab == slab[0]);
	fail_unless(mempool_alloc(&pool) == objects[0][4]);
	fail_unless(mempool_alloc(&pool) == objects[2][3]);

	/* The empty slab of higher address becomes the spare, then is given back. */
	for (int i = 2; i >= 0; i--) {
		for (int j = 0; j < COUNT; j++)
			mempool_free(&pool, objects[i][j]);
		fail_unless(pool.spare == slab[i]);
		print_stats();
	}
	fail_unless(mempool_alloc(&pool) == objects[0][COUNT - 1]);
	fail_unless(pool.spare == NULL);
	mempool_free(&pool, objects[0][COUNT - 1]);

	/* Of two empty slabs the higher one is given back at once, too. */
	for (int i = 0; i < 2; i++) {
		for (int j = 0; j < COUNT; j++)
			objects[i][j] = mempool_alloc(&pool);
	}
	print_stats();
	for (int i = 0; i < 2; i++) {
		for (int j = 0; j < COUNT; j++)
			mempool_free(&pool, objects[i][j]);
	}
	print_stats();
	mempool_destroy(&pool);
	fixture_destroy(&f);
	footer();
}

/* With 16 objects a slab, one free object makes it cold, two make it hot. */
static void
cold(void)
{
	header();
	enum { OBJSIZE = 2000, COUNT = 16 };
	fixture_create(&f);
	mempool_create_with_order(&pool, &f.cache, OBJSIZE, 3);
	fail_unless(pool.objcount == COUNT);
	char *first[COUNT], *second[COUNT];
	for (int j = 0; j < COUNT; j++)
		first[j] = mempool_alloc(&pool);
	for (int j = 0; j < COUNT; j++)
		second[j] = mempool_alloc(&pool);
	mempool_free(&pool, first[0]);
	mempool_free(&pool, second[0]);
	fail_unless(pool.first_hot_slab == NULL);
	fail_if(rlist_empty(&pool.cold_slabs));
	/* A new slab is taken rather than a cold one... */
	char *third = mempool_alloc(&pool);
	fail_unless(mempool_total(&pool) == 3 * 32768);
	mempool_free(&pool, third);
	/* ...unless the slab is warm enough. */
	mempool_free(&pool, first[1]);
	fail_unless(mempool_alloc(&pool) == first[1]);
	fail_unless(mempool_alloc(&pool) == first[0]);
	print_stats();
	mempool_destroy(&pool);
	fixture_destroy(&f);
	footer();
}

/* A slab of one object stays hot when it is empty. */
static void
one_object(void)
{
	header();
	fixture_create(&f);
	mempool_create_with_order(&pool, &f.cache, 3992, 0);
	fail_unless(pool.objcount == 1);
	void *a = mempool_alloc(&pool), *b = mempool_alloc(&pool);
	mempool_free(&pool, a);
	mempool_free(&pool, b);
	print_stats();
	fail_unless(mempool_alloc(&pool) == (a < b ? a : b));
	fail_unless(mempool_alloc(&pool) == (a < b ? b : a));
	mempool_destroy(&pool);
	fixture_destroy(&f);
	footer();
}

static void
random_objects(void)
{
	header();
	enum { SLOTS = 10000, STREAKS = 500 };
	static int *slots[SLOTS];
	fixture_create(&f);
	srand(20240229);
	uint32_t objsize = (8 + rand() % 4088 + 7) / 8 * 8;
	size_t used = 0;
	mempool_create(&pool, &f.cache, objsize);
	for (int streak = 0; streak < STREAKS; streak++) {
		bool allocate = streak % 2 == 0;
		int length = rand() % SLOTS;
		while (length-- > 0) {
			int number = rand() % SLOTS;
			int **slot = &slots[number];
			int last = objsize / sizeof(int) - 1;
			fail_unless(mempool_used(&pool) == used);
			if (*slot == NULL && allocate) {
				*slot = mempool_alloc(&pool);
				fail_if(*slot == NULL);
				(*slot)[0] = number;
				(*slot)[last] = number;
				used += objsize;
			} else if (*slot != NULL && !allocate) {
				fail_unless((*slot)[0] == number);
				fail_unless((*slot)[last] == number);
				mempool_free(&pool, *slot);
				*slot = NULL;
				used -= objsize;
			}
		}
		slab_cache_check(&f.cache);
	}
	/* With objects in use. */
	mempool_destroy(&pool);
	fixture_destroy(&f);
	footer();
}

int
main(void)
{
	layout();
	alignment();
	reuse();
	slabs();
	cold();
	one_object();
	random_objects();
	return 0;
}

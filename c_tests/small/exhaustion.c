/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Out of memory, three ways: the quota says no, the kernel says no (RLIMIT_AS),
 * and a block is full while no other can be had. Every allocator returns NULL (or
 * what its header says), leaves its statistics as they were, works on with what it
 * has, and gives everything back in the end.
 */
#include "fixture.h"
#include "small/ibuf.h"
#include "small/mempool.h"
#include "small/obuf.h"
#include "small/region.h"
#include "small/small.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/resource.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
/* A sanitizer needs address space itself, and ends the program without. */
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
		   SANITIZED_BY_GCC)
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED_BY_GCC 1
#else
#define SANITIZED_BY_GCC 0
#endif

static struct fixture f;

/* Lets the address space grow by `bytes` from now on. */
static void
limit_address_space(size_t bytes)
{
	size_t pages = 0;
	FILE *statm = fopen("/proc/self/statm", "r");
	fail_if(statm == NULL || fscanf(statm, "%zu", &pages) != 1);
	fclose(statm);
	struct rlimit limit = { pages * 4096 + bytes, RLIM_INFINITY };
	fail_if(setrlimit(RLIMIT_AS, &limit) != 0);
}

static void
unlimit_address_space(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	fail_if(setrlimit(RLIMIT_AS, &limit) != 0);
}

/* A copy of the accounting, to see whether anything changed. */
struct state {
	struct small_stats allocated;
	struct small_stats orders[ORDER_MAX + 1];
	size_t arena_used;
	size_t quota_used;
};

static struct state
state(void)
{
	struct state s;
	memset(&s, 0, sizeof(s));
	s.allocated = f.cache.allocated.stats;
	for (int i = 0; i <= f.cache.order_max; i++)
		s.orders[i] = f.cache.orders[i].stats;
	s.arena_used = f.arena.used;
	s.quota_used = quota_used(&f.quota);
	slab_cache_check(&f.cache);
	return s;
}

static bool
same(struct state a, struct state b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

/* An arena of two blocks: the quota refuses the third. */
static void
create_small_arena(void)
{
	quota_init(&f.quota, 2 * SLAB_MIN_SIZE);
	fail_if(slab_arena_create(&f.arena, &f.quota, 0, SLAB_MIN_SIZE, MAP_PRIVATE) != 0);
	slab_cache_create(&f.cache, &f.arena);
}

static void
slabs_under_a_quota(void)
{
	header();
	create_small_arena();
	struct slab *slabs[32];
	for (int i = 0; i < 32; i++)
		fail_if((slabs[i] = slab_get(&f.cache, 4000)) == NULL);
	struct state full = state();
	errno = 0;
	fail_unless(slab_get(&f.cache, 0) == NULL);
	fail_unless(slab_get_with_order(&f.cache, f.cache.order_max) == NULL);
	fail_unless(slab_get(&f.cache, 100000) == NULL);
	fail_unless(slab_get_large(&f.cache, 1) == NULL);
	fail_unless(slab_get_large(&f.cache, SIZE_MAX) == NULL);
	fail_unless(slab_map(&f.arena) == NULL);
	fail_unless(errno == 0);
	fail_unless(same(full, state()));

	/* One slab back is one slab to be had, and no larger one. */
	slab_put(&f.cache, slabs[7]);
	fail_unless(slab_get(&f.cache, 5000) == NULL);
	fail_unless((slabs[7] = slab_get(&f.cache, 0)) != NULL);
	fail_unless(same(full, state()));
	for (int i = 0; i < 32; i++)
		slab_put(&f.cache, slabs[i]);
	fixture_destroy(&f);
	footer();
}

static void
blocks_under_a_full_address_space(void)
{
	header();
	if (SANITIZED) {
		printf("a block: %s\n", strerror(ENOMEM));
		footer();
		return;
	}
	fixture_create(&f);
	struct slab *first = slab_get(&f.cache, 4000);
	struct state before = state();
	limit_address_space(100 * 1024);
	errno = 0;
	fail_unless(slab_get_with_order(&f.cache, f.cache.order_max) == NULL);
	int error = errno;
	struct slab *huge = slab_get(&f.cache, 50000000);
	struct quota quota;
	struct slab_arena arena;
	quota_init(&quota, UINT_MAX);
	int rc = slab_arena_create(&arena, &quota, 50000000, 0, MAP_PRIVATE);
	/* The rest of the block is still good. */
	struct slab *second = slab_get(&f.cache, 2000000);
	unlimit_address_space();

	printf("a block: %s\n", strerror(error));
	fail_unless(huge == NULL);
	fail_unless(rc == -1 && quota_used(&quota) == 0);
	fail_if(second == NULL);
	slab_put(&f.cache, second);
	fail_unless(same(before, state()));
	huge = slab_get(&f.cache, 50000000);
	fail_if(huge == NULL);
	slab_put(&f.cache, huge);
	slab_put(&f.cache, first);
	fixture_destroy(&f);
	footer();
}

/* When no slab can be had, cold ones are used to the last object. */
static void
pool(void)
{
	header();
	enum { OBJSIZE = 248, MAX = 2 * SLAB_MIN_SIZE / OBJSIZE };
	static void *objects[MAX];
	create_small_arena();
	struct mempool pool;
	mempool_create_with_order(&pool, &f.cache, OBJSIZE, 2);
	int count = 0;
	while ((objects[count] = mempool_alloc(&pool)) != NULL)
		count++;
	printf("%d objects of %u in 8 slabs\n", count, pool.objcount);
	struct state full = state();
	fail_unless(mempool_alloc(&pool) == NULL);
	fail_unless(same(full, state()));

	/* One object of each slab: all cold. */
	for (int i = 0; i < count; i += pool.objcount) {
		mempool_free(&pool, objects[i]);
		objects[i] = NULL;
	}
	fail_unless(pool.first_hot_slab == NULL);
	for (int i = 0; i < 8; i++) {
		void *object = mempool_alloc(&pool);
		fail_if(object == NULL);
		memset(object, 0, OBJSIZE);
		objects[i * pool.objcount] = object;
	}
	fail_unless(mempool_alloc(&pool) == NULL);
	fail_unless(same(full, state()));
	for (int i = 0; i < count; i++)
		mempool_free(&pool, objects[i]);
	fail_unless(mempool_used(&pool) == 0);
	fail_unless(mempool_total(&pool) == 16384);
	mempool_destroy(&pool);
	fixture_destroy(&f);
	footer();
}

static void
region(void)
{
	header();
	create_small_arena();
	struct region region;
	region_create(&region, &f.cache);
	memset(region_alloc(&region, 30000), 'a', 30000);
	memset(region_alloc(&region, 50000), 'b', 50000);
	size_t used = region_used(&region), total = region_total(&region);
	struct state full = state();
	fail_unless(region_alloc(&region, 60000) == NULL);
	fail_unless(region_reserve(&region, 60000) == NULL);
	fail_unless(region_aligned_alloc(&region, 60000, 16) == NULL);
	size_t size = 60000;
	fail_unless(region_reserve_cb(&region, &size) == NULL);
	fail_unless(region_join(&region, 70000) == NULL);
	fail_unless(region_used(&region) == used && region_total(&region) == total);
	fail_unless(same(full, state()));
	/* What is there still serves. */
	char *tail = region_join(&region, 50000);
	fail_unless(tail[0] == 'b' && tail[49999] == 'b');
	fail_if(region_alloc(&region, 10000) == NULL);
	region_truncate(&region, 30000);
	fail_if(region_alloc(&region, 60000) == NULL);
	region_destroy(&region);
	fixture_destroy(&f);
	footer();
}

static void
general(void)
{
	header();
	create_small_arena();
	static struct small_alloc alloc;
	float factor;
	small_alloc_create(&alloc, &f.cache, 16, 1.3, &factor);
	void *list = NULL;
	int count = 0;
	for (void **object; (object = smalloc(&alloc, 100)) != NULL; count++) {
		*object = list;
		list = object;
	}
	fail_unless(count > 1000);
	struct state full = state();
	fail_unless(smalloc(&alloc, 100) == NULL);
	fail_unless(smalloc(&alloc, 4000) == NULL);
	fail_unless(smalloc(&alloc, 100000) == NULL);
	fail_unless(smalloc(&alloc, SIZE_MAX) == NULL);
	fail_unless(same(full, state()));
	while (list != NULL) {
		void *next = *(void **)list;
		smfree(&alloc, list, 100);
		list = next;
	}
	/* The memory serves other sizes now. */
	void *other = smalloc(&alloc, 4000);
	fail_if(other == NULL);
	smfree(&alloc, other, 4000);
	small_alloc_destroy(&alloc);
	fixture_destroy(&f);
	footer();
}

static void
buffers(void)
{
	header();
	create_small_arena();
	struct ibuf ibuf;
	ibuf_create(&ibuf, &f.cache, 16320);
	memset(ibuf_alloc(&ibuf, 16336), 'i', 16336);
	struct ibuf ibuf_before = ibuf;
	struct state before = state();
	fail_unless(ibuf_reserve(&ibuf, 60000) == NULL);
	fail_unless(memcmp(&ibuf, &ibuf_before, sizeof(ibuf)) == 0);
	fail_unless(same(before, state()));
	for (int i = 0; i < 16336; i++)
		fail_unless(ibuf.rpos[i] == 'i');
	ibuf_destroy(&ibuf);

	struct obuf obuf;
	obuf_create(&obuf, &f.cache, 16320);
	fail_if(obuf_alloc(&obuf, 16000) == NULL);
	/*
	 * The first entry has room for 336 bytes. The next one is sized for all that is
	 * left to copy, and there is no such slab; for less there is.
	 */
	static char data[200000];
	printf("%zu of 200000 bytes appended\n", obuf_dup(&obuf, data, 200000));
	printf("%zu of 200000 bytes appended\n", obuf_dup(&obuf, data, 200000));
	printf("%zu of 30000 bytes appended\n", obuf_dup(&obuf, data, 30000));
	fail_unless(obuf_size(&obuf) == 16336 + 30000 && obuf_iovcnt(&obuf) == 2);
	obuf_destroy(&obuf);

	/* An allocation that fails has left its entry, although there is room for less. */
	obuf_create(&obuf, &f.cache, 16320);
	fail_if(obuf_alloc(&obuf, 16000) == NULL);
	before = state();
	fail_unless(obuf_alloc(&obuf, 70000) == NULL);
	fail_unless(same(before, state()));
	fail_unless(obuf_size(&obuf) == 16000 && obuf_iovcnt(&obuf) == 1);
	fail_unless(obuf_alloc(&obuf, 100) == obuf.iov[1].iov_base);
	fail_unless(obuf_size(&obuf) == 16100 && obuf_iovcnt(&obuf) == 2);
	obuf_destroy(&obuf);
	fixture_destroy(&f);
	footer();
}

int
main(void)
{
	slabs_under_a_quota();
	blocks_under_a_full_address_space();
	pool();
	region();
	general();
	buffers();
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An arena under 8 threads that map, fill and return blocks at random. The quota
 * is exactly enough for all, so map never fails; an eighth is preallocated.
 * Whoever finds a foreign id in its block shares it with another thread.
 */
#include "cordage/arena.h"
#include "small/quota.h"
#include "unit.h"

#include <pthread.h>

enum { THREADS = 8, BLOCKS_MAX = 137, ROUNDS = 3000, BLOCK = 65536 };

static struct quota quota;
static struct slab_arena arena;

/* A word in each page; word 0 of the block belongs to the arena. */
static void
fill(uintptr_t *block, uintptr_t id)
{
	for (size_t i = 1; i < BLOCK / sizeof(*block); i += 512)
		block[i] = id;
}

static void
check(uintptr_t *block, uintptr_t id)
{
	for (size_t i = 1; i < BLOCK / sizeof(*block); i += 512)
		fail_unless(block[i] == id);
}

static void *
work(void *arg)
{
	uintptr_t id = 1 + (uintptr_t)arg;
	unsigned seed = id;
	uintptr_t *held[BLOCKS_MAX];
	int count = 0;
	for (int round = 0; round < ROUNDS; round++) {
		int wanted = rand_r(&seed) % (BLOCKS_MAX + 1);
		while (count < wanted) {
			uintptr_t *block = slab_map(&arena);
			fail_if(block == NULL);
			fail_unless((uintptr_t)block % BLOCK == 0);
			fill(block, id);
			held[count++] = block;
		}
		while (count > wanted) {
			uintptr_t *block = held[--count];
			check(block, id);
			slab_unmap(&arena, block);
		}
	}
	while (count > 0) {
		check(held[--count], id);
		slab_unmap(&arena, held[count]);
	}
	return NULL;
}

int
main(void)
{
	header();
	size_t total = (size_t)THREADS * BLOCKS_MAX * BLOCK;
	quota_init(&quota, total);
	fail_if(slab_arena_create(&arena, &quota, total / 8, BLOCK, MAP_PRIVATE) != 0);
	pthread_t threads[THREADS];
	for (uintptr_t i = 0; i < THREADS; i++)
		fail_if(pthread_create(&threads[i], NULL, work, (void *)i) != 0);
	for (int i = 0; i < THREADS; i++)
		fail_if(pthread_join(threads[i], NULL) != 0);

	struct cordage_arena_stats stats;
	cordage_arena_stats(&arena, &stats);
	fail_unless(stats.in_use == 0);
	fail_unless(stats.cached == arena.used);
	fail_unless(quota_used(&quota) == arena.used);

	/* Every block is there, once. */
	size_t mapped = 0;
	while (mapped < arena.used) {
		uintptr_t *block = slab_map(&arena);
		fail_unless(block[1] != UINTPTR_MAX);
		block[1] = UINTPTR_MAX;
		mapped += BLOCK;
	}
	cordage_arena_stats(&arena, &stats);
	fail_unless(stats.cached == 0);
	fail_unless(stats.in_use == mapped && quota_used(&quota) == mapped);
	printf("ok\n");
	footer();
	return 0;
}

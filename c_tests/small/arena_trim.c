/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cordage/arena.h: after a peak the memory of returned blocks goes back to the
 * kernel, and the arena says what it holds.
 */
#include "cordage/arena.h"
#include "small/quota.h"
#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>

enum { BLOCK = 262144, BLOCKS = 16, PAGE = 4096 };

static struct quota quota;
static struct slab_arena arena;
static char *blocks[BLOCKS];

/* Bytes of all blocks that are in memory, as the page tables say. */
static size_t
resident(void)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	fail_if(pagemap == -1);
	size_t pages = 0;
	for (int i = 0; i < BLOCKS; i++) {
		uint64_t entries[BLOCK / PAGE];
		off_t offset = (uintptr_t)blocks[i] / PAGE * sizeof(*entries);
		fail_if(pread(pagemap, entries, sizeof(entries), offset) != sizeof(entries));
		for (int j = 0; j < BLOCK / PAGE; j++)
			pages += entries[j] >> 63;
	}
	close(pagemap);
	return pages * PAGE;
}

static void
print_stats(const char *when)
{
	struct cordage_arena_stats stats;
	cordage_arena_stats(&arena, &stats);
	printf("%s: mapped %zu, in use %zu, cached %zu\n", when, stats.mapped / BLOCK,
	       stats.in_use / BLOCK, stats.cached / BLOCK);
	fail_unless(stats.in_use + stats.cached == arena.used);
}

static void
after_a_peak(int flags)
{
	quota_init(&quota, UINT_MAX);
	fail_if(slab_arena_create(&arena, &quota, 4 * BLOCK, BLOCK, flags) != 0);
	print_stats("created");
	fail_unless(cordage_arena_trim(&arena) == 0);
	for (int i = 0; i < BLOCKS; i++) {
		fail_if((blocks[i] = slab_map(&arena)) == NULL);
		memset(blocks[i], 'x', BLOCK);
	}
	fail_unless(resident() == BLOCKS * BLOCK);
	print_stats("peak");
	fail_unless(cordage_arena_trim(&arena) == 0);

	for (int i = 2; i < BLOCKS; i++)
		slab_unmap(&arena, blocks[i]);
	print_stats("returned");
	size_t given_back = cordage_arena_trim(&arena);
	fail_unless(given_back == (BLOCKS - 2) * (BLOCK - PAGE));
	fail_unless(resident() == 2 * BLOCK + (BLOCKS - 2) * PAGE);
	print_stats("trimmed");
	fail_unless(cordage_arena_trim(&arena) == 0);
	fail_unless(quota_used(&quota) == BLOCKS * BLOCK);

	/* What is in use is untouched, what is reused is zero, in the old order. */
	for (int i = 0; i < 2; i++)
		fail_unless(blocks[i][0] == 'x' && blocks[i][BLOCK - 1] == 'x');
	for (int i = BLOCKS - 1; i >= 2; i--) {
		char *block = slab_map(&arena);
		fail_unless(block == blocks[i]);
		fail_unless(block[PAGE] == 0 && block[BLOCK - 1] == 0);
		block[BLOCK - 1] = 'y';
	}
	print_stats("reused");
	for (int i = 0; i < BLOCKS; i++)
		slab_unmap(&arena, blocks[i]);
	/* Only what was touched since. */
	fail_unless(cordage_arena_trim(&arena) ==
		    2 * (BLOCK - PAGE) + (BLOCKS - 2) * 2 * PAGE);
	slab_arena_destroy(&arena);
}

static void
private_blocks(void)
{
	header();
	after_a_peak(MAP_PRIVATE);
	footer();
}

static void
shared_blocks(void)
{
	header();
	after_a_peak(MAP_SHARED);
	footer();
}

int
main(void)
{
	/* Huge pages would be resident, and be given back, in other portions. */
	fail_if(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0);
	private_blocks();
	shared_blocks();
	return 0;
}

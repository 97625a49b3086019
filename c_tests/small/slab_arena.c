/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * slab_arena: what it is set up with, where blocks come from, the quota, and
 * what the kernel sees of it (spec small.md 8).
 */
#include "small/quota.h"
#include "small/slab_arena.h"
#include "unit.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static void
print(const struct slab_arena *arena)
{
	printf("prealloc %zu, quota %zu, used %zu, slab_size %" PRIu32 ", flags %#x\n",
	       arena->prealloc, quota_total(arena->quota), arena->used,
	       arena->slab_size, (unsigned)arena->flags);
}

static void
create(struct slab_arena *arena, struct quota *quota, size_t total,
       size_t prealloc, uint32_t slab_size, int flags)
{
	quota_init(quota, total);
	fail_if(slab_arena_create(arena, quota, prealloc, slab_size, flags) != 0);
	print(arena);
}

/* The helpers that live in slab_arena.h. */
static void
size_helpers(void)
{
	header();
	fail_unless(small_align(0, 4096) == 0);
	fail_unless(small_align(1, 8) == 8 && small_align(8, 8) == 8);
	fail_unless(small_align(SIZE_MAX / 2, 1) == SIZE_MAX / 2);
	const size_t round[][2] = { { 0, 0 }, { 1, 1 }, { 2, 2 }, { 3, 4 }, { 5, 8 },
				    { 9, 16 }, { 100, 128 }, { 65536, 65536 },
				    { SIZE_MAX / 2, SIZE_MAX / 2 + 1 } };
	for (size_t i = 0; i < sizeof(round) / sizeof(*round); i++)
		fail_unless(small_round(round[i][0]) == round[i][1]);
	fail_unless(small_lb(1) == 0 && small_lb(3) == 1 && small_lb(65536) == 16);
	fail_unless(small_lb(SIZE_MAX) == 63);
	footer();
}

static void
unused(void)
{
	header();
	struct quota quota;
	struct slab_arena arena;
	create(&arena, &quota, 0, 0, 0, MAP_PRIVATE);
	slab_arena_destroy(&arena);
	footer();
}

static void
one_block(void)
{
	header();
	struct quota quota;
	struct slab_arena arena;
	create(&arena, &quota, SLAB_MIN_SIZE, 1, 1, MAP_PRIVATE);
	fail_unless(quota_used(&quota) == 0);
	void *block = slab_map(&arena);
	fail_unless(block == arena.arena);
	print(&arena);
	fail_unless(slab_map(&arena) == NULL);
	print(&arena);
	slab_unmap(&arena, block);
	slab_unmap(&arena, NULL);
	print(&arena);
	fail_unless(quota_used(&quota) == SLAB_MIN_SIZE);
	fail_unless(slab_map(&arena) == block);
	slab_unmap(&arena, block);
	slab_arena_destroy(&arena);
	footer();
}

/* The preallocation is limited by the quota, then rounded up beyond it. */
static void
rounding(void)
{
	header();
	struct quota quota;
	struct slab_arena arena;
	create(&arena, &quota, 2000000, 3000000, 1, MAP_PRIVATE);
	slab_arena_destroy(&arena);
	create(&arena, &quota, 2000000, 0, 65537, MAP_SHARED);
	slab_arena_destroy(&arena);
	/* Only exactly MAP_PRIVATE is private. */
	create(&arena, &quota, 2000000, 0, 4000000, MAP_PRIVATE | MAP_ANONYMOUS);
	slab_arena_destroy(&arena);
	create(&arena, &quota, 0, 0, 0, SLAB_ARENA_PRIVATE | SLAB_ARENA_DONTDUMP);
	slab_arena_destroy(&arena);
	quota_init(&quota, 2000000);
	printf("slab_size above 2 GiB: %d\n",
	       slab_arena_create(&arena, &quota, 0, 0x80000001, MAP_PRIVATE));
	footer();
}

/* Preallocated blocks in order of address, then others, all aligned, reused last first. */
static void
sources(void)
{
	header();
	enum { COUNT = 5, SIZE = 262144 };
	struct quota quota;
	struct slab_arena arena;
	create(&arena, &quota, COUNT * SIZE, 2 * SIZE, SIZE, MAP_PRIVATE);
	char *blocks[COUNT];
	for (int i = 0; i < COUNT; i++) {
		blocks[i] = slab_map(&arena);
		fail_if(blocks[i] == NULL);
		fail_unless((uintptr_t)blocks[i] % SIZE == 0);
		memset(blocks[i], i, SIZE);
		for (int j = 0; j < i; j++)
			fail_if(blocks[i] == blocks[j]);
	}
	fail_unless(blocks[0] == arena.arena);
	fail_unless(blocks[1] == blocks[0] + SIZE);
	fail_unless(slab_map(&arena) == NULL);
	for (int i = 0; i < COUNT; i++)
		slab_unmap(&arena, blocks[i]);
	for (int i = COUNT - 1; i >= 0; i--)
		fail_unless(slab_map(&arena) == blocks[i]);
	print(&arena);
	for (int i = 0; i < COUNT; i++)
		slab_unmap(&arena, blocks[i]);
	slab_arena_destroy(&arena);
	footer();
}

/* Blocks of a shared arena are the same memory in a child. */
static void
shared(void)
{
	header();
	struct quota quota;
	struct slab_arena arena;
	create(&arena, &quota, UINT_MAX, 0, 0, MAP_SHARED);
	char *block = slab_map(&arena);
	fail_if(block == NULL);
	*block = 'p';
	fflush(stdout);
	pid_t child = fork();
	fail_if(child == -1);
	if (child == 0) {
		*block = 'c';
		_exit(0);
	}
	int status;
	fail_unless(waitpid(child, &status, 0) == child && status == 0);
	printf("the parent reads '%c'\n", *block);
	slab_unmap(&arena, block);
	slab_arena_destroy(&arena);
	footer();
}

/* Whether a mapping that starts at `start` has the flag "dd" (do not dump). */
static void
expect_dontdump(const char *what, void *start)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	if (smaps == NULL)
		return;
	char line[4096];
	bool here = false, found = false;
	while (!found && fgets(line, sizeof(line), smaps) != NULL) {
		uintptr_t from, to;
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
			here = from == (uintptr_t)start;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, " dd") != NULL;
	}
	fclose(smaps);
	if (!found)
		printf("ERROR: %s is in core dumps\n", what);
}

static void
dontdump(void)
{
	header();
	struct quota quota;
	struct slab_arena arena;
	int flags = SLAB_ARENA_PRIVATE | SLAB_ARENA_DONTDUMP;
	for (int prealloc = 1; prealloc >= 0; prealloc--) {
		create(&arena, &quota, 2000000, prealloc * 2000000, 1, flags);
		void *block = slab_map(&arena);
		fail_if(block == NULL);
		expect_dontdump(prealloc ? "the preallocated area" : "a block", block);
		slab_unmap(&arena, block);
		slab_arena_destroy(&arena);
	}
	footer();
}

/* A child that writes to the read-only preallocated area is killed. */
static void
read_only(void)
{
	header();
	struct quota quota;
	struct slab_arena arena;
	create(&arena, &quota, UINT_MAX, SLAB_MIN_SIZE, 0, MAP_PRIVATE);
	char *block = slab_map(&arena);
	*block = 17;
	slab_arena_mprotect(&arena);
	fail_unless(*block == 17);
	fflush(stdout);
	pid_t child = fork();
	fail_if(child == -1);
	if (child == 0) {
		signal(SIGSEGV, SIG_DFL);
		*block = 18;
		_exit(0);
	}
	int status;
	fail_unless(waitpid(child, &status, 0) == child);
	printf("write: %s\n", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ?
	       "killed" : "not killed");
	/* Not returned: that would write to the block. */
	munmap(arena.arena, arena.prealloc);
	footer();
}

int
main(void)
{
	size_helpers();
	unused();
	one_block();
	rounding();
	sources();
	shared();
	dontdump();
	read_only();
	return 0;
}

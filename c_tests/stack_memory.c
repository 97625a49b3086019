/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a waiting fiber costs: one page of its stack, whatever the size, and no mapping
 * where guard regions are to be had; and that the books of the slab cache do not show
 * how stacks are carved (spec fiber.md 11.1, 11.2).
 */
#include "main_fiber.h"
#include "child.h"
#include "cordage/guard.h"

#include <sys/prctl.h>

enum { PAGE = 4096, BLOCK = 4 << 20, FIBERS = 1000 };

static struct fiber *fibers[FIBERS];

static void
start_all(size_t size)
{
	struct fiber_attr attr = { size, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	for (int i = 0; i < FIBERS; i++) {
		fibers[i] = fiber_new_ex("parked", &attr, yield_once_f);
		fiber_start(fibers[i]);
	}
}

static void
end_all(void)
{
	for (int i = 0; i < FIBERS; i++)
		fiber_wakeup(fibers[i]);
	fiber_sleep(0);
	cord_collect_garbage(cord());
}

/** What the cord's slab cache has handed out, but for the structs of fibers. */
static size_t
stack_bytes(void)
{
	return slab_bytes() - cord()->fiber_mempool.slabs.stats.total;
}

/** How many pages of the slab of a stack are in memory. */
static int
resident_pages(struct fiber *f, size_t size)
{
	static unsigned char map[BLOCK / PAGE];
	int pages = 0;
	fail_unless(mincore(f->stack_slab, size, map) == 0);
	for (size_t i = 0; i < size / PAGE; i++)
		pages += map[i] & 1;
	return pages;
}

static void
test_one_page(size_t size)
{
	plan(4);
	size_t used = stack_bytes();
	start_all(size);
	is(stack_bytes() - used, FIBERS * size, "%zu bytes: a stack counts with its slab", size);
	/* A block keeps its books in its first page. */
	int frugal = 0, pages = 0;
	for (int i = FIBERS / 2; i < FIBERS; i++) {
		int resident = resident_pages(fibers[i], size);
		frugal += resident == 1;
		pages += resident;
	}
	int blocks = FIBERS / 2 / (BLOCK / size) + 1;
	ok(frugal >= FIBERS / 2 - blocks && pages <= FIBERS / 2 + blocks,
	   "a waiting fiber has one page");
	int apart = 0;
	for (int i = 0; i < FIBERS; i++)
		apart += (uintptr_t)fibers[i]->stack_slab % size == 0 &&
			 (char *)fibers[i]->stack == (char *)fibers[i]->stack_slab + 2 * PAGE;
	is(apart, FIBERS, "every slab is aligned to its size, and the stack where it should be");
	end_all();
	is(stack_bytes(), used, "nothing is left of them");
	slab_cache_check(cord_slab_cache());
	check_plan();
}

static void
test_mapped(void)
{
	plan(3);
	/* A whole block, then stacks, then a block's worth of other slabs. */
	struct slab_cache *cache = cord_slab_cache();
	size_t total = cache->allocated.stats.total;
	start_all(65536);
	size_t with_stacks = cache->allocated.stats.total;
	ok(with_stacks - total <= (FIBERS * 65536u / BLOCK + 2) * BLOCK,
	   "blocks are used up before new ones are mapped");
	end_all();
	ok(cache->allocated.stats.total <= total + BLOCK, "and go back to the arena");
	struct slab *slabs[100];
	for (size_t i = 0; i < lengthof(slabs); i++) {
		slabs[i] = slab_get(cache, 65536 - slab_sizeof());
		memset(slab_data(slabs[i]), 's', 65536 - slab_sizeof());
	}
	for (size_t i = 0; i < lengthof(slabs); i++)
		slab_put(cache, slabs[i]);
	slab_cache_check(cache);
	ok(cache->allocated.stats.total <= total + BLOCK, "fit for any other use");
	check_plan();
}

/** Stacks of several sizes that come and go in no order. */
static void
test_mixed(void)
{
	plan(2);
	static const size_t sizes[] = { 16384, 20000, 65536, 131072, 524288, 1048576, 4194304 };
	size_t used = stack_bytes(), count = live_fibers();
	uint32_t seed = 1;
	struct fiber *live[200] = { NULL };
	int bad = 0;
	for (int i = 0; i < 4000; i++) {
		seed = seed * 1664525 + 1013904223;
		struct fiber **f = &live[(seed >> 16) % lengthof(live)];
		if (*f != NULL) {
			fiber_wakeup(*f);
			fiber_reschedule();
			*f = NULL;
			continue;
		}
		size_t size = sizes[(seed >> 8) % lengthof(sizes)];
		struct fiber_attr attr = { size, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
		*f = fiber_new_ex("mixed", &attr, yield_once_f);
		bad += *f == NULL;
		fiber_start(*f);
	}
	is(bad, 0, "stacks of all sizes");
	for (size_t i = 0; i < lengthof(live); i++)
		if (live[i] != NULL)
			fiber_wakeup(live[i]);
	fiber_sleep(0);
	cord_collect_garbage(cord());
	slab_cache_check(cord_slab_cache());
	ok(stack_bytes() == used && live_fibers() == count, "all is given back");
	check_plan();
}

/** Goes deep and leaves nothing but zeros there. */
static int
zeros_f(va_list ap)
{
	(void)ap;
	volatile char *bytes = (volatile char *)__builtin_alloca(400000);
	for (size_t i = 0; i < 400000; i++)
		bytes[i] = 0;
	return 0;
}

static void
test_first_life(void)
{
	plan(2);
	while (!rlist_empty(&cord()->dead))
		fiber_new("empties the cache", yield_once_f);
	struct fiber *f = fiber_new("zeros", zeros_f);
	fiber_start(f);
	int resident = resident_pages(f, 524288);
	ok(fiber_is_dead(f) && resident <= 20, "a deep first life is noticed, whatever it wrote");
	ok(fiber_new("again", zeros_f) == f, "the fiber is reused");
	check_plan();
}

static int
memory_f(va_list ap)
{
	(void)ap;
	plan(6);
	test_one_page(65536);
	test_one_page(524288);
	test_one_page(16384);
	test_mapped();
	test_mixed();
	test_first_life();
	return check_plan();
}

static int
with_backend(const void *arg)
{
	setenv("CORDAGE_GUARD", (const char *)arg, 1);
	return run_main_fiber(memory_f, fiber_c_invoke);
}

int
main(void)
{
	/* A huge page would be resident as a whole. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	header();
	plan(2);
	is(run_in_child(with_backend, "madvise"), 0, "with guard regions");
	is(run_in_child(with_backend, "mprotect"), 0, "with protected pages");
	footer();
	return check_plan();
}

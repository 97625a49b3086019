/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The region of a fiber: fiber_gc(), box_region_*(), its lifetime, and what happens
 * when there is no memory (spec fiber.md 9, 10.4).
 */
#include <sys/resource.h>

#include "main_fiber.h"
#include "small/quota.h"

enum { THRESHOLD = 128 << 10 };

static void
test_gc(void)
{
	header();
	plan(8);
	struct region *gc = &fiber()->gc;
	fiber_gc();
	is(region_total(gc), 0, "nothing to collect");

	region_alloc(gc, THRESHOLD - 1);
	size_t total = region_total(gc);
	fiber_gc();
	is(region_used(gc), 0, "less than 128 KiB: the region is empty");
	is(region_total(gc), total, "and keeps its memory");

	region_alloc(gc, THRESHOLD);
	fiber_gc();
	is(region_used(gc), 0, "128 KiB: the region is empty");
	is(region_total(gc), 0, "and gives back its memory");

	/* The newest block is the only one that is emptied. */
	region_alloc(gc, 1000);
	size_t old = region_used(gc);
	region_alloc(gc, 60000);
	total = region_total(gc);
	fiber_gc();
	is(region_used(gc), old, "an older block is not emptied");
	is(region_total(gc), total, "nor given back");

	size_t bytes = slab_bytes();
	region_free(gc);
	is(slab_bytes(), bytes - total, "blocks are slabs of the cord");
	check_plan();
	footer();
}

static void
test_box_region(void)
{
	header();
	plan(9);
	is(box_region_used(), 0, "an empty region");
	char *a = (char *)box_region_alloc(100);
	memset(a, 'a', 100);
	is(box_region_used(), 100, "100 bytes are used");
	char *b = (char *)box_region_alloc(1);
	char *c = (char *)box_region_alloc(3);
	ok(b == a + 100 && c == b + 1, "no alignment between them");

	bool aligned = true;
	for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
		box_region_alloc(1);
		size_t used = box_region_used();
		char *p = (char *)box_region_aligned_alloc(24, alignment);
		memset(p, 'p', 24);
		aligned = aligned && (uintptr_t)p % alignment == 0 &&
			box_region_used() >= used + 24 &&
			box_region_used() < used + 24 + alignment;
	}
	ok(aligned, "aligned memory is, and is not more than needed");

	size_t used = box_region_used();
	char *kept = (char *)box_region_alloc(8);
	memcpy(kept, "kept", 5);
	size_t mark = box_region_used();
	for (int i = 0; i < 100; i++)
		memset(box_region_alloc(5000), 'x', 5000);
	is(box_region_used(), mark + 500000, "half a megabyte more");
	box_region_truncate(mark);
	ok(box_region_used() == mark && strcmp(kept, "kept") == 0,
	   "truncated: what was there before stays");
	box_region_truncate(used);
	is(box_region_used(), used, "and again");
	ok(region_used(&fiber()->gc) == used, "it is the region of the fiber");

	void *word = region_aligned_alloc_cb(&fiber()->gc, 8);
	ok((uintptr_t)word % sizeof(uint64_t) == 0, "the callback allocates words");
	region_free(&fiber()->gc);
	check_plan();
	footer();
}

static int
allocate_f(va_list ap)
{
	(void)ap;
	memset(box_region_alloc(300), '!', 300);
	fiber_yield();
	return box_region_used() == 300 && region_used(&cord()->sched.gc) == 0 ? 0 : -1;
}

static void
test_lifetime(void)
{
	header();
	plan(3);
	size_t bytes = slab_bytes();
	struct fiber *f = fiber_new("allocate", allocate_f);
	size_t with_stack = slab_bytes();
	fiber_set_joinable(f, true);
	fiber_start(f);
	box_region_alloc(200);
	ok(box_region_used() == 200 && region_used(&f->gc) == 300, "every fiber has its own");
	box_region_truncate(0);
	fiber_wakeup(f);
	is(fiber_join(f), 0, "it lives across yields");
	ok(slab_bytes() == with_stack && with_stack - bytes == 524288, "and ends with the fiber");
	check_plan();
	footer();
}

/** Lets the process have no more address space than it has. */
static void
limit_memory(struct rlimit *old)
{
	getrlimit(RLIMIT_AS, old);
	struct rlimit limit = { .rlim_cur = 1 << 20, .rlim_max = old->rlim_max };
	setrlimit(RLIMIT_AS, &limit);
}

static void
test_no_memory(void)
{
	header();
	plan(9);
	/* Nobody has a GiB of it in store. */
	const size_t size = 1 << 30;
	size_t used = box_region_used(), bytes = slab_bytes();
	struct rlimit limit;

	diag_clear(diag_get());
	limit_memory(&limit);
	void *p = box_region_alloc(size);
	setrlimit(RLIMIT_AS, &limit);
	ok(p == NULL, "box_region_alloc() fails");
	ok(last_error_is("OutOfMemory",
			 "Failed to allocate 1073741824 bytes in region_alloc for data"),
	   "with an error");

	diag_clear(diag_get());
	limit_memory(&limit);
	p = box_region_aligned_alloc(size, 64);
	setrlimit(RLIMIT_AS, &limit);
	ok(p == NULL, "box_region_aligned_alloc() fails");
	ok(last_error_is("OutOfMemory",
			 "Failed to allocate 1073741824 bytes in region_alloc for aligned data"),
	   "with an error");

	diag_clear(diag_get());
	limit_memory(&limit);
	p = region_aligned_alloc_cb(&fiber()->gc, size);
	setrlimit(RLIMIT_AS, &limit);
	ok(p == NULL, "region_aligned_alloc_cb() fails");
	ok(last_error_is("OutOfMemory",
			 "Failed to allocate 1073741824 bytes in region for new slab"),
	   "with an error");
	ok(box_region_used() == used && slab_bytes() == bytes, "nothing has changed");

	struct fiber_attr attr = { size, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	size_t fibers = live_fibers();
	/* The log would tell how much address space is in use. */
	say_set_log_level(S_ERROR);
	limit_memory(&limit);
	struct fiber *f = fiber_new_ex("huge", &attr, return_0_f);
	setrlimit(RLIMIT_AS, &limit);
	say_set_log_level(S_INFO);
	ok(f == NULL && live_fibers() == fibers && slab_bytes() == bytes,
	   "a fiber without a stack is not created");
	ok(last_error_is("OutOfMemory",
			 "Failed to allocate 1073741776 bytes in runtime arena for fiber stack"),
	   "with an error");
	check_plan();
	footer();
}

/** Fibers until memory ends, by a quota on the arena and an address space that ends. */
static void
test_exhaustion(void)
{
	header();
	plan(6);
	static const struct fiber_attr attr = {
		1 << 20, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK
	};
	static struct fiber *fibers[64];
	size_t before = live_fibers(), bytes = slab_bytes(), quota = quota_total(runtime.quota);
	uint32_t max_fid = cord()->max_fid;
	quota_set(runtime.quota, quota_used(runtime.quota) + (8 << 20));
	size_t count = 0;
	while (count < lengthof(fibers) &&
	       (fibers[count] = fiber_new_ex("one of many", &attr, return_0_f)) != NULL)
		count++;
	ok(count >= 4 && count < lengthof(fibers), "the arena is exhausted");
	ok(last_error_is("OutOfMemory",
			 "Failed to allocate 1048528 bytes in runtime arena for fiber stack"),
	   "by a stack");

	/* Leave the pool of structs no room either. */
	static void *objects[4096];
	size_t taken = 0;
	struct slab *slab;
	RLIST_HEAD(small);
	while ((slab = slab_get(cord_slab_cache(), 1)) != NULL)
		rlist_add_entry(&small, slab, next_in_list);
	while (taken < lengthof(objects) &&
	       (objects[taken] = mempool_alloc(&cord()->fiber_mempool)) != NULL)
		taken++;
	diag_clear(diag_get());
	ok(fiber_new_ex("none", &attr, return_0_f) == NULL, "or by a struct");
	ok(last_error_is("OutOfMemory", "Failed to allocate 336 bytes in fiber pool for fiber"),
	   "with another error");

	while (taken > 0)
		mempool_free(&cord()->fiber_mempool, objects[--taken]);
	struct slab *next;
	rlist_foreach_entry_safe(slab, &small, next_in_list, next)
		slab_put(cord_slab_cache(), slab);
	is(cord()->max_fid, max_fid + count, "failed creations take no id");
	quota_set(runtime.quota, quota);
	for (size_t i = 0; i < count; i++)
		fiber_start(fibers[i]);
	cord_collect_garbage(cord());
	ok(live_fibers() == before && slab_bytes() == bytes, "and leave nothing behind");
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(5);
	test_gc();
	test_box_region();
	test_lifetime();
	test_no_memory();
	test_exhaustion();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}

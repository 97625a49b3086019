/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel refuses to guard a stack or to lift a guard, for real and whatever the
 * kind of guard (spec fiber.md 11.8): what is reported, given back, kept in
 * quarantine, and handed out again. fiber_stack.c does the same by injection.
 */
#include "main_fiber.h"
#include "child.h"
#include "cordage/arena.h"
#include "cordage/guard.h"
#include "syscall_trap.h"

enum { PAGE = 4096, SIZE = 64 << 10, BLOCK = 4 << 20 };

static const struct fiber_attr custom = {
	SIZE, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK | FIBER_IS_JOINABLE
};

static bool refuse_set, refuse_lift;
static int refused;

static int
on_call(long number, char *addr, size_t size, int how)
{
	(void)addr;
	if (size == PAGE && ((refuse_set && syscall_trap_sets_guard(number, how)) ||
			     (refuse_lift && syscall_trap_lifts_guard(number, how)))) {
		refused++;
		return ENOMEM;
	}
	return 0;
}

static void
test_guard_not_set(void)
{
	header();
	plan(5);
	size_t fibers = live_fibers(), bytes = slab_bytes();
	diag_clear(diag_get());
	refuse_set = true;
	errno = 0;
	struct fiber *f = fiber_new_ex("unguarded", &custom, return_0_f);
	refuse_set = false;
	ok(f == NULL && refused > 0, "a stack that cannot be guarded is not made");
	ok(last_error_is("SystemError", "fiber mprotect failed"), "the error says so");
	ok(live_fibers() == fibers && slab_bytes() == bytes, "nothing is leaked");
	uint32_t max_fid = cord()->max_fid;
	f = fiber_new_ex("guarded", &custom, return_0_f);
	ok(f != NULL && f->fid == max_fid + 1, "the next one works");
	fiber_start(f);
	is(fiber_join(f), 0, "and runs");
	check_plan();
	footer();
}

static struct fiber *
new_custom(void)
{
	return fiber_new_ex("stuck", &custom, return_0_f);
}

/** The stack of the fiber goes to quarantine; returns its slab. */
static char *
leak(struct fiber *f)
{
	char *slab = (char *)f->stack_slab;
	fiber_start(f);
	diag_clear(diag_get());
	refused = 0;
	refuse_lift = true;
	fiber_join(f);
	return slab;
}

static char *
leak_one(void)
{
	return leak(new_custom());
}

/** A stack in memory that had other contents, where nobody has written a slab header. */
static struct fiber *
new_in_used_memory(void)
{
	struct slab *blocks[4];
	for (size_t i = 0; i < lengthof(blocks); i++) {
		blocks[i] = slab_get(cord_slab_cache(), BLOCK - slab_sizeof());
		memset(slab_data(blocks[i]), 0xff, BLOCK - slab_sizeof());
	}
	for (size_t i = 0; i < lengthof(blocks); i++)
		slab_put(cord_slab_cache(), blocks[i]);
	struct fiber *before[130];
	for (size_t i = 0; i < lengthof(before); i++)
		before[i] = new_custom();
	struct fiber *f = new_custom();
	for (size_t i = 0; i < lengthof(before); i++) {
		fiber_start(before[i]);
		fiber_join(before[i]);
	}
	return f;
}

static void
test_guard_not_lifted(void)
{
	header();
	plan(10);
	size_t fibers = live_fibers(), bytes = slab_bytes();
	char *slab = leak_one();
	ok(refused > 0 && last_error_is("SystemError", "fiber mprotect failed"),
	   "the joiner gets the error");
	is(live_fibers(), fibers, "the struct of the fiber is freed");
	is(slab_bytes(), bytes + SIZE, "its stack still counts as used");
	ok(!is_readable(slab + PAGE), "for its guard is still there");

	struct fiber *others[70];
	int reused = 0;
	for (size_t i = 0; i < lengthof(others); i++) {
		others[i] = fiber_new_ex("other", &custom, return_0_f);
		reused += (char *)others[i]->stack_slab == slab;
	}
	is(reused, 0, "no stack is made from it");
	refuse_lift = false;
	is(slab_bytes(), bytes + SIZE * (1 + lengthof(others)),
	   "that the kernel would lift it now is not noticed by itself");
	for (size_t i = 0; i < lengthof(others); i++) {
		fiber_start(others[i]);
		fiber_join(others[i]);
	}
	is(slab_bytes(), bytes, "but when the next stacks are deleted");
	ok(is_readable(slab + PAGE), "the guard is gone");

	/* The slab is as good as any other: take the block it is in, and write to it. */
	struct slab *slabs[128];
	bool found = false;
	for (size_t i = 0; i < lengthof(slabs); i++) {
		slabs[i] = slab_get(cord_slab_cache(), SIZE - slab_sizeof());
		memset(slab_data(slabs[i]), 'd', SIZE - slab_sizeof());
		found = found || (char *)slabs[i] == slab;
	}
	ok(found, "and the memory is handed out again");
	for (size_t i = 0; i < lengthof(slabs); i++)
		slab_put(cord_slab_cache(), slabs[i]);
	is(slab_bytes(), bytes, "as before");
	check_plan();
	footer();
}

static void
test_creation_retries(void)
{
	header();
	plan(8);
	size_t bytes = slab_bytes();
	struct cordage_quarantine before, report;
	cordage_quarantine(&before);
	leak_one();
	leak_one();
	cordage_quarantine(&report);
	ok(before.count == 0 && before.bytes == 0 && report.count == 2 &&
	   report.bytes == 2 * SIZE && report.admitted == before.admitted + 2,
	   "the quarantine tells how many it holds");
	is(cordage_quarantine_retry(), 2, "an attempt that fails changes nothing");
	refuse_lift = false;
	is(cordage_quarantine_retry(), 0, "one that succeeds gives them back");
	is(slab_bytes(), bytes, "to the last byte");
	leak_one();
	refuse_lift = false;
	struct fiber *f = fiber_new_ex("next", &custom, return_0_f);
	is(slab_bytes(), bytes + SIZE, "the creation of a stack takes one out of quarantine");
	fiber_start(f);
	fiber_join(f);
	is(slab_bytes(), bytes, "and nothing is left of it");

	struct fiber bare;
	memset(&bare, 0, sizeof(bare));
	fiber_stack_create(&bare, cord_slab_cache(), SIZE);
	refuse_lift = true;
	fiber_stack_destroy(&bare, cord_slab_cache());
	refuse_lift = false;
	is(slab_bytes(), bytes + SIZE, "a stack without a fiber goes there, too");
	fiber_stack_create(&bare, cord_slab_cache(), SIZE);
	fiber_stack_destroy(&bare, cord_slab_cache());
	is(slab_bytes(), bytes, "and leaves it as well");
	check_plan();
	footer();
}

static char *leaked;

static int
fail_guards_f(va_list ap)
{
	(void)ap;
	plan(3);
	test_guard_not_set();
	test_guard_not_lifted();
	test_creation_retries();
	/* Two more, for the end of the cord. */
	struct fiber *in_used_memory = new_in_used_memory();
	leaked = leak_one();
	leak(in_used_memory);
	return check_plan();
}

/** Takes all blocks that wait in the arena, and a few new ones. */
static bool
arena_hands_out(char *slab)
{
	struct cordage_arena_stats stats;
	cordage_arena_stats(&runtime, &stats);
	char *block = (char *)((uintptr_t)slab / BLOCK * BLOCK);
	bool found = false;
	for (size_t i = 0; i < stats.cached / BLOCK + 4; i++) {
		char *p = (char *)slab_map(&runtime);
		memset(p, 'b', BLOCK);
		found = found || p == block;
	}
	return found;
}

static int
with_backend(const void *arg)
{
	setenv("CORDAGE_GUARD", (const char *)arg, 1);
	syscall_trap(on_call);
	plan(2);
	run_main_fiber(fail_guards_f, fiber_c_invoke);
	ok(!arena_hands_out(leaked), "a block with a guard in it does not go back to the arena");
	return check_plan();
}

static int
lifted_in_time_f(va_list ap)
{
	(void)ap;
	leaked = leak_one();
	refuse_lift = false;
	return 0;
}

static int
lifted_at_the_end(const void *arg)
{
	setenv("CORDAGE_GUARD", (const char *)arg, 1);
	syscall_trap(on_call);
	run_main_fiber(lifted_in_time_f, fiber_c_invoke);
	return arena_hands_out(leaked) ? 0 : 1;
}

int
main(void)
{
	header();
	plan(4);
	is(run_in_child(with_backend, "madvise"), 0, "guards by madvise");
	is(run_in_child(lifted_at_the_end, "madvise"), 0, "lifted as the cord is destroyed");
	is(run_in_child(with_backend, "mprotect"), 0, "guards by mprotect");
	is(run_in_child(lifted_at_the_end, "mprotect"), 0, "lifted as the cord is destroyed");
	footer();
	return check_plan();
}

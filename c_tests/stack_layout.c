/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a stack lies in its slab, how large it is, and which sizes are refused (spec
 * fiber.md 11.1 to 11.3, 11.8, 11.9).
 */
#include "main_fiber.h"
#include "cordage/guard.h"

enum { PAGE = 4096, HEADER = 48 };

static void
test_table(void)
{
	header();
	static const struct {
		size_t request, slab, stack;
	} table[] = {
		{ 16384, 16384, 8192 },
		{ 20000, 32768, 11808 },
		{ 32768, 32768, 24576 },
		{ 65536, 65536, 57344 },
		{ 100000, 131072, 91808 },
		{ 131072, 131072, 122880 },
		{ 524288, 524288, 516096 },
		{ 1048576, 1048576, 1040384 },
		{ 4194304, 4194304, 4186112 },
		{ 4194305, 4194305, 4186129 },
		{ 8388608, 8388608, 8380432 },
	};
	plan(1 + 4 * lengthof(table));
	is(slab_sizeof(), HEADER, "the header of a slab");
	for (size_t i = 0; i < lengthof(table); i++) {
		struct fiber f;
		memset(&f, 0, sizeof(f));
		f.flags = FIBER_CUSTOM_STACK;
		size_t request = table[i].request, bytes = slab_bytes();
		int result = fiber_stack_create(&f, cord_slab_cache(), request);
		size_t grown = slab_bytes() - bytes;
		ok(result == 0 && grown == table[i].slab, "%zu: takes %zu", request, grown);
		is(f.stack_size, table[i].stack, "%zu: a stack of %zu", request, f.stack_size);

		uintptr_t slab = (uintptr_t)f.stack_slab, stack = (uintptr_t)f.stack;
		uintptr_t guard = (slab + HEADER + PAGE - 1) / PAGE * PAGE;
		ok(stack == guard + PAGE && stack + f.stack_size == slab + request,
		   "%zu: guard and stack end with the request", request);
		fiber_stack_destroy(&f, cord_slab_cache());
		is(slab_bytes(), bytes, "%zu: given back", request);
	}
	check_plan();
	footer();
}

static void
test_destroy(void)
{
	header();
	plan(4);
	struct fiber f;
	memset(&f, 0, sizeof(f));
	size_t bytes = slab_bytes();
	fiber_stack_destroy(&f, cord_slab_cache());
	is(slab_bytes(), bytes, "no stack, nothing to destroy");
	fiber_stack_create(&f, cord_slab_cache(), 65536);
	ok(f.stack != NULL && f.stack_slab != NULL && slab_bytes() == bytes + 65536,
	   "a stack is there");
	fiber_stack_destroy(&f, cord_slab_cache());
	ok(f.stack == NULL && f.stack_slab == NULL && f.stack_size == 0 &&
	   f.stack_watermark == NULL, "and is not");
	fiber_stack_destroy(&f, cord_slab_cache());
	fiber_stack_destroy(&f, cord_slab_cache());
	is(slab_bytes(), bytes, "destroying it again is harmless");
	check_plan();
	footer();
}

static bool
refused(size_t request, const char *type, const char *message, int error)
{
	struct fiber f;
	memset(&f, 0, sizeof(f));
	f.flags = FIBER_CUSTOM_STACK;
	size_t bytes = slab_bytes();
	diag_clear(diag_get());
	errno = 0;
	int result = fiber_stack_create(&f, cord_slab_cache(), request);
	return result == -1 && (error == 0 || errno == error) && last_error_is(type, message) &&
	       f.stack == NULL && f.stack_slab == NULL && f.stack_size == 0 &&
	       slab_bytes() == bytes;
}

static void
test_refusals(void)
{
	header();
	/* The least with a page to use: slab header, its page's rest, guard, a page. */
	enum { LEAST = 3 * PAGE };
	static const size_t too_small[] = {
		0, 1, 47, 48, 49, 4096, 4097, 8191, 8192, 8193, 8208, LEAST - 1,
	};
	plan(lengthof(too_small) + 6);
	for (size_t i = 0; i < lengthof(too_small); i++) {
		ok(refused(too_small[i], "SystemError", "stack size is too small", EINVAL),
		   "%zu bytes leave no page to use", too_small[i]);
	}
	struct fiber f;
	memset(&f, 0, sizeof(f));
	is(fiber_stack_create(&f, cord_slab_cache(), LEAST), 0, "%d bytes do", LEAST);
	is(f.stack_size, PAGE, "one");
	fiber_stack_destroy(&f, cord_slab_cache());

	/* The message shows the amount as 32 bits. */
	ok(refused((size_t)UINT32_MAX + 1, "OutOfMemory",
		   "Failed to allocate 4294967248 bytes in runtime arena for fiber stack", 0),
	   "4 GiB are too many");
	ok(refused(SIZE_MAX, "OutOfMemory",
		   "Failed to allocate 4294967247 bytes in runtime arena for fiber stack", 0),
	   "so are all there are");

	struct fiber_attr attr = { 8192, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	size_t fibers = live_fibers();
	ok(fiber_new_ex("small", &attr, return_0_f) == NULL && live_fibers() == fibers,
	   "a fiber with such a stack is not created");
	attr.stack_size = 20;
	ok(fiber_new_ex("small", &attr, return_0_f) == NULL && live_fibers() == fibers &&
	   last_error_is("SystemError", "stack size is too small"), "the error says why");
	check_plan();
	footer();
}

/** Whether the frame, and with it the stack pointer at the fiber's start, is aligned. */
static int
frame_f(va_list ap)
{
	(void)ap;
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
	char *top = (char *)fiber()->stack + fiber()->stack_size;
	return frame % 16 == 0 && frame < (uintptr_t)top && (uintptr_t)top - frame < 2048 ?
	       0 : -1;
}

static void
test_alignment(void)
{
	header();
	plan(1);
	int misaligned = 0;
	struct fiber_attr attr = { 0, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	for (size_t odd = 0; odd < 17; odd++) {
		attr.stack_size = (100 << 10) + odd;
		struct fiber *f = fiber_new_ex("odd", &attr, frame_f);
		fiber_set_joinable(f, true);
		fiber_start(f);
		misaligned += fiber_join(f) != 0;
	}
	attr.stack_size = 4194305;
	struct fiber *f = fiber_new_ex("odd and large", &attr, frame_f);
	fiber_set_joinable(f, true);
	fiber_start(f);
	misaligned += fiber_join(f) != 0;
	is(misaligned, 0, "frames are aligned to 16 bytes, near the top, for any size");
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(4);
	test_table();
	test_destroy();
	test_refusals();
	test_alignment();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}

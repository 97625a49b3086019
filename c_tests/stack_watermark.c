/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The watermark (spec fiber.md 11.6): a fiber that used much of its stack gives the
 * memory back when it ends, one that did not costs no system call, and a kernel that
 * refuses is no failure (11.7, 11.8, 21).
 */
#include "main_fiber.h"
#include "syscall_trap.h"

enum { PAGE = 4096, WORDS = 8, STRIDE = 128 };

/** The calls madvise(MADV_DONTNEED), and whether they shall fail. */
static struct {
	int calls;
	char *addr;
	size_t size;
	int error;
} hint;

static int
on_call(long number, char *addr, size_t size, int how)
{
	if (number != SYS_madvise || how != MADV_DONTNEED)
		return 0;
	hint.calls++;
	hint.addr = addr;
	hint.size = size;
	return hint.error;
}

static int
calls_since(void)
{
	int calls = hint.calls;
	hint.calls = 0;
	return calls;
}

static uint64_t *
word(struct fiber *f, int i)
{
	return (uint64_t *)((char *)f->stack_watermark + i * STRIDE);
}

static char *
watermark_page(struct fiber *f)
{
	return (char *)((uintptr_t)f->stack_watermark / PAGE * PAGE);
}

static size_t
resident_pages(char *from, char *to)
{
	unsigned char map[256];
	size_t pages = (to - from) / PAGE, resident = 0;
	if (pages > sizeof(map) || mincore(from, to - from, map) != 0)
		return SIZE_MAX;
	for (size_t i = 0; i < pages; i++)
		resident += map[i] & 1;
	return resident;
}

/** Writes on `depth` bytes of the stack, then waits. */
static int
deep_f(va_list ap)
{
	use_stack(va_arg(ap, size_t));
	fiber_yield();
	return 0;
}

static struct fiber *
start_deep(size_t depth)
{
	struct fiber *f = fiber_new("deep", deep_f);
	fiber_start(f, depth);
	return f;
}

static void
finish(struct fiber *f)
{
	fiber_wakeup(f);
	fiber_reschedule();
}

static void
test_creation(void)
{
	header();
	plan(10);
	calls_since();
	struct fiber *f = fiber_new("f", deep_f);
	char *stack = (char *)f->stack, *top = stack + f->stack_size;
	ok(calls_since() == 1 && hint.addr == stack && hint.size == f->stack_size,
	   "the memory of a new stack is dropped");
	size_t below_top = top - (char *)f->stack_watermark;
	ok(below_top <= 65536 && below_top >= 65536 - 120 && below_top % 8 == 0,
	   "the watermark is 64 KiB below the top, within 16 words");
	char *behind = watermark_page(f) + PAGE;
	is(resident_pages(stack, behind), 0, "nothing up to it is resident");

	fiber_start(f, (size_t)100);
	finish(f);
	is(calls_since(), 0, "a fiber that used little is recycled without a call");
	is(resident_pages(stack, behind), 1, "then a page is resident: that of the watermark");
	int zeros = 0;
	for (int i = 0; i < WORDS; i++)
		zeros += *word(f, i) == 0;
	is(zeros, 0, "whose words are no zeros");
	f = fiber_new("f", deep_f);
	is(calls_since(), 0, "and reused without one");
	fiber_start(f, (size_t)60000);
	finish(f);
	is(calls_since(), 0, "60000 bytes are little");

	struct fiber_attr attr = {
		(1 << 20) + 100, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK
	};
	f = fiber_new_ex("custom", &attr, deep_f);
	ok(calls_since() == 1 && hint.addr == f->stack && hint.size == 1040384,
	   "whole pages of a custom stack are dropped, too");
	fiber_start(f, (size_t)1000000);
	finish(f);
	ok(f->stack_watermark == NULL && calls_since() == 0, "but there is no watermark");
	cord_collect_garbage(cord());
	check_plan();
	footer();
}

static void
test_deep_use(void)
{
	header();
	plan(7);
	struct fiber *f = start_deep(400000);
	char *stack = (char *)f->stack, *page = watermark_page(f);
	char *top = stack + f->stack_size, *watermark = (char *)f->stack_watermark;
	ok(resident_pages(stack, page) >= (400000 - 65536) / PAGE, "a stack used deeply");
	calls_since();
	finish(f);
	ok(calls_since() == 1 && hint.addr == stack && hint.size == 450560,
	   "its memory below the watermark's page is dropped");
	is(resident_pages(stack, page), 0, "which is not resident any more");
	is(resident_pages(page, top), (size_t)(top - page) / PAGE, "64 KiB stay");
	ok(f->stack_watermark == watermark, "the watermark is where it was");
	ok(start_deep(400000) == f, "the next life");
	finish(f);
	is(calls_since(), 1, "is noticed as well");
	check_plan();
	footer();
}

static void
test_words(void)
{
	header();
	plan(3);
	uint64_t original[WORDS];
	int noticed = 0, restored = 0;
	for (int i = 0; i < WORDS; i++) {
		struct fiber *f = start_deep(100);
		for (int j = 0; j < WORDS; j++)
			original[j] = *word(f, j);
		*word(f, i) ^= 1;
		calls_since();
		finish(f);
		noticed += calls_since();
		for (int j = 0; j < WORDS; j++)
			restored += *word(f, j) == original[j];
	}
	is(noticed, WORDS, "each of the words counts");
	is(restored, WORDS * WORDS, "all are written again");

	struct fiber *f = start_deep(100);
	for (char *p = (char *)f->stack_watermark - 2048; p < (char *)word(f, WORDS - 1); p++) {
		size_t offset = p - (char *)f->stack_watermark;
		if (p < (char *)f->stack_watermark || offset % STRIDE >= 8)
			*p = 'x';
	}
	finish(f);
	is(calls_since(), 0, "nothing but them does");
	check_plan();
	footer();
}

static void
test_refused(void)
{
	header();
	plan(13);
	diag_clear(diag_get());
	struct fiber *kept = fiber_new("takes the cached one", return_0_f);
	hint.error = EINVAL;
	calls_since();
	struct fiber *f = fiber_new("f", deep_f);
	ok(f != NULL && calls_since() == 1, "a fiber is created although the hint is refused");
	ok(last_error_is("SystemError", "fiber madvise failed"), "its creator can see that");
	ok(diag_is_empty(&f->diag), "the fiber has no error");
	diag_clear(diag_get());

	fiber_start(f, (size_t)400000);
	finish(f);
	ok(calls_since() == 1 && diag_is_empty(diag_get()),
	   "a fiber that recycles itself leaves us no error");
	ok(diag_is_empty(&f->diag), "nor itself");
	ok(*word(f, 0) != 0, "its watermark is written");
	struct fiber *again = fiber_new("again", deep_f);
	ok(again == f && diag_is_empty(&again->diag), "who reuses it starts without one");
	ok(diag_is_empty(diag_get()), "and so do we");

	fiber_set_joinable(again, true);
	fiber_start(again, (size_t)400000);
	fiber_wakeup(again);
	is(fiber_join(again), 0, "a joiner that recycles a fiber");
	ok(last_error_is("SystemError", "fiber madvise failed"), "gets the error");
	ok(diag_is_empty(&again->diag), "the fiber does not");
	diag_clear(diag_get());

	/* As in locked memory, where every page is resident from the start. */
	again = fiber_new("takes the cached one", return_0_f);
	f = fiber_new("shallow", return_0_f);
	memset(f->stack, 0, f->stack_size / 2);
	diag_clear(diag_get());
	calls_since();
	fiber_set_joinable(f, true);
	fiber_start(f);
	is(fiber_join(f), 0, "one that used little");
	ok(calls_since() == 0 && diag_is_empty(diag_get()), "leaves its joiner no error");
	hint.error = 0;
	fiber_start(again);
	fiber_start(kept);
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(4);
	test_creation();
	test_deep_use();
	test_words();
	test_refused();
	footer();
	return check_plan();
}

int
main(void)
{
	/* A huge page would be resident as a whole. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	syscall_trap(on_call);
	return run_main_fiber(main_f, fiber_c_invoke);
}

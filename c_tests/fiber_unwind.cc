/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stacks of fibers as others see them (spec fiber.md 13.3, 13.4): unwinders stop cleanly at
 * the bottom, parked fibers can be walked by their frame pointers, exceptions
 * fly inside.
 */
#include <execinfo.h>
#include <unwind.h>
#include <new>
#include <stdexcept>
#include <string>

#include "main_fiber.h"

/* {{{ Unwinders */

struct walk {
	int frames;
	bool found_function;
};

static int
unwound_f(va_list);

static _Unwind_Reason_Code
count_frame(struct _Unwind_Context *context, void *arg)
{
	struct walk *walk = (struct walk *)arg;
	walk->frames++;
	if (_Unwind_FindEnclosingFunction((void *)_Unwind_GetIP(context)) == (void *)unwound_f)
		walk->found_function = true;
	return walk->frames < 1000 ? _URC_NO_REASON : _URC_NORMAL_STOP;
}

static struct {
	_Unwind_Reason_Code code;
	struct walk walk;
	int backtrace_frames;
} seen;

NOINLINE static void
look(int depth)
{
	if (depth > 0) {
		look(depth - 1);
		/* Not a tail call. */
		__asm__ volatile("");
		return;
	}
	seen.walk.frames = 0;
	seen.walk.found_function = false;
	seen.code = _Unwind_Backtrace(count_frame, &seen.walk);
	void *frames[200];
	seen.backtrace_frames = backtrace(frames, lengthof(frames));
}

static int
unwound_f(va_list ap)
{
	int depth = va_arg(ap, int);
	look(depth);
	fiber_yield();
	look(depth);
	return 0;
}

static void
on_yield(struct trigger *trigger, void *)
{
	trigger_clear(trigger);
	look(0);
}

static void
test_unwinders()
{
	header();
	plan(8);
	struct fiber *f = fiber_new("unwound", unwound_f);
	fiber_start(f, 0);
	ok(seen.code == _URC_END_OF_STACK && seen.walk.found_function,
	   "unwinding passes the fiber's function and ends well");
	ok(seen.walk.frames < 16 && seen.backtrace_frames < 16, "soon after it");
	int frames = seen.walk.frames, backtrace_frames = seen.backtrace_frames;
	fiber_wakeup(f);
	fiber_sleep(0);
	ok(seen.code == _URC_END_OF_STACK && seen.walk.frames == frames,
	   "the same after a switch");
	f = fiber_new("unwound", unwound_f);
	fiber_start(f, 50);
	is(seen.walk.frames, frames + 50, "every call is a frame");
	is(seen.backtrace_frames, backtrace_frames + 50, "for backtrace(), too");
	fiber_wakeup(f);
	fiber_sleep(0);
	ok(seen.code == _URC_END_OF_STACK && seen.walk.frames == frames + 50,
	   "in a reused fiber");

	/* Through the library. */
	struct trigger trigger;
	trigger_create(&trigger, on_yield, NULL, NULL);
	f = fiber_new("unwound", unwound_f);
	trigger_add(&f->on_yield, &trigger);
	fiber_start(f, 0);
	ok(seen.code == _URC_END_OF_STACK && seen.walk.found_function,
	   "from a trigger, through the library");
	fiber_wakeup(f);
	fiber_sleep(0);
	look(0);
	is(seen.code, _URC_END_OF_STACK, "and on this stack as well");
	check_plan();
	footer();
}

/* }}} */

/* {{{ Parked fibers */

static void *parked_frame, *caller_frame;

NOINLINE static void
park()
{
	parked_frame = __builtin_frame_address(0);
	fiber_yield();
	__asm__ volatile("");
}

static int
park_f(va_list)
{
	caller_frame = __builtin_frame_address(0);
	park();
	return 0;
}

/** How many frames the chain of saved rbp has to that frame, or -1. */
static int
frames_to(struct fiber *f, void *wanted)
{
	char *from = (char *)f->stack, *to = from + f->stack_size;
	void **frame = (void **)f->ctx.sp[5];
	for (int depth = 0; depth < 100; depth++) {
		if (frame == wanted)
			return depth;
		if ((char *)frame < from || (char *)frame >= to)
			return -1;
		frame = (void **)*frame;
	}
	return -1;
}

static void
test_parked()
{
	header();
	plan(4);
	struct fiber *f = fiber_new("parked", park_f);
	fiber_start(f);
	char *sp = (char *)f->ctx.sp;
	ok(sp > (char *)f->stack && sp < (char *)f->stack + f->stack_size,
	   "the saved stack pointer is in the stack");
	int depth = frames_to(f, parked_frame);
	ok(depth >= 0, "saved frame pointers lead to who called fiber_yield()");
	is(frames_to(f, caller_frame), depth + 1, "to its caller");
	ok(frames_to(f, NULL) > depth, "and to the bottom");
	fiber_wakeup(f);
	fiber_sleep(0);
	check_plan();
	footer();
}

/* }}} */

/* {{{ Exceptions */

static int alive;

struct Counted {
	int value;
	explicit Counted(int v) : value(v) { alive++; }
	Counted(const Counted &other) : value(other.value) { alive++; }
	~Counted() { alive--; }
};

/** Throws through frames with destructors and yields between. */
NOINLINE static void
throw_deep(int depth, int value)
{
	Counted local(depth);
	fiber_sleep(0);
	if (depth == 0)
		throw Counted(value);
	throw_deep(depth - 1, value);
}

static int
throw_f(va_list ap)
{
	int value = va_arg(ap, int), right = 0;
	for (int i = 0; i < 10; i++) {
		try {
			throw_deep(i % 5, value + i);
		} catch (const Counted &e) {
			right += e.value == value + i;
		}
	}
	return right;
}

static int
uncaught_f(va_list ap)
{
	int value = va_arg(ap, int);
	fiber_sleep(0);
	tnt_raise(IllegalParams, "number %d", value);
}

static int
standard_f(va_list)
{
	int right = 0;
	for (int i = 0; i < 10; i++) {
		try {
			fiber_sleep(0);
			std::string().at(5);
		} catch (const std::out_of_range &) {
			right++;
		}
	}
	return right;
}

static void
test_exceptions()
{
	header();
	plan(4);
	enum { COUNT = 20 };
	struct fiber *fibers[COUNT];
	for (int i = 0; i < COUNT; i++) {
		fibers[i] = fiber_new("throws", throw_f);
		fiber_set_joinable(fibers[i], true);
		fiber_start(fibers[i], 100 * i);
	}
	int right = 0;
	for (int i = 0; i < COUNT; i++)
		right += fiber_join(fibers[i]);
	is(right, 10 * COUNT, "exceptions in many fibers are caught where they belong");
	is(alive, 0, "and all objects on the way are destroyed");

	right = 0;
	for (int i = 0; i < COUNT; i++) {
		fibers[i] = fiber_new("fails", uncaught_f);
		fiber_set_joinable(fibers[i], true);
		fiber_start(fibers[i], i);
	}
	for (int i = COUNT - 1; i >= 0; i--) {
		right += fiber_join(fibers[i]) == -1 &&
			 last_error_is("IllegalParams", tt_sprintf("number %d", i));
	}
	is(right, COUNT, "errors that fibers throw arrive at who joins them");
	diag_clear(diag_get());

	struct fiber *f = fiber_new("standard", standard_f);
	fiber_set_joinable(f, true);
	fiber_start(f);
	is(fiber_join(f), 10, "exceptions of the C++ library are as good");
	check_plan();
	footer();
}

/* }}} */

static int
main_f(va_list)
{
	header();
	plan(3);
	test_unwinders();
	test_parked();
	test_exceptions();
	footer();
	return check_plan();
}

int
main()
{
	return run_main_fiber(main_f, fiber_cxx_invoke);
}

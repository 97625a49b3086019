/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of a test that runs in a fiber, and what many tests ask about fibers.
 */
#ifndef CORDAGE_TEST_MAIN_FIBER_H_INCLUDED
#define CORDAGE_TEST_MAIN_FIBER_H_INCLUDED

#include "memory.h"
#include "fiber.h"
#include "reflection.h"
#include "trigger.h"
#include "unit.h"

/**
 * Runs test_f in a fiber "main" of a main cord made for it, until no watcher is active
 * any more. Returns what test_f returned: check_plan().
 */
MAYBE_UNUSED static int
run_main_fiber(fiber_func test_f, int (*invoke)(fiber_func f, va_list ap))
{
	memory_init();
	fiber_init(invoke);
	struct fiber *main_fiber = fiber_new("main", test_f);
	fiber_set_joinable(main_fiber, true);
	fiber_wakeup(main_fiber);
	ev_run(loop(), 0);
	int result = fiber_join(main_fiber);
	fiber_free();
	memory_free();
	return result;
}

/** Fibers that have a struct: alive, cached or garbage. */
MAYBE_UNUSED static size_t
live_fibers(void)
{
	return mempool_count(&cord()->fiber_mempool);
}

/** What the cord's slab cache has handed out. */
MAYBE_UNUSED static size_t
slab_bytes(void)
{
	return cord()->slabc.allocated.stats.used;
}

/** Whether the last error of the current fiber is of that type and has that text. */
MAYBE_UNUSED static bool
last_error_is(const char *type, const char *message)
{
	struct error *e = diag_last_error(diag_get());
	return e != NULL && strcmp(e->type->name, type) == 0 &&
	       strcmp(e->errmsg, message) == 0;
}

MAYBE_UNUSED static int
return_0_f(va_list ap)
{
	(void)ap;
	return 0;
}

/** Writes on that many bytes of the stack. */
NOINLINE MAYBE_UNUSED static void
use_stack(size_t depth)
{
	volatile char *bytes = (volatile char *)__builtin_alloca(depth);
	for (size_t i = 0; i < depth; i++)
		bytes[i] = 'u';
}

/** Runs until the fiber is woken again. */
MAYBE_UNUSED static int
yield_once_f(va_list ap)
{
	(void)ap;
	fiber_yield();
	return 0;
}

#endif /* CORDAGE_TEST_MAIN_FIBER_H_INCLUDED */

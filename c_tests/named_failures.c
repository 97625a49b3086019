/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mistakes that the reference guards with an assertion at best: each ends the program with
 * status 1 and one line that names the function, and the fiber if there is one, in
 * Debug and in Release (spec fiber.md 18, 19; issue 3).
 */
#include "main_fiber.h"
#include "mistakes.h"
#include "coio.h"
#include "fiber_channel.h"
#include "fiber_cond.h"
#include "latch.h"

static struct fiber *
victim(void)
{
	return fiber_new("victim", yield_once_f);
}

/** A finished victim in the cache, which has no name any more. */
static struct fiber *
recycled(void)
{
	struct fiber *f = fiber_new("victim", return_0_f);
	fiber_start(f);
	return f;
}

/* {{{ In a fiber */

MISTAKE(join_not_joinable, fiber_join(victim()))

static void
join_twice(void)
{
	struct fiber *f = victim();
	fiber_set_joinable(f, true);
	fiber_start(f);
	fiber_wakeup(f);
	fiber_join(f);
	fiber_join(f);
}

/** A custom stack: the fiber is gone after the first one. */
static void
join_deleted(void)
{
	struct fiber_attr attr = { 65536, FIBER_IS_JOINABLE | FIBER_CUSTOM_STACK };
	struct fiber *f = fiber_new_ex("victim", &attr, return_0_f);
	fiber_start(f);
	fiber_join(f);
	fiber_join(f);
}

static int
join_f(va_list ap)
{
	return fiber_join(va_arg(ap, struct fiber *));
}

static void
join_by_two(uint32_t flags)
{
	struct fiber_attr attr = { 65536, FIBER_DEFAULT_FLAGS | FIBER_IS_JOINABLE | flags };
	struct fiber *f = fiber_new_ex("victim", &attr, yield_once_f);
	fiber_start(fiber_new("first", join_f), f);
	fiber_start(fiber_new("second", join_f), f);
	fiber_wakeup(f);
	fiber_sleep(0);
	fiber_wakeup(f);
	fiber_sleep(0.1);
}

MISTAKE(join_by_two_cached, join_by_two(0))
MISTAKE(join_by_two_deleted, join_by_two(FIBER_CUSTOM_STACK))

static void
join_oneself(void)
{
	fiber_set_joinable(fiber(), true);
	fiber_set_name(fiber(), "victim");
	fiber_join(fiber());
}

static void
unmake_joinable(void)
{
	struct fiber *f = victim();
	fiber_set_joinable(f, true);
	fiber_start(fiber_new("joiner", join_f), f);
	fiber_set_joinable(f, false);
	fiber_wakeup(f);
	fiber_sleep(0.1);
}

MISTAKE(cancel_recycled, fiber_cancel(recycled()))

static void
cancel_deleted(void)
{
	struct fiber_attr attr = { 65536, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	struct fiber *f = fiber_new_ex("victim", &attr, return_0_f);
	fiber_start(f);
	cord_collect_garbage(cord());
	fiber_cancel(f);
}

MISTAKE(call_dead, fiber_call(recycled()))
MISTAKE(start_dead, fiber_start(recycled(), 1))

static void
call_dead_joinable(void)
{
	struct fiber *f = fiber_new("victim", return_0_f);
	fiber_set_joinable(f, true);
	fiber_start(f);
	fiber_call(f);
}

static void
call_current(void)
{
	fiber_set_name(fiber(), "victim");
	fiber_call(fiber());
}

static int
call_f(va_list ap)
{
	fiber_call(va_arg(ap, struct fiber *));
	return 0;
}

static void
call_caller(void)
{
	fiber_set_name(fiber(), "victim");
	fiber_start(fiber_new("callee", call_f), fiber());
}

MISTAKE(new_without_name, fiber_new(NULL, return_0_f))
MISTAKE(new_without_attributes, fiber_new_ex("victim", NULL, return_0_f))
MISTAKE(name_it_null, fiber_set_name(fiber(), NULL))

static int
cojoin_f(va_list ap)
{
	return cord_cojoin(va_arg(ap, struct cord *));
}

static void *
sleep_f(void *arg)
{
	(void)arg;
	usleep(200000);
	return NULL;
}

static void
wake_cojoiner(void)
{
	static struct cord cord;
	cord_start(&cord, "slow", sleep_f, NULL);
	struct fiber *f = fiber_new("victim", cojoin_f);
	fiber_start(f, &cord);
	fiber_wakeup(f);
	fiber_sleep(0.1);
}

static void *
return_f(void *arg)
{
	return arg;
}

static void
join_cord_twice(void)
{
	static struct cord cord;
	cord_start(&cord, "short", return_f, NULL);
	cord_join(&cord);
	cord_join(&cord);
}

static void
cojoin_cord_twice(void)
{
	static struct cord cord;
	cord_start(&cord, "short", return_f, NULL);
	cord_cojoin(&cord);
	cord_cojoin(&cord);
}

/** Nothing in the cord's loop will ever wake its fiber. */
static void
cord_out_of_watchers(void)
{
	static struct cord cord;
	cord_costart(&cord, "idle", yield_once_f, NULL);
	cord_join(&cord);
}

static int
wait_cond_f(va_list ap)
{
	return fiber_cond_wait(va_arg(ap, struct fiber_cond *));
}

MISTAKE(free_in_fiber, fiber_free())
MISTAKE(init_fibers, fiber_init(fiber_c_invoke))

static void
destroy_cond_in_use(void)
{
	struct fiber_cond *cond = fiber_cond_new();
	fiber_start(fiber_new("victim", wait_cond_f), cond);
	fiber_cond_destroy(cond);
}

/* }}} */

/* {{{ On the scheduler */

static void
join_on_scheduler(void)
{
	struct fiber *f = victim();
	fiber_set_joinable(f, true);
	fiber_join(f);
}

static int
run_loop_f(va_list ap)
{
	(void)ap;
	fiber_wakeup(victim());
	ev_run(loop(), 0);
	return 0;
}

/** The callbacks of the loop belong on the scheduler's stack. */
MISTAKE(run_loop_in_fiber, fiber_start(fiber_new("runner", run_loop_f)))

MISTAKE(sleep_on_scheduler, fiber_sleep(0.01))
MISTAKE(sleep_zero_on_scheduler, fiber_sleep(0))
MISTAKE(yield_timeout_on_scheduler, fiber_yield_timeout(0.01))
MISTAKE(cond_on_scheduler, fiber_cond_wait(fiber_cond_new()))

static void
channel_on_scheduler(void)
{
	void *value;
	fiber_channel_get(fiber_channel_new(0), &value);
}

MISTAKE(coio_on_scheduler, coio_wait(STDIN_FILENO, COIO_READ, 1))

static void
cojoin_on_scheduler(void)
{
	static struct cord cord;
	cord_start(&cord, "slow", sleep_f, NULL);
	cord_cojoin(&cord);
}

/* }}} */

/* {{{ Without a cord */

static struct fiber foreign;

MISTAKE(no_cord_new, fiber_new("victim", return_0_f))
MISTAKE(no_cord_wakeup, fiber_wakeup(&foreign))
MISTAKE(no_cord_start, fiber_start(&foreign))

static void
no_cord_cancel(void)
{
	foreign.flags = FIBER_IS_CANCELLABLE;
	fiber_cancel(&foreign);
}

static void
no_cord_join(void)
{
	foreign.flags = FIBER_IS_JOINABLE | FIBER_IS_DEAD;
	fiber_join(&foreign);
}

MISTAKE(no_cord_stat, fiber_stat(NULL, NULL))
MISTAKE(no_cord_find, fiber_find(101))
MISTAKE(no_cord_cancellable, fiber_set_cancellable(true))
MISTAKE(no_cord_region_alloc, box_region_alloc(1))
MISTAKE(no_cord_region_used, box_region_used())
MISTAKE(no_cord_sleep, fiber_sleep(0))
MISTAKE(no_cord_set_name, cord_set_name("victim"))
MISTAKE(no_cord_value, ipc_value_new())
MISTAKE(no_cord_cond, fiber_cond_new())

static void
no_cord_stacksize(void)
{
	struct fiber_attr attr;
	fiber_attr_setstacksize(&attr, 1);
}

MISTAKE(no_cord_time, fiber_time())
MISTAKE(no_cord_clock, fiber_clock())
MISTAKE(no_cord_is_cancelled, fiber_is_cancelled())
MISTAKE(no_cord_self, fiber_self())
MISTAKE(no_cord_slab_cache, cord_slab_cache())
MISTAKE(no_cord_diag, diag_get())
MISTAKE(no_cord_coio_wait, coio_wait(STDIN_FILENO, COIO_READ, 1))

/* }}} */

static const struct mistake mistakes[] = {
	{ IN_FIBER, join_not_joinable, "fiber_join", "victim" },
	{ IN_FIBER, join_twice, "fiber_join", "" },
	{ IN_FIBER, join_deleted, "fiber_join: fiber '' (0)", "" },
	{ IN_FIBER, join_by_two_cached, "fiber_join", "" },
	{ IN_FIBER, join_by_two_deleted, "fiber_join", "" },
	{ IN_FIBER, join_oneself, "fiber_join", "victim" },
	{ IN_FIBER, unmake_joinable, "fiber_set_joinable", "victim" },
	{ IN_FIBER, cancel_recycled, "Cancel of a finished and already recycled fiber", "" },
	{ IN_FIBER, cancel_deleted, "Cancel of a finished and already recycled fiber", "" },
	{ IN_FIBER, call_dead, "fiber_call", "" },
	{ IN_FIBER, start_dead, "fiber_start", "" },
	{ IN_FIBER, call_dead_joinable, "fiber_call", "victim" },
	{ IN_FIBER, call_current, "fiber_call", "victim" },
	{ IN_FIBER, call_caller, "fiber_call", "victim" },
	{ IN_FIBER, new_without_name, "fiber_new", "" },
	{ IN_FIBER, new_without_attributes, "fiber_new_ex", "" },
	{ IN_FIBER, name_it_null, "fiber_set_name", "" },
	{ IN_FIBER, wake_cojoiner, "Wrong fiber woken", "" },
	{ IN_FIBER, join_cord_twice, "cord_join", "" },
	{ IN_FIBER, cojoin_cord_twice, "cord_cojoin", "" },
	{ IN_FIBER, cord_out_of_watchers, "cord_costart: the event loop of cord 'idle'",
	  "fiber 'main' (101)" },
	{ IN_FIBER, destroy_cond_in_use, "fiber_cond_destroy", "" },
	{ IN_FIBER, free_in_fiber, "main", "" },
	{ IN_FIBER, init_fibers, "fiber_init", "" },
	{ ON_SCHEDULER, init_fibers, "fiber_init", "" },
	{ ON_SCHEDULER, fiber_yield, "fiber_yield", "" },
	{ ON_SCHEDULER, fiber_reschedule, "fiber_reschedule", "" },
	{ ON_SCHEDULER, run_loop_in_fiber, "ev_run: called in fiber 'runner'", "" },
	{ ON_SCHEDULER, sleep_on_scheduler, "fiber_sleep", "" },
	{ ON_SCHEDULER, sleep_zero_on_scheduler, "fiber_sleep", "" },
	{ ON_SCHEDULER, yield_timeout_on_scheduler, "fiber_yield_timeout", "" },
	{ ON_SCHEDULER, join_on_scheduler, "fiber_join", "" },
	{ ON_SCHEDULER, cond_on_scheduler, "fiber_cond_wait", "" },
	{ ON_SCHEDULER, channel_on_scheduler, "fiber_channel_get", "" },
	{ ON_SCHEDULER, coio_on_scheduler, "coio_wait", "" },
	{ ON_SCHEDULER, cojoin_on_scheduler, "cord_cojoin", "" },
	{ IN_THREAD, no_cord_new, "fiber_new", "" },
	{ IN_THREAD, no_cord_wakeup, "fiber_wakeup", "" },
	{ IN_THREAD, no_cord_start, "fiber_start", "" },
	{ IN_THREAD, no_cord_cancel, "fiber_cancel", "" },
	{ IN_THREAD, no_cord_join, "fiber_join", "" },
	{ IN_THREAD, no_cord_stat, "fiber_stat", "" },
	{ IN_THREAD, no_cord_find, "fiber_find", "" },
	{ IN_THREAD, no_cord_cancellable, "fiber_set_cancellable", "" },
	{ IN_THREAD, no_cord_is_cancelled, "fiber_is_cancelled", "" },
	{ IN_THREAD, no_cord_region_alloc, "box_region_alloc", "" },
	{ IN_THREAD, no_cord_region_used, "box_region_used", "" },
	{ IN_THREAD, fiber_free, "fiber_free", "" },
	{ IN_THREAD, fiber_gc, "fiber_gc", "" },
	{ IN_THREAD, fiber_yield, "fiber_yield", "" },
	{ IN_THREAD, fiber_reschedule, "fiber_reschedule", "" },
	{ IN_THREAD, no_cord_sleep, "fiber_sleep", "" },
	{ IN_THREAD, no_cord_time, "fiber_time", "" },
	{ IN_THREAD, no_cord_clock, "fiber_clock", "" },
	{ IN_THREAD, no_cord_self, "fiber_self", "" },
	{ IN_THREAD, no_cord_slab_cache, "cord_slab_cache", "" },
	{ IN_THREAD, no_cord_set_name, "cord_set_name", "" },
	{ IN_THREAD, no_cord_value, "ipc_value_new", "" },
	{ IN_THREAD, no_cord_cond, "fiber_cond_new", "" },
	{ IN_THREAD, no_cord_stacksize, "stack size is too small", "" },
	{ IN_THREAD, no_cord_diag, "diag_get", "" },
	{ IN_THREAD, no_cord_coio_wait, "coio_wait", "" },
	{ BEFORE_INIT, no_cord_new, "fiber_new", "" },
	{ BEFORE_INIT, no_cord_wakeup, "fiber_wakeup", "" },
	{ BEFORE_INIT, fiber_yield, "fiber_yield", "" },
	{ BEFORE_INIT, fiber_free, "fiber_free", "" },
	{ BEFORE_MEMORY, init_fibers, "memory_init", "" },
};

int
main(void)
{
	header();
	check_mistakes(mistakes, lengthof(mistakes));
	footer();
	return check_plan();
}

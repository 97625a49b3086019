/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program's cord_on_yield(): called on the main cord before a fiber loses
 * control by its own doing (spec fiber.md 4.6). All other tests link without it.
 */
#include "main_fiber.h"

void
cord_on_yield(void);

static int calls;
static struct fiber *called_on;
static uint32_t flags;

void
cord_on_yield(void)
{
	calls++;
	called_on = fiber();
	flags = fiber()->flags;
}

/** How often it was called since the last question. */
static int
calls_since(void)
{
	int count = calls;
	calls = 0;
	return count;
}

static int
reschedule_f(va_list ap)
{
	(void)ap;
	fiber_reschedule();
	return 0;
}

static bool after_trigger;

static void
on_yield(struct trigger *t, void *event)
{
	(void)event;
	trigger_clear(t);
	after_trigger = calls == 0;
}

static void
on_timer(ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	calls_since();
	fiber_start(fiber_new("from sched", yield_once_f));
	fiber_wakeup((struct fiber *)timer->data);
}

static int
cord_f(va_list ap)
{
	(void)ap;
	struct fiber *f = fiber_new("f", yield_once_f);
	fiber_start(f);
	fiber_wakeup(f);
	fiber_reschedule();
	fiber_sleep(0);
	return 0;
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(13);
	calls_since();
	struct fiber *f = fiber_new("f", yield_once_f);
	fiber_wakeup(f);
	is(calls_since(), 0, "creation and wakeup do not call it");
	fiber_reschedule();
	is(calls_since(), 2, "our reschedule and the other one's yield do, dispatch does not");
	fiber_wakeup(f);
	fiber_sleep(0);
	is(calls_since(), 2, "so do a sleep and a death");

	f = fiber_new("f", yield_once_f);
	fiber_start(f);
	is(calls_since(), 2, "a start and the return to the starter");
	ok(called_on == f, "it runs on the fiber that loses control");
	ok(flags & FIBER_IS_RUNNING && (flags & FIBER_IS_READY) == 0,
	   "before its flags change");
	fiber_call(f);
	is(calls_since(), 2, "fiber_call() and the death");

	for (int i = 0; i < 10; i++)
		fiber_wakeup(fiber_new("r", reschedule_f));
	fiber_sleep(0);
	is(calls_since(), 21, "ten fibers that yield and die, and our sleep");

	struct trigger trigger;
	trigger_create(&trigger, on_yield, NULL, NULL);
	trigger_add(&fiber()->on_yield, &trigger);
	fiber_sleep(0);
	ok(calls_since() == 1 && after_trigger, "it comes after the fiber's triggers");

	ev_timer timer;
	ev_timer_init(&timer, on_timer, 0, 0);
	timer.data = fiber();
	ev_timer_start(loop(), &timer);
	fiber_yield();
	is(calls_since(), 2, "the scheduler's own fiber_start(), and the return to it");
	f = rlist_first_entry(&cord()->alive, struct fiber, link);
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	fiber_join(f);
	is(calls_since(), 2, "a join and a death");
	fiber_wakeup(fiber());
	fiber_cancel(fiber());
	is(calls_since(), 0, "waking or cancelling ourselves is no yield");

	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	fail_if(cord_costart(&cord, "other", cord_f, NULL) != 0);
	fail_if(cord_join(&cord) != 0);
	is(calls_since(), 0, "other cords do not call it");
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}

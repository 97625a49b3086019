/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleeping and the clocks of the event loop (spec fiber.md 8).
 */
#include <math.h>

#include "main_fiber.h"
#include "clock.h"

static void
compute(double seconds)
{
	double end = clock_monotonic() + seconds;
	while (clock_monotonic() < end)
		;
}

static void
test_clocks(void)
{
	header();
	plan(10);
	fiber_sleep(0);
	double time = fiber_time(), clock = fiber_clock();
	is(time, ev_now(loop()), "fiber_time() is the loop's wall clock");
	ok(fabs(time - clock_realtime()) < 5, "near the real one");
	ok(clock <= clock_monotonic() && clock_monotonic() - clock < 5,
	   "fiber_clock() is a monotonic clock");
	is(clock, ev_monotonic_now(loop()), "the loop's");
	is(fiber_time64(), (uint64_t)(time * 1000000 + 0.5), "in microseconds, rounded");
	is(fiber_clock64(), (uint64_t)(clock * 1000000 + 0.5), "both");
	compute(0.01);
	fiber_reschedule();
	ok(fiber_time() == time && fiber_clock() == clock, "they stand while fibers compute");
	fiber_sleep(0);
	ok(fiber_clock() - clock >= 0.01 && fiber_time() > time, "and go on with the loop");

	ev_timer timer;
	ev_timer_init(&timer, NULL, 10, 0);
	ev_timer_start(loop(), &timer);
	ok(fabs(ev_timer_remaining(loop(), &timer) - 10) < 1e-6,
	   "timers start from the same clock");
	ev_timer_stop(loop(), &timer);

	struct ev_loop *other = ev_loop_new(EVFLAG_AUTO | EVFLAG_ALLOCFD);
	ok(other != NULL && fabs(ev_monotonic_now(other) - clock_monotonic()) < 5,
	   "any loop has it");
	ev_loop_destroy(other);
	check_plan();
	footer();
}

static struct fiber *sleeper;
static bool timed_out;
static double waited;

static int
sleep_f(va_list ap)
{
	double delay = va_arg(ap, double);
	double start = fiber_clock();
	timed_out = fiber_yield_timeout(delay);
	waited = fiber_clock() - start;
	return 0;
}

static void
start_sleeper(double delay)
{
	sleeper = fiber_new("sleeper", sleep_f);
	fiber_set_joinable(sleeper, true);
	fiber_start(sleeper, delay);
}

static void
wake_sleeper(ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
	fiber_wakeup(sleeper);
}

static bool woken_after_poll;

static void
wake_sleeper_after_poll(ev_loop *loop) EV_NOEXCEPT
{
	(void)loop;
	fiber_wakeup(sleeper);
	woken_after_poll = true;
}

static void
do_nothing(ev_loop *loop) EV_NOEXCEPT
{
	(void)loop;
}

static void
test_yield_timeout(void)
{
	header();
	plan(11);
	start_sleeper(0.02);
	fiber_join(sleeper);
	ok(timed_out && waited >= 0.02, "the timer ends the wait");

	start_sleeper(100);
	fiber_wakeup(sleeper);
	fiber_join(sleeper);
	ok(!timed_out && waited < 50, "a wakeup ends it early");
	start_sleeper(100);
	fiber_cancel(sleeper);
	fiber_join(sleeper);
	ok(!timed_out && waited < 50, "so does a cancel");

	start_sleeper(0);
	fiber_join(sleeper);
	ok(timed_out, "0 expires in the next turn of the loop");
	start_sleeper(-10);
	fiber_join(sleeper);
	ok(timed_out && waited < 1, "and so does a time in the past");

	/* Both before it runs: the result is that of the timer. */
	ev_timer timer;
	ev_timer_init(&timer, wake_sleeper, 0.01, 0);
	start_sleeper(100);
	ev_timer_start(loop(), &timer);
	fiber_join(sleeper);
	ok(!timed_out && waited >= 0.01, "a callback may wake it");
	start_sleeper(0.01);
	fiber_reschedule();
	compute(0.02);
	fiber_wakeup(sleeper);
	fiber_join(sleeper);
	ok(!timed_out, "woken before the loop has seen its time pass");

	/* Right after the poll, before libev looks at its timers. */
	start_sleeper(0.001);
	compute(0.002);
	ev_set_loop_release_cb(loop(), do_nothing, wake_sleeper_after_poll);
	fiber_join(sleeper);
	ev_set_loop_release_cb(loop(), NULL, NULL);
	ok(woken_after_poll && timed_out, "woken, and out of time before it runs");

	/* Computing makes a wait shorter: timers count from the loop's clock. */
	fiber_sleep(0);
	ev_timer_init(&timer, wake_sleeper, 0.045, 0);
	ev_timer_start(loop(), &timer);
	compute(0.05);
	start_sleeper(0.04);
	fiber_join(sleeper);
	ok(timed_out, "a wait that follows a computation has begun before it");
	ok(!ev_is_active(&cord()->idle_event), "and no idle watcher");
	ok(fiber_yield_timeout(1e-9), "a nanosecond");
	check_plan();
	footer();
}

static int iterations, idle_iterations;

static void
count_iteration(ev_loop *loop, ev_prepare *prepare, int events)
{
	(void)loop;
	(void)prepare;
	(void)events;
	iterations++;
	idle_iterations += ev_is_active(&cord()->idle_event);
}

static int
sleep_zero_f(va_list ap)
{
	int count = va_arg(ap, int);
	for (int i = 0; i < count; i++)
		fiber_sleep(0);
	return 0;
}

static void
test_sleep_zero(void)
{
	header();
	plan(5);
	ev_prepare prepare;
	ev_prepare_init(&prepare, count_iteration);
	ev_prepare_start(loop(), &prepare);
	fiber_sleep(0);
	iterations = 0;
	idle_iterations = 0;
	for (int i = 0; i < 1000; i++)
		fiber_sleep(0);
	is(iterations, 1000, "a sleep of 0 is one turn of the loop");
	/* libev waits for at least a millisecond when only a timer is active. */
	is(idle_iterations, 1000, "which does not wait");

	struct fiber *f[10];
	for (int i = 0; i < 10; i++) {
		f[i] = fiber_new("sleeps", sleep_zero_f);
		fiber_set_joinable(f[i], true);
		fiber_start(f[i], 10 + i);
	}
	iterations = 0;
	for (int i = 0; i < 10; i++)
		fiber_join(f[i]);
	is(iterations, 19, "sleepers share the turns");
	ok(!ev_is_active(&cord()->idle_event), "the idle watcher is stopped by the last");

	struct fiber *cancelled = fiber_new("cancelled", sleep_zero_f);
	fiber_set_joinable(cancelled, true);
	fiber_start(cancelled, 1);
	fiber_cancel(cancelled);
	iterations = 0;
	fiber_join(cancelled);
	is(iterations, 0, "a cancel wakes the sleeper without a turn");
	ev_prepare_stop(loop(), &prepare);
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(3);
	test_clocks();
	test_yield_timeout();
	test_sleep_zero();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}

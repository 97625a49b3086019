/* SPDX-License-Identifier: BSD-2-Clause */
/* fiber_join_timeout() (module/fiber.h). */
#include "../main_fiber.h"

static int
fail_f(va_list ap)
{
	int result = va_arg(ap, int);
	fiber_yield();
	if (result != 0)
		diag_set(IllegalParams, "failed as told");
	return result;
}

static struct fiber *
start(int result)
{
	struct fiber *f = fiber_new("victim", fail_f);
	fiber_set_joinable(f, true);
	fiber_start(f, result);
	return f;
}

static bool
timed_out(int result)
{
	return result == -1 && last_error_is("TimedOut", "timed out");
}

static void
test_result(void)
{
	header();
	plan(6);
	struct fiber *f = start(0);
	fiber_wakeup(f);
	diag_clear(diag_get());
	is(fiber_join_timeout(f, 1000), 0, "a fiber that ends in time");
	ok(diag_is_empty(diag_get()), "sets no error");
	f = start(7);
	fiber_wakeup(f);
	is(fiber_join_timeout(f, TIMEOUT_INFINITY), 7, "the result is the function's");
	ok(last_error_is("IllegalParams", "failed as told"), "its error moves to the joiner");
	f = start(-1);
	fiber_wakeup(f);
	fiber_sleep(0);
	uint64_t csw = fiber_csw(NULL);
	ok(fiber_join_timeout(f, 0) == -1 && fiber_csw(NULL) == csw &&
	   last_error_is("IllegalParams", "failed as told"), "one that has ended: without a yield");
	ok(fiber_id(f) == 0, "a joined fiber is recycled");
	check_plan();
	footer();
}

static void
test_timeout(void)
{
	header();
	plan(8);
	struct fiber *f = start(0);
	uint64_t csw = fiber_csw(NULL);
	ok(timed_out(fiber_join_timeout(f, 0)), "no time at all");
	is(fiber_csw(NULL), csw + 1, "is one yield");
	ok(timed_out(fiber_join_timeout(f, -1)), "and so is less than none");
	double start_time = fiber_clock();
	ok(timed_out(fiber_join_timeout(f, 0.02)), "not in time");
	ok(fiber_clock() - start_time >= 0.02, "but not before");
	ok(!fiber_is_dead(f) && (f->flags & FIBER_IS_JOINABLE) && rlist_empty(&f->wake),
	   "the fiber is as before");
	fiber_wakeup(f);
	diag_clear(diag_get());
	is(fiber_join_timeout(f, 1000), 0, "and is joined in the end");
	f = start(0);
	(void)fiber_join_timeout(f, 0);
	fiber_wakeup(f);
	is(fiber_join(f), 0, "in either way");
	check_plan();
	footer();
}

static int
join_f(va_list ap)
{
	struct fiber *f = va_arg(ap, struct fiber *);
	double timeout = va_arg(ap, double);
	return fiber_join_timeout(f, timeout);
}

static struct fiber *
start_joiner(struct fiber *f, double timeout)
{
	struct fiber *joiner = fiber_new("joiner", join_f);
	fiber_set_joinable(joiner, true);
	fiber_start(joiner, f, timeout);
	return joiner;
}

static void
test_wakeups(void)
{
	header();
	plan(6);
	struct fiber *f = start(3);
	struct fiber *joiner = start_joiner(f, 1000.0);
	for (int i = 0; i < 10; i++) {
		fiber_wakeup(joiner);
		fiber_sleep(0);
	}
	ok(!fiber_is_dead(joiner), "a wake-up does not end the wait");
	fiber_cancel(joiner);
	fiber_sleep(0);
	ok(!fiber_is_dead(joiner), "nor does a cancel");
	fiber_wakeup(f);
	ok(fiber_join(joiner) == 3 && last_error_is("IllegalParams", "failed as told"),
	   "only the end of the fiber does");

	f = start(0);
	joiner = start_joiner(f, 0.05);
	double start_time = fiber_clock();
	while (!fiber_is_dead(joiner)) {
		fiber_wakeup(joiner);
		fiber_sleep(0.001);
	}
	ok(fiber_clock() - start_time >= 0.05, "wake-ups do not shorten the wait");
	ok(timed_out(fiber_join(joiner)), "nor prolong it for ever");
	fiber_wakeup(f);
	is(fiber_join(f), 0, "another fiber joins after the one that gave up");
	check_plan();
	footer();
}

static int
test_f(va_list ap)
{
	(void)ap;
	header();
	plan(3);
	test_result();
	test_timeout();
	test_wakeups();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(test_f, fiber_c_invoke);
}

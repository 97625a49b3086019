/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whom fiber_wakeup() wakes and whom it leaves alone (spec fiber.md 8), and what a
 * fiber that nobody joins says when it fails (10.3).
 */
#include "main_fiber.h"
#include "say.h"

static int runs;

static int
count_runs_f(va_list ap)
{
	(void)ap;
	while (true) {
		runs++;
		fiber_yield();
		if (fiber_is_cancelled())
			return 0;
	}
}

static int
wake_caller_f(va_list ap)
{
	struct fiber *caller = va_arg(ap, struct fiber *);
	fiber_wakeup(caller);
	return rlist_empty(&cord()->ready) ? 0 : -1;
}

static void
test_tolerance(void)
{
	header();
	plan(13);
	runs = 0;
	struct fiber *f = fiber_new("runs", count_runs_f);
	fiber_wakeup(f);
	is(runs, 0, "a wakeup does not switch");
	fiber_wakeup(f);
	fiber_wakeup(f);
	fiber_sleep(0);
	is(runs, 1, "a fiber that was never started runs, once however often it is woken");

	struct fiber *caller = fiber_new("wake_caller", wake_caller_f);
	fiber_set_joinable(caller, true);
	fiber_start(caller, fiber());
	is(fiber_join(caller), 0, "a fiber that waits for the one it started is not woken");

	fiber_wakeup(fiber());
	ok(rlist_empty(&cord()->ready), "nor is the one that runs");
	double start = ev_monotonic_now(loop());
	fiber_wakeup(fiber());
	ok(fiber_yield_timeout(0.02), "so its next sleep ends by its timer");
	ok(ev_monotonic_now(loop()) - start >= 0.02, "in time");

	fiber_cancel(f);
	fiber_sleep(0);
	ok(fiber_is_dead(f), "a cancelled fiber ended");
	runs = 0;
	fiber_wakeup(f);
	ok(rlist_empty(&cord()->ready), "a finished one is not woken");
	fiber_sleep(0);
	is(runs, 0, "and does not run");

	struct fiber *joinable = fiber_new("joinable", return_0_f);
	fiber_set_joinable(joinable, true);
	fiber_start(joinable);
	fiber_wakeup(joinable);
	ok(rlist_empty(&cord()->ready) && fiber_join(joinable) == 0,
	   "one that waits to be joined is not either");

	struct fiber_attr attr = { 65536, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	struct fiber *deleted = fiber_new_ex("deleted", &attr, return_0_f);
	fiber_start(deleted);
	cord_collect_garbage(cord());
	fiber_wakeup(deleted);
	ok(rlist_empty(&cord()->ready), "nor one that is gone");

	struct fiber *again = fiber_new("again", count_runs_f);
	ok(again == f, "reused, the fiber can be woken by its old pointer");
	fiber_wakeup(f);
	fiber_sleep(0);
	is(runs, 1, "and runs");
	fiber_cancel(again);
	fiber_sleep(0);
	check_plan();
	footer();
}

/** Everything a fiber waits for is a list it is taken off by a wakeup. */
static int
queue_f(va_list ap)
{
	struct rlist *queue = va_arg(ap, struct rlist *);
	rlist_add_tail_entry(queue, fiber(), state);
	fiber_yield();
	return 0;
}

static void
test_queues(void)
{
	header();
	plan(4);
	RLIST_HEAD(queue);
	struct fiber *f[3];
	for (int i = 0; i < 3; i++) {
		f[i] = fiber_new("queued", queue_f);
		fiber_start(f[i], &queue);
	}
	fiber_wakeup(f[1]);
	ok(rlist_first_entry(&queue, struct fiber, state) == f[0] &&
	   rlist_last_entry(&queue, struct fiber, state) == f[2] &&
	   rlist_next_entry(f[0], state) == f[2], "a wakeup takes a fiber off its queue");
	ok(rlist_first_entry(&cord()->ready, struct fiber, state) == f[1],
	   "and puts it on the ready list");
	fiber_sleep(0);
	int woken = 0;
	while (!rlist_empty(&queue)) {
		fiber_wakeup(rlist_first_entry(&queue, struct fiber, state));
		woken++;
	}
	is(woken, 2, "so a queue can be emptied by waking its first");
	fiber_sleep(0);
	ok(rlist_empty(&cord()->ready), "the ready list is drained");
	check_plan();
	footer();
}

static int
fail_f(va_list ap)
{
	int kind = va_arg(ap, int);
	switch (kind) {
	case 0:
		diag_set(OutOfMemory, 42, "allocator", "exception");
		break;
	case 1:
		diag_set(IllegalParams, "%d is wrong", 5);
		break;
	case 2:
		diag_set(IllegalParams, "it succeeds, so nobody hears of this");
		return 0;
	case 3:
		diag_set(IllegalParams, "it is cancelled, so nobody hears of this");
		fiber_cancel(fiber());
		break;
	case 4:
		diag_set(IllegalParams, "somebody joins it, so nobody hears of this");
		break;
	case 5:
		/* Cancelled, without any error. */
		fiber_cancel(fiber());
		break;
	case 6:
		/* A failure that nothing is known of. */
		break;
	}
	return -1;
}

static void
test_uncaught(void)
{
	header();
	plan(5);
	struct error *own = BuildIllegalParams("file", 1, "the starter's own");
	diag_add_error(diag_get(), own);
	struct fiber *f = NULL;
	bool empty = true;
	for (int kind = 0; kind < 4; kind++) {
		f = fiber_new("fails", fail_f);
		fiber_start(f, kind);
		empty = empty && diag_is_empty(&f->diag);
	}
	ok(empty, "a fiber nobody joins keeps no error");
	ok(diag_last_error(diag_get()) == own && own->refs == 1,
	   "the starter's error is its own");
	f = fiber_new("joined", fail_f);
	fiber_set_joinable(f, true);
	fiber_start(f, 4);
	ok(fiber_join(f) == -1 && last_error_is("IllegalParams",
		"somebody joins it, so nobody hears of this"), "a joiner gets the error");
	f = fiber_new("nothing", fail_f);
	fiber_start(f, 5);
	ok(fiber_is_dead(f), "a cancelled fiber may fail without an error");
	f = fiber_new("nothing", fail_f);
	fiber_start(f, 6);
	ok(fiber_is_dead(f), "so may any other");
	diag_clear(diag_get());
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(3);
	test_tolerance();
	test_queues();
	/* The log lines, on stderr, come before all of this. */
	test_uncaught();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}

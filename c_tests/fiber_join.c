/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Joining and cancelling (spec fiber.md 8): whose error ends up where, who is woken
 * when, and what a cancel does not interrupt.
 */
#include "main_fiber.h"

static int
fail_with_f(va_list ap)
{
	struct error *e = va_arg(ap, struct error *);
	int result = va_arg(ap, int);
	if (e != NULL)
		diag_add_error(diag_get(), e);
	fiber_yield();
	return result;
}

static struct fiber *
start_failing(struct error *e, int result)
{
	struct fiber *f = fiber_new("fails", fail_with_f);
	fiber_set_joinable(f, true);
	fiber_start(f, e, result);
	return f;
}

static void
test_result(void)
{
	header();
	plan(11);
	struct error *own = BuildIllegalParams("file", 1, "own");
	struct error *theirs = BuildIllegalParams("file", 2, "theirs");
	error_ref(own);
	error_ref(theirs);
	diag_add_error(diag_get(), own);

	struct fiber *f = start_failing(theirs, 0);
	fiber_wakeup(f);
	is(fiber_join(f), 0, "a fiber that succeeded");
	ok(diag_last_error(diag_get()) == own && own->refs == 2,
	   "leaves the joiner's error alone");
	is(theirs->refs, 1, "its own is dropped");

	f = start_failing(theirs, -5);
	fiber_wakeup(f);
	is(fiber_join(f), -5, "the result of a fiber that failed");
	ok(diag_last_error(diag_get()) == theirs && theirs->refs == 2,
	   "its error is the joiner's now");
	is(own->refs, 1, "the joiner's former error is dropped");
	ok(diag_is_empty(&f->diag), "the fiber's area is empty");

	f = start_failing(NULL, 7);
	fiber_cancel(f);
	is(fiber_join(f), 7, "a cancelled fiber that failed without an error");
	ok(diag_is_empty(diag_get()) && theirs->refs == 1, "leaves no error at all");

	/* 4 bytes of result are all there is. */
	f = start_failing(theirs, INT_MIN);
	fiber_wakeup(f);
	is(fiber_join(f), INT_MIN, "the smallest result");
	ok(diag_last_error(diag_get()) == theirs, "is a failure");
	diag_clear(diag_get());
	error_unref(own);
	error_unref(theirs);
	check_plan();
	footer();
}

static int yields;

static void
count_yield(struct trigger *t, void *event)
{
	(void)t;
	(void)event;
	yields++;
}

static void
test_dead(void)
{
	header();
	plan(6);
	struct trigger trigger;
	trigger_create(&trigger, count_yield, NULL, NULL);
	struct fiber *f = fiber_new("dead", return_0_f);
	fiber_set_joinable(f, true);
	fiber_start(f);
	uint32_t fid = f->fid;
	ok(fiber_is_dead(f) && fid != 0, "a joinable fiber keeps its id when it dies");
	trigger_add(&fiber()->on_yield, &trigger);
	is(fiber_join(f), 0, "it can be joined");
	trigger_clear(&trigger);
	is(yields, 0, "without a yield");
	ok(f->fid == 0 && rlist_first_entry(&cord()->dead, struct fiber, link) == f,
	   "and is cached then");

	f = start_failing(NULL, 0);
	fiber_wakeup(f);
	fiber_reschedule();
	fiber_cancel(f);
	ok((f->flags & FIBER_IS_CANCELLED) == 0, "cancelling a dead joinable fiber is nothing");
	fiber_join(f);

	/* Made joinable by itself, late. */
	f = start_failing(NULL, 0);
	fiber_set_joinable(f, false);
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	is(fiber_join(f), 0, "the last word on joinable counts");
	check_plan();
	footer();
}

static char journal[64];

static int
wait_for_death_f(va_list ap)
{
	const char *letter = va_arg(ap, const char *);
	struct fiber *f = va_arg(ap, struct fiber *);
	/* What fiber_join() does, without its end. */
	while (!fiber_is_dead(f)) {
		rlist_add_tail_entry(&f->wake, fiber(), state);
		fiber_yield();
		strcat(journal, letter);
	}
	return 0;
}

static int
join_f(va_list ap)
{
	const char *letter = va_arg(ap, const char *);
	struct fiber *f = va_arg(ap, struct fiber *);
	int result = fiber_join(f);
	strcat(journal, letter);
	return result == 0 && fiber_is_cancelled() ? -1 : result;
}

static void
test_joiners(void)
{
	header();
	plan(8);
	struct fiber *f = start_failing(NULL, 0);
	struct fiber *a = fiber_new("a", wait_for_death_f);
	struct fiber *b = fiber_new("b", wait_for_death_f);
	struct fiber *j = fiber_new("j", join_f);
	struct fiber *c = fiber_new("c", wait_for_death_f);
	fiber_start(a, "a", f);
	fiber_start(b, "b", f);
	fiber_start(j, "j", f);
	fiber_start(c, "c", f);
	fiber_wakeup(a);
	fiber_sleep(0);
	ok(strcmp(journal, "a") == 0, "a waiter woken by chance runs");
	ok(rlist_last_entry(&f->wake, struct fiber, state) == a, "and waits again, as the last");
	fiber_wakeup(f);
	fiber_sleep(0);
	ok(strcmp(journal, "abjca") == 0, "a death wakes all in their order");
	journal[0] = '\0';

	f = start_failing(NULL, 0);
	j = fiber_new("j", join_f);
	fiber_set_joinable(j, true);
	fiber_start(j, "j", f);
	fiber_wakeup(j);
	fiber_sleep(0);
	ok(!fiber_is_dead(j) && rlist_first_entry(&f->wake, struct fiber, state) == j,
	   "a joiner woken by chance joins on");
	fiber_cancel(j);
	fiber_sleep(0);
	ok(!fiber_is_dead(j) && rlist_first_entry(&f->wake, struct fiber, state) == j,
	   "so does a cancelled one");
	is(journal[0], '\0', "it has not returned");
	fiber_wakeup(f);
	is(fiber_join(j), -1, "until the fiber dies");
	ok(strcmp(journal, "j") == 0, "and still knows that it was cancelled");
	check_plan();
	footer();
}

static int
set_cancellable_f(va_list ap)
{
	bool *was = va_arg(ap, bool *);
	was[0] = fiber_set_cancellable(false);
	was[1] = fiber_set_cancellable(false);
	was[2] = fiber_is_cancelled();
	fiber_yield();
	was[3] = fiber_is_cancelled();
	was[4] = fiber_set_cancellable(true);
	was[5] = fiber_set_cancellable(true);
	fiber_yield();
	return 0;
}

static void
test_cancel(void)
{
	header();
	plan(11);
	bool was[6];
	struct fiber *f = fiber_new("f", set_cancellable_f);
	fiber_start(f, was);
	ok(was[0] && !was[1] && !was[2], "a fiber can refuse to be woken by a cancel");
	fiber_cancel(f);
	is(f->flags, (uint32_t)FIBER_IS_CANCELLED, "then a cancel sets the flag only");
	fiber_sleep(0);
	ok(rlist_empty(&cord()->ready) && f->csw > 0, "and does not wake it");
	fiber_wakeup(f);
	fiber_sleep(0);
	ok(was[3], "the fiber sees it when it comes to");
	ok(!was[4] && was[5], "it can take that back");
	ok(!fiber_is_dead(f), "which does not deliver the cancel");
	fiber_cancel(f);
	ok(f->flags & FIBER_IS_READY, "the next cancel wakes it");
	fiber_sleep(0);
	is(f->flags, FIBER_IS_DEAD | FIBER_IS_CANCELLED | FIBER_IS_CANCELLABLE,
	   "a cached fiber keeps its flags");

	f = fiber_new("unstarted", return_0_f);
	is(f->flags, FIBER_DEFAULT_FLAGS, "the next one has not been cancelled");
	fiber_set_joinable(f, true);
	fiber_cancel(f);
	is(fiber_join(f), 0, "a cancel starts a fiber that was never started");

	struct fiber *me = fiber_new("self", yield_once_f);
	fiber_start(me);
	fiber_cancel(me);
	fiber_cancel(me);
	fiber_sleep(0);
	ok(fiber_is_dead(me), "a fiber may be cancelled twice");
	check_plan();
	footer();
}

static int
cancel_self_f(va_list ap)
{
	(void)ap;
	fiber_cancel(fiber());
	bool ready = fiber()->flags & FIBER_IS_READY;
	double start = fiber_clock();
	fiber_sleep(0.01);
	return fiber_is_cancelled() && !ready && fiber_clock() - start >= 0.01 ? 0 : -1;
}

static void
test_cancel_self(void)
{
	header();
	plan(1);
	struct fiber *f = fiber_new("self", cancel_self_f);
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	is(fiber_join(f), 0, "a fiber that cancels itself goes on, and sleeps as before");
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(5);
	test_result();
	test_dead();
	test_joiners();
	test_cancel();
	test_cancel_self();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a cord, as seen by who waits for it: with a limit, cancelled meanwhile, ended by
 * pthread_cancel() (cordage/cord.h, fiber.h).
 */
#include "../main_fiber.h"
#include "cordage/cord.h"

static struct cord the_cord;
static int go;

static int
wait_f(va_list ap)
{
	int result = (int)(intptr_t)va_arg(ap, void *);
	while (!__atomic_load_n(&go, __ATOMIC_ACQUIRE))
		fiber_sleep(0.001);
	if (result != 0)
		diag_set(IllegalParams, "failed as told");
	return result;
}

/** A cord that waits for `go` and fails if told so. */
static struct cord *
start(intptr_t result)
{
	go = 0;
	memset(&the_cord, 0, sizeof(the_cord));
	fail_if(cord_costart(&the_cord, "victim", wait_f, (void *)result) != 0);
	return &the_cord;
}

static void
let_go(void)
{
	__atomic_store_n(&go, 1, __ATOMIC_RELEASE);
}

static void
test_limit(void)
{
	header();
	plan(8);
	struct cord *cord = start(0);
	ok(cordage_cord_cojoin(cord, 0) == 1 && last_error_is("TimedOut", "timed out"),
	   "no time at all");
	double start_time = fiber_clock();
	ok(cordage_cord_cojoin(cord, 0.02) == 1 && last_error_is("TimedOut", "timed out"),
	   "not in time");
	ok(fiber_clock() - start_time >= 0.02, "but not before");
	let_go();
	diag_clear(diag_get());
	is(cordage_cord_cojoin(cord, 1000), 0, "the end of the cord");
	ok(diag_is_empty(diag_get()), "sets no error");

	cord = start(-1);
	let_go();
	ok(cordage_cord_cojoin(cord, TIMEOUT_INFINITY) == -1 &&
	   last_error_is("IllegalParams", "failed as told"), "one that fails");

	cord = start(-1);
	is(cordage_cord_cojoin(cord, 0), 1, "whoever gave up");
	let_go();
	ok(cord_cojoin(cord) == -1 && last_error_is("IllegalParams", "failed as told"),
	   "can join it in the old way");
	diag_clear(diag_get());
	check_plan();
	footer();
}

static int
cojoin_f(va_list ap)
{
	struct cord *cord = va_arg(ap, struct cord *);
	double timeout = va_arg(ap, double);
	return cordage_cord_cojoin(cord, timeout);
}

static struct fiber *
start_joiner(struct cord *cord, double timeout)
{
	struct fiber *joiner = fiber_new("joiner", cojoin_f);
	fiber_set_joinable(joiner, true);
	fiber_start(joiner, cord, timeout);
	return joiner;
}

static void
test_wakeups(void)
{
	header();
	plan(6);
	struct cord *cord = start(0);
	struct fiber *joiner = start_joiner(cord, 1000.0);
	for (int i = 0; i < 10; i++) {
		fiber_wakeup(joiner);
		fiber_sleep(0);
	}
	ok(!fiber_is_dead(joiner), "a wake-up does not end the wait");
	fiber_cancel(joiner);
	ok(fiber_join(joiner) == 1 && last_error_is("FiberIsCancelled", "fiber is cancelled"),
	   "a cancel does");
	joiner = fiber_new("joiner", cojoin_f);
	fiber_set_joinable(joiner, true);
	fiber_cancel(joiner);
	fiber_start(joiner, cord, 1000.0);
	ok(fiber_is_dead(joiner), "one that is cancelled already does not wait");
	is(fiber_join(joiner), 1, "and fails as well");

	joiner = start_joiner(cord, TIMEOUT_INFINITY);
	let_go();
	is(fiber_join(joiner), 0, "the next one joins the cord");
	cord = start(0);
	let_go();
	while (__atomic_load_n(&cord->on_exit, __ATOMIC_SEQ_CST) == NULL)
		usleep(100);
	uint64_t csw = fiber_csw(NULL);
	ok(cordage_cord_cojoin(cord, 0) == 0 && fiber_csw(NULL) == csw,
	   "a cord that has ended is joined without a yield");
	diag_clear(diag_get());
	check_plan();
	footer();
}

/** Cords that end just when their joiner gives up. */
static void
test_race(void)
{
	header();
	plan(1);
	int wrong = 0;
	for (int i = 0; i < 300; i++) {
		struct cord *cord = start(0);
		struct fiber *joiner = start_joiner(cord, 0.0005 * (i % 5));
		let_go();
		if (i % 7 == 0)
			fiber_cancel(joiner);
		int result = fiber_join(joiner);
		if (result == 1)
			result = cord_cojoin(cord);
		wrong += result != 0;
	}
	is(wrong, 0, "every cord is joined once");
	diag_clear(diag_get());
	check_plan();
	footer();
}

static int
block_f(va_list ap)
{
	(void)ap;
	pause();
	return 0;
}

static int
tick_f(va_list ap)
{
	int *ticks = va_arg(ap, int *);
	while (!fiber_is_cancelled()) {
		++*ticks;
		fiber_sleep(0.001);
	}
	return 0;
}

static void
test_cancel(void)
{
	header();
	plan(7);
	int ticks = 0;
	struct fiber *ticker = fiber_new("ticker", tick_f);
	fiber_set_joinable(ticker, true);
	fiber_start(ticker, &ticks);

	struct cord *cord = start(0);
	cord_cancel(cord);
	is(cord_cojoin(cord), 0, "a cord cancelled in its loop can be waited for");
	memset(cord, 0, sizeof(*cord));
	cord_costart(cord, "blocked", block_f, NULL);
	int before = ticks;
	is(cordage_cord_cojoin(cord, 0.02), 1, "one that blocks");
	cord_cancel(cord);
	is(cord_cojoin(cord), 0, "can be, when it is cancelled on the stack of its fiber");
	ok(ticks > before + 2, "while other fibers run");

	cord = start(0);
	is(cord_cancel_and_join(cord), 0, "both at once");
	cord = start(-1);
	let_go();
	while (__atomic_load_n(&cord->on_exit, __ATOMIC_SEQ_CST) == NULL)
		usleep(100);
	ok(cord_cancel_and_join(cord) == -1 && last_error_is("IllegalParams", "failed as told"),
	   "one that had failed before");
	fiber_cancel(ticker);
	is(fiber_join(ticker), 0, "a cancel of a cord leaves others alone");
	diag_clear(diag_get());
	check_plan();
	footer();
}

static void *
look_f(void *arg)
{
	*(struct cord **)arg = cordage_cord_self();
	return NULL;
}

static void
test_self(void)
{
	header();
	plan(3);
	ok(cordage_cord_self() == cord(), "a cord knows itself");
	struct cord other, *seen = NULL;
	memset(&other, 0, sizeof(other));
	cord_start(&other, "other", look_f, &seen);
	cord_join(&other);
	ok(seen == &other, "another one, too");
	pthread_t thread;
	fail_if(pthread_create(&thread, NULL, look_f, &seen) != 0);
	pthread_join(thread, NULL);
	ok(seen == NULL, "a plain thread is none");
	check_plan();
	footer();
}

static int
test_f(va_list ap)
{
	(void)ap;
	header();
	plan(5);
	test_limit();
	test_wakeups();
	test_race();
	test_cancel();
	test_self();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(test_f, fiber_c_invoke);
}

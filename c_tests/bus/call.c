/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calling a function in another cord (spec ipc.md 5.8): results, errors, and everything that
 * can end the wait, or must not.
 */
#include "bus.h"

static struct server server;

/** A call and what it tells about itself. */
struct call {
	struct cbus_call_msg base;
	/** Seconds that the function takes, while the other cord does nothing else. */
	double duration;
	int result;
	bool fails;
};

/* Of the other cord, then of free_f, which is called here. */
static bool ran_elsewhere, freed_here;
static int freed, last_rc;
static bool freed_with_error;

static int
perform_f(struct cbus_call_msg *msg)
{
	struct call *call = (struct call *)msg;
	ran_elsewhere = cord() == &server.cord;
	if (call->duration > 0)
		usleep(call->duration * 1e6);
	if (call->fails)
		diag_set(IllegalParams, "of the other cord");
	return call->result;
}

static int
free_f(struct cbus_call_msg *msg)
{
	freed++;
	freed_here = cord_is_main();
	last_rc = msg->rc;
	freed_with_error = !diag_is_empty(&msg->diag);
	memset(msg, 0xee, sizeof(struct call));
	free(msg);
	return 0;
}

static struct call *
new_call(double duration, int result, bool fails)
{
	struct call *call = (struct call *)malloc(sizeof(*call));
	memset(call, 0xee, sizeof(*call));
	call->duration = duration;
	call->result = result;
	call->fails = fails;
	return call;
}

static int
execute(struct call *call, cbus_call_f free_cb, double timeout)
{
	return cbus_call(&server.pipe, &server.back, &call->base, perform_f, free_cb, timeout);
}

static void
test_result(void)
{
	header();
	plan(9);
	struct call *call = new_call(0, 0, false);
	is(execute(call, free_f, TIMEOUT_INFINITY), 0, "a call returns 0");
	ok(ran_elsewhere, "from the other cord");
	ok(call->base.complete && call->base.rc == 0 && freed == 0, "it is not freed");
	ok(diag_is_empty(diag_get()), "no error");
	free(call);

	call = new_call(0, 42, true);
	is(execute(call, free_f, 100), 42, "or something else");
	ok(last_error_is("IllegalParams", "of the other cord"), "with the error from there");
	ok(diag_is_empty(&call->base.diag), "which is not in the message any more");
	call->fails = false;
	is(execute(call, NULL, 100), 42, "without an error");
	ok(diag_is_empty(diag_get()), "ours is gone, too");
	free(call);
	footer();
	check_plan();
}

static void
wait_until_freed(int count)
{
	for (int i = 0; i < 1000 && freed < count; i++)
		pause_ms(10);
}

static void
test_timeout(void)
{
	header();
	plan(12);
	freed = 0;
	/* The other cord is busy for longer than anybody waits. */
	double begin = fiber_clock();
	is(execute(new_call(0.2, 7, true), free_f, 0.01), -1, "a call may take too long");
	ok(last_error_is("TimedOut", "timed out"), "which is an error");
	ok(fiber_clock() - begin >= 0.01, "after that time");
	is(freed, 0, "it is not over yet");
	wait_until_freed(1);
	is(freed, 1, "but in the end");
	ok(freed_here && last_rc == 7, "the message comes back, with the result");
	ok(!freed_with_error, "and without the error");
	diag_clear(diag_get());

	is(execute(new_call(0, 0, false), free_f, 0), -1, "0 is too short for any call");
	ok(last_error_is("TimedOut", "timed out"), "an error, too");
	is(execute(new_call(0, 0, false), free_f, -1), -1, "so is less");
	wait_until_freed(3);
	is(freed, 3, "both are freed");

	static struct call forgotten;
	forgotten.duration = 0.05;
	execute(&forgotten, NULL, 0);
	cbus_flush(&server.pipe, &server.back, NULL);
	ok(!forgotten.base.complete && forgotten.base.caller == NULL,
	   "without a function nothing is done");
	diag_clear(diag_get());
	footer();
	check_plan();
}

/* {{{ Who is woken */

static int
call_f(va_list ap)
{
	struct call *call = va_arg(ap, struct call *);
	double timeout = va_arg(ap, double);
	bool cancellable = va_arg(ap, int);
	fiber_set_cancellable(cancellable);
	return execute(call, free_f, timeout);
}

static struct fiber *
start_call(struct call *call, double timeout, bool cancellable)
{
	struct fiber *f = fiber_new("caller", call_f);
	fiber_set_joinable(f, true);
	fiber_start(f, call, timeout, (int)cancellable);
	return f;
}

static void
test_cancel(void)
{
	header();
	plan(10);
	freed = 0;
	struct fiber *f = start_call(new_call(0.1, 0, false), TIMEOUT_INFINITY, true);
	fiber_cancel(f);
	is(fiber_join(f), -1, "a cancel ends the wait");
	ok(last_error_is("FiberIsCancelled", "fiber is cancelled"), "with an error");
	is(freed, 0, "the call goes on");
	wait_until_freed(1);
	is(freed, 1, "and is freed");
	diag_clear(diag_get());

	/* The flag alone wakes nobody. */
	struct call *call = new_call(0.05, 5, false);
	f = start_call(call, TIMEOUT_INFINITY, false);
	fiber_cancel(f);
	is(fiber_join(f), 5, "one that forbids it waits for the result");
	free(call);
	call = new_call(0.05, 6, false);
	f = start_call(call, TIMEOUT_INFINITY, false);
	fiber_cancel(f);
	fiber_wakeup(f);
	is(fiber_join(f), 6, "even if it is woken");
	free(call);
	f = start_call(new_call(0.1, 0, false), 0.01, false);
	fiber_cancel(f);
	is(fiber_join(f), -1, "but not for ever");
	ok(last_error_is("FiberIsCancelled", "fiber is cancelled"), "and is told why");
	wait_until_freed(2);
	is(freed, 2, "that one is freed");
	diag_clear(diag_get());

	/* Cancelled before. */
	call = new_call(0, 8, false);
	f = fiber_new("caller", call_f);
	fiber_set_joinable(f, true);
	fiber_cancel(f);
	fiber_start(f, call, 100.0, 1);
	is(fiber_join(f), 8, "one that was cancelled before waits until it is woken, as ever");
	free(call);
	footer();
	check_plan();
}

static void
test_wakeup(void)
{
	header();
	plan(5);
	freed = 0;
	struct call *call = new_call(0.1, 9, false);
	struct fiber *f = start_call(call, TIMEOUT_INFINITY, true);
	for (int i = 0; i < 10; i++) {
		fiber_wakeup(f);
		pause_ms(1);
	}
	is(fiber_join(f), 9, "being woken by chance does not end the wait");
	is(freed, 0, "the call is complete");
	free(call);

	double begin = fiber_clock();
	f = start_call(new_call(1, 0, false), 0.05, true);
	for (int i = 0; i < 20; i++) {
		fiber_wakeup(f);
		pause_ms(1);
	}
	is(fiber_join(f), -1, "nor does it last any longer");
	double elapsed = fiber_clock() - begin;
	ok(last_error_is("TimedOut", "timed out") && elapsed >= 0.05 && elapsed < 1,
	   "than it was to");
	wait_until_freed(1);
	is(freed, 1, "that one is freed");
	diag_clear(diag_get());
	footer();
	check_plan();
}

/* }}} */

static int
many_f(va_list ap)
{
	int count = va_arg(ap, int);
	int sum = 0;
	for (int i = 0; i < count; i++) {
		struct call *call = new_call(0, i, false);
		sum += execute(call, NULL, TIMEOUT_INFINITY) == i;
		free(call);
	}
	return sum;
}

static void
test_many(void)
{
	header();
	plan(1);
	enum { FIBERS = 50, CALLS = 200 };
	struct fiber *fibers[FIBERS];
	for (int i = 0; i < FIBERS; i++) {
		fibers[i] = fiber_new("caller", many_f);
		fiber_set_joinable(fibers[i], true);
		fiber_start(fibers[i], (int)CALLS);
	}
	int sum = 0;
	for (int i = 0; i < FIBERS; i++) {
		sum += fiber_join(fibers[i]);
		diag_clear(diag_get());
	}
	is(sum, FIBERS * CALLS, "10000 calls from 50 fibers");
	footer();
	check_plan();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(5);
	struct cbus_endpoint home;
	struct fiber *loop_fiber = start_loop_fiber(&home, "home");
	start_server(&server, "server", "home");
	test_result();
	test_timeout();
	test_cancel();
	test_wakeup();
	test_many();
	stop_server(&server);
	stop_loop_fiber(loop_fiber, &home);
	footer();
	return check_plan();
}

int
main(void)
{
	return run_with_bus(main_f);
}

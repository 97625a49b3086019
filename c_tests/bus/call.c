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
	/** The function, and with it the other cord, waits for the gate. */
	bool gated;
	int result;
	bool fails;
};

static bool gate_is_open;

static void
open_gate(bool open)
{
	__atomic_store_n(&gate_is_open, open, __ATOMIC_RELEASE);
}

/* Of the other cord, then of free_f, which is called here. */
static bool ran_elsewhere, freed_here;
static int freed, last_rc;
static bool freed_with_error;

static int
perform_f(struct cbus_call_msg *msg)
{
	struct call *call = (struct call *)msg;
	ran_elsewhere = cord() == &server.cord;
	while (call->gated && !__atomic_load_n(&gate_is_open, __ATOMIC_ACQUIRE))
		usleep(100);
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
new_call(bool gated, int result, bool fails)
{
	struct call *call = (struct call *)malloc(sizeof(*call));
	memset(call, 0xee, sizeof(*call));
	call->gated = gated;
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
	struct call *call = new_call(false, 0, false);
	is(execute(call, free_f, TIMEOUT_INFINITY), 0, "a call returns 0");
	ok(ran_elsewhere, "from the other cord");
	ok(call->base.complete && call->base.rc == 0 && freed == 0, "it is not freed");
	ok(diag_is_empty(diag_get()), "no error");
	free(call);

	call = new_call(false, 42, true);
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

/** Lets abandoned calls come to their end. */
static void
wait_until_freed(int count)
{
	open_gate(true);
	while (freed < count)
		pause_ms(1);
	open_gate(false);
	diag_clear(diag_get());
}

static void
test_timeout(void)
{
	header();
	plan(12);
	freed = 0;
	double begin = fiber_clock();
	is(execute(new_call(true, 7, true), free_f, 0.01), -1, "a call may take too long");
	ok(last_error_is("TimedOut", "timed out"), "which is an error");
	ok(fiber_clock() - begin >= 0.01, "after that time");
	is(freed, 0, "it is not over yet");
	wait_until_freed(1);
	is(freed, 1, "but in the end");
	ok(freed_here && last_rc == 7, "the message comes back, with the result");
	ok(!freed_with_error, "and without the error");

	is(execute(new_call(true, 0, false), free_f, 0), -1, "0 is too short for any call");
	ok(last_error_is("TimedOut", "timed out"), "an error, too");
	is(execute(new_call(true, 0, false), free_f, -1), -1, "so is less");
	wait_until_freed(3);
	is(freed, 3, "both are freed");

	static struct call forgotten;
	forgotten.gated = true;
	execute(&forgotten, NULL, 0);
	open_gate(true);
	cbus_flush(&server.pipe, &server.back, NULL);
	open_gate(false);
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

/** Whether it waits on, whatever others do. */
static bool
still_waits(struct fiber *f)
{
	for (int i = 0; i < 10; i++) {
		fiber_wakeup(f);
		pause_ms(1);
	}
	return !fiber_is_dead(f);
}

static int
finish_call(struct fiber *f)
{
	open_gate(true);
	int result = fiber_join(f);
	open_gate(false);
	return result;
}

static void
test_cancel(void)
{
	header();
	plan(9);
	freed = 0;
	struct fiber *f = start_call(new_call(true, 0, false), TIMEOUT_INFINITY, true);
	fiber_cancel(f);
	is(fiber_join(f), -1, "a cancel ends the wait");
	ok(last_error_is("FiberIsCancelled", "fiber is cancelled"), "with an error");
	is(freed, 0, "the call goes on");
	wait_until_freed(1);
	is(freed, 1, "and is freed");

	struct call *call = new_call(true, 5, false);
	f = start_call(call, TIMEOUT_INFINITY, false);
	fiber_cancel(f);
	ok(still_waits(f), "one that forbids it waits on, even if it is woken");
	is(finish_call(f), 5, "for the result");
	free(call);
	f = start_call(new_call(true, 0, false), 0.01, false);
	fiber_cancel(f);
	ok(fiber_join(f) == -1 && last_error_is("FiberIsCancelled", "fiber is cancelled"),
	   "but not longer than it was to, and is told why");
	wait_until_freed(2);
	is(freed, 2, "that one is freed");

	call = new_call(false, 8, false);
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
wake(ev_loop *l, ev_timer *timer, int events)
{
	(void)l;
	(void)events;
	fiber_wakeup((struct fiber *)timer->data);
}

static void
test_wakeup(void)
{
	header();
	plan(5);
	freed = 0;
	struct call *call = new_call(true, 9, false);
	struct fiber *f = start_call(call, TIMEOUT_INFINITY, true);
	ok(still_waits(f), "being woken by chance does not end the wait");
	is(finish_call(f), 9, "but the result");
	free(call);

	double begin = fiber_clock();
	f = start_call(new_call(true, 0, false), 0.05, true);
	ev_timer timer;
	ev_timer_init(&timer, wake, 0.002, 0.002);
	timer.data = f;
	ev_timer_start(loop(), &timer);
	is(fiber_join(f), -1, "nor does it make the wait any longer");
	ev_timer_stop(loop(), &timer);
	ok(last_error_is("TimedOut", "timed out") && fiber_clock() - begin >= 0.05, "or shorter");
	wait_until_freed(1);
	is(freed, 1, "that one is freed");
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
		struct call *call = new_call(false, i, false);
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

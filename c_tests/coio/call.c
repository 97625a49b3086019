/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * coio_call: a function runs in a worker while the fiber waits, come what may (spec ipc.md
 * 8.2, 8.4).
 */
#include "fixture.h"

static ssize_t
add_f(va_list ap)
{
	int i = va_arg(ap, int);
	long long l = va_arg(ap, long long);
	double d = va_arg(ap, double);
	const char *s = va_arg(ap, const char *);
	struct { char bytes[24]; } big = va_arg(ap, typeof(big));
	ssize_t *sum = va_arg(ap, ssize_t *);
	/* More than fit into registers. */
	int a = va_arg(ap, int), b = va_arg(ap, int);
	*sum = i + l + (ssize_t)d + atoi(s) + big.bytes[23] + a + b;
	return *sum;
}

static void
test_arguments(void)
{
	plan(2);
	ssize_t sum = 0;
	struct { char bytes[24]; } big = { "" };
	big.bytes[23] = 100;
	ssize_t result = coio_call(add_f, 1, 20LL, 3.5, "4000", big, &sum, 50000, 600000);
	is(result, 1 + 20 + 3 + 4000 + 100 + 50000 + 600000, "the result comes back");
	is(sum, result, "and what the function has written to the fiber's stack");
	check_plan();
}

static ssize_t
set_errno_f(va_list ap)
{
	errno = va_arg(ap, int);
	return va_arg(ap, int);
}

static ssize_t
fail_f(va_list ap)
{
	errno = EIO;
	diag_set(SystemError, "disk %d", va_arg(ap, int));
	errno = ENOSPC;
	return va_arg(ap, int);
}

static void
test_errors(void)
{
	plan(12);
	errno = 5;
	is(coio_call(set_errno_f, ENOENT, -1), -1, "a call that fails");
	is(errno, ENOENT, "leaves its errno");
	is(coio_call(set_errno_f, EAGAIN, 0), 0, "one that does not");
	is(errno, EAGAIN, "too");

	diag_clear(diag_get());
	is(coio_call(fail_f, 7, -1), -1, "an error of the worker's");
	ok(last_error_is("SystemError", "disk 7") && errno == ENOSPC,
	   "becomes the fiber's, and errno is what the function left");
	is(coio_call(fail_f, 8, 1), 1, "a positive result");
	ok(last_error_is("SystemError", "disk 8"), "counts as a failure");
	is(coio_call(set_errno_f, 0, 0), 0, "a result of 0");
	ok(last_error_is("SystemError", "disk 8"), "leaves the fiber's error alone");
	/* What a call that succeeds leaves behind is not the next one's. */
	for (int i = 0; i < 16; i++)
		coio_call(fail_f, 9, 0);
	is(coio_call(set_errno_f, 0, -1), -1, "a failure without an error");
	ok(diag_is_empty(diag_get()), "clears it");
	check_plan();
}

static struct gate gate = GATE_INITIALIZER;

static ssize_t
pass_gate_f(va_list ap)
{
	gate_pass(&gate);
	return va_arg(ap, int);
}

static int
call_gate_f(va_list ap)
{
	(void)ap;
	return coio_call(pass_gate_f, 42) == 42 && fiber_is_cancelled() ? 0 : -1;
}

static void
test_uninterruptible(void)
{
	plan(6);
	struct fiber *f = start("calls", call_gate_f, NULL);
	gate_await(&gate, 1);
	fiber_wakeup(f);
	fiber_sleep(0);
	ok(!fiber_is_dead(f), "a wake-up does not end the wait");
	fiber_cancel(f);
	fiber_sleep(0);
	ok(!fiber_is_dead(f), "nor does a cancel");
	fiber_wakeup(f);
	fiber_sleep(0.01);
	ok(!fiber_is_dead(f), "nor both");
	gate_open(&gate);
	is(fiber_join(f), 0, "the function ends it, and the fiber is cancelled then");
	gate_close(&gate);

	bool cancellable = fiber_set_cancellable(false);
	coio_call(set_errno_f, 0, 0);
	is(fiber_set_cancellable(cancellable), false, "who was not cancellable still is not");
	ok(fiber()->flags & FIBER_IS_CANCELLABLE, "who was, is");
	check_plan();
}

struct context {
	bool is_main, has_cord, has_loop, is_sched, signals_blocked;
	char cord[64], thread[64];
	void *memory;
};

static ssize_t
look_around_f(va_list ap)
{
	struct context *context = va_arg(ap, struct context *);
	sigset_t blocked;
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	context->signals_blocked = sigismember(&blocked, SIGINT) == 1 &&
				   sigismember(&blocked, SIGTERM) == 1 &&
				   sigismember(&blocked, SIGCHLD) == 1;
	context->is_main = cord_is_main();
	context->has_cord = cord() != NULL;
	context->has_loop = loop() != NULL;
	context->is_sched = fiber() == &cord()->sched && fiber()->fid == 1;
	strcpy(context->cord, cord_name(cord()));
	pthread_getname_np(pthread_self(), context->thread, sizeof(context->thread));
	context->memory = region_alloc(&fiber()->gc, 1000);
	memset(context->memory, 'x', 1000);
	region_truncate(&fiber()->gc, 0);
	say_debug("the log works here");
	return 0;
}

static void
test_context(void)
{
	plan(8);
	struct context context = { .is_main = true, .has_loop = true };
	coio_call(look_around_f, &context);
	ok(!context.is_main, "a worker is not the main cord");
	ok(context.has_cord, "it has one");
	ok(!context.has_loop, "without a loop");
	ok(context.is_sched, "and runs on its scheduler");
	is(strcmp(context.cord, "coio"), 0, "the cord's name");
	is(strcmp(context.thread, "coio"), 0, "the thread's name");
	ok(context.signals_blocked, "no signal is handled there");
	ok(context.memory != NULL, "the region works");
	check_plan();
}

static int
call_and_count_f(va_list ap)
{
	int *running = va_arg(ap, int *);
	coio_call(pass_gate_f, 0);
	++*running;
	return 0;
}

static void
test_concurrency(void)
{
	plan(4);
	enum { FIBERS = 100 };
	struct fiber *fibers[FIBERS];
	int done = 0;
	for (int i = 0; i < FIBERS; i++)
		fibers[i] = start("many", call_and_count_f, &done);
	gate_await(&gate, 4);
	is(eio_nthreads(), 4, "as many at a time as there are workers");
	is(done, 0, "none is done");
	int csw = fiber()->csw;
	fiber_sleep(0);
	ok(fiber()->csw > csw, "other fibers run meanwhile");
	gate_open(&gate);
	for (int i = 0; i < FIBERS; i++)
		fiber_join(fibers[i]);
	is(done, FIBERS, "and in the end all are");
	gate_close(&gate);
	check_plan();
}

static int
test(void)
{
	plan(5);
	test_arguments();
	test_errors();
	test_uninterruptible();
	test_context();
	test_concurrency();
	return check_plan();
}

int
main(void)
{
	return run_coio(test);
}

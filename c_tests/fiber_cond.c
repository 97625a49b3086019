/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Condition variables (spec ipc.md 2): orders, timeouts, cancellation, and wakeups that
 * are no signals.
 */
#include "main_fiber.h"
#include "fiber_cond.h"

static struct fiber_cond *cond;

/** Who came out of a wait, in order, and how. */
static struct {
	char order[32];
	int result[128];
	const char *error[128];
} out;

static int
wait_f(va_list ap)
{
	int name = va_arg(ap, int);
	double timeout = va_arg(ap, double);
	int result = fiber_cond_wait_timeout(cond, timeout);
	size_t n = strlen(out.order);
	out.order[n] = (char)name;
	out.order[n + 1] = '\0';
	out.result[name] = result;
	struct error *e = diag_last_error(diag_get());
	out.error[name] = e == NULL ? "" : e->type->name;
	return 0;
}

static struct fiber *
start_waiter(char name, double timeout)
{
	char text[2] = { name, '\0' };
	struct fiber *f = fiber_new(text, wait_f);
	fiber_start(f, name, timeout);
	return f;
}

static bool
order_is(const char *expected)
{
	bool equal = strcmp(out.order, expected) == 0;
	out.order[0] = '\0';
	return equal;
}

static bool
ended(char name, int result, const char *error)
{
	return out.result[(int)name] == result && strcmp(out.error[(int)name], error) == 0;
}

static void
test_order(void)
{
	header();
	plan(9);
	fiber_cond_signal(cond);
	fiber_cond_broadcast(cond);
	start_waiter('a', TIMEOUT_INFINITY);
	fiber_sleep(0);
	ok(order_is(""), "a signal without a waiter is not remembered");
	start_waiter('b', TIMEOUT_INFINITY);
	start_waiter('c', TIMEOUT_INFINITY);
	start_waiter('d', TIMEOUT_INFINITY);
	fiber_cond_signal(cond);
	ok(order_is(""), "a signal does not yield");
	fiber_sleep(0);
	ok(order_is("a"), "it wakes who waits longest");
	ok(ended('a', 0, ""), "whose wait succeeds");
	fiber_cond_signal(cond);
	fiber_cond_signal(cond);
	fiber_sleep(0);
	ok(order_is("bc"), "two signals wake two");
	start_waiter('e', TIMEOUT_INFINITY);
	start_waiter('f', TIMEOUT_INFINITY);
	fiber_cond_broadcast(cond);
	ok(rlist_empty(&cond->waiters), "a broadcast leaves nobody waiting");
	start_waiter('g', TIMEOUT_INFINITY);
	fiber_sleep(0);
	ok(order_is("def"), "it wakes all there are, in their order");
	ok(!rlist_empty(&cond->waiters), "but none who came later");
	fiber_cond_signal(cond);
	fiber_sleep(0);
	ok(order_is("g"), "they need another signal");
	check_plan();
	footer();
}

static void
test_timeout(void)
{
	header();
	plan(8);
	start_waiter('a', 0.0);
	ok(order_is(""), "a timeout of 0 yields");
	fiber_sleep(0.001);
	ok(order_is("a") && ended('a', -1, "TimedOut"), "and is over in the next turn");
	start_waiter('b', -5.0);
	fiber_sleep(0.001);
	ok(order_is("b") && ended('b', -1, "TimedOut"), "a negative one, too");
	start_waiter('c', 0.0);
	fiber_cond_signal(cond);
	fiber_sleep(0.001);
	ok(order_is("c") && ended('c', 0, ""), "unless a signal comes first");

	start_waiter('d', 0.02);
	start_waiter('e', 0.01);
	start_waiter('f', TIMEOUT_INFINITY);
	fiber_sleep(0.05);
	ok(order_is("ed"), "waiters whose time is up leave the queue");
	fiber_cond_signal(cond);
	fiber_sleep(0);
	ok(order_is("f"), "a signal is for those who are left");

	double start = fiber_clock();
	diag_clear(diag_get());
	ok(fiber_cond_wait_deadline(cond, start + 0.02) == -1 &&
	   last_error_is("TimedOut", "timed out") && fiber_clock() >= start + 0.02,
	   "a deadline is a time of fiber_clock()");
	ok(fiber_cond_wait_deadline(cond, start - 1) == -1, "one that has passed is over at once");
	diag_clear(diag_get());
	check_plan();
	footer();
}

static int
cancelled_wait_f(va_list ap)
{
	fiber_cancel(fiber());
	return wait_f(ap);
}

static int
uncancellable_wait_f(va_list ap)
{
	fiber_set_cancellable(false);
	return wait_f(ap);
}

static void
test_wakeups(void)
{
	header();
	plan(10);
	struct fiber *a = start_waiter('a', TIMEOUT_INFINITY);
	fiber_wakeup(a);
	ok(rlist_empty(&cond->waiters), "a fiber woken otherwise is not waiting any more");
	fiber_sleep(0);
	ok(order_is("a") && ended('a', 0, ""), "its wait succeeds");
	struct fiber *b = start_waiter('b', TIMEOUT_INFINITY);
	fiber_cancel(b);
	fiber_sleep(0);
	ok(order_is("b") && ended('b', -1, "FiberIsCancelled"), "a cancel ends a wait");

	struct fiber *c = start_waiter('c', TIMEOUT_INFINITY);
	start_waiter('d', TIMEOUT_INFINITY);
	fiber_cond_signal(cond);
	fiber_cancel(c);
	fiber_sleep(0);
	ok(order_is("c") && ended('c', -1, "FiberIsCancelled"),
	   "a fiber signalled and cancelled fails");
	ok(!rlist_empty(&cond->waiters), "the signal is not passed on");
	fiber_cond_signal(cond);
	fiber_sleep(0);
	ok(order_is("d"), "the next one is");

	struct fiber *e = fiber_new("e", cancelled_wait_f);
	fiber_start(e, 'e', TIMEOUT_INFINITY);
	fiber_sleep(0.001);
	ok(order_is("") && !rlist_empty(&cond->waiters), "who is cancelled already waits");
	fiber_cond_signal(cond);
	fiber_sleep(0);
	ok(order_is("e") && ended('e', -1, "FiberIsCancelled"), "for a signal, and fails");

	struct fiber *f = fiber_new("f", uncancellable_wait_f);
	fiber_start(f, 'f', TIMEOUT_INFINITY);
	fiber_cancel(f);
	fiber_sleep(0);
	ok(order_is(""), "who refuses to be woken by a cancel waits on");
	fiber_cond_broadcast(cond);
	fiber_sleep(0);
	ok(order_is("f") && ended('f', -1, "FiberIsCancelled"), "but fails");
	check_plan();
	footer();
}

static void
compute_until(double clock)
{
	while (ev_time() < clock)
		;
}

static void
test_signal_and_timeout(void)
{
	header();
	plan(2);
	/* The time is up when the signal is sent, but libev has not looked. */
	start_waiter('a', 0.005);
	compute_until(ev_time() + 0.01);
	fiber_cond_signal(cond);
	fiber_sleep(0);
	ok(order_is("a") && ended('a', 0, ""), "a signal that comes before the timeout counts");
	ok(rlist_empty(&cond->waiters), "nobody waits");
	check_plan();
	footer();
}

static void
test_memory(void)
{
	header();
	plan(3);
	struct fiber_cond local;
	memset(&local, 0xee, sizeof(local));
	fiber_cond_create(&local);
	ok(rlist_empty(&local.waiters), "one in memory of the caller");
	fiber_cond_destroy(&local);

	struct fiber_cond *many[1000];
	bool distinct = true;
	for (size_t i = 0; i < lengthof(many); i++) {
		many[i] = fiber_cond_new();
		distinct = distinct && many[i] != NULL && rlist_empty(&many[i]->waiters) &&
			(i == 0 || many[i] != many[i - 1]);
	}
	ok(distinct, "a thousand from the pool");
	size_t bytes = slab_bytes();
	for (size_t i = 0; i < lengthof(many); i++)
		fiber_cond_delete(many[i]);
	for (size_t i = 0; i < lengthof(many); i++)
		many[i] = fiber_cond_new();
	ok(slab_bytes() <= bytes, "which takes them back");
	for (size_t i = 0; i < lengthof(many); i++)
		fiber_cond_delete(many[i]);
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(5);
	cond = fiber_cond_new();
	test_order();
	test_timeout();
	test_wakeups();
	test_signal_and_timeout();
	fiber_cond_delete(cond);
	test_memory();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of an endpoint (spec ipc.md 5.5): names, who is told of messages, loops, and the
 * end, with and without somebody else who processes.
 */
#include "bus.h"

static int delivered;

static void
count_f(struct cmsg *msg)
{
	(void)msg;
	delivered++;
}

static const struct cmsg_hop count_route[] = { { count_f, NULL } };

/** Pushes `count` of a hundred messages. */
static void
push(struct cpipe *pipe, int count)
{
	static struct cmsg messages[100];
	static int next;
	for (int i = 0; i < count; i++) {
		struct cmsg *msg = &messages[next++ % 100];
		cmsg_init(msg, count_route);
		cpipe_push(pipe, msg);
	}
}

static void
test_names(void)
{
	header();
	plan(9);
	struct cbus_endpoint a, b, copy;
	is(cbus_endpoint_create(&a, "name", fiber_schedule_cb, fiber()), 0, "an endpoint");
	ok(strcmp(a.name, "name") == 0 && a.consumer == loop() && a.n_pipes == 0, "is made");
	memset(&b, 0xee, sizeof(b));
	copy = b;
	is(cbus_endpoint_create(&b, "name", fiber_schedule_cb, fiber()), 1, "a name is unique");
	ok(memcmp(&b, &copy, sizeof(b)) == 0, "nothing is touched");
	is(cbus_endpoint_destroy(&a, NULL), 0, "the end");
	is(cbus_endpoint_create(&b, "name", fiber_schedule_cb, fiber()), 0, "the name is free");
	cbus_endpoint_destroy(&b, NULL);

	/* 31 characters count. */
	const char *name = "0123456789012345678901234567890123456789";
	cbus_endpoint_create(&a, name, fiber_schedule_cb, fiber());
	ok(strlen(a.name) == 31 && strncmp(a.name, name, 31) == 0, "a long name is cut");
	is(cbus_endpoint_create(&b, name, fiber_schedule_cb, fiber()), 1, "but still unique");
	struct cpipe pipe;
	cpipe_create(&pipe, name);
	ok(pipe.endpoint == &a, "and can be found");
	cpipe_destroy(&pipe);
	cbus_endpoint_destroy(&a, cbus_process);
	footer();
	check_plan();
}

/* {{{ The callback */

static struct cbus_endpoint called;
static int calls;
static bool on_scheduler, data_is_right;

static void
fetch_cb(ev_loop *l, struct ev_watcher *watcher, int events)
{
	(void)l;
	(void)events;
	calls++;
	on_scheduler = fiber() == &cord()->sched;
	data_is_right = watcher == (struct ev_watcher *)&called.async &&
			watcher->data == &calls;
	struct stailq output;
	stailq_create(&output);
	cbus_endpoint_fetch(&called, &output);
	while (!stailq_empty(&output))
		cmsg_deliver(stailq_shift_entry(&output, struct cmsg, fifo));
}

static void
test_callback(void)
{
	header();
	plan(6);
	cbus_endpoint_create(&called, "called", fetch_cb, &calls);
	struct cpipe pipe;
	cpipe_create(&pipe, "called");
	delivered = 0;
	push(&pipe, 3);
	settle();
	ok(calls == 1 && delivered == 3, "a callback is called once for all messages");
	ok(on_scheduler, "on the scheduler");
	ok(data_is_right, "with its data");
	push(&pipe, 1);
	ev_invoke(loop(), &pipe.flush_input, EV_CUSTOM);
	push(&pipe, 1);
	ev_invoke(loop(), &pipe.flush_input, EV_CUSTOM);
	settle();
	ok(calls == 2 && delivered == 5, "or for those that nobody has fetched yet");
	push(&pipe, 2);
	cpipe_destroy(&pipe);
	cbus_endpoint_destroy(&called, NULL);
	is(delivered, 7, "it does the work while the endpoint is destroyed");
	ok(data_is_right, "as before");
	footer();
	check_plan();
}

/* }}} */

/* {{{ Loops */

static void
test_loop(void)
{
	header();
	plan(8);
	struct cbus_endpoint endpoint;
	struct cpipe pipe;
	struct fiber *f = start_loop_fiber(&endpoint, "loop");
	cpipe_create(&pipe, "loop");
	delivered = 0;
	push(&pipe, 2);
	settle();
	is(delivered, 2, "a loop delivers what arrives");
	fiber_wakeup(f);
	settle();
	ok(!fiber_is_dead(f), "and goes on, whatever wakes it");
	push(&pipe, 3);
	cbus_stop_loop(&pipe);
	ok(pipe.n_input == 0, "a stop does not wait for the turn");
	is(fiber_join(f), 0, "it ends the loop");
	is(delivered, 5, "behind what was pushed before");
	push(&pipe, 4);
	settle();
	is(delivered, 5, "what comes later stays");
	cpipe_destroy(&pipe);
	cbus_endpoint_destroy(&endpoint, cbus_process);
	is(delivered, 9, "until the end");

	/* Cancelled before it began: one round. */
	f = fiber_new("loop", loop_f);
	fiber_set_joinable(f, true);
	create_endpoint(&endpoint, "loop");
	cpipe_create(&pipe, "loop");
	push(&pipe, 1);
	ev_invoke(loop(), &pipe.flush_input, EV_CUSTOM);
	fiber_cancel(f);
	fiber_start(f, &endpoint);
	ok(fiber_is_dead(f) && delivered == 10, "a cancelled fiber delivers once");
	fiber_join(f);
	cpipe_destroy(&pipe);
	cbus_endpoint_destroy(&endpoint, cbus_process);
	footer();
	check_plan();
}

/* }}} */

/* {{{ Waiting for a name */

/** A cord's own: several push at a time. */
struct producer {
	struct cpipe pipe;
	struct cmsg msg;
};

static int
late_f(va_list ap)
{
	struct producer *producer = va_arg(ap, struct producer *);
	cpipe_create(&producer->pipe, "late");
	cmsg_init(&producer->msg, count_route);
	cpipe_push(&producer->pipe, &producer->msg);
	cpipe_destroy(&producer->pipe);
	return 0;
}

static void
test_waiting(void)
{
	header();
	plan(2);
	struct cord cords[3];
	struct producer producers[3];
	struct cbus_endpoint endpoint;
	delivered = 0;
	for (int i = 0; i < 3; i++)
		fail_if(cord_costart(&cords[i], "producer", late_f, &producers[i]) != 0);
	/* Wrong names wake them for nothing. */
	for (int i = 0; i < 3; i++) {
		create_endpoint(&endpoint, "other");
		pause_ms(5);
		cbus_endpoint_destroy(&endpoint, NULL);
	}
	is(delivered, 0, "producers wait for their endpoint");
	create_endpoint(&endpoint, "late");
	while (delivered < 3) {
		cbus_process(&endpoint);
		pause_ms(1);
	}
	for (int i = 0; i < 3; i++)
		cord_join(&cords[i]);
	cbus_endpoint_destroy(&endpoint, cbus_process);
	is(delivered, 3, "and go on when it is there");
	footer();
	check_plan();
}

/* }}} */

/* {{{ The end */

static int
destroy_f(va_list ap)
{
	struct cbus_endpoint *endpoint = va_arg(ap, struct cbus_endpoint *);
	bool process = va_arg(ap, int);
	return cbus_endpoint_destroy(endpoint, process ? cbus_process : NULL);
}

static struct fiber *
start_destroy(struct cbus_endpoint *endpoint, bool process)
{
	struct fiber *f = fiber_new("destroyer", destroy_f);
	fiber_set_joinable(f, true);
	fiber_start(f, endpoint, (int)process);
	return f;
}

static void
test_destroy(void)
{
	header();
	plan(11);
	struct cbus_endpoint endpoint, next;
	struct cpipe pipe, other;
	create_endpoint(&endpoint, "end");
	cpipe_create(&pipe, "end");
	cpipe_create(&other, "end");
	delivered = 0;
	struct fiber *f = start_destroy(&endpoint, true);
	settle();
	ok(!fiber_is_dead(f), "an endpoint with pipes waits");
	is(cbus_endpoint_create(&next, "end", fiber_schedule_cb, fiber()), 0,
	   "its name is free at once");
	cbus_endpoint_destroy(&next, NULL);
	/* The endpoint's own fiber is another one. */
	push(&pipe, 2);
	settle();
	ok(delivered == 2 && !fiber_is_dead(f), "who destroys it is woken by messages");
	fiber_cancel(f);
	fiber_wakeup(f);
	settle();
	ok(!fiber_is_dead(f), "and not stopped by a cancel");
	cpipe_destroy(&pipe);
	settle();
	ok(!fiber_is_dead(f) && endpoint.n_pipes == 1, "one pipe is gone");
	push(&other, 3);
	cpipe_destroy(&other);
	is(fiber_join(f), 0, "the last one ends the wait");
	is(delivered, 5, "no message is lost");

	/* With a fiber in cbus_loop(). */
	delivered = 0;
	struct fiber *loop_fiber = start_loop_fiber(&endpoint, "end");
	cpipe_create(&pipe, "end");
	f = start_destroy(&endpoint, false);
	push(&pipe, 2);
	settle();
	ok(delivered == 2 && !fiber_is_dead(f), "somebody else may process");
	push(&pipe, 1);
	cbus_stop_loop(&pipe);
	cpipe_destroy(&pipe);
	is(fiber_join(f) + delivered, 3, "up to the end");
	is(fiber_join(loop_fiber), 0, "which it has seen, too");
	ok(diag_is_empty(diag_get()), "no error");
	footer();
	check_plan();
}

/* }}} */

/* {{{ What keeps a loop alive */

static void
stop_cb(ev_loop *l, ev_timer *timer, int events)
{
	(void)l;
	(void)events;
	*(bool *)timer->data = true;
	ev_break(loop(), EVBREAK_ALL);
}

/** In a cord without anything else: whether the loop has ended by itself. */
static void *
run_loops_f(void *arg)
{
	bool *ended = (bool *)arg;
	struct cbus_endpoint a, b;
	cbus_endpoint_create(&a, "a", fetch_cb, NULL);
	bool stopped = false;
	ev_timer timer;
	ev_timer_init(&timer, stop_cb, 0.05, 0);
	timer.data = &stopped;
	ev_timer_start(loop(), &timer);
	ev_run(loop(), 0);
	ended[0] = !stopped;
	cbus_endpoint_create(&b, "b", fetch_cb, NULL);
	cbus_endpoint_destroy(&a, NULL);
	cbus_endpoint_destroy(&b, NULL);
	ev_run(loop(), 0);
	ended[1] = true;
	return NULL;
}

static void
test_loop_end(void)
{
	header();
	plan(2);
	struct cord cord;
	bool ended[2] = { false, false };
	fail_if(cord_start(&cord, "loops", run_loops_f, ended) != 0);
	cord_join(&cord);
	ok(!ended[0], "an endpoint keeps its loop alive");
	ok(ended[1], "and no longer than it exists");
	footer();
	check_plan();
}

/* }}} */

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(6);
	test_names();
	test_callback();
	test_loop();
	test_waiting();
	test_destroy();
	test_loop_end();
	footer();
	return check_plan();
}

int
main(void)
{
	return run_with_bus(main_f);
}

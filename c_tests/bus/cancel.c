/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cords that are ended by pthread_cancel() in the middle of something (spec ipc.md 5.6, 17
 * "cbus_hang"; fiber.md 16): the others must not notice.
 */
#include "bus.h"

static struct cbus_endpoint home;
static int delivered;

static void
count_f(struct cmsg *msg)
{
	(void)msg;
	__atomic_add_fetch(&delivered, 1, __ATOMIC_RELAXED);
}

static const struct cmsg_hop count_route[] = { { count_f, NULL } };

/** Of a thread that was cancelled, or not. */
static bool
was_cancelled(struct cord *cord)
{
	void *result;
	return pthread_join(cord->id, &result) == 0 && result == PTHREAD_CANCELED;
}

/* {{{ In a flush that has to wait for the endpoint's mutex */

static int
flush_f(va_list ap)
{
	(void)ap;
	static struct cpipe pipe;
	static struct cmsg msg;
	cpipe_create(&pipe, "home");
	cpipe_set_max_input(&pipe, 1);
	cmsg_init(&msg, count_route);
	cpipe_push_input(&pipe, &msg);
	cpipe_destroy(&pipe);
	/* Only here. */
	pthread_testcancel();
	return 0;
}

static void
test_flush(void)
{
	header();
	plan(3);
	struct cord cord;
	delivered = 0;
	pthread_mutex_lock(&home.mutex);
	fail_if(cord_costart(&cord, "flusher", flush_f, NULL) != 0);
	/* In glibc: somebody waits. */
	while (__atomic_load_n(&home.mutex.__data.__lock, __ATOMIC_RELAXED) != 2)
		usleep(1000);
	pthread_cancel(cord.id);
	usleep(20000);
	ok(stailq_empty(&home.output), "a flush waits for the mutex");
	pthread_mutex_unlock(&home.mutex);
	ok(was_cancelled(&cord), "its thread is cancelled");
	/* Woken by the flush, and for the pipe that was destroyed behind it. */
	while (home.n_pipes > 0) {
		fiber_yield();
		cbus_process(&home);
	}
	is(delivered, 1, "but not before the message has arrived");
	footer();
	check_plan();
}

/* }}} */

/* {{{ While it waits for an endpoint */

static int ready;

static int
wait_f(va_list ap)
{
	(void)ap;
	static struct cpipe pipe;
	__atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
	cpipe_create(&pipe, "nobody");
	return 0;
}

static void
test_wait(void)
{
	header();
	plan(2);
	struct cord cord;
	struct cbus_endpoint endpoint;
	ready = 0;
	fail_if(cord_costart(&cord, "waiter", wait_f, NULL) != 0);
	while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) == 0)
		usleep(1000);
	usleep(20000);
	pthread_cancel(cord.id);
	ok(was_cancelled(&cord), "a thread that waits for an endpoint can be cancelled");
	create_endpoint(&endpoint, "nobody");
	is(endpoint.n_pipes, 0, "and does not keep the bus locked");
	cbus_endpoint_destroy(&endpoint, NULL);
	footer();
	check_plan();
}

/* }}} */

/* {{{ In cbus_loop() */

static int
start_and_loop_f(va_list ap)
{
	struct cbus_endpoint *endpoint = va_arg(ap, struct cbus_endpoint *);
	create_endpoint(endpoint, "loop");
	cbus_loop(endpoint);
	return 0;
}

static void
test_loop(void)
{
	header();
	plan(5);
	static struct cord cord;
	static struct cbus_endpoint endpoint;
	static struct cmsg messages[3];
	struct cpipe pipe;
	delivered = 0;
	fail_if(cord_costart(&cord, "loop", start_and_loop_f, &endpoint) != 0);
	cpipe_create(&pipe, "loop");
	cmsg_init(&messages[0], count_route);
	cpipe_push(&pipe, &messages[0]);
	while (__atomic_load_n(&delivered, __ATOMIC_RELAXED) == 0)
		pause_ms(1);
	pthread_cancel(cord.id);
	ok(was_cancelled(&cord), "a cord in cbus_loop() can be cancelled");

	/* Nobody fetches any more, but the memory is there. */
	for (int i = 1; i < 3; i++) {
		cmsg_init(&messages[i], count_route);
		cpipe_push(&pipe, &messages[i]);
		ev_invoke(loop(), &pipe.flush_input, EV_CUSTOM);
	}
	ok(stailq_first_entry(&endpoint.output, struct cmsg, fifo) == &messages[1],
	   "messages to it are kept");
	is(delivered, 1, "and not delivered");
	struct cbus_endpoint other;
	is(cbus_endpoint_create(&other, "loop", fiber_schedule_cb, fiber()), 1,
	   "its name stays");
	cpipe_destroy(&pipe);
	is(cord_join(&cord), -1, "it cannot be joined again, but is destroyed");
	diag_clear(diag_get());
	footer();
	check_plan();
}

/* }}} */

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(3);
	create_endpoint(&home, "home");
	test_flush();
	test_wait();
	test_loop();
	cbus_endpoint_destroy(&home, cbus_process);
	footer();
	return check_plan();
}

int
main(void)
{
	return run_with_bus(main_f);
}

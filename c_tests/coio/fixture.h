/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of a test that uses the thread pool or sockets.
 */
#ifndef CORDAGE_TEST_COIO_FIXTURE_H_INCLUDED
#define CORDAGE_TEST_COIO_FIXTURE_H_INCLUDED

#include "../main_fiber.h"
#include "coio.h"
#include "coio_file.h"
#include "coio_task.h"

#include <pthread.h>

static int
coio_main_f(va_list ap)
{
	int (*test)(void) = va_arg(ap, int (*)(void));
	coio_enable();
	int result = test();
	/* The pool's watcher keeps the loop alive. */
	ev_break(loop(), EVBREAK_ALL);
	return result;
}

/** One life of the main cord, in which test() runs in a fiber. Returns what it returned. */
MAYBE_UNUSED static int
run_coio_with(int (*test)(void), int (*invoke)(fiber_func f, va_list ap))
{
	memory_init();
	fiber_init(invoke);
	struct fiber *f = fiber_new("main", coio_main_f);
	fiber_set_joinable(f, true);
	fiber_start(f, test);
	if (!fiber_is_dead(f))
		ev_run(loop(), 0);
	int result = fiber_is_dead(f) ? fiber_join(f) : -1;
	fiber_free();
	memory_free();
	return result;
}

MAYBE_UNUSED static int
run_coio(int (*test)(void))
{
	coio_init();
	return run_coio_with(test, fiber_c_invoke);
}

/** A fiber that can be joined, and runs. */
MAYBE_UNUSED static struct fiber *
start(const char *name, fiber_func f, void *arg)
{
	struct fiber *fiber = fiber_new(name, f);
	fiber_set_joinable(fiber, true);
	fiber_start(fiber, arg);
	return fiber;
}

/** What a worker waits for, so that a test decides how long something takes. */
struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool is_open;
	/** Threads that have come to it. */
	int arrived;
};

#define GATE_INITIALIZER { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0 }

MAYBE_UNUSED static void
gate_pass(struct gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	gate->arrived++;
	while (!gate->is_open)
		pthread_cond_wait(&gate->cond, &gate->mutex);
	pthread_mutex_unlock(&gate->mutex);
}

MAYBE_UNUSED static void
gate_open(struct gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	gate->is_open = true;
	pthread_cond_broadcast(&gate->cond);
	pthread_mutex_unlock(&gate->mutex);
}

MAYBE_UNUSED static void
gate_close(struct gate *gate)
{
	gate->is_open = false;
	gate->arrived = 0;
}

MAYBE_UNUSED static int
gate_arrived(struct gate *gate)
{
	pthread_mutex_lock(&gate->mutex);
	int arrived = gate->arrived;
	pthread_mutex_unlock(&gate->mutex);
	return arrived;
}

/** For coio_call: waits in a worker until the gate is open. */
MAYBE_UNUSED static ssize_t
gate_call_f(va_list ap)
{
	gate_pass(va_arg(ap, struct gate *));
	return 0;
}

/** For a fiber: waits for that. */
MAYBE_UNUSED static int
gate_wait_f(va_list ap)
{
	return coio_call(gate_call_f, va_arg(ap, struct gate *));
}

/** Lets other fibers run until so many threads have arrived. */
MAYBE_UNUSED static void
gate_await(struct gate *gate, int arrived)
{
	while (gate_arrived(gate) < arrived)
		fiber_sleep(0.001);
}

/** A condition that becomes true sooner or later; false if it does not in a minute. */
#define eventually(condition) ({					\
	double eventually_end_ = clock_seconds() + 60;			\
	while (!(condition) && clock_seconds() < eventually_end_)	\
		fiber_sleep(0.001);					\
	(condition);							\
})

MAYBE_UNUSED static double
clock_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

#endif /* CORDAGE_TEST_COIO_FIXTURE_H_INCLUDED */

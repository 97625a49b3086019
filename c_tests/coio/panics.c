/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Broken rules of the pool and of sockets, each of which ends the program with a message.
 */
#include "fixture.h"
#include "../child.h"

static ssize_t
nothing_f(va_list ap)
{
	(void)ap;
	return 0;
}

static ssize_t
yield_f(va_list ap)
{
	(void)ap;
	fiber_sleep(0);
	return 0;
}

static int
yield_in_worker(void)
{
	return coio_call(yield_f);
}

static int
call_nothing(void)
{
	return coio_call(NULL);
}

static int
task_nothing(struct coio_task *task)
{
	(void)task;
	return 0;
}

static struct coio_task task;

static int
execute_f(va_list ap)
{
	(void)ap;
	return coio_task_execute(&task, 100);
}

static int
steal_task(void)
{
	coio_task_create(&task, task_nothing, task_nothing);
	return fiber_join(start("steals", execute_f, NULL));
}

static int
create_without_callback(void)
{
	coio_task_create(&task, task_nothing, NULL);
	return 0;
}

/** Runs the function that arg points to. */
static int
with_pool(const void *arg)
{
	return run_coio(*(int (*const *)(void))arg);
}

static int
call_f(va_list ap)
{
	(void)ap;
	return coio_call(nothing_f);
}

static int
not_enabled(const void *arg)
{
	(void)arg;
	return run_main_fiber(call_f, fiber_c_invoke);
}

static int
on_scheduler(const void *arg)
{
	(void)arg;
	memory_init();
	fiber_init(fiber_c_invoke);
	coio_enable();
	return coio_call(nothing_f);
}

static int
without_loop(const void *arg)
{
	(void)arg;
	memory_init();
	struct cord cord;
	cord.loop = NULL;
	cord_create(&cord, "no loop");
	coio_enable();
	return 0;
}

static int
negative_descriptor(void)
{
	return coio_wait(-1, COIO_READ, 0);
}

static void
dies(int (*body)(const void *), int (*test)(void), const char *message, const char *what)
{
	struct child_end end;
	watch_child(body, &test, &end);
	bool as_expected = end.status == 1 && strstr(end.text, message) != NULL;
	ok(as_expected, "%s", what);
	if (!as_expected)
		diag("status %d: %s", end.status, end.text);
}

int
main(void)
{
	plan(8);
	dies(with_pool, yield_in_worker, "called on the scheduler", "a worker cannot yield");
	dies(with_pool, call_nothing, "coio_call: func must not be NULL",
	     "there must be a function");
	dies(with_pool, steal_task,
	     "coio_task_execute: not the fiber that has created the task",
	     "only its creator executes a task");
	dies(with_pool, create_without_callback,
	     "coio_task_create: func and on_timeout must not be NULL",
	     "a task needs both functions");
	dies(not_enabled, NULL, "Please initialize libeio in this thread.",
	     "there must be a coio_enable()");
	dies(on_scheduler, NULL, "coio_call: called on the scheduler",
	     "a scheduler cannot wait");
	dies(without_loop, NULL, "coio_enable: cord 'no loop' has no event loop",
	     "results need an event loop");
	dies(with_pool, negative_descriptor, "coio_wait: descriptor -1",
	     "only descriptors can be waited for");
	return check_plan();
}

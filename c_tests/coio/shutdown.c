/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of the pool, and of cords that still have something in it: who frees what, and what
 * is left alone (coio_task.h).
 */
#include "fixture.h"
#include "../child.h"

static struct gate gate = GATE_INITIALIZER;
static int executed, finished;

static ssize_t
count_f(va_list ap)
{
	(void)ap;
	usleep(1000);
	__atomic_add_fetch(&executed, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static int
call_count_f(va_list ap)
{
	(void)ap;
	coio_call(count_f);
	finished++;
	return 0;
}

static int stopped;

static int
count_stop(void *data)
{
	(void)data;
	usleep(20000);
	__atomic_add_fetch(&stopped, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static int
test_shutdown(void)
{
	plan(7);
	enum { CALLS = 50 };
	struct fiber *fibers[CALLS], *late;
	executed = finished = 0;
	eio_set_thread_on_stop(count_stop, NULL);
	for (int i = 0; i < CALLS; i++)
		fibers[i] = start("calls", call_count_f, NULL);
	coio_shutdown();
	is(executed, CALLS, "the workers do what is queued");
	is(finished, 0, "in one go: nobody else runs");
	is(eio_nthreads(), 0, "then they leave");
	is(stopped, 4, "and are gone, with all they have");
	for (int i = 0; i < CALLS; i++)
		fiber_join(fibers[i]);
	is(finished, CALLS, "the fibers get their results");
	late = start("late", call_count_f, NULL);
	fiber_sleep(0.05);
	ok(!fiber_is_dead(late) && eio_nready() == 1, "what comes later waits");
	eio_set_min_parallel(4);
	is(fiber_join(late), 0, "until there are workers again");
	return check_plan();
}

static ssize_t
use_stack_f(va_list ap)
{
	volatile char *stack = va_arg(ap, char *);
	gate_pass(&gate);
	/* The fiber's cord is gone, and somebody else may have used its memory. */
	for (int i = 0; i < 1000; i++) {
		if (stack[i] != 's')
			return -1;
		stack[i] = 'w';
	}
	__atomic_add_fetch(&executed, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static int
call_with_stack_f(va_list ap)
{
	(void)ap;
	char stack[1000];
	memset(stack, 's', sizeof(stack));
	coio_call(use_stack_f, stack);
	finished++;
	return 0;
}

static int
leave_call(void)
{
	executed = finished = 0;
	gate_close(&gate);
	start("calls", call_with_stack_f, NULL);
	gate_await(&gate, 1);
	/* Never started: one more than there are workers, and then some. */
	for (int i = 0; i < 10; i++)
		start("waits", call_with_stack_f, NULL);
	gate_await(&gate, 4);
	return 0;
}

/** Uses all stacks that a cord may have left. */
static int
use_stacks_f(va_list ap)
{
	(void)ap;
	use_stack(20000);
	fiber_sleep(0);
	return 0;
}

static int
use_stacks(void)
{
	enum { FIBERS = 200 };
	struct fiber *fibers[FIBERS];
	for (int i = 0; i < FIBERS; i++)
		fibers[i] = start("uses", use_stacks_f, NULL);
	for (int i = 0; i < FIBERS; i++)
		fiber_join(fibers[i]);
	int threads = eio_nthreads();
	struct fiber *f = start("calls", call_count_f, NULL);
	int result = fiber_join(f);
	gate_open(&gate);
	ok(eventually(executed == 5), "a call that outlives its cord finds the stack as it was");
	is(threads, 0, "its worker is not of the pool any more");
	return result;
}

static struct job {
	struct coio_task task;
	int number;
} *jobs[8];

static int
job_run(struct coio_task *task)
{
	(void)task;
	gate_pass(&gate);
	__atomic_add_fetch(&executed, 1, __ATOMIC_SEQ_CST);
	return 0;
}

static int
job_abandoned(struct coio_task *task)
{
	finished++;
	free(task);
	return 0;
}

/** Tasks, half of them running, and lookups of names: all without a fiber that waits. */
static int
leave_tasks_f(va_list ap)
{
	(void)ap;
	coio_enable();
	for (int i = 0; i < 8; i++) {
		jobs[i] = malloc(sizeof(*jobs[i]));
		coio_task_create(&jobs[i]->task, job_run, job_abandoned);
		if (coio_task_execute(&jobs[i]->task, 0.001) != -1)
			return -1;
	}
	for (int i = 0; i < 8; i++) {
		struct addrinfo *found;
		if (coio_getaddrinfo("127.0.0.1", "1", NULL, &found, 0.001) != -1)
			return -1;
	}
	gate_await(&gate, 4);
	return 0;
}

static int
test_cord_end(void)
{
	plan(6);
	gate_close(&gate);
	executed = finished = 0;
	struct cord cord;
	fail_if(cord_costart(&cord, "leaves", leave_tasks_f, NULL) != 0);
	is(cord_cojoin(&cord), 0, "a cord ends with tasks in flight");
	is(eio_nready(), 0, "what was not started is not");
	is(eio_nreqs(), 4, "the rest is still running");
	gate_open(&gate);
	ok(eventually(eio_nreqs() == 0), "and ends");
	is(executed, 4, "each of it once");
	is(finished, 0, "without the cord nobody is called");
	/* As documented, these stay the program's. */
	for (int i = 0; i < 8; i++)
		free(jobs[i]);
	return check_plan();
}

static int
nothing(void)
{
	return 0;
}

static int
two_lives(const void *arg)
{
	(void)arg;
	fail_unless(run_coio(leave_call) == 0);
	plan(3);
	fail_unless(run_coio(use_stacks) == 0);
	is(finished, 1, "and nobody waits for it");
	return check_plan();
}

int
main(void)
{
	plan(5);
	is(run_in_child(two_lives, NULL), 0, "a life after one that has left something running");
	run_coio(test_shutdown);
	run_coio(test_cord_end);
	is(eio_nthreads(), 0, "the end of the main cord ends idle workers");
	is(run_coio(nothing), 0, "again");
	return check_plan();
}

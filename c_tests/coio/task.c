/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tasks: who waits how long, and who has the task afterwards (spec ipc.md 8.5).
 */
#include "fixture.h"

struct job {
	struct coio_task task;
	struct gate *gate;
	int result;
	/** Filled by the worker: read it before it is freed. */
	bool *has_run;
};

/** How often the callback was called, and what it saw. */
static int abandoned, abandoned_by_scheduler, abandoned_incomplete;
static ssize_t abandoned_result;

static int
job_run(struct coio_task *task)
{
	struct job *job = (struct job *)task;
	if (job->gate != NULL)
		gate_pass(job->gate);
	if (job->has_run != NULL)
		*job->has_run = true;
	errno = EXDEV;
	if (job->result != 0)
		diag_set(SystemError, "job %d", job->result);
	return job->result;
}

static int
job_abandoned(struct coio_task *task)
{
	abandoned++;
	abandoned_by_scheduler += fiber() == &cord()->sched && cord_is_main();
	abandoned_incomplete += task->complete == 0;
	abandoned_result = task->base.result;
	coio_task_destroy(task);
	free(task);
	return 0;
}

static struct job *
job_new(struct gate *gate, int result)
{
	struct job *job = malloc(sizeof(*job));
	coio_task_create(&job->task, job_run, job_abandoned);
	job->gate = gate;
	job->result = result;
	job->has_run = NULL;
	abandoned = abandoned_by_scheduler = abandoned_incomplete = 0;
	return job;
}

static void
job_free(struct job *job)
{
	coio_task_destroy(&job->task);
	free(job);
}

static void
test_complete(void)
{
	plan(9);
	struct job *job = job_new(NULL, 0);
	is(job->task.fiber, fiber(), "a task is the current fiber's");
	ok(diag_is_empty(&job->task.diag) && job->task.complete == 0, "nothing has come of it");
	diag_set(SystemError, "before");
	is(coio_task_execute(&job->task, 100), 0, "done in time");
	ok(job->task.base.result == 0 && job->task.base.errorno == EXDEV,
	   "with a result and an errno");
	ok(last_error_is("SystemError", "before"), "the fiber's error is its own");
	job_free(job);

	job = job_new(NULL, 3);
	is(coio_task_execute(&job->task, TIMEOUT_INFINITY), 0, "a failure is done, too");
	is(job->task.base.result, 3, "with its result");
	struct error *e = diag_last_error(&job->task.diag);
	ok(e != NULL && strcmp(e->errmsg, "job 3") == 0, "and its error");
	ok(last_error_is("SystemError", "before"), "which is the task's alone");
	job_free(job);
	check_plan();
}

static struct gate gate = GATE_INITIALIZER;

static void
test_timeout(void)
{
	plan(7);
	gate_close(&gate);
	struct job *job = job_new(&gate, -5);
	double start = fiber_clock();
	is(coio_task_execute(&job->task, 0.02), -1, "not done in time");
	ok(fiber_clock() - start >= 0.02, "the time was waited for");
	ok(last_error_is("TimedOut", "timed out"), "is an error");
	fiber_sleep(0.01);
	is(abandoned, 0, "the worker still has the task");
	gate_open(&gate);
	ok(eventually(abandoned > 0), "then the callback has it");
	ok(abandoned == 1 && abandoned_by_scheduler == 1 && abandoned_incomplete == 1,
	   "once, on the scheduler of the cord that asked");
	is(abandoned_result, -5, "with what came of it");
	check_plan();
}

/** A job is its creator's, so it is created in the fiber. */
static int
create_and_execute_f(va_list ap)
{
	bool *has_run = va_arg(ap, bool *);
	struct job *job = job_new(&gate, 0);
	job->has_run = has_run;
	int result = coio_task_execute(&job->task, 100);
	if (result == 0)
		job_free(job);
	return result;
}

static void
test_cancel(void)
{
	plan(4);
	gate_close(&gate);
	bool has_run = false;
	struct fiber *f = start("waits", create_and_execute_f, &has_run);
	gate_await(&gate, 1);
	fiber_cancel(f);
	is(fiber_join(f), -1, "a cancel in the middle ends the wait");
	ok(last_error_is("FiberIsCancelled", "fiber is cancelled"), "with an error");
	ok(abandoned == 0 && !has_run, "the worker goes on");
	gate_open(&gate);
	ok(eventually(abandoned > 0) && has_run, "to the end");

	check_plan();
}

/** Opens one gate after the other, and lets no poll happen before both results are there. */
static int
open_gates_f(va_list ap)
{
	struct gate *gates = va_arg(ap, struct gate *);
	fiber_sleep(0);
	for (int i = 0; i < 2; i++) {
		gate_open(&gates[i]);
		while (eio_npending() != (unsigned)i + 1)
			usleep(100);
	}
	return 0;
}

static int
execute_at_gate_f(va_list ap)
{
	struct job *job = job_new(va_arg(ap, struct gate *), 0);
	int result = coio_task_execute(&job->task, 100);
	if (result == 0)
		job_free(job);
	return result;
}

static void
test_done_and_cancelled(void)
{
	plan(3);
	struct gate gates[2] = { GATE_INITIALIZER, GATE_INITIALIZER };
	struct fiber *f = start("waits", execute_at_gate_f, &gates[1]);
	gate_await(&gates[1], 1);
	struct fiber *opener = start("opens", open_gates_f, gates);
	struct job *job = job_new(&gates[0], 0);
	/* Both are polled at a time, and this fiber runs first. */
	is(coio_task_execute(&job->task, 100), 0, "this task is done");
	job_free(job);
	fiber_cancel(f);
	is(fiber_join(f), 0, "a task that is done is done, although the fiber was cancelled");
	fiber_join(opener);
	is(abandoned, 0, "and is not abandoned");
	check_plan();
}

static int
cancelled_f(va_list ap)
{
	(void)ap;
	struct job *job = job_new(NULL, 0);
	int csw = fiber()->csw;
	int result = coio_task_execute(&job->task, 100);
	if (fiber()->csw == csw)
		result = -2;
	if (result == 0)
		job_free(job);
	return result;
}

static void
test_cancelled_before(void)
{
	plan(2);
	struct fiber *f = fiber_new("cancelled", cancelled_f);
	fiber_set_joinable(f, true);
	fiber_cancel(f);
	is(fiber_join(f), 0, "a fiber that was cancelled before gets its answer");
	is(abandoned, 0, "nothing is abandoned");
	check_plan();
}

static int
wake_f(va_list ap)
{
	struct fiber *f = va_arg(ap, struct fiber *);
	for (int i = 0; i < 20; i++) {
		fiber_wakeup(f);
		fiber_sleep(0.001);
	}
	gate_open(&gate);
	return 0;
}

static void
test_spurious(void)
{
	plan(2);
	gate_close(&gate);
	struct job *job = job_new(&gate, 0);
	struct fiber *f = start("wakes", wake_f, fiber());
	is(coio_task_execute(&job->task, 100), 0, "who is woken for no reason waits on");
	is(abandoned, 0, "and keeps the task");
	job_free(job);
	fiber_join(f);
	check_plan();
}

static void
test_no_time(void)
{
	plan(3);
	int done = 0, over = 0;
	for (int i = 0; i < 200; i++) {
		int before = abandoned;
		struct job *job = job_new(NULL, 0);
		abandoned = before;
		int csw = fiber()->csw;
		if (coio_task_execute(&job->task, i % 2 ? 0 : -1) == 0) {
			done++;
			job_free(job);
		} else {
			over++;
		}
		fail_if(fiber()->csw == csw);
	}
	is(done + over, 200, "a timeout of 0 is one turn of the loop");
	ok(eventually(eio_nreqs() == 0), "all tasks end");
	is(abandoned, over, "each has one owner in the end");
	check_plan();
}

static void
test_post(void)
{
	plan(5);
	gate_close(&gate);
	bool has_run = false;
	struct job *job = job_new(&gate, 4);
	job->has_run = &has_run;
	int csw = fiber()->csw;
	coio_task_post(&job->task);
	is(fiber()->csw, csw, "who posts does not wait");
	ok(job->task.fiber == NULL, "nobody does");
	gate_await(&gate, 1);
	is(abandoned, 0, "the callback comes after the function");
	gate_open(&gate);
	ok(eventually(abandoned > 0), "it does come");
	ok(abandoned == 1 && has_run && abandoned_by_scheduler && abandoned_result == 4,
	   "with the result");
	check_plan();
}

static int
test(void)
{
	plan(9);
	test_complete();
	test_timeout();
	test_cancel();
	test_done_and_cancelled();
	test_cancelled_before();
	test_spurious();
	test_no_time();
	test_post();
	struct job *job = job_new(NULL, 1);
	coio_task_execute(&job->task, 100);
	struct error *e = diag_last_error(&job->task.diag);
	error_ref(e);
	job_free(job);
	is(e->refs, 1, "the end of a task lets go of its error");
	error_unref(e);
	return check_plan();
}

int
main(void)
{
	return run_coio(test);
}

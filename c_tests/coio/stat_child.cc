/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for a path to change and for a child to end (spec ipc.md 12.5).
 */
#include "sockets.h"
#include "../child.h"

#include <signal.h>
#include <sys/wait.h>

static void
append(const char *path, const char *text)
{
	FILE *file = fopen(path, "a");
	fail_if(file == NULL);
	fputs(text, file);
	fclose(file);
}

static void
test_stat()
{
	plan(8);
	append("file", "");
	ev_stat stat;
	coio_stat_init(&stat, "file");
	double begin = fiber_clock();
	coio_stat_stat_timeout(&stat, 0.02);
	ok(fiber_clock() - begin >= 0.02, "nothing changes");
	ok(stat.attr.st_size == 0 && !ev_is_active(&stat), "the watcher is at rest");
	Fiber writer([] {
		fiber_sleep(0.01);
		append("file", "text");
		return 0;
	});
	coio_stat_stat_timeout(&stat, TIMEOUT_INFINITY);
	ok(stat.prev.st_size == 0 && stat.attr.st_size == 4, "a file grows");
	is(writer.join(), 0, "because somebody writes");
	Fiber remover([] {
		fiber_sleep(0.01);
		return unlink("file");
	});
	coio_stat_stat_timeout(&stat, TIMEOUT_INFINITY);
	ok(stat.prev.st_nlink == 1 && stat.attr.st_nlink == 0, "a file goes");
	is(remover.join(), 0, "because somebody removes it");

	Fiber cancelled([&] {
		return throws<FiberIsCancelled>("fiber is cancelled", [&] {
			coio_stat_stat_timeout(&stat, 100);
		}) ? 0 : -1;
	});
	fiber_cancel(cancelled.fiber);
	is(cancelled.join(), 0, "a cancel ends the wait");
	ok(!ev_is_active(&stat), "the watcher is at rest");
	check_plan();
}

static pid_t
child(int status, int number)
{
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		if (number != 0) {
			signal(number, SIG_DFL);
			raise(number);
		}
		_exit(status);
	}
	return pid;
}

static void
test_children()
{
	plan(6);
	int status = coio_waitpid(child(7, 0));
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 7, "a child ends");
	status = coio_waitpid(child(0, SIGTERM));
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "or is ended");

	/* Several at a time, in any order. */
	enum { CHILDREN = 10 };
	Fiber *fibers[CHILDREN];
	int right = 0;
	for (int i = 0; i < CHILDREN; i++)
		fibers[i] = new Fiber([=] { return WEXITSTATUS(coio_waitpid(child(i, 0))); });
	for (int i = CHILDREN - 1; i >= 0; i--) {
		right += fibers[i]->join() == i;
		delete fibers[i];
	}
	diag_clear(diag_get());
	is(right, CHILDREN, "each fiber hears of its own child");

	int gate[2];
	fail_if(pipe(gate) != 0);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		char byte;
		close(gate[1]);
		_exit(read(gate[0], &byte, 1));
	}
	Fiber waiter([=] {
		return throws<FiberIsCancelled>("fiber is cancelled",
						[=] { coio_waitpid(pid); }) ? 0 : -1;
	});
	fiber_wakeup(waiter.fiber);
	fiber_sleep(0);
	ok(!fiber_is_dead(waiter.fiber), "a wake-up does not end the wait");
	fiber_cancel(waiter.fiber);
	fiber_wakeup(waiter.fiber);
	fiber_sleep(0);
	ok(!fiber_is_dead(waiter.fiber), "nor does a cancel");
	close(gate[1]);
	is(waiter.join(), 0, "which is told afterwards");
	close(gate[0]);
	check_plan();
}

static int
wait_in_cord_f(va_list)
{
	return coio_waitpid(1);
}

static int
wait_in_cord()
{
	struct cord cord;
	cord_costart(&cord, "waits", wait_in_cord_f, NULL);
	return cord_cojoin(&cord);
}

static int
child_waits_in_cord(const void *)
{
	return run_coio_with(wait_in_cord, fiber_cxx_invoke);
}

static int
test()
{
	plan(2);
	test_stat();
	test_children();
	return check_plan();
}

int
main()
{
	plan(2);
	struct child_end end;
	watch_child(child_waits_in_cord, NULL, &end);
	ok(end.status == 1 && strstr(end.text, "coio_waitpid: not in the main cord") != NULL,
	   "children are the main cord's");
	run_coio_with(test, fiber_cxx_invoke);
	return check_plan();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What needs a cord says so where there is none; the rest works (spec diag.md 17). */
#include "memory.h"
#include "fiber.h"
#include "box/error.h"
#include "exception.h"
#include "unit.h"
#include "child.h"

static void
get(void *arg)
{
	(void)arg;
	diag_get();
}

static void
set(void *arg)
{
	(void)arg;
	diag_set(IllegalParams, "%s", "text");
}

static void
log_last(void *arg)
{
	(void)arg;
	diag_log();
}

static void
last(void *arg)
{
	(void)arg;
	box_error_last();
}

/* An error of the library itself is not lost. */
static void
set_by_library(void *arg)
{
	(void)arg;
	say_check_init_str("ftp:log");
}

static void
log_cancelled(void *arg)
{
	(void)arg;
	error_log(BuildFiberIsCancelled("f", 1));
}

static void *
in_thread(void *f)
{
	((void (*)(void *))f)(NULL);
	return NULL;
}

/* In another thread than the one that has a cord. */
static void
run_in_thread(void *f)
{
	memory_init();
	fiber_init(fiber_c_invoke);
	pthread_t thread;
	tt_pthread_create(&thread, NULL, in_thread, f);
	tt_pthread_join(thread, NULL);
	fiber_free();
	memory_free();
}

static void
show(const char *name, void (*f)(void *))
{
	static struct child_result before, thread;
	child_run(f, NULL, &before);
	child_run(run_in_thread, (void *)f, &thread);
	printf("%s: status %d, %d\n%s", name, WEXITSTATUS(before.status),
	       WEXITSTATUS(thread.status), before.err);
	if (strcmp(before.err, thread.err) != 0)
		printf("but in a thread:\n%s", thread.err);
}

int
main(void)
{
	show("diag_get", get);
	show("diag_set", set);
	show("diag_log", log_last);
	show("box_error_last", last);
	show("the library", set_by_library);
	show("FiberIsCancelled", log_cancelled);
	return 0;
}

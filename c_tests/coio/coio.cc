/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the reference's own test of this name checks (spec ipc.md 17, testing.md 6): a path
 * that changes, an uninterruptible call, names. The workers have no cords here.
 */
#include "memory.h"
#include "fiber.h"
#include "coio.h"
#include "coio_task.h"
#include "fio.h"
#include "unit.h"

#include <netdb.h>

static const char filename[] = "1.out";

static int
append_f(va_list)
{
	for (int i = 0; i < 3; i++) {
		fiber_sleep(0.001);
		FILE *file = fopen(filename, "a");
		fail_if(file == NULL);
		fputs("another line\n", file);
		fclose(file);
	}
	return 0;
}

static void
stat_timeout_test()
{
	header();
	ev_stat stat;
	coio_stat_init(&stat, filename);
	coio_stat_stat_timeout(&stat, 0.01);
	footer();
}

static void
stat_notify_test()
{
	header();
	note("filename: %s", filename);
	FILE *file = fopen(filename, "w");
	fail_if(file == NULL);
	fclose(file);
	ev_stat stat;
	coio_stat_init(&stat, filename);
	struct fiber *appender = fiber_new_xc("append", append_f);
	fiber_set_joinable(appender, true);
	fiber_start(appender);
	coio_stat_stat_timeout(&stat, TIMEOUT_INFINITY);
	fail_unless(stat.prev.st_size < stat.attr.st_size);
	fiber_join(appender);
	footer();
}

static ssize_t
take_time(va_list ap)
{
	int *done = va_arg(ap, int *);
	usleep(10000);
	*done = 1;
	return 0;
}

static int
test_call_f(va_list)
{
	header();
	int done = 0;
	ssize_t result = coio_call(take_time, &done);
	note("call done with res %zd", result);
	fail_unless(done == 1 && fiber_is_cancelled());
	footer();
	return 0;
}

static void
test_getaddrinfo()
{
	header();
	plan(1);
	struct addrinfo *found;
	int result = coio_getaddrinfo("127.0.0.1", "3456", NULL, &found, 1);
	is(result, 0, "getaddrinfo");
	if (result == 0)
		freeaddrinfo(found);
	for (int i = 0; i < 5; i++) {
		if (coio_getaddrinfo("127.0.0.1", "3456", NULL, &found, 0) == 0)
			freeaddrinfo(found);
		fiber_sleep(0);
	}
	check_plan();
	footer();
}

static int
main_f(va_list)
{
	stat_timeout_test();
	stat_notify_test();
	coio_enable();
	struct fiber *caller = fiber_new_xc("calls", test_call_f);
	fiber_set_joinable(caller, true);
	fiber_start(caller);
	fiber_wakeup(caller);
	fiber_sleep(0);
	fiber_cancel(caller);
	fiber_join(caller);
	test_getaddrinfo();
	ev_break(loop(), EVBREAK_ALL);
	return 0;
}

int
main()
{
	memory_init();
	fiber_init(fiber_cxx_invoke);
	fiber_wakeup(fiber_new_xc("main", main_f));
	ev_run(loop(), 0);
	fiber_free();
	memory_free();
	return 0;
}

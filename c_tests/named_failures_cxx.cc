/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failures that need an exception (spec fiber.md 7, 18, diag.md 6.4): an on_stop trigger that
 * throws, and a fiber that throws what nobody catches.
 */
#include "main_fiber.h"
#include "child.h"

static void
throw_in_trigger(struct trigger *, void *)
{
	tnt_raise(IllegalParams, "thrown by a trigger");
}

static int
stop_f(va_list)
{
	static struct trigger trigger;
	trigger_create(&trigger, throw_in_trigger, NULL, NULL);
	trigger_add(&fiber()->on_stop, &trigger);
	return 0;
}

static int
throw_int_f(va_list)
{
	throw 42;
}

static int
throw_error_f(va_list)
{
	tnt_raise(IllegalParams, "thrown by a fiber");
}

static int
start_f(va_list)
{
	fiber_func f = strcmp(getenv("CASE"), "stop") == 0 ? stop_f :
		       strcmp(getenv("CASE"), "int") == 0 ? throw_int_f : throw_error_f;
	fiber_start(fiber_new("victim", f));
	return 0;
}

static int
in_cxx(const void *arg)
{
	setenv("CASE", (const char *)arg, 1);
	return run_main_fiber(start_f, fiber_cxx_invoke);
}

static int
in_c(const void *arg)
{
	setenv("CASE", (const char *)arg, 1);
	return run_main_fiber(start_f, fiber_c_invoke);
}

static int caught;

static void
throw_on_yield(struct trigger *trigger, void *)
{
	trigger_clear(trigger);
	caught++;
	tnt_raise(IllegalParams, "thrown by an on_yield trigger");
}

static int
yield_trigger_f(va_list)
{
	struct trigger trigger;
	trigger_create(&trigger, throw_on_yield, NULL, NULL);
	trigger_add(&fiber()->on_yield, &trigger);
	fiber_sleep(0);
	return caught == 1 ? 0 : -1;
}

static int
on_yield(const void *)
{
	return run_main_fiber(yield_trigger_f, fiber_cxx_invoke);
}

int
main()
{
	header();
	plan(6);
	struct child_end end;
	watch_child(in_cxx, "stop", &end);
	is(end.status, EXIT_FAILURE, "an on_stop trigger that throws ends the program");
	is(strcmp(end.text, "On_stop triggers can't fail\n"), 0, "with a message");
	watch_child(in_cxx, "error", &end);
	ok(end.status == 0 && strcmp(end.text, "IllegalParams: thrown by a fiber\n") == 0,
	   "a fiber that throws an error fails with it");
	watch_child(in_cxx, "int", &end);
	is(end.status, -SIGABRT, "one that throws anything else ends the program");
	watch_child(in_c, "error", &end);
	is(end.status, -SIGABRT, "and so does any that throws where C calls it");
	watch_child(on_yield, NULL, &end);
	is(end.status, 0, "what an on_yield trigger throws is ignored");
	footer();
	return check_plan();
}

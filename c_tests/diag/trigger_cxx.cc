/* SPDX-License-Identifier: BSD-2-Clause */
/* Triggers that throw (spec diag.md 7). */
#include "memory.h"
#include "fiber.h"
#include "exception.h"
#include "trigger.h"
#include "unit.h"

static int runs;

static void
count(struct trigger *, void *)
{
	runs++;
}

static void
fail_timed_out(struct trigger *, void *)
{
	runs++;
	tnt_raise(TimedOut);
}

static void
fail_otherwise(struct trigger *, void *)
{
	runs++;
	throw 42;
}

struct Guard {
	int *destroyed;
	~Guard() { ++*destroyed; }
};

static void
fail_with_guard(struct trigger *, void *event)
{
	Guard guard = { (int *)event };
	tnt_raise(IllegalParams, "guarded");
}

static struct error *
last()
{
	return diag_last_error(diag_get());
}

int
main()
{
	memory_init();
	fiber_init(fiber_cxx_invoke);
	header();
	plan(9);

	RLIST_HEAD(list);
	struct trigger first, failing, rest;
	trigger_create(&rest, count, NULL, NULL);
	trigger_create(&failing, fail_timed_out, NULL, NULL);
	trigger_create(&first, count, NULL, NULL);
	trigger_add(&list, &rest);
	trigger_add(&list, &failing);
	trigger_add(&list, &first);

	is(trigger_run(&list, NULL), -1, "a trigger that throws fails the run");
	is(runs, 2, "those after it do not run");
	ok(last()->type == &type_TimedOut && last()->refs == 1, "the error is in the area");

	diag_clear(diag_get());
	bool caught = false;
	try {
		trigger_run_xc(&list, NULL);
	} catch (TimedOut *e) {
		caught = e == static_cast<Exception *>(last());
	}
	ok(caught, "trigger_run_xc throws it on");
	diag_clear(diag_get());

	int destroyed = 0;
	failing.run = fail_with_guard;
	is(trigger_run(&list, &destroyed), -1, "a trigger with something to destroy");
	is(destroyed, 1, "which is destroyed");
	diag_clear(diag_get());

	failing.run = fail_otherwise;
	caught = false;
	try {
		trigger_run(&list, NULL);
	} catch (int value) {
		caught = value == 42;
	}
	ok(caught, "an exception that is no Exception passes through");

	failing.run = count;
	runs = 0;
	trigger_run_xc(&list, NULL);
	is(runs, 3, "nothing thrown");
	ok(diag_is_empty(diag_get()), "nothing in the area");

	int rc = check_plan();
	footer();
	fiber_free();
	memory_free();
	return rc;
}

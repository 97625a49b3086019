/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handlers that yield: while a fiber is in a catch block, others throw, catch, rethrow and
 * leave theirs, in any order. What a C++ runtime keeps about that is per thread.
 */
#include "main_fiber.h"

static int alive;

struct Thrown {
	int value;
	explicit Thrown(int v) : value(v) { alive++; }
	Thrown(const Thrown &other) : value(other.value) { alive++; }
	~Thrown()
	{
		alive--;
		value = -1;
	}
};

/** Stays in its handler for `turns` turns. */
static int
catch_f(va_list ap)
{
	int value = va_arg(ap, int), turns = va_arg(ap, int);
	try {
		throw Thrown(value);
	} catch (const Thrown &e) {
		for (int i = 0; i < turns; i++)
			fiber_sleep(0);
		return e.value == value ? 1 : 0;
	}
}

/** Rethrows what it has caught, after others have caught and left. */
static int
rethrow_f(va_list ap)
{
	int value = va_arg(ap, int), turns = va_arg(ap, int);
	try {
		try {
			throw Thrown(value);
		} catch (...) {
			for (int i = 0; i < turns; i++)
				fiber_sleep(0);
			throw;
		}
	} catch (const Thrown &e) {
		return e.value == value ? 1 : 0;
	}
}

/** Errors of the library are thrown as pointers. */
static int
catch_error_f(va_list ap)
{
	int value = va_arg(ap, int), turns = va_arg(ap, int);
	try {
		tnt_raise(IllegalParams, "number %d", value);
	} catch (Exception *e) {
		for (int i = 0; i < turns; i++)
			fiber_sleep(0);
		return strcmp(e->get_errmsg(), tt_sprintf("number %d", value)) == 0;
	}
}

/** Runs fibers whose handlers end in the order of `turns`; how many were right. */
static int
run(fiber_func f, const int *turns, int count)
{
	struct fiber *fibers[8];
	int right = 0;
	for (int i = 0; i < count; i++) {
		fibers[i] = fiber_new("catches", f);
		fiber_set_joinable(fibers[i], true);
		fiber_start(fibers[i], i + 1, turns[i]);
	}
	for (int i = 0; i < count; i++)
		right += fiber_join(fibers[i]);
	diag_clear(diag_get());
	return right;
}

static int
main_f(va_list)
{
	header();
	plan(8);
	static const int inside_out[] = { 5, 4, 3, 2, 1 };
	static const int first_come[] = { 1, 2, 3, 4, 5 };
	static const int mixed[] = { 3, 5, 1, 4, 2 };
	is(run(catch_error_f, inside_out, 5), 5, "errors, left inside out");
	is(run(catch_error_f, first_come, 5), 5, "errors, first come first out");
	is(run(catch_error_f, mixed, 5), 5, "errors, mixed");
	is(run(catch_f, inside_out, 5), 5, "objects, left inside out");
	is(run(catch_f, first_come, 5), 5, "objects, first come first out");
	is(run(catch_f, mixed, 5), 5, "objects, mixed");
	is(run(rethrow_f, mixed, 5), 5, "objects, rethrown");
	is(alive, 0, "all are destroyed");
	footer();
	return check_plan();
}

int
main()
{
	return run_main_fiber(main_f, fiber_cxx_invoke);
}

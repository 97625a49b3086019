/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fibers in C++ (spec fiber.md 9, 12.2): errors that are thrown, and what crosses a join.
 * The first half is what the reference's own test of fibers looks at.
 */
#include <sys/resource.h>

#include "main_fiber.h"
#include "fiber_channel.h"

static const size_t default_stack_size = 512 << 10;

static int
noop_f(va_list)
{
	return 0;
}

static int
cancel_f(va_list)
{
	fiber_set_cancellable(true);
	while (true) {
		fiber_sleep(0.001);
		fiber_testcancel();
	}
	return 0;
}

static int
exception_f(va_list)
{
	tnt_raise(OutOfMemory, 42, "allocator", "exception");
}

static int
no_exception_f(va_list)
{
	try {
		tnt_raise(OutOfMemory, 42, "allocator", "exception");
	} catch (Exception *) {
	}
	return 0;
}

static int
cancel_dead_f(va_list)
{
	tnt_raise(OutOfMemory, 42, "allocator", "exception");
}

static int
sleep_a_moment_f(va_list)
{
	fiber_sleep(0.001);
	return 0;
}

static void
test_names()
{
	header();
	plan(3);
	ok(strcmp(fiber_name(fiber()), "main") == 0, "name of a new fiber");
	fiber_set_name(fiber(), "Horace");
	ok(strcmp(fiber_name(fiber()), "Horace") == 0, "set a name");
	char name[FIBER_NAME_MAX + 10];
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	fiber_set_name(fiber(), name);
	ok(strlen(fiber_name(fiber())) == FIBER_NAME_MAX &&
	   strncmp(fiber_name(fiber()), name, FIBER_NAME_MAX) == 0, "it is truncated");
	fiber_set_name(fiber(), "main");
	check_plan();
	footer();
}

static void
test_join()
{
	header();
	plan(9);
	struct fiber *f = fiber_new_xc("join", noop_f);
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	is(fiber_join(f), 0, "a fiber that has not run is joined");

	f = fiber_new_xc("cancel", cancel_f);
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	fiber_sleep(0);
	fiber_cancel(f);
	is(fiber_join(f), -1, "fiber_testcancel() ends a cancelled fiber");
	ok(last_error_is("FiberIsCancelled", "fiber is cancelled"), "by an error");

	f = fiber_new_xc("exception", exception_f);
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	bool caught = false;
	try {
		if (fiber_join(f) != 0)
			diag_raise();
	} catch (SystemError *e) {
		caught = e->get_errno() == ENOMEM &&
			 strcmp(e->get_errmsg(),
				"Failed to allocate 42 bytes in allocator for exception") == 0;
	}
	ok(caught, "an error thrown in a fiber can be thrown on by the joiner");
	/* Its line in the log comes before all of this. */
	f = fiber_new_xc("exception", exception_f);
	fiber_wakeup(f);
	fiber_sleep(0);
	ok(fiber_is_dead(f), "without a joiner it is logged");

	f = fiber_new_xc("no exception", no_exception_f);
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	/* Let it run and end before the join. */
	fiber_reschedule();
	ok(fiber_is_dead(f) && diag_is_empty(&f->diag), "success clears an error that was caught");
	is(fiber_join(f), 0, "and is success");

	f = fiber_new_xc("cancel dead", cancel_dead_f);
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	fiber_reschedule();
	ok(fiber_is_dead(f), "by now the fiber is dead");
	fiber_cancel(f);
	diag_clear(diag_get());
	fiber_join(f);
	ok(last_error_is("OutOfMemory", "Failed to allocate 42 bytes in allocator for exception"),
	   "a late cancel does not hide its error");
	diag_clear(diag_get());
	check_plan();
	footer();
}

static int
deep_f(va_list)
{
	use_stack(default_stack_size / 4 * 3);
	return 0;
}

static int
deeper_f(va_list)
{
	use_stack(default_stack_size / 2 * 3);
	return 0;
}

static void
test_stack()
{
	header();
	plan(6);
	struct fiber *f = fiber_new_xc("deep", deep_f);
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	is(fiber_join(f), 0, "a normal stack takes 3/4 of its size");

	cord_collect_garbage(cord());
	size_t used = slab_bytes(), fibers = live_fibers();
	struct fiber_attr *attr = fiber_attr_new();
	fiber_attr_setstacksize(attr, default_stack_size * 2);
	f = fiber_new_ex("deeper", attr, deeper_f);
	fiber_attr_delete(attr);
	ok(f != NULL && live_fibers() == fibers + 1, "a fiber with a large stack");
	fiber_set_joinable(f, true);
	fiber_wakeup(f);
	is(fiber_join(f), 0, "takes more than a normal one has");
	cord_collect_garbage(cord());
	is(slab_bytes(), used, "its stack is given back");
	is(live_fibers(), fibers, "and so is the fiber");
	struct fiber *next = fiber_new_xc("next", noop_f);
	ok(next != f, "it is not reused");
	fiber_start(next);
	check_plan();
	footer();
}

static void
test_cache_and_flags()
{
	header();
	plan(5);
	fiber_wakeup(fiber());
	fiber_sleep(0);
	struct fiber *f = fiber_new_xc("starts", sleep_a_moment_f);
	fiber_wakeup(fiber());
	fiber_start(f);
	ok(!fiber_is_dead(f), "a fiber can be started after a wakeup of ourselves");
	fiber_sleep(0.01);

	size_t fibers = live_fibers();
	ok(fiber_is_dead(f) && live_fibers() == fibers, "it stays in the cache, dead");
	f = fiber_new_xc("again", noop_f);
	ok(!fiber_is_dead(f) && live_fibers() == fibers, "and lives again when it is reused");
	fiber_start(f);

	struct fiber_attr attr;
	fiber_attr_create(&attr);
	uint32_t flags = attr.flags | FIBER_IS_JOINABLE;
	attr.flags &= ~FIBER_IS_CANCELLABLE;
	f = fiber_new_ex("not cancellable", &attr, noop_f);
	ok((f->flags & FIBER_IS_CANCELLABLE) == 0, "a reused fiber has the flags asked for");
	fiber_start(f);
	attr.flags = flags;
	f = fiber_new_ex("joinable", &attr, noop_f);
	ok(f->flags == flags, "whatever they are");
	fiber_start(f);
	fiber_join(f);
	check_plan();
	footer();
}

/* {{{ Beyond the reference's test */

static int
testcancel_in_time_f(va_list ap)
{
	bool *passed = va_arg(ap, bool *);
	fiber_testcancel();
	*passed = true;
	fiber_cancel(fiber());
	fiber_testcancel();
	return 0;
}

static int
catch_and_go_on_f(va_list)
{
	fiber_cancel(fiber());
	int caught = 0;
	for (int i = 0; i < 3; i++) {
		try {
			fiber_testcancel();
		} catch (FiberIsCancelled *e) {
			caught += strcmp(e->get_errmsg(), "fiber is cancelled") == 0;
		}
	}
	return caught == 3 ? 0 : -1;
}

static void
test_testcancel()
{
	header();
	plan(4);
	bool passed = false;
	struct fiber *f = fiber_new_xc("testcancel", testcancel_in_time_f);
	fiber_set_joinable(f, true);
	fiber_start(f, &passed);
	ok(passed, "fiber_testcancel() lets a fiber pass that is not cancelled");
	is(fiber_join(f), -1, "and throws in one that is");
	ok(diag_last_error(diag_get())->refs == 1, "the error is the joiner's alone");
	diag_clear(diag_get());
	f = fiber_new_xc("catches", catch_and_go_on_f);
	fiber_set_joinable(f, true);
	fiber_start(f);
	is(fiber_join(f), 0, "it can be caught, and comes again");
	diag_clear(diag_get());
	check_plan();
	footer();
}

static void
test_new_xc()
{
	header();
	plan(2);
	/* Cached fibers need no memory. */
	struct fiber *cached[16];
	size_t count = 0;
	while (!rlist_empty(&cord()->dead) && count < lengthof(cached))
		cached[count++] = fiber_new_xc("cached", noop_f);
	struct slab *slabs[1024];
	size_t taken = 0;
	struct rlimit old, limit;
	getrlimit(RLIMIT_AS, &old);
	limit = old;
	limit.rlim_cur = 1 << 20;
	setrlimit(RLIMIT_AS, &limit);
	while (taken < lengthof(slabs) &&
	       (slabs[taken] = slab_get(cord_slab_cache(), 500000)) != NULL)
		taken++;
	bool caught = false;
	/* The log would tell how much address space is in use. */
	say_set_log_level(S_ERROR);
	try {
		fiber_new_xc("none", noop_f);
	} catch (OutOfMemory *e) {
		caught = strcmp(e->get_errmsg(), "Failed to allocate 524240 bytes in "
				"runtime arena for fiber stack") == 0;
	}
	say_set_log_level(S_INFO);
	setrlimit(RLIMIT_AS, &old);
	ok(caught, "fiber_new_xc() throws the reason why it fails");
	while (taken > 0)
		slab_put(cord_slab_cache(), slabs[--taken]);
	struct fiber *f = fiber_new_xc("one", noop_f);
	ok(f != NULL, "and returns a fiber otherwise");
	fiber_start(f);
	while (count > 0)
		fiber_start(cached[--count]);
	diag_clear(diag_get());
	check_plan();
	footer();
}

static int
channel_xc_f(va_list ap)
{
	struct fiber_channel *ch = va_arg(ap, struct fiber_channel *);
	void *value = NULL;
	fiber_channel_get_xc(ch, &value);
	return value == (void *)ch ? 0 : -1;
}

static void
test_channel_xc()
{
	header();
	plan(3);
	struct fiber_channel *ch = fiber_channel_new(0);
	struct fiber *f = fiber_new_xc("reads", channel_xc_f);
	fiber_set_joinable(f, true);
	fiber_start(f, ch);
	fiber_channel_put_xc(ch, ch);
	is(fiber_join(f), 0, "a channel whose functions throw");
	f = fiber_new_xc("reads", channel_xc_f);
	fiber_set_joinable(f, true);
	fiber_start(f, ch);
	fiber_channel_close(ch);
	ok(fiber_join(f) == -1 && last_error_is("ChannelIsClosed", "channel is closed"),
	   "throws in a fiber when it is closed");
	bool caught = false;
	try {
		fiber_channel_put_xc(ch, NULL);
	} catch (ChannelIsClosed *) {
		caught = true;
	}
	ok(caught, "and here");
	fiber_channel_delete(ch);
	diag_clear(diag_get());
	check_plan();
	footer();
}

static int
fail_in_cord_f(va_list)
{
	fiber_sleep(0);
	tnt_raise(IllegalParams, "thrown in another thread");
}

static void
test_cord()
{
	header();
	plan(2);
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	cord_costart(&cord, "throws", fail_in_cord_f, NULL);
	is(cord_join(&cord), -1, "a cord whose fiber throws fails");
	bool caught = false;
	try {
		diag_raise();
	} catch (IllegalParams *e) {
		caught = strcmp(e->get_errmsg(), "thrown in another thread") == 0;
	}
	ok(caught, "with its error");
	diag_clear(diag_get());
	check_plan();
	footer();
}

/* }}} */

static int
main_f(va_list)
{
	header();
	plan(8);
	test_names();
	test_join();
	test_stack();
	test_cache_and_flags();
	test_testcancel();
	test_new_xc();
	test_channel_xc();
	test_cord();
	footer();
	return check_plan();
}

int
main()
{
	return run_main_fiber(main_f, fiber_cxx_invoke);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors as C++ exceptions (spec diag.md 6): thrown by C++ and by C, caught as any of
 * their types, across fibers; what happens without memory. */
#include "memory.h"
#include "fiber.h"
#include "exception.h"
#include "unit.h"

#include <new>
#include <typeinfo>

/* {{{ A malloc that can be told to fail */

extern "C" void *
__libc_malloc(size_t size);

static bool malloc_fails;

extern "C" void *
malloc(size_t size)
{
	if (malloc_fails) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_malloc(size);
}

/* }}} */

static struct error *
last()
{
	return diag_last_error(diag_get());
}

template<typename T>
static void
test_layout(const char *name, size_t size)
{
	alignas(T) static char memory[sizeof(T)];
	T *object = reinterpret_cast<T *>(memory);
	struct error *e = object;
	ok((char *)e - memory == 8, "%s: struct error at 8", name);
	is(sizeof(T), size, "%s: %zu bytes", name, size);
	is(static_cast<T *>(e), object, "%s: and back", name);
}

static void
test_layouts()
{
	header();
	plan(32);
	test_layout<Exception>("Exception", 816);
	test_layout<SystemError>("SystemError", 824);
	test_layout<SocketError>("SocketError", 824);
	test_layout<OutOfMemory>("OutOfMemory", 824);
	test_layout<TimedOut>("TimedOut", 824);
	test_layout<ChannelIsClosed>("ChannelIsClosed", 816);
	test_layout<FiberIsCancelled>("FiberIsCancelled", 816);
	test_layout<LuajitError>("LuajitError", 816);
	test_layout<IllegalParams>("IllegalParams", 816);
	test_layout<CollationError>("CollationError", 816);

	diag_set(SystemError, "text");
	/* The errno of a SystemError, 808 bytes after struct error, is its first member. */
	errno = ENOTTY;
	diag_set(SystemError, "text");
	is(*(int *)((char *)last() + 808), ENOTTY, "m_errno");
	/* Slots of the virtual table: raise, log, two destructors. */
	Exception *e = static_cast<Exception *>(last());
	typedef void (*log_f)(const Exception *);
	log_f *vtable = *(log_f **)e;
	fflush(stdout);
	vtable[1](e);
	ok(typeid(*e) == typeid(SystemError), "type information");
	check_plan();
	footer();
}

/* {{{ Throwing and catching */

/* What is thrown is caught as T, with the pointer adjusted. */
template<typename T>
static void
test_catch(const char *as, void (*raise)())
{
	bool caught = false;
	try {
		raise();
	} catch (T *e) {
		struct error *error = e;
		caught = error == last() && error->refs == 1;
	}
	ok(caught, "caught as %s", as);
}

static void
raise_timed_out()
{
	tnt_raise(TimedOut);
}

static void
raise_from_c()
{
	diag_set(TimedOut);
	diag_raise();
}

static void
raise_error()
{
	diag_set(TimedOut);
	error_raise(last());
}

static void
test_throw()
{
	header();
	plan(19);
	void (*const ways[])() = { raise_timed_out, raise_from_c, raise_error };
	for (size_t i = 0; i < lengthof(ways); i++) {
		test_catch<TimedOut>("its class", ways[i]);
		test_catch<SystemError>("its base", ways[i]);
		test_catch<Exception>("the base of all", ways[i]);
		test_catch<struct error>("struct error", ways[i]);
	}

	bool caught = false;
	int line = __LINE__ + 2;
	try {
		tnt_raise(SocketError, "fd 5", "connect to %s", "host");
	} catch (TimedOut *) {
		fail("wrong class", "caught");
	} catch (SocketError *e) {
		caught = true;
		is(strcmp(e->get_errmsg(), "connect to host, called on fd 5"), 0, "text");
		is(strcmp(e->get_file(), __FILE__), 0, "file");
		is(e->get_line(), line, "line");
	}
	ok(caught, "a sibling does not catch it");

	/* The object belongs to the area; a reference keeps it beyond. */
	try {
		tnt_raise(IllegalParams, "%d", 1);
	} catch (Exception *e) {
		error_ref(e);
		diag_set(ChannelIsClosed);
		is(strcmp(e->get_errmsg(), "1"), 0, "referenced, it survives another error");
		error_unref(e);
	}

	errno = EPERM;
	TimedOut *e = tnt_error(TimedOut);
	ok(e == last() && e->refs == 1 && e->get_errno() == ETIMEDOUT, "tnt_error");

	int count = 0;
	try {
		try {
			tnt_raise(LuajitError, "again");
		} catch (LuajitError *) {
			count++;
			throw;
		}
	} catch (struct error *) {
		count++;
	}
	is(count, 2, "thrown on");
	diag_clear(diag_get());
	check_plan();
	footer();
}

/* }}} */

/* {{{ Fibers */

static int
throwing_fiber(va_list)
{
	fiber_sleep(0);
	tnt_raise(SocketError, "fd 7", "%s", "lost");
}

static int
cancelled_fiber(va_list)
{
	fiber_sleep(100);
	fiber_testcancel();
	return 0;
}

static int
joining_fiber(va_list)
{
	struct fiber *f = fiber_new_xc("thrower", throwing_fiber);
	fiber_set_joinable(f, true);
	fiber_start(f);
	is(fiber_join(f), -1, "an exception ends a fiber");
	is(last()->type, &type_SocketError, "and is joined with it");
	bool caught = false;
	try {
		diag_raise();
	} catch (SystemError *e) {
		caught = strcmp(e->get_errmsg(), "lost, called on fd 7") == 0;
	}
	ok(caught, "and can be thrown on");

	f = fiber_new_xc("cancelled", cancelled_fiber);
	fiber_set_joinable(f, true);
	fiber_start(f);
	fiber_cancel(f);
	is(fiber_join(f), -1, "a cancelled fiber");
	is(last()->type, &type_FiberIsCancelled, "says so");
	printf("# the line of a fiber named %s\n", fiber_name(fiber()));
	fflush(stdout);
	diag_log();
	diag_clear(diag_get());
	ev_break(loop(), EVBREAK_ALL);
	return 0;
}

static void
test_fibers()
{
	header();
	plan(5);
	fiber_wakeup(fiber_new_xc("joiner", joining_fiber));
	ev_run(loop(), 0);
	check_plan();
	footer();
}

/* }}} */

static void
test_no_memory()
{
	header();
	plan(9);
	exception_init();

	malloc_fails = true;
	struct error *built = BuildIllegalParams("f", 1, "%s", "never seen");
	malloc_fails = false;
	const char *text = "Failed to allocate 824 bytes in malloc for exception";
	ok(built->type == &type_OutOfMemory && strcmp(built->errmsg, text) == 0,
	   "what is built is the static error");
	is(built->refs, 1, "which has a reference of its own");

	malloc_fails = true;
	diag_set(SystemError, "%s", "never seen");
	malloc_fails = false;
	ok(last() == built && built->refs == 2, "diag_set takes it");
	malloc_fails = true;
	diag_set(SocketError, "fd", "%s", "never seen");
	malloc_fails = false;
	ok(last() == built && built->refs == 2 && strcmp(built->errmsg, text) == 0,
	   "and leaves its text");
	diag_clear(diag_get());
	is(built->refs, 1, "it is not freed");

	bool caught = false;
	malloc_fails = true;
	try {
		tnt_raise(CollationError, "%s", "never seen");
	} catch (OutOfMemory *e) {
		malloc_fails = false;
		caught = e == static_cast<Exception *>(built);
	}
	malloc_fails = false;
	ok(caught, "new throws it");
	is(last(), built, "and has put it into the area");
	error_unref(built);
	diag_clear(diag_get());
	is(built->refs, 0, "when somebody loses count");
	is(strcmp(built->errmsg, text), 0, "it stays where it is");
	built->refs = 1;
	check_plan();
	footer();
}

int
main()
{
	memory_init();
	fiber_init(fiber_cxx_invoke);
	test_layouts();
	test_throw();
	test_fibers();
	test_no_memory();
	fiber_free();
	memory_free();
	return 0;
}

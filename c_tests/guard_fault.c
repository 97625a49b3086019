/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guards for real (spec fiber.md 11.3, 12.2): a fiber that runs off its stack faults in its
 * guard page and nowhere else, for every kind of guard; what guards survive; and that
 * a stack can be used up to there.
 */
#include "main_fiber.h"
#include "child.h"
#include "cordage/guard.h"

enum { PAGE = 4096, IN_GUARD = 42, ELSEWHERE = 43 };

static char *
guard_of(const struct fiber *f)
{
	return (char *)f->stack - PAGE;
}

static char *volatile expected_guard;

static void
on_fault(int signal, siginfo_t *info, void *context)
{
	(void)context;
	char *addr = (char *)info->si_addr;
	bool in_guard = addr >= expected_guard && addr < expected_guard + PAGE;
	_exit(signal == SIGSEGV && in_guard ? IN_GUARD : ELSEWHERE);
}

static void
catch_faults(void)
{
	static char handler_stack[64 << 10];
	stack_t stack = { .ss_sp = handler_stack, .ss_size = sizeof(handler_stack) };
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	action.sa_sigaction = on_fault;
	fail_if(sigaltstack(&stack, NULL) != 0 || sigaction(SIGSEGV, &action, NULL) != 0 ||
		sigaction(SIGBUS, &action, NULL) != 0);
}

/** Small frames, each of them written to: no way to step over a guard. */
NOINLINE static size_t
recurse(size_t depth)
{
	volatile char frame[200];
	frame[0] = (char)depth;
	size_t result = depth == 0 ? 0 : recurse(depth - 1);
	return result + (size_t)frame[0];
}

static int
overflow_f(va_list ap)
{
	(void)ap;
	expected_guard = guard_of(fiber());
	recurse(SIZE_MAX / 2);
	return 0;
}

/** How a stack is asked for. */
struct kind {
	const char *backend;
	size_t stack_size;
};

static int
start_overflow_f(va_list ap)
{
	(void)ap;
	catch_faults();
	size_t stack_size = strtoul(getenv("STACK_SIZE"), NULL, 10);
	struct fiber_attr *attr = fiber_attr_new();
	fiber_attr_setstacksize(attr, stack_size);
	fiber_start(fiber_new_ex("overflow", attr, overflow_f));
	return 0;
}

static int
run_off_stack(const void *arg)
{
	const struct kind *kind = (const struct kind *)arg;
	setenv("CORDAGE_GUARD", kind->backend, 1);
	setenv("STACK_SIZE", tt_sprintf("%zu", kind->stack_size), 1);
	return run_main_fiber(start_overflow_f, fiber_c_invoke);
}

static void
test_overflow(void)
{
	header();
	static const struct kind kinds[] = {
		{ "madvise", 524288 }, { "madvise", 16384 }, { "madvise", 100001 },
		{ "madvise", 4 << 20 }, { "madvise", 5000000 },
		{ "mprotect", 524288 }, { "mprotect", 16384 }, { "mprotect", 100001 },
		{ "mprotect", 4 << 20 }, { "mprotect", 5000000 },
	};
	plan(lengthof(kinds));
	for (size_t i = 0; i < lengthof(kinds); i++) {
		is(run_in_child(run_off_stack, &kinds[i]), IN_GUARD,
		   "%s: a stack of %zu bytes ends in its guard",
		   kinds[i].backend, kinds[i].stack_size);
	}
	check_plan();
	footer();
}

/* {{{ What guards survive */

static int
overflow_again(const void *arg)
{
	struct fiber *f = (struct fiber *)arg;
	catch_faults();
	fiber_wakeup(f);
	fiber_sleep(0);
	return 0;
}

static int
yield_and_overflow_f(va_list ap)
{
	fiber_yield();
	return overflow_f(ap);
}

static int
guard_is_closed(const void *arg)
{
	return is_readable(guard_of((const struct fiber *)arg)) ? 1 : 0;
}

static int
survive_f(va_list ap)
{
	(void)ap;
	plan(8);
	struct fiber *f = fiber_new("f", yield_once_f);
	char *guard = guard_of(f), *stack = (char *)f->stack;
	ok(!is_readable(guard) && !is_readable(guard + PAGE - 1) && is_readable(guard - 1) &&
	   is_readable(stack), "the guard is a page");
	fiber_start(f);
	/* All of the stack but what is in use. */
	madvise(guard, PAGE + f->stack_size - 4 * PAGE, MADV_DONTNEED);
	ok(!is_readable(guard) && is_readable(stack), "MADV_DONTNEED leaves it");
	is(run_in_child(guard_is_closed, f), 0, "a forked child has it, too");
	fiber_wakeup(f);
	fiber_sleep(0);
	ok(fiber_is_dead(f) && !is_readable(guard), "a cached fiber keeps it");
	ok(fiber_new("again", yield_and_overflow_f) == f && !is_readable(guard),
	   "so it is there for the next life");
	fiber_start(f);
	is(run_in_child(overflow_again, f), IN_GUARD, "a fiber in a forked child ends in it");

	struct fiber_attr attr = { 65536, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	struct fiber *custom = fiber_new_ex("custom", &attr, return_0_f);
	guard = guard_of(custom);
	ok(!is_readable(guard), "the stack of a custom fiber has one");
	fiber_start(custom);
	cord_collect_garbage(cord());
	ok(is_readable(guard), "until the fiber is deleted");
	return check_plan();
}

static int
survive(const void *arg)
{
	setenv("CORDAGE_GUARD", (const char *)arg, 1);
	return run_main_fiber(survive_f, fiber_c_invoke);
}

/* }}} */

/* {{{ Use of most of a stack */

static int
use_three_quarters_f(va_list ap)
{
	(void)ap;
	use_stack(fiber()->stack_size / 4 * 3);
	return 0;
}

static int
use_f(va_list ap)
{
	(void)ap;
	static const size_t sizes[] = { 16384, 65536, 524288, 1 << 20, 4 << 20, 16 << 20 };
	int failed = 0;
	for (size_t i = 0; i < lengthof(sizes); i++) {
		struct fiber_attr *attr = fiber_attr_new();
		fiber_attr_setstacksize(attr, sizes[i]);
		struct fiber *f = fiber_new_ex("deep", attr, use_three_quarters_f);
		fiber_attr_delete(attr);
		fiber_set_joinable(f, true);
		fiber_start(f);
		failed += fiber_join(f) != 0;
	}
	return failed;
}

static int
use_stacks(const void *arg)
{
	setenv("CORDAGE_GUARD", (const char *)arg, 1);
	return run_main_fiber(use_f, fiber_c_invoke);
}

/* }}} */

/* {{{ Kinds of guards */

static int
count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int lines = 0;
	for (int c; (c = getc(maps)) != EOF;)
		lines += c == '\n';
	fclose(maps);
	return lines;
}

static bool
kernel_has_guard_regions(void)
{
	char *page = (char *)mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool works = madvise(page, PAGE, 102) == 0;
	munmap(page, PAGE);
	return works;
}

static int
mappings_f(va_list ap)
{
	(void)ap;
	enum { COUNT = 200 };
	struct fiber_attr attr = { 16384, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	int before = count_mappings();
	for (int i = 0; i < COUNT; i++)
		fiber_new_ex("one of many", &attr, return_0_f);
	int more = count_mappings() - before;
	const char *backend = cordage_guard_backend();
	if (strcmp(backend, "madvise") == 0 && kernel_has_guard_regions())
		return more < COUNT / 4 ? 0 : 1;
	if (strcmp(backend, "none") == 0)
		return more < COUNT / 4 ? 0 : 1;
	return more >= COUNT ? 0 : 1;
}

static int
mappings(const void *arg)
{
	setenv("CORDAGE_GUARD", (const char *)arg, 1);
	if (strcmp(cordage_guard_backend(), (const char *)arg) != 0)
		return -1;
	return run_main_fiber(mappings_f, fiber_c_invoke);
}

static int
default_backend(const void *arg)
{
	(void)arg;
	unsetenv("CORDAGE_GUARD");
	const char *expected = kernel_has_guard_regions() ? "madvise" : "mprotect";
	return strcmp(cordage_guard_backend(), expected);
}

static int
none_f(va_list ap)
{
	(void)ap;
	struct fiber *f = fiber_new("unguarded", return_0_f);
	return f->stack_size == 516096 && is_readable(guard_of(f)) ? 0 : 1;
}

static int
no_guard(const void *arg)
{
	setenv("CORDAGE_GUARD", (const char *)arg, 1);
	return run_main_fiber(none_f, fiber_c_invoke);
}

/** Locked memory takes neither guard regions nor hints: its guard is made otherwise. */
static int
locked_f(va_list ap)
{
	(void)ap;
	struct slab *slab = slab_get(cord_slab_cache(), 65536 - slab_sizeof());
	fail_if(mlock(slab, 65536) != 0);
	slab_put(cord_slab_cache(), slab);
	struct fiber_attr attr = { 65536, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	diag_clear(diag_get());
	struct fiber *f = fiber_new_ex("locked", &attr, return_0_f);
	bool right = f != NULL && f->stack_slab == slab && !is_readable(guard_of(f)) &&
		is_readable(f->stack) && last_error_is("SystemError", "fiber madvise failed");
	char *guard = guard_of(f);
	fiber_start(f);
	cord_collect_garbage(cord());
	return right && is_readable(guard) ? 0 : 1;
}

static int
locked(const void *arg)
{
	(void)arg;
	return run_main_fiber(locked_f, fiber_c_invoke);
}

static int
bad_environment(const void *arg)
{
	setenv("CORDAGE_GUARD", (const char *)arg, 1);
	run_main_fiber(return_0_f, fiber_c_invoke);
	return 0;
}

static void
test_kinds(void)
{
	header();
	plan(8);
	is(run_in_child(mappings, "madvise"), 0, "guard regions need no mappings");
	is(run_in_child(mappings, "mprotect"), 0, "protected pages need one each");
	is(run_in_child(mappings, "none"), 0, "no guards need none");
	is(run_in_child(default_backend, NULL), 0, "the kernel's best is the default");
	is(run_in_child(no_guard, "none"), 0, "without guards stacks are the same");
	is(run_in_child(locked, NULL), 0, "locked memory is guarded, too");
	struct child_end end;
	watch_child(bad_environment, "granite", &end);
	is(end.status, EXIT_FAILURE, "an unknown kind ends the program");
	ok(strstr(end.text, "CORDAGE_GUARD") != NULL && strstr(end.text, "granite") != NULL,
	   "with a message that names it");
	check_plan();
	footer();
}

/* }}} */

int
main(void)
{
	header();
	plan(6);
	test_overflow();
	is(run_in_child(survive, "madvise"), 0, "guards by madvise last");
	is(run_in_child(survive, "mprotect"), 0, "guards by mprotect last");
	is(run_in_child(use_stacks, "madvise"), 0, "3/4 of a stack can be used");
	is(run_in_child(use_stacks, "mprotect"), 0, "with both kinds");
	test_kinds();
	footer();
	return check_plan();
}

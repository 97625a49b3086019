/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits: those a program sets itself (cordage/limits.h), and the kernel's, which the
 * log names when a stack cannot be made for real.
 */
#include "main_fiber.h"
#include "child.h"
#include "cordage/guard.h"
#include "cordage/limits.h"

#include <sys/resource.h>

static const struct fiber_attr custom = {
	64 << 10, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK | FIBER_IS_JOINABLE
};

static void
run(struct fiber *f)
{
	fiber_start(f);
	if (!fiber_is_dead(f)) {
		fiber_wakeup(f);
		fiber_reschedule();
	}
}

static void
test_max(void)
{
	header();
	plan(10);
	size_t count = cordage_fiber_count();
	is(count, 1, "we are alone");
	cordage_fiber_set_max(count + 2);
	struct fiber *a = fiber_new("a", yield_once_f);
	struct fiber *b = fiber_new_ex("b", &custom, yield_once_f);
	is(cordage_fiber_count(), count + 2, "two more fit");
	size_t structs = live_fibers(), bytes = slab_bytes();
	uint32_t max_fid = cord()->max_fid;
	diag_clear(diag_get());
	errno = 0;
	ok(fiber_new("c", yield_once_f) == NULL && errno == EAGAIN &&
	   last_error_is("SystemError", "the limit of 3 fibers is reached"),
	   "a third one does not, which is said clearly");
	diag_clear(diag_get());
	ok(fiber_new_ex("c", &custom, yield_once_f) == NULL && !diag_is_empty(diag_get()),
	   "whatever its attributes");
	ok(live_fibers() == structs && slab_bytes() == bytes && cord()->max_fid == max_fid,
	   "nothing has changed");
	run(a);
	is(cordage_fiber_count(), count + 1, "one ends");
	ok(fiber_new("c", yield_once_f) == a, "its place is free");
	run(b);
	is(cordage_fiber_count(), count + 2, "one that waits for a join is there yet");
	fiber_join(b);
	run(a);
	is(cordage_fiber_count(), count, "all are gone");
	cordage_fiber_set_max(0);
	diag_clear(diag_get());
	ok(fiber_new("d", yield_once_f) == NULL &&
	   last_error_is("SystemError", "the limit of 0 fibers is reached"),
	   "a limit below what there is stops new ones only");
	cordage_fiber_set_max(SIZE_MAX);
	check_plan();
	footer();
}

enum { MANY = 20 };

static void
end_many(void)
{
	struct fiber *f[MANY];
	for (int i = 0; i < MANY; i++) {
		f[i] = fiber_new("many", yield_once_f);
		fiber_start(f[i]);
	}
	for (int i = 0; i < MANY; i++)
		fiber_wakeup(f[i]);
	fiber_sleep(0);
	cord_collect_garbage(cord());
}

static void
test_cache(void)
{
	header();
	plan(11);
	end_many();
	size_t cached = cordage_fiber_cache_count();
	ok(cached >= MANY, "all that have ended are kept");
	size_t structs = live_fibers(), bytes = slab_bytes();
	struct fiber *warmest = rlist_first_entry(&cord()->dead, struct fiber, link);
	is(cordage_fiber_cache_trim(5), cached - 5, "the cache is trimmed");
	ok(cordage_fiber_cache_count() == 5 && live_fibers() == structs - (cached - 5),
	   "to five");
	ok(bytes - slab_bytes() >= (cached - 5) * 524288, "their stacks are given back");
	ok(rlist_first_entry(&cord()->dead, struct fiber, link) == warmest,
	   "the one used last is kept");
	is(cordage_fiber_cache_trim(5), 0, "there is no more to trim");

	is(cordage_fiber_cache_set_max(3), 2, "a bound is kept at once");
	structs = live_fibers();
	end_many();
	ok(cordage_fiber_cache_count() == 3 && live_fibers() == structs, "and from then on");
	is(cordage_fiber_cache_set_max(0), 3, "also 0");
	structs = live_fibers();
	struct fiber *f = fiber_new("joined", yield_once_f);
	fiber_set_joinable(f, true);
	fiber_start(f);
	fiber_wakeup(f);
	fiber_join(f);
	end_many();
	ok(cordage_fiber_cache_count() == 0 && live_fibers() == structs, "then none is kept");
	cordage_fiber_cache_set_max(SIZE_MAX);
	end_many();
	is(cordage_fiber_cache_count(), MANY, "without a bound all are");
	check_plan();
	footer();
}

static void
test_guard_choice(void)
{
	header();
	plan(8);
	struct fiber_attr attr;
	fiber_attr_create(&attr);
	fiber_new("cached", return_0_f);
	int kinds = 0, readable = 0;
	for (int kind = CORDAGE_GUARD_MADVISE; kind <= CORDAGE_GUARD_NONE; kind++) {
		cordage_fiber_attr_setguard(&attr, kind);
		struct fiber *f = fiber_new_ex("chosen", &attr, return_0_f);
		kinds += cordage_fiber_guard(f) == kind;
		readable += is_readable((char *)f->stack - 1);
		fiber_start(f);
	}
	is(kinds, 3, "a stack gets the guard that its attributes ask for");
	is(readable, 1, "of which one is none");
	cord_collect_garbage(cord());
	struct fiber *f = fiber_new_ex("custom", &attr, return_0_f);
	ok(f->flags == (FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK) && f->stack_watermark == NULL,
	   "it counts as a custom one");
	fiber_start(f);
	size_t cached = cordage_fiber_cache_count();
	cord_collect_garbage(cord());
	is(cordage_fiber_cache_count(), cached, "and is not kept");
	ok(cordage_fiber_attr_setguard(&attr, 4) == -1 &&
	   last_error_is("IllegalParams", "unknown kind of guard"), "an unknown kind is refused");
	cordage_fiber_attr_setguard(&attr, CORDAGE_GUARD_DEFAULT);
	is(attr.flags, FIBER_DEFAULT_FLAGS, "the choice can be taken back");
	f = fiber_new_ex("default", &attr, return_0_f);
	ok(cordage_fiber_guard(f) != CORDAGE_GUARD_DEFAULT && !(f->flags & FIBER_CUSTOM_STACK),
	   "then a stack is guarded as usual");
	is(cordage_fiber_guard(&cord()->sched), CORDAGE_GUARD_DEFAULT, "the scheduler has none");
	check_plan();
	footer();
}

/** Creates fibers until that fails; then some end, and it works again. */
static int
exhaust_f(va_list ap)
{
	(void)ap;
	enum { MOST = 40000 };
	static struct fiber *f[MOST];
	int made = 0;
	while (made < MOST && (f[made] = fiber_new_ex("one more", &custom, return_0_f)) != NULL)
		made++;
	if (made == MOST)
		return -1;
	/* The log says no more than once why. */
	if (fiber_new_ex("no more", &custom, return_0_f) != NULL)
		return -2;
	for (int i = 0; i < 100; i++) {
		fiber_start(f[--made]);
		fiber_join(f[made]);
	}
	struct fiber *again = fiber_new_ex("again", &custom, return_0_f);
	if (again == NULL)
		return -3;
	fiber_start(again);
	return fiber_join(again);
}

static int
no_mappings(const void *arg)
{
	(void)arg;
	setenv("CORDAGE_GUARD", "mprotect", 1);
	return run_main_fiber(exhaust_f, fiber_c_invoke);
}

static int
no_memory(const void *arg)
{
	int resource = *(const int *)arg;
	struct rlimit limit;
	getrlimit(resource, &limit);
	limit.rlim_cur = 200 << 20;
	setrlimit(resource, &limit);
	return run_main_fiber(exhaust_f, fiber_c_invoke);
}

static void
test_log(void)
{
	header();
	plan(6);
	struct child_end end;
	watch_child(no_mappings, NULL, &end);
	is(end.status, 0, "when there are too many mappings, the program goes on");
	int used, allowed, length = 0, matched;
	matched = sscanf(end.text,
			 "SystemError fiber mprotect failed: Cannot allocate memory\n"
			 "fiber: %d of %d memory mappings are in use (vm.max_map_count)\n%n",
			 &used, &allowed, &length);
	ok(matched == 2 && length > 0 && used > allowed - 10 && used <= allowed + 10,
	   "the log names that limit after the error");
	is(strcmp(end.text + length,
		  "SystemError fiber mprotect failed: Cannot allocate memory\n"), 0,
	   "once in a while");

	static const struct {
		int resource;
		const char *format;
	} limits[] = {
		{ RLIMIT_AS, "fiber: %d of %d KiB of address space are in use (RLIMIT_AS)\n%n" },
		{ RLIMIT_DATA, "fiber: %d of %d KiB of private memory are in use (RLIMIT_DATA)\n%n" },
	};
	int named = 0, ended = 0;
	for (size_t i = 0; i < lengthof(limits); i++) {
		watch_child(no_memory, &limits[i].resource, &end);
		ended += end.status == 0;
		length = 0;
		matched = sscanf(end.text, limits[i].format, &used, &allowed, &length);
		named += matched == 2 && length == (int)strlen(end.text) &&
			 allowed == 200 << 10 && used > allowed - (20 << 10);
	}
	is(ended, 2, "when there is no memory, the program goes on");
	is(named, 2, "the log names RLIMIT_AS and RLIMIT_DATA");

	static const int no_limit = RLIMIT_NOFILE;
	setenv("CORDAGE_GUARD", "none", 1);
	watch_child(no_memory, &no_limit, &end);
	ok(end.status == 255 && end.text[0] == '\0', "without a limit there is nothing to say");
	unsetenv("CORDAGE_GUARD");
	check_plan();
	footer();
}

static int
main_f(va_list ap)
{
	(void)ap;
	plan(3);
	test_max();
	test_cache();
	test_guard_choice();
	return check_plan();
}

int
main(void)
{
	header();
	plan(3);
	test_log();
	is(run_main_fiber(main_f, fiber_c_invoke), 0, "limits of the program");
	footer();
	return check_plan();
}

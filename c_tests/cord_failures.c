/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cord cannot be started: no descriptor for its loop, no memory for its thread or its
 * first fiber (spec fiber.md 15.3, 15.4, 21). The limits are real.
 */
#include <dirent.h>
#include <sys/resource.h>

#include "main_fiber.h"
#include "child.h"
#include "small/quota.h"

static int
count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static void *
nothing_f(void *arg)
{
	return arg;
}

/** Exactly that many descriptors can still be opened. */
static void
leave_descriptors(int count, struct rlimit *old)
{
	int first_free = dup(STDIN_FILENO);
	close(first_free);
	getrlimit(RLIMIT_NOFILE, old);
	struct rlimit limit = { .rlim_cur = first_free + count, .rlim_max = old->rlim_max };
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int
no_descriptors_f(va_list ap)
{
	(void)ap;
	plan(5);
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	int before = count_descriptors();
	struct rlimit limit;
	for (int left = 0; left < 2; left++) {
		diag_clear(diag_get());
		leave_descriptors(left, &limit);
		int result = cord_start(&cord, "no loop", nothing_f, NULL);
		setrlimit(RLIMIT_NOFILE, &limit);
		is(result, -1, "no cord with %d descriptors", left);
		ok(last_error_is("OutOfMemory",
				 "Failed to allocate 0 bytes in ev_loop_new for ev_loop"),
		   "there is no event loop");
	}
	is(count_descriptors(), before, "no descriptor is lost");
	return check_plan();
}

static int
no_thread_f(va_list ap)
{
	(void)ap;
	plan(5);
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	int before = count_descriptors();
	/* Enough for anything but the stack of a thread. */
	struct rlimit old;
	getrlimit(RLIMIT_AS, &old);
	FILE *statm = fopen("/proc/self/statm", "r");
	long pages = 0;
	fail_if(fscanf(statm, "%ld", &pages) != 1);
	fclose(statm);
	struct rlimit limit = { .rlim_cur = pages * 4096 + (1 << 20), .rlim_max = old.rlim_max };
	diag_clear(diag_get());
	errno = 0;
	setrlimit(RLIMIT_AS, &limit);
	int result = cord_start(&cord, "no thread", nothing_f, NULL);
	setrlimit(RLIMIT_AS, &old);
	is(result, -1, "no cord without memory for a thread");
	ok(last_error_is("SystemError", "failed to create thread"), "the error says so");
	ok(cord.loop == NULL, "the loop is destroyed");
	is(count_descriptors(), before, "and its descriptors are closed");
	ok(cord_start(&cord, "later", nothing_f, NULL) == 0 && cord_join(&cord) == 0,
	   "it works when there is memory");
	return check_plan();
}

static int
no_first_fiber_f(va_list ap)
{
	(void)ap;
	plan(4);
	/* The arena gives no block to the new cord. */
	size_t quota = quota_total(runtime.quota);
	quota_set(runtime.quota, quota_used(runtime.quota));
	fail_if(slab_map(&runtime) != NULL);
	struct cord cord;
	memset(&cord, 0, sizeof(cord));
	diag_clear(diag_get());
	is(cord_costart(&cord, "no fiber", yield_once_f, NULL), 0, "the cord starts");
	is(cord_join(&cord), -1, "but fails");
	ok(last_error_is("OutOfMemory",
			 "Failed to allocate 336 bytes in fiber pool for fiber"),
	   "the joiner learns why");
	cord_costart(&cord, "no fiber", yield_once_f, NULL);
	is(cord_cojoin(&cord), -1, "also one that waits by yielding");
	quota_set(runtime.quota, quota);
	return check_plan();
}

static int
in_main_fiber(const void *arg)
{
	return run_main_fiber((fiber_func)(uintptr_t)arg, fiber_c_invoke);
}

int
main(void)
{
	header();
	plan(3);
	is(run_in_child(in_main_fiber, (void *)(uintptr_t)no_descriptors_f), 0, "no descriptors");
	is(run_in_child(in_main_fiber, (void *)(uintptr_t)no_thread_f), 0, "no thread");
	is(run_in_child(in_main_fiber, (void *)(uintptr_t)no_first_fiber_f), 0,
	   "no first fiber");
	footer();
	return check_plan();
}

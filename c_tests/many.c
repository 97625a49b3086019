/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Very many fibers with guarded stacks of 64 KiB in one process, which the default
 * vm.max_map_count allows: 100,000, and a million if CORDAGE_SOAK is set.
 */
#include "main_fiber.h"
#include "child.h"
#include "cordage/guard.h"

#include <sys/prctl.h>

enum {
	SIZE = 64 << 10,
	/** 5 GiB for a million. */
	MEMORY_EACH = 5368,
	/** What is there in any case, and grows in large steps. */
	MEMORY_FIXED = 32 << 20,
	/** As many as a kernel before 6.13 can guard. */
	PROTECTED = 30000,
};

static struct fiber **fibers;
static size_t count, ended;

/** Bytes of memory of the process, its page tables included. */
static size_t
memory(void)
{
	size_t kib, sum = 0;
	char line[128];
	FILE *status = fopen("/proc/self/status", "r");
	while (fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "VmRSS: %zu", &kib) == 1 || sscanf(line, "VmPTE: %zu", &kib) == 1)
			sum += kib << 10;
	fclose(status);
	return sum;
}

static size_t
mappings(void)
{
	size_t lines = 0;
	FILE *maps = fopen("/proc/self/maps", "r");
	for (int c; (c = getc(maps)) != EOF;)
		lines += c == '\n';
	fclose(maps);
	return lines;
}

static int
parked_f(va_list ap)
{
	size_t me = va_arg(ap, size_t);
	fiber_yield();
	ended += fibers[me] == fiber();
	return 0;
}

static int
main_f(va_list ap)
{
	(void)ap;
	struct fiber_attr attr = { SIZE, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	size_t before = memory(), made = 0;
	for (; made < count; made++) {
		fibers[made] = fiber_new_ex("parked", &attr, parked_f);
		if (fibers[made] == NULL)
			break;
		fiber_start(fibers[made], made);
	}
	is(made, count, "all are created");
	size_t allowed = MEMORY_FIXED + count * MEMORY_EACH;
	ok(memory() - before < allowed, "in little memory");
	ok(mappings() < 5000 || count == PROTECTED, "and few mappings");
	ok(!is_readable((char *)fibers[0]->stack - 1) &&
	   !is_readable((char *)fibers[count - 1]->stack - 1), "each has its guard");
	for (size_t i = 0; i < count; i++)
		fiber_wakeup(fibers[i]);
	fiber_sleep(0);
	is(ended, count, "each is woken once and ends");
	ok(memory() - before < allowed, "without more memory");
	cord_collect_garbage(cord());
	is(live_fibers(), 1, "then we are alone");
	return 0;
}

int
main(void)
{
	/* A huge page would be resident as a whole. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	header();
	plan(7);
	if (strcmp(cordage_guard_backend(), "madvise") != 0)
		count = PROTECTED;
	else
		count = getenv("CORDAGE_SOAK") != NULL ? 1000000 : 100000;
	fibers = xmalloc(count * sizeof(fibers[0]));
	run_main_fiber(main_f, fiber_c_invoke);
	free(fibers);
	footer();
	return check_plan();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A million parked fibers with guarded stacks of 64 KiB, in one process; then each is
 * woken once and ends.
 *
 *     million [COUNT [STACK_KIB]]
 *
 * Prints what they cost after each step. When no more fibers can be had it says why, and
 * goes on with those that are there: CORDAGE_GUARD=mprotect shows that, as its guards
 * run into vm.max_map_count.
 *
 * Exit status: 0 all fibers were made and have ended; 3 fewer were made, all of
 * which have ended; 1 anything else.
 */
#include "memory.h"
#include "fiber.h"
#include "box/error.h"
#include "cordage/guard.h"

#include "../harness/bench.h"

#include <stdio.h>
#include <stdlib.h>

enum { STATUS_LIMIT = 3 };

static unsigned long wanted = 1000000;
static size_t stack_size = 64 * 1024;
static unsigned long ended;
static int status = EXIT_FAILURE;

static unsigned long
count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	if (maps == NULL)
		bench_die("cannot open /proc/self/maps");
	unsigned long lines = 0;
	for (int c = getc(maps); c != EOF; c = getc(maps))
		lines += c == '\n';
	fclose(maps);
	return lines;
}

static unsigned long
mappings_allowed(void)
{
	FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
	unsigned long count;
	if (file == NULL || fscanf(file, "%lu", &count) != 1)
		bench_die("cannot read vm.max_map_count");
	fclose(file);
	return count;
}

/** What `count` fibers took since `start`, and what the process has now. */
static void
report(const char *step, unsigned long count, uint64_t start)
{
	double seconds = (bench_now() - start) / 1e9;
	struct bench_memory memory = bench_memory();
	printf("%-14s %9lu fibers %7.2f s, %5.0f ns each; resident %.3f GiB + page tables "
	       "%.3f GiB; mappings %lu of %lu\n",
	       step, count, seconds, count > 0 ? seconds * 1e9 / count : 0,
	       memory.resident / 1073741824.0, memory.page_tables / 1073741824.0,
	       count_mappings(), mappings_allowed());
	fflush(stdout);
}

static int
park_f(va_list ap)
{
	(void)ap;
	fiber_yield();
	ended++;
	return 0;
}

/** As many fibers as can be had, and how many those are. */
static unsigned long
make_fibers(struct fiber **fibers)
{
	struct fiber_attr *attr = fiber_attr_new();
	if (attr == NULL || fiber_attr_setstacksize(attr, stack_size) != 0)
		bench_die("%s", box_error_message(box_error_last()));
	unsigned long made = 0;
	for (; made < wanted; made++) {
		fibers[made] = fiber_new_ex("parked", attr, park_f);
		if (fibers[made] == NULL)
			break;
		fiber_start(fibers[made]);
	}
	fiber_attr_delete(attr);
	return made;
}

static int
main_f(va_list ap)
{
	(void)ap;
	/* From here on the scheduler is our caller, as in any server. */
	fiber_reschedule();
	printf("guards: %s\n", cordage_guard_backend());
	struct fiber **fibers = (struct fiber **)bench_array(wanted, sizeof(*fibers));

	report("start", 0, bench_now());
	uint64_t start = bench_now();
	unsigned long made = make_fibers(fibers);
	if (made < wanted) {
		printf("no fiber after %lu: %s\n", made,
		       box_error_message(box_error_last()));
	}
	report("parked", made, start);

	start = bench_now();
	for (unsigned long i = 0; i < made; i++)
		fiber_wakeup(fibers[i]);
	while (ended < made)
		fiber_reschedule();
	/* The last one could not delete itself. */
	cord_collect_garbage(cord());
	report("woken, ended", ended, start);
	free(fibers);

	status = made == wanted ? EXIT_SUCCESS : STATUS_LIMIT;
	ev_break(loop(), EVBREAK_ALL);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		wanted = strtoul(argv[1], NULL, 10);
	if (argc > 2)
		stack_size = strtoul(argv[2], NULL, 10) * 1024;
	if (wanted == 0)
		bench_die("usage: %s [COUNT [STACK_KIB]]", argv[0]);
	memory_init();
	fiber_init(fiber_c_invoke);
	struct fiber *fiber = fiber_new("main", main_f);
	if (fiber == NULL)
		bench_die("%s", box_error_message(box_error_last()));
	fiber_wakeup(fiber);
	ev_run(loop(), 0);
	fiber_free();
	memory_free();
	return status;
}

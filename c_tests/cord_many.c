/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cords come and go by the hundred: descriptors, mappings, arena blocks and resident memory
 * do not grow (spec fiber.md 15.2, 15.5).
 */
#include <dirent.h>

#include "main_fiber.h"
#include "cordage/arena.h"

struct usage {
	int descriptors, mappings;
	long resident_pages;
	size_t arena_mapped, arena_in_use;
};

static void
measure(struct usage *usage)
{
	memset(usage, 0, sizeof(*usage));
	DIR *dir = opendir("/proc/self/fd");
	while (readdir(dir) != NULL)
		usage->descriptors++;
	closedir(dir);
	FILE *maps = fopen("/proc/self/maps", "r");
	for (int c; (c = getc(maps)) != EOF;)
		usage->mappings += c == '\n';
	fclose(maps);
	FILE *statm = fopen("/proc/self/statm", "r");
	fail_if(fscanf(statm, "%*d %ld", &usage->resident_pages) != 1);
	fclose(statm);
	struct cordage_arena_stats stats;
	cordage_arena_stats(&runtime, &stats);
	usage->arena_mapped = stats.mapped;
	usage->arena_in_use = stats.in_use;
}

/** Uses a bit of everything, and leaves some of it behind. */
static int
busy_f(va_list ap)
{
	bool fail = va_arg(ap, void *) != NULL;
	struct fiber_attr attr = { 100000, FIBER_DEFAULT_FLAGS | FIBER_CUSTOM_STACK };
	for (int i = 0; i < 5; i++) {
		fiber_start(fiber_new("ends", return_0_f));
		fiber_start(fiber_new("stays", yield_once_f));
		fiber_start(fiber_new_ex("custom", &attr, yield_once_f));
	}
	region_alloc(&fiber()->gc, 10000);
	fiber_sleep(0);
	if (fail)
		diag_set(IllegalParams, "fails");
	return fail ? -1 : 0;
}

/** `count` cords at once, joined in one of both ways. */
static int
batch(int count)
{
	static struct cord cords[16];
	memset(cords, 0, sizeof(cords));
	int wrong = 0;
	for (int i = 0; i < count; i++) {
		void *fail = i % 3 == 0 ? cords : NULL;
		wrong += cord_costart(&cords[i], "one of many", busy_f, fail) != 0;
	}
	for (int i = 0; i < count; i++) {
		int result = i % 2 == 0 ? cord_join(&cords[i]) : cord_cojoin(&cords[i]);
		wrong += result != (i % 3 == 0 ? -1 : 0);
	}
	return wrong;
}

static int
main_f(va_list ap)
{
	(void)ap;
	header();
	plan(6);
	int wrong = 0;
	/* What the C library caches: stacks of threads, allocation areas. */
	for (int i = 0; i < 10; i++)
		wrong += batch(16);
	struct usage before, after;
	measure(&before);
	for (int i = 0; i < 10; i++)
		wrong += batch(16);
	for (int i = 0; i < 140; i++)
		wrong += batch(1);
	measure(&after);
	is(wrong, 0, "300 cords have started and ended");
	is(after.descriptors, before.descriptors, "no descriptor is left");
	ok(after.mappings <= before.mappings + 16, "nor mappings");
	is(after.arena_in_use, before.arena_in_use, "nor blocks of the arena");
	/* Two blocks for each of 16 cords, and a few for us. */
	ok(after.arena_mapped <= 36 << 22, "the arena has what it needs for 16 at once");
	ok(after.resident_pages < before.resident_pages + 2048, "nor 8 MiB of memory");
	footer();
	return check_plan();
}

int
main(void)
{
	return run_main_fiber(main_f, fiber_c_invoke);
}

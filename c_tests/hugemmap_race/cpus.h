/* SPDX-License-Identifier: BSD-2-Clause */
/* A CPU of its own for each racer (spec ltp.md 20.4). */
#ifndef C_TESTS_HUGEMMAP_RACE_CPUS_H
#define C_TESTS_HUGEMMAP_RACE_CPUS_H

#include <sched.h>

#include "tst_test.h"

enum { RACERS = 2 };

static int cpus[RACERS];
static size_t cpu_mask_size;
static cpu_set_t *cpu_masks[RACERS];   /* one CPU each */

/* The calling thread stays on a racer's CPU from now on. */
static void pin(int racer)
{
	if (sched_setaffinity(0, cpu_mask_size, cpu_masks[racer]))
		tst_brk(TBROK | TERRNO, "sched_setaffinity(CPU %d)", cpus[racer]);
}

/* A number that the kernel knows about a CPU, -1 if it does not. */
static int cpu_topology(int cpu, const char *name)
{
	char path[128];
	int id;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/%s", cpu, name);
	if (access(path, R_OK) || FILE_SCANF(path, "%d", &id))
		return -1;
	return id;
}

/* Do the two CPUs share a core? Then their racers would take turns. */
static int are_siblings(int a, int b)
{
	int core = cpu_topology(a, "core_id");

	return core != -1 && core == cpu_topology(b, "core_id") &&
	       cpu_topology(a, "physical_package_id") ==
	       cpu_topology(b, "physical_package_id");
}

/* Two CPUs that this process may use, on different cores if possible; else TCONF. */
static void choose_cpus(void)
{
	int max = tst_ncpus_max();
	int found = 0;
	cpu_set_t *mask;
	int cpu, i;

	cpu_mask_size = CPU_ALLOC_SIZE(max);
	for (i = 0; i < RACERS; i++) {
		cpu_masks[i] = CPU_ALLOC(max);
		if (!cpu_masks[i])
			tst_brk(TBROK | TERRNO, "CPU_ALLOC(%d)", max);
	}

	mask = cpu_masks[0];
	if (sched_getaffinity(0, cpu_mask_size, mask))
		tst_brk(TBROK | TERRNO, "sched_getaffinity()");
	if (CPU_COUNT_S(cpu_mask_size, mask) < RACERS)
		tst_brk(TCONF, "needs 2 CPUs in the affinity mask, have %d",
			CPU_COUNT_S(cpu_mask_size, mask));

	for (cpu = 0; cpu < max; cpu++) {
		if (!CPU_ISSET_S(cpu, cpu_mask_size, mask))
			continue;
		/* The second one is replaced until it is on another core. */
		if (found < RACERS)
			found++;
		cpus[found - 1] = cpu;
		if (found == RACERS && !are_siblings(cpus[0], cpus[1]))
			break;
	}

	for (i = 0; i < RACERS; i++) {
		CPU_ZERO_S(cpu_mask_size, cpu_masks[i]);
		CPU_SET_S(cpus[i], cpu_mask_size, cpu_masks[i]);
	}
}

static void free_cpus(void)
{
	int i;

	for (i = 0; i < RACERS; i++)
		CPU_FREE(cpu_masks[i]);
}

#endif

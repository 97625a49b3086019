/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CORDAGE_BENCH_ROWS_H_INCLUDED
#define CORDAGE_BENCH_ROWS_H_INCLUDED

/*
 * The rows that any library with the API of fiber.h can run. Everything below runs in a
 * fiber, the driver, which is itself one of the fibers that are measured. The others
 * loop for ever; no row looks for an end, so the loops are nothing but the calls.
 *
 * Only functions that are exported, and nothing of the layout of fibers and cords: a
 * later release of the reference has the same functions and other layouts.
 */

#include "fiber.h"
#include "../harness/bench.h"

/** bench_main() with all of them. */
void
fiber_bench(int argc, char **argv) __attribute__((noreturn));

extern const struct bench_row
	/* switch.c */
	call_yield_row, wakeup_yield_row, reschedule_row, wake_random_row, sleep_0_row,
	/* life.c */
	start_end_row, start_join_row, start_join_fresh_row, create_parked_row, memory_row,
	/* sync.c */
	cond_row, channel_0_row, channel_128_row, channel_ring_row,
	/* memory.c */
	region_row, mempool_row,
	/* cord.c */
	cord_row;

/**
 * Makes fibers with stacks of that size, and runs each with the argument `unsigned long`
 * INDEX, from `first` to n - 1, until it yields.
 */
struct fiber **
start_fibers(const struct bench_setting *setting, unsigned long first, fiber_func f);

/** A fiber with stacks of that size, or the end of the process. */
struct fiber *
make_fiber(const struct fiber_attr *attr, unsigned long made, fiber_func f);

struct fiber_attr *
make_attr(const struct bench_setting *setting);

/** What a parked fiber runs. */
int
park_f(va_list ap);

#endif /* CORDAGE_BENCH_ROWS_H_INCLUDED */

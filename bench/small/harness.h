/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BENCH_SMALL_HARNESS_H_INCLUDED
#define BENCH_SMALL_HARNESS_H_INCLUDED
/**
 * @file
 * Time, and what is random about the workloads. The sequence is the same in every run
 * and for every allocator.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	/** Allocations in a unit of work, and objects alive at a time in a burst. */
	BURST = 1000,
	/** Objects alive at a time in a mix, at most. */
	LIVE_MAX = 8192,
	/** Steps of a mix, until it repeats itself. */
	TRACE = 1 << 16,
	/** A measurement takes as long as this, ns. */
	MEASURE_NS = 100000000,
};

/** A step of a mix: which object is replaced, and by one of what size. */
struct step {
	uint32_t slot;
	uint32_t size;
};

static struct step trace[TRACE];
/** 0 to BURST - 1, in no order. */
static uint32_t shuffled[BURST];

/** xorshift64* */
static inline uint32_t
next_random(void)
{
	static uint64_t state = 88172645463325252ULL;
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 2685821657736338717ULL) >> 32;
}

/** Sizes from `min` to `max`, powers of two: half as many for each doubling. */
static inline void
prepare(uint32_t min, uint32_t max)
{
	for (int i = 0; i < TRACE; i++) {
		uint32_t size = min;
		while (size < max / 2 && next_random() % 2 == 0)
			size *= 2;
		trace[i].slot = next_random();
		trace[i].size = size + next_random() % size;
	}
	for (int i = 0; i < BURST; i++)
		shuffled[i] = i;
	for (int i = BURST - 1; i > 0; i--) {
		int j = next_random() % (i + 1);
		uint32_t swapped = shuffled[i];
		shuffled[i] = shuffled[j];
		shuffled[j] = swapped;
	}
}

/**
 * What every user does with memory: writes to both ends of it. An allocator that hands
 * out cold memory pays for it here.
 */
static inline void
touch(void *object, size_t size)
{
	if (object == NULL) {
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	*(volatile char *)object = 1;
	*((volatile char *)object + size - 1) = 1;
}

/** Of the processor: what else the machine does is not to be measured. */
static inline uint64_t
now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/**
 * Prints `row`, `allocator` and the nanoseconds of one of the `operations` (allocations,
 * each with its release) that `work(argument)` consists of.
 */
static inline void
measure(const char *row, const char *allocator, void (*work)(size_t), size_t argument,
	unsigned operations)
{
	uint64_t started = now_ns(), took = 0, count = 0;
	/* The first quarter warms up. */
	while (now_ns() - started < MEASURE_NS / 4)
		work(argument);
	started = now_ns();
	for (; took < MEASURE_NS; took = now_ns() - started) {
		for (int i = 0; i < 16; i++)
			work(argument);
		count += 16;
	}
	printf("%s\t%s\t%.3f\n", row, allocator, (double)took / count / operations);
}

#endif /* BENCH_SMALL_HARNESS_H_INCLUDED */

/* SPDX-License-Identifier: BSD-2-Clause */
/* cord: a cord is started, does nothing, and is joined. */
#include "rows.h"

/** With room for members that another release may have. */
static union {
	struct cord cord;
	char room[65536];
} memory;

static void *
cord_f(void *arg)
{
	return arg;
}

static uint64_t
cord_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		if (cord_start(&memory.cord, "bench", cord_f, NULL) != 0)
			bench_die("cord_start failed");
		if (cord_join(&memory.cord) != 0)
			bench_die("cord_join failed");
	}
	return rounds;
}

const struct bench_row cord_row = {
	"cord", BENCH_REPEATED, NULL, cord_run,
};

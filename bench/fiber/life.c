/* SPDX-License-Identifier: BSD-2-Clause */
/* Birth and death of fibers, and what one costs that does nothing. */
#include "rows.h"

static struct fiber_attr *attr;
static unsigned long count;

static int
end_f(va_list ap)
{
	(void)ap;
	return 0;
}

/* start_end, start_join: one fiber after the other, while n others are parked. */

static void
park_prepare(const struct bench_setting *setting)
{
	start_fibers(setting, 0, park_f);
}

static uint64_t
start_end_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		struct fiber *fiber = fiber_new("bench", end_f);
		if (fiber == NULL)
			bench_limit(round, "fiber_new");
		fiber_start(fiber);
	}
	return rounds;
}

const struct bench_row start_end_row = {
	"start_end", BENCH_REPEATED, park_prepare, start_end_run,
};

static void
start_and_join(struct fiber *fiber)
{
	fiber_set_joinable(fiber, true);
	fiber_start(fiber);
	if (fiber_join(fiber) != 0)
		bench_die("fiber_join failed");
}

static uint64_t
start_join_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++) {
		struct fiber *fiber = fiber_new("bench", end_f);
		if (fiber == NULL)
			bench_limit(round, "fiber_new");
		start_and_join(fiber);
	}
	return rounds;
}

const struct bench_row start_join_row = {
	"start_join", BENCH_REPEATED, park_prepare, start_join_run,
};

/*
 * start_join_fresh: the same with stacks made to order, which the API does not keep for
 * reuse: each fiber gets a stack, a guard and all.
 */

static void
start_join_fresh_prepare(const struct bench_setting *setting)
{
	attr = make_attr(setting);
}

static uint64_t
start_join_fresh_run(uint64_t rounds)
{
	for (uint64_t round = 0; round < rounds; round++)
		start_and_join(make_fiber(attr, round, end_f));
	return rounds;
}

const struct bench_row start_join_fresh_row = {
	"start_join_fresh", BENCH_REPEATED, start_join_fresh_prepare, start_join_fresh_run,
};

/*
 * create_parked, memory: n fibers are made, started and parked, none of which gets the
 * stack of another one.
 */

static void
create_parked_prepare(const struct bench_setting *setting)
{
	count = setting->n;
	attr = make_attr(setting);
	/* Warms up the code; parked, so that nobody inherits the stacks. */
	for (int i = 0; i < 2; i++)
		fiber_start(make_fiber(attr, 0, park_f));
}

static uint64_t
create_parked_run(uint64_t rounds)
{
	(void)rounds;
	for (unsigned long i = 0; i < count; i++)
		fiber_start(make_fiber(attr, i, park_f));
	return count;
}

const struct bench_row create_parked_row = {
	"create_parked", BENCH_ONCE, create_parked_prepare, create_parked_run,
};

const struct bench_row memory_row = {
	"memory", BENCH_MEMORY, create_parked_prepare, create_parked_run,
};

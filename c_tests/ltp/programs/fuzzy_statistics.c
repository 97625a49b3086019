/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What fuzzy synchronisation makes of its measurements (spec ltp.md 19.3). No races
 * here: the time stamps are made up, so every line is the same each time.
 */
#define _GNU_SOURCE
#include "cases.h"
#include "tst_fuzzy_sync.h"

static struct tst_fzsync_pair pair;

static int near(float value, float wanted)
{
	return fabsf(value - wanted) < 0.001F * fabsf(wanted) + 0.001F;
}

/* A moving average, the one of its deviations, and their ratio. */
static void averages(void)
{
	static const struct tst_fzsync_stat nothing;
	struct tst_fzsync_stat stat = nothing;
	int i;

	tst_upd_stat(&stat, 0.25F, 100);
	TST_EXP_EXPR(near(stat.avg, 25) && near(stat.avg_dev, 18.75F), "0.25 of 100");
	TST_EXP_EXPR(near(stat.dev_ratio, 0.75F), "18.75 to 25");
	tst_upd_stat(&stat, 0.25F, -100);
	TST_EXP_EXPR(near(stat.avg, -6.25F) && near(stat.avg_dev, 37.5F), "then -100");
	TST_EXP_EXPR(near(stat.dev_ratio, 6), "a ratio is positive");
	for (i = 0; i < 100; i++)
		tst_upd_stat(&stat, 0.25F, 7);
	TST_EXP_EXPR(near(stat.avg, 7) && stat.dev_ratio < 0.001F, "always 7");
	stat = nothing;
	tst_upd_stat(&stat, 0.25F, 0);
	TST_EXP_EXPR(stat.dev_ratio == 0, "no ratio to 0");
	tst_upd_diff_stat(&stat, 1, tst_timespec_from_ns(50), tst_timespec_from_ns(90));
	TST_EXP_EXPR(near(stat.avg, -40), "earlier by 40");
}
static struct tst_test averages_test = {.test_all = averages};

/* Both sides of a race that always takes the same time, in nanoseconds. */
static void measure(long a_start, long a_end, long b_start, long b_end, int spins)
{
	pair.a_start = tst_timespec_from_ns(a_start);
	pair.a_end = tst_timespec_from_ns(a_end);
	pair.b_start = tst_timespec_from_ns(b_start);
	pair.b_end = tst_timespec_from_ns(b_end);
	pair.spins = spins;
}

static void begin(void)
{
	pair.min_samples = 20;
	tst_fzsync_pair_init(&pair);
	tst_fzsync_pair_reset(&pair, NULL);
}

/*
 * A spin takes (4000 - 3500) / 50 = 10 ns, so A, 2000 ns long, lets B start up to 220
 * spins later, and B, 1600 ns long, lets A start up to 176 later.
 */
static void randomness(void)
{
	int lowest = INT_MAX, highest = INT_MIN, early = 0;
	int i;

	begin();
	tst_fzsync_pair_add_bias(&pair, 7);
	for (i = 0; i < 19; i++) {
		measure(2000, 4000, 1900, 3500, 50);
		tst_fzsync_pair_update(&pair);
	}
	TST_EXP_EQ_LI(pair.sampling, 1);
	TST_EXP_EQ_LI(pair.delay, 7);
	tst_fzsync_pair_add_bias(&pair, -7);
	for (i = 0; i < 60; i++) {
		measure(2000, 4000, 1900, 3500, 50);
		tst_fzsync_pair_update(&pair);
	}
	TST_EXP_EQ_LI(pair.sampling, -1);
	tst_fzsync_pair_add_bias(&pair, 1000);
	for (i = 0; i < 10000; i++) {
		tst_fzsync_pair_update(&pair);
		lowest = MIN(lowest, pair.delay);
		highest = MAX(highest, pair.delay);
		early += pair.delay < 0;
	}
	TST_EXP_EXPR(lowest >= -176 && lowest < -170, "A waits up to 176 spins");
	TST_EXP_EXPR(highest <= 220 && highest > 214, "B waits up to 220 spins");
	TST_EXP_EXPR(early > 4000 && early < 5000, "A waits in 4 of 9 races");
}
static struct tst_test randomness_test = {.test_all = randomness, .max_runtime = 30};

/* Noise puts randomness off; it is measured on and on. */
static void noise(void)
{
	int i;

	begin();
	for (i = 0; i < 100; i++) {
		measure(2000, i % 2 ? 4000 : 9000, 1900, 3500, 50);
		tst_fzsync_pair_update(&pair);
	}
	TST_EXP_EQ_LI(pair.sampling, 0);
	TST_EXP_EQ_LI(pair.delay, 0);
	TST_EXP_EXPR(pair.diff_sa.dev_ratio > pair.max_dev_ratio, "still noisy");
}
static struct tst_test noise_test = {.test_all = noise, .max_runtime = 30};

/* Ends that coincide tell nothing about the length of a spin. */
static void coincidence(void)
{
	int i;

	begin();
	for (i = 0; i < 100; i++) {
		measure(2000, 4000, 1900, 4000, 0);
		tst_fzsync_pair_update(&pair);
	}
	TST_EXP_EQ_LI(pair.sampling, -1);
	TST_EXP_EQ_LI(pair.delay, 0);
}
static struct tst_test coincidence_test = {.test_all = coincidence, .max_runtime = 30};

/* Half of the time is enough for sampling. B has already arrived. */
static void half_time(void)
{
	begin();
	pair.exec_time_start *= 3;
	pair.exec_loop = 5;
	pair.a_cntr = 1;
	TST_EXP_EQ_LI(tst_fzsync_run_a(&pair), 1);
	TST_EXP_EQ_LI(pair.sampling, 0);
	TST_EXP_EQ_LI(pair.exec_loop, 6);
	pair.exec_loops = 20;
	pair.exec_loop = 20;
	TST_EXP_EQ_LI(tst_fzsync_run_a(&pair), 0);
	TST_EXP_EQ_LI(pair.exit, 1);
	tst_fzsync_pair_reset(&pair, NULL);
	pair.exec_time_start = 0;
	pair.sampling = 0;
	TST_EXP_EQ_LI(tst_fzsync_run_a(&pair), 0);
}
static struct tst_test half_time_test = {.test_all = half_time, .max_runtime = 30};

static const struct named_case cases[] = {
	{"averages", &averages_test},
	{"randomness", &randomness_test},
	{"noise", &noise_test},
	{"coincidence", &coincidence_test},
	{"half_time", &half_time_test},
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	return run_case(argc, argv, cases);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines up a short region of thread A with a short region of thread B, many times
 * (spec ltp.md 19). At first the starts coincide and times are measured; then random
 * delays let all relative positions happen.
 *
 *	A: while (tst_fzsync_run_a(&pair)) {      B: while (tst_fzsync_run_b(&pair)) {
 *		prepare();
 *		tst_fzsync_start_race_a(&pair);           tst_fzsync_start_race_b(&pair);
 *		this();                                   that();
 *		tst_fzsync_end_race_a(&pair);             tst_fzsync_end_race_b(&pair);
 *		evaluate();                            }
 *	}
 *
 * The test needs a runtime. Two racers on one CPU wait for the scheduler at every
 * step: pin each to its own CPU. Two processes can race, too, with the pair in shared
 * memory and no thread function; whoever sees the partner die sets .exit.
 */
#ifndef LTP_TST_FUZZY_SYNC_H
#define LTP_TST_FUZZY_SYNC_H

#include "tst_common.h"

#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include "tst_atomic.h"
#include "tst_cpu.h"
#include "tst_report.h"
#include "tst_safe_pthread.h"
#include "tst_timer.h"

TST_BEGIN_DECLS

unsigned int tst_remaining_runtime(void);

/* Exponential moving averages: of a value, of its distance from that average. */
struct tst_fzsync_stat {
	float avg;
	float avg_dev;
	/* |avg_dev / avg| */
	float dev_ratio;
};

struct tst_fzsync_pair {
	/* What a test may set before tst_fzsync_pair_init(); 0 is the default. */
	float avg_alpha;      /* weight of a new sample, 0 to 1; 0.25 */
	int min_samples;      /* rounds before any randomness, at least 20; 1024 */
	float max_dev_ratio;  /* randomness only below it, 0 to 1; 0.1 */
	int exec_loops;       /* rounds, at least 20; 3000000 */

	/* CLOCK_MONOTONIC_RAW of the last race. */
	struct timespec a_start;
	struct timespec b_start;
	struct timespec a_end;
	struct timespec b_end;

	/* Nanoseconds: A's start minus B's, A's and B's lengths, A's end minus B's. */
	struct tst_fzsync_stat diff_ss;
	struct tst_fzsync_stat diff_sa;
	struct tst_fzsync_stat diff_sb;
	struct tst_fzsync_stat diff_ab;

	/* How often the side that ended first looked for the other one. */
	int spins;
	struct tst_fzsync_stat spins_avg;

	/* Spins by which B, or if negative A, starts later; and a constant part. */
	int delay;
	int delay_bias;
	/* Rounds still to be measured; 0 all done, -1 randomness begun or given up. */
	int sampling;

	float exec_time_start;
	int exec_loop;

	/* Rendezvous of which A and B must not run ahead. */
	tst_atomic_t a_cntr;
	tst_atomic_t b_cntr;
	/* Set by either side, or by a third: nobody waits any more. */
	tst_atomic_t exit;

	pthread_t thread_b;
	/* There is but one CPU. */
	bool yield_in_wait;
};

#define TST_FZSYNC_CHECK_(field, low, high, standard) \
do { \
	if (pair->field == 0) \
		pair->field = standard; \
	if (pair->field < low) \
		tst_brk(TBROK, #field " is less than the lower bound " #low); \
	if (pair->field > high) \
		tst_brk(TBROK, #field " is more than the upper bound " #high); \
} while (0)

/* Applies defaults, checks bounds. */
static inline void tst_fzsync_pair_init(struct tst_fzsync_pair *pair)
{
	TST_FZSYNC_CHECK_(avg_alpha, 0, 1, 0.25F);
	TST_FZSYNC_CHECK_(min_samples, 20, INT_MAX, 1024);
	TST_FZSYNC_CHECK_(max_dev_ratio, 0, 1, 0.1F);
	TST_FZSYNC_CHECK_(exec_loops, 20, INT_MAX, 3000000);

	if (tst_ncpus_available() <= 1)
		pair->yield_in_wait = true;
}

/* Ends thread B. Call it from the test's cleanup. */
static inline void tst_fzsync_pair_cleanup(struct tst_fzsync_pair *pair)
{
	if (pair->thread_b) {
		tst_atomic_store(1, &pair->exit);
		SAFE_PTHREAD_JOIN(pair->thread_b, NULL);
		pair->thread_b = 0;
	}
}

/* Begins anew. run_b, if there is one, becomes thread B, with NULL as argument. */
static inline void tst_fzsync_pair_reset(struct tst_fzsync_pair *pair,
					 void *(*run_b)(void *))
{
	static const struct tst_fzsync_stat nothing = {0, 0, 0};

	tst_fzsync_pair_cleanup(pair);

	pair->diff_ss = nothing;
	pair->diff_sa = nothing;
	pair->diff_sb = nothing;
	pair->diff_ab = nothing;
	pair->spins_avg = nothing;
	pair->spins = 0;
	pair->delay = 0;
	pair->delay_bias = 0;
	pair->sampling = pair->min_samples;
	pair->exec_loop = 0;
	pair->a_cntr = 0;
	pair->b_cntr = 0;
	pair->exit = 0;
	pair->exec_time_start = (float)tst_remaining_runtime();

	if (run_b)
		SAFE_PTHREAD_CREATE(&pair->thread_b, NULL, run_b, NULL);
}

static inline void tst_fzsync_stat_info(struct tst_fzsync_stat stat, const char *unit,
					const char *name)
{
	tst_res(TINFO,
		"%-17s: { avg = %5.0f%s, avg_dev = %5.0f%s, dev_ratio = %.2f }",
		name, (double)stat.avg, unit, (double)stat.avg_dev, unit,
		(double)stat.dev_ratio);
}

/* Prints what has been measured. */
static inline void tst_fzsync_pair_info(struct tst_fzsync_pair *pair)
{
	tst_res(TINFO, "loop = %d, delay_bias = %d", pair->exec_loop, pair->delay_bias);
	tst_fzsync_stat_info(pair->diff_ss, "ns", "start_a - start_b");
	tst_fzsync_stat_info(pair->diff_sa, "ns", "end_a - start_a");
	tst_fzsync_stat_info(pair->diff_sb, "ns", "end_b - start_b");
	tst_fzsync_stat_info(pair->diff_ab, "ns", "end_a - end_b");
	tst_fzsync_stat_info(pair->spins_avg, "  ", "spins");
}

static inline void tst_fzsync_time(struct timespec *t)
{
#ifdef CLOCK_MONOTONIC_RAW
	clock_gettime(CLOCK_MONOTONIC_RAW, t);
#else
	clock_gettime(CLOCK_MONOTONIC, t);
#endif
}

static inline void tst_upd_stat(struct tst_fzsync_stat *stat, float alpha, float sample)
{
	stat->avg = alpha * sample + (1 - alpha) * stat->avg;
	stat->avg_dev = alpha * fabsf(stat->avg - sample) + (1 - alpha) * stat->avg_dev;
	stat->dev_ratio = stat->avg ? fabsf(stat->avg_dev / stat->avg) : 0;
}

static inline void tst_upd_diff_stat(struct tst_fzsync_stat *stat, float alpha,
				     struct timespec t1, struct timespec t2)
{
	tst_upd_stat(stat, alpha, (float)tst_timespec_diff_ns(t1, t2));
}

/*
 * One round of waiting. On several CPUs it is a busy one, but a partner that has lost
 * its CPU to somebody is not helped by that for ever.
 */
static inline void tst_fzsync_spin_(struct tst_fzsync_pair *pair, unsigned int *rounds)
{
	if (pair->yield_in_wait || ++*rounds % 4096 == 0)
		sched_yield();
}

/*
 * The rendezvous: each side counts up the other's counter and waits until the other
 * side has done the same. Before the counters overflow both start again at 0; each
 * resets the one that it counts up, after the partner has seen or need not see the
 * last value any more.
 */
static inline void tst_fzsync_pair_wait(struct tst_fzsync_pair *pair,
					tst_atomic_t *our_cntr,
					tst_atomic_t *other_cntr, int *spins)
{
	unsigned int rounds = 0;

	if (tst_atomic_inc(other_cntr) == INT_MAX) {
		while (tst_atomic_load(our_cntr) == INT_MAX - 1 &&
		       !tst_atomic_load(&pair->exit)) {
			if (spins)
				(*spins)++;
			tst_fzsync_spin_(pair, &rounds);
		}
		tst_atomic_store(0, other_cntr);
		while (tst_atomic_load(our_cntr) == INT_MAX &&
		       !tst_atomic_load(&pair->exit))
			tst_fzsync_spin_(pair, &rounds);
		return;
	}

	while (tst_atomic_load(our_cntr) < tst_atomic_load(other_cntr) &&
	       !tst_atomic_load(&pair->exit)) {
		if (spins)
			(*spins)++;
		tst_fzsync_spin_(pair, &rounds);
	}
}

static inline void tst_fzsync_wait_a(struct tst_fzsync_pair *pair)
{
	tst_fzsync_pair_wait(pair, &pair->a_cntr, &pair->b_cntr, NULL);
}

static inline void tst_fzsync_wait_b(struct tst_fzsync_pair *pair)
{
	tst_fzsync_pair_wait(pair, &pair->b_cntr, &pair->a_cntr, NULL);
}

/* A's loop condition; it ends when the runtime or exec_loops are used up. */
static inline int tst_fzsync_run_a(struct tst_fzsync_pair *pair)
{
	/* Without any time left at the start, all of it is used. */
	float used = pair->exec_time_start > 0 ?
		1 - (float)tst_remaining_runtime() / pair->exec_time_start : 1;

	if (used > 0.5F && pair->sampling > 0) {
		tst_res(TINFO,
			"Stopped sampling at %d (out of %d) samples, sampling time reached 50%% of the total time limit",
			pair->exec_loop, pair->min_samples);
		pair->sampling = 0;
		tst_fzsync_pair_info(pair);
	}

	if (used >= 1.0F) {
		tst_res(TINFO, "Exceeded execution time, requesting exit");
		tst_atomic_store(1, &pair->exit);
	}

	if (++pair->exec_loop > pair->exec_loops) {
		tst_res(TINFO, "Exceeded execution loops, requesting exit");
		tst_atomic_store(1, &pair->exit);
	}

	tst_fzsync_wait_a(pair);

	if (tst_atomic_load(&pair->exit)) {
		tst_fzsync_pair_cleanup(pair);
		return 0;
	}

	return 1;
}

/* B's loop condition. */
static inline int tst_fzsync_run_b(struct tst_fzsync_pair *pair)
{
	tst_fzsync_wait_b(pair);
	return !tst_atomic_load(&pair->exit);
}

/* Learns from the last race, or chooses the delay of the next one. */
static inline void tst_fzsync_pair_update(struct tst_fzsync_pair *pair)
{
	const float alpha = pair->avg_alpha;
	const float max_dev = pair->max_dev_ratio;
	const int noisy = pair->diff_ss.dev_ratio > max_dev ||
			  pair->diff_sa.dev_ratio > max_dev ||
			  pair->diff_sb.dev_ratio > max_dev ||
			  pair->diff_ab.dev_ratio > max_dev ||
			  pair->spins_avg.dev_ratio > max_dev;

	pair->delay = pair->delay_bias;

	if (pair->sampling > 0 || noisy) {
		tst_upd_diff_stat(&pair->diff_ss, alpha, pair->a_start, pair->b_start);
		tst_upd_diff_stat(&pair->diff_sa, alpha, pair->a_end, pair->a_start);
		tst_upd_diff_stat(&pair->diff_sb, alpha, pair->b_end, pair->b_start);
		tst_upd_diff_stat(&pair->diff_ab, alpha, pair->a_end, pair->b_end);
		tst_upd_stat(&pair->spins_avg, alpha, (float)pair->spins);

		if (pair->sampling > 0 && --pair->sampling == 0) {
			tst_res(TINFO, "Minimum sampling period ended");
			tst_fzsync_pair_info(pair);
		}
	} else if (fabsf(pair->diff_ab.avg) >= 1) {
		const float spins = pair->spins_avg.avg > 1 ? pair->spins_avg.avg : 1;
		const float per_spin = fabsf(pair->diff_ab.avg) / spins;
		const float range = pair->diff_sa.avg + pair->diff_sb.avg;
		const float time = (float)drand48() * range - pair->diff_sb.avg;

		pair->delay += (int)(1.1F * time / per_spin);

		if (!pair->sampling) {
			tst_res(TINFO,
				"Reached deviation ratios < %.2f, introducing randomness",
				(double)max_dev);
			tst_res(TINFO, "Delay range is [%d, %d]",
				-(int)(1.1F * pair->diff_sb.avg / per_spin) +
					pair->delay_bias,
				(int)(1.1F * pair->diff_sa.avg / per_spin) +
					pair->delay_bias);
			tst_fzsync_pair_info(pair);
			pair->sampling = -1;
		}
	} else if (!pair->sampling) {
		tst_res(TWARN, "Can't calculate random delay");
		tst_fzsync_pair_info(pair);
		pair->sampling = -1;
	}

	pair->spins = 0;
}

/* The compiler must not think that it knows how often this runs. */
static inline void tst_fzsync_delay_(struct tst_fzsync_pair *pair, int steps)
{
	volatile int left = steps;

	/* As much work as a round of the wait at the end. */
	while (left > 0 && !tst_atomic_load(&pair->exit)) {
		if (pair->yield_in_wait)
			sched_yield();
		left = left - 1;
	}
}

/* A's region begins. */
static inline void tst_fzsync_start_race_a(struct tst_fzsync_pair *pair)
{
	tst_fzsync_pair_update(pair);
	tst_fzsync_wait_a(pair);
	if (pair->delay < 0)
		tst_fzsync_delay_(pair, -pair->delay);
	tst_fzsync_time(&pair->a_start);
}

/* A's region ends. */
static inline void tst_fzsync_end_race_a(struct tst_fzsync_pair *pair)
{
	tst_fzsync_time(&pair->a_end);
	tst_fzsync_pair_wait(pair, &pair->a_cntr, &pair->b_cntr, &pair->spins);
}

/* B's region begins. */
static inline void tst_fzsync_start_race_b(struct tst_fzsync_pair *pair)
{
	tst_fzsync_wait_b(pair);
	if (pair->delay > 0)
		tst_fzsync_delay_(pair, pair->delay);
	tst_fzsync_time(&pair->b_start);
}

/* B's region ends. */
static inline void tst_fzsync_end_race_b(struct tst_fzsync_pair *pair)
{
	tst_fzsync_time(&pair->b_end);
	tst_fzsync_pair_wait(pair, &pair->b_cntr, &pair->a_cntr, &pair->spins);
}

/* While times are measured: the race was seen to come too early or too late. */
static inline void tst_fzsync_pair_add_bias(struct tst_fzsync_pair *pair, int change)
{
	if (pair->sampling > 0)
		pair->delay_bias += change;
}

TST_END_DECLS

#endif

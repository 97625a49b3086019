/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzy synchronisation (spec ltp.md 19, 21.4): sections of different lengths at
 * different places of A's and B's regions must be made to collide.
 */
#define _GNU_SOURCE
#include "cases.h"
#include "tst_fuzzy_sync.h"

enum { WANTED = 50 };

/* Steps of about the same length before the section, and inside it. */
struct section {
	int before;
	int inside;
};

/*
 * Regions whose sections meet at once, by chance, and only if one side starts late.
 * Delays reach no farther than the regions are long, so every section lies in the
 * other side's reach.
 */
static const struct {
	struct section a;
	struct section b;
} layouts[] = {
	{{0, 10}, {0, 10}}, {{0, 10}, {50, 10}}, {{50, 10}, {0, 10}}, {{50, 10}, {50, 10}},
	{{0, 1}, {0, 1}}, {{20, 1}, {0, 40}}, {{0, 40}, {20, 1}}, {{0, 100}, {0, 100}},
	{{100, 20}, {0, 20}}, {{0, 20}, {100, 20}}, {{200, 30}, {0, 10}}, {{0, 10}, {200, 30}},
	{{100, 100}, {0, 10}}, {{0, 10}, {100, 100}}, {{300, 50}, {50, 50}},
	{{50, 50}, {300, 50}}, {{10, 5}, {30, 5}}, {{30, 5}, {10, 5}}, {{0, 200}, {100, 5}},
	{{100, 5}, {0, 200}}, {{400, 50}, {0, 50}}, {{0, 50}, {400, 50}}, {{5, 2}, {5, 2}},
	{{60, 10}, {0, 70}},
};

static struct tst_fzsync_pair pair;
static tst_atomic_t inside_a, inside_b;
static tst_atomic_t collisions;
static const struct section *section_b;

static void pin(int nth)
{
	cpu_set_t all, one;
	int cpu;

	if (sched_getaffinity(0, sizeof(all), &all))
		tst_brk(TBROK | TERRNO, "sched_getaffinity()");
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &all) && nth-- == 0) {
			CPU_ZERO(&one);
			CPU_SET(cpu, &one);
			sched_setaffinity(0, sizeof(one), &one);
			return;
		}
	}
}

static void steps(int n)
{
	volatile int left;

	for (left = n * 10; left > 0; left--)
		;
}

/* Counts a collision if the other side is inside at the beginning or the end. */
static void go(const struct section *section, tst_atomic_t *ours, tst_atomic_t *other)
{
	int met;

	steps(section->before);
	tst_atomic_store(1, ours);
	met = tst_atomic_load(other);
	steps(section->inside);
	met |= tst_atomic_load(other);
	tst_atomic_store(0, ours);
	if (met)
		tst_atomic_inc(&collisions);
}

static void *run_b(void *unused)
{
	pin(1);
	while (tst_fzsync_run_b(&pair)) {
		tst_fzsync_start_race_b(&pair);
		go(section_b, &inside_b, &inside_a);
		tst_fzsync_end_race_b(&pair);
	}
	return unused;
}

static void collide(unsigned int nr)
{
	cpu_set_t before;

	sched_getaffinity(0, sizeof(before), &before);
	tst_atomic_store(0, &collisions);
	section_b = &layouts[nr].b;
	tst_fzsync_pair_init(&pair);
	tst_fzsync_pair_reset(&pair, run_b);
	pin(0);
	while (tst_fzsync_run_a(&pair)) {
		tst_fzsync_start_race_a(&pair);
		go(&layouts[nr].a, &inside_a, &inside_b);
		tst_fzsync_end_race_a(&pair);
		if (tst_atomic_load(&collisions) >= WANTED)
			tst_atomic_store(1, &pair.exit);
	}
	sched_setaffinity(0, sizeof(before), &before);
	TST_EXP_EXPR(tst_atomic_load(&collisions) >= WANTED, "layout %u: %d collisions", nr,
		     WANTED);
}

static void cleanup(void)
{
	tst_fzsync_pair_cleanup(&pair);
}

static void init_small(void)
{
	pair.min_samples = 100;
}

static struct tst_test collide_test = {
	.test = collide,
	.tcnt = ARRAY_SIZE(layouts),
	.setup = init_small,
	.cleanup = cleanup,
	.max_runtime = 30,
};

/* The loop ends by number, or by time. */
static void *just_b(void *unused)
{
	while (tst_fzsync_run_b(&pair)) {
		tst_fzsync_start_race_b(&pair);
		tst_fzsync_end_race_b(&pair);
	}
	return unused;
}

static int loops(void)
{
	int n = 0;

	tst_fzsync_pair_init(&pair);
	tst_fzsync_pair_reset(&pair, just_b);
	while (tst_fzsync_run_a(&pair)) {
		tst_fzsync_start_race_a(&pair);
		tst_fzsync_end_race_a(&pair);
		n++;
	}
	return n;
}

static void by_number(void)
{
	pair.exec_loops = 20;
	TST_EXP_EQ_LI(loops(), 20);
	TST_EXP_EXPR(pair.thread_b == 0, "thread B is joined");
}
static struct tst_test by_number_test = {
	.test_all = by_number, .cleanup = cleanup, .max_runtime = 100
};

static void by_time(void)
{
	time_t start = time(NULL);

	pair.min_samples = INT_MAX;
	TST_EXP_EXPR(loops() > 0, "some loops");
	TST_EXP_EXPR(time(NULL) - start <= 20, "within the time");
}
static struct tst_test by_time_test = {
	.test_all = by_time, .cleanup = cleanup, .max_runtime = 2
};

/* On one CPU both sides yield. */
static void on_one_cpu(void)
{
	pin(0);
	pair.exec_loops = 2000;
	pair.min_samples = 20;
	TST_EXP_EQ_LI(loops(), 2000);
	TST_EXP_EQ_LI(pair.yield_in_wait, 1);
}
static struct tst_test on_one_cpu_test = {
	.test_all = on_one_cpu, .cleanup = cleanup, .max_runtime = 60
};

/* Cleanup joins B, wherever it waits. */
static void a_breaks(void)
{
	tst_fzsync_pair_init(&pair);
	tst_fzsync_pair_reset(&pair, just_b);
	tst_fzsync_run_a(&pair);
	tst_brk(TBROK, "A breaks");
}
static void cleanup_joins(void)
{
	cleanup();
	TST_EXP_EXPR(pair.thread_b == 0, "thread B is joined");
}
static struct tst_test a_breaks_test = {
	.test_all = a_breaks, .cleanup = cleanup_joins, .max_runtime = 10
};

/* The counters of the rendezvous start again in good time. */
static void counters_wrap(void)
{
	int n = 0;

	pair.exec_loops = 100;
	tst_fzsync_pair_init(&pair);
	tst_fzsync_pair_reset(&pair, NULL);
	pair.a_cntr = INT_MAX - 100;
	pair.b_cntr = INT_MAX - 100;
	SAFE_PTHREAD_CREATE(&pair.thread_b, NULL, just_b, NULL);
	while (tst_fzsync_run_a(&pair)) {
		tst_fzsync_start_race_a(&pair);
		tst_fzsync_end_race_a(&pair);
		n++;
	}
	TST_EXP_EQ_LI(n, 100);
	TST_EXP_EXPR(pair.a_cntr < 1000 && pair.b_cntr < 1000, "small again");
}
static struct tst_test counters_wrap_test = {
	.test_all = counters_wrap, .cleanup = cleanup, .max_runtime = 60
};

static void bounds(unsigned int nr)
{
	static const struct tst_fzsync_pair bad[] = {
		{.avg_alpha = -0.5F}, {.avg_alpha = 1.5F}, {.min_samples = 19},
		{.max_dev_ratio = 2}, {.exec_loops = -1},
	};

	if (SAFE_FORK()) {
		tst_reap_children();
		tst_res(TPASS, "case %u", nr);
		return;
	}
	pair = bad[nr];
	tst_fzsync_pair_init(&pair);
	tst_res(TFAIL, "case %u is accepted", nr);
	exit(0);
}
static struct tst_test bounds_test = {.test = bounds, .tcnt = 5, .forks_child = 1};

static const struct named_case cases[] = {
	{"collide", &collide_test},
	{"by_number", &by_number_test},
	{"by_time", &by_time_test},
	{"on_one_cpu", &on_one_cpu_test},
	{"a_breaks", &a_breaks_test},
	{"counters_wrap", &counters_wrap_test},
	{"bounds", &bounds_test},
	{NULL, NULL}
};

int main(int argc, char *argv[])
{
	return run_case(argc, argv, cases);
}

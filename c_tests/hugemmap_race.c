/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two page faults race for the last huge page of the pool (spec ltp.md 20).
 *
 * A fault on a huge page that nobody has instantiated yet allocates it, clears it,
 * which takes tens of microseconds, and only then makes it visible. If two faults on
 * the same page were not serialised, the second one would find the pool empty and kill
 * its process, although the page it wants is just being made. Linux 2.6.17 fixed that
 * with one mutex (commit 3935baa), 3.15 replaced it by a table of mutexes.
 *
 * shared: two processes fault a page of a MAP_SHARED file.
 * private: two threads of a process fault a page of its MAP_PRIVATE mapping.
 *
 * All pages of the pool but one are in use, so any abnormal death of a racer is the
 * bug. Each race has its own processes and begins at a barrier; with -f two long-living
 * racers meet under fuzzy synchronisation, several times as often and at all positions
 * of their faults to each other.
 *
 * With -e racers really lose, while everything else stays as it is: proof that a
 * loser would be noticed on a kernel that has the bug.
 */

#define _GNU_SOURCE
#include "hugemmap_race/cpus.h"
#include "hugemmap_race/forking.h"
#include "hugemmap_race/fuzzy.h"
#include "hugemmap_race/pool.h"
#include "hugemmap_race/racers.h"
#include "hugemmap_race/statistics.h"
#include "hugetlb.h"

/* Races in each mode; with -f there is no limit but time. */
#define DEFAULT_RACES 2000

static char *mode_option;
static char *races_option;
static char *losers_option;
static char *fuzzy_option;

static int selected[MODES];
static int max_races;

/* What cleanup has to undo; -1 and NULL mean nothing. */
static int fill_fd = -1;
static void *fill;
static size_t fill_size;

static void unmap_fill(void)
{
	if (fill) {
		SAFE_MUNMAP(fill, fill_size);
		fill = NULL;
	}
	if (fill_fd != -1)
		SAFE_CLOSE(fill_fd);
}

/* The rest of the runtime, divided among the modes that are still to come. */
static long long deadline_of(int modes_left)
{
	return now() + tst_remaining_runtime() * 1000000000LL / modes_left;
}

/* Uses up all pages but the last, or all; the pool as it is then. */
static struct pool fill_pool(struct pool before)
{
	long pages = before.available - before.reserved - (losers == BOTH ? 0 : 1);
	struct pool expected = before;
	long i;

	expected.available -= pages;
	fill_fd = tst_creat_unlinked(MNTPOINT, 0, 0600);
	fill_size = pages * page_size;
	fill = SAFE_MMAP(NULL, fill_size, PROT_READ | PROT_WRITE, MAP_SHARED, fill_fd, 0);
	for (i = 0; i < pages; i++)
		*((volatile char *)fill + i * page_size) = 1;

	pool_need(expected);
	return expected;
}

static void run_mode(enum mode mode, int is_first, int modes_left)
{
	long long deadline = deadline_of(modes_left);
	struct pool before = pool_read();
	long available = before.available - before.reserved;
	struct statistics s;
	struct pool filled;
	int good;

	memset(&s, 0, sizeof(s));
	if (available < 2)
		tst_brk(TCONF, "needs 2 unreserved free huge pages, have %ld", available);

	filled = fill_pool(before);
	if (is_first)
		tst_res(TINFO,
			"racing on CPUs %d and %d, %ld of %ld available huge pages pre-filled",
			cpus[0], cpus[1], (long)(fill_size / page_size), available);

	good = fuzzy_option ? race_fuzzily(mode, &s, filled, deadline, max_races)
			    : race_forking(mode, &s, filled, deadline, max_races);
	unmap_fill();
	good = pool_check(before, names[mode], s.races) && good;

	statistics_report(&s, names[mode]);
	if (fuzzy_option && s.measured)
		statistics_histogram(&s, names[mode]);
	if (!good)
		return;
	if (!s.overlapping)
		tst_res(TCONF, "%s: %lu races, but no two faults overlapped", names[mode],
			s.races);
	else
		tst_res(TPASS, "%s: %lu races for the last huge page, no racer died",
			names[mode], s.races);
}

static void run(void)
{
	int left = selected[SHARED] + selected[PRIVATE];
	int is_first = 1;
	int mode;

	for (mode = SHARED; mode < MODES; mode++) {
		if (!selected[mode])
			continue;
		run_mode(mode, is_first, left);
		is_first = 0;
		left--;
	}
}

static void setup(void)
{
	int mode;

	for (mode = SHARED; mode < MODES; mode++)
		selected[mode] = !mode_option || !strcmp(mode_option, names[mode]);
	if (!selected[SHARED] && !selected[PRIVATE])
		tst_brk(TBROK, "invalid -m '%s', expected shared or private", mode_option);

	max_races = fuzzy_option ? INT_MAX : DEFAULT_RACES;
	if (tst_parse_int(races_option, &max_races, 1, INT_MAX))
		tst_brk(TBROK, "invalid -n '%s', expected a number from 1 up",
			races_option);

	if (losers_option && !strcmp(losers_option, "one"))
		losers = ONE;
	else if (losers_option && !strcmp(losers_option, "both"))
		losers = BOTH;
	else if (losers_option)
		tst_brk(TBROK, "invalid -e '%s', expected both or one", losers_option);

	page_size = tst_get_hugepage_size();
	if (!page_size)
		tst_brk(TCONF, "the kernel has no huge pages");
	race_size = (losers == ONE ? 2 : 1) * page_size;

	choose_cpus();
	/* Losers would leave a core each. */
	tst_no_corefile(0);
	area = SAFE_MMAP(NULL, sizeof(*area), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void cleanup(void)
{
	int status[RACERS];
	int i;

	for (i = 0; i < RACERS; i++) {
		if (racers[i] > 0)
			SAFE_KILL(racers[i], SIGKILL);
		else
			racers[i] = 0;
	}
	if (area)
		reap_racers(status);
	unmap_race_page();
	unmap_fill();
	if (area)
		SAFE_MUNMAP(area, sizeof(*area));
	free_cpus();
}

static struct tst_test test = {
	.setup = setup,
	.cleanup = cleanup,
	.test_all = run,
	.options = (struct tst_option[]) {
		{"m:", &mode_option, "shared or private: race only so (default: both)"},
		{"n:", &races_option, "Races in each mode (default: 2000, with -f no limit)"},
		{"f", &fuzzy_option, "Long-living racers, fuzzily synchronised"},
		{"e:", &losers_option, "both or one: self-test, so many racers must lose"},
		{}
	},
	.needs_root = 1,
	.needs_hugetlbfs = 1,
	.mntpoint = MNTPOINT,
	.forks_child = 1,
	.min_cpus = 2,
	.hugepages = {2, TST_NEEDS},
	.max_runtime = 20,
	.save_restore = (const struct tst_path_val[]) {
		/* A surplus page would save the loser and hide the bug. */
		{PATH_OC_HPAGES, "0", TST_SR_TBROK},
		{}
	},
	.tags = (const struct tst_tag[]) {
		{"linux-git", "3935baa9bcda"},
		{}
	}
};

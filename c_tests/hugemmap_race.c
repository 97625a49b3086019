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
 * bug. Each race has its own processes; with -f two long-living racers meet under
 * fuzzy synchronisation, which is faster and reaches more relative positions.
 *
 * With -e racers really lose, while everything else stays as it is: proof that a
 * loser would be noticed on a kernel that has the bug.
 */

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>

#include "hugetlb.h"
#include "tst_fuzzy_sync.h"
#include "tst_safe_pthread.h"

#define MNTPOINT "hugetlbfs/"

/* Exit values of racers besides 0. */
#define PARTNER_MISSING 3
#define CONTENT_LOST 4

/* How long a racer waits for its partner. */
#define BARRIER_SECONDS 5

enum { RACERS = 2, BUCKETS = 9 };

enum mode { SHARED, PRIVATE, MODES };

/* Which racers are made to lose. */
enum losers { NOBODY, ONE, BOTH };

/* HugePages_Free, _Rsvd, _Surp. */
struct pool {
	long available;
	long reserved;
	long surplus;
};

/* One for each racer, on its own cache lines; nanoseconds of CLOCK_MONOTONIC. */
struct stamps {
	long long start;
	long long end;
} __attribute__((aligned(128)));

struct statistics {
	unsigned long races;
	unsigned long measured;   /* races whose racers both survived */
	unsigned long overlapping;
	double skew;              /* sum of |start 1 - start 2| */
	double worst_skew;
	double window;            /* sum of the longer stores */
	unsigned long skews[BUCKETS];
};

/* What the processes of a race share. */
struct area {
	tst_atomic_t ready;       /* racers at the barrier */
	tst_atomic_t abort;       /* one of them will never come */
	struct stamps stamps[RACERS];

	/* Of fuzzy synchronisation: racer A keeps the books. */
	struct tst_fzsync_pair pair;
	struct statistics statistics;
	int failed;
	volatile unsigned char *page;
};

/* Upper bounds of start 2 - start 1 in microseconds; the last bucket has none. */
static const int bounds[BUCKETS - 1] = {-64, -16, -4, -1, 1, 4, 16, 64};

static const char *const names[MODES] = {"shared", "private"};

static char *mode_option;
static char *races_option;
static char *losers_option;
static char *fuzzy_option;

static int selected[MODES];
static int max_races = 2000;
static enum losers losers;

static size_t page_size;
static int cpus[RACERS];
static size_t mask_size;
static cpu_set_t *masks[RACERS];   /* one CPU each */

static struct area *area;

/* What cleanup has to undo; 0, -1 and NULL mean nothing. */
static pid_t racers[RACERS];
static int fill_fd = -1;
static void *fill;
static size_t fill_size;
static int race_fd = -1;
static void *race_page;
static size_t race_size;

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return tst_timespec_to_ns(t);
}

static struct pool read_pool(void)
{
	struct pool pool;

	pool.available = SAFE_READ_MEMINFO(MEMINFO_HPAGE_FREE);
	pool.reserved = SAFE_READ_MEMINFO(MEMINFO_HPAGE_RSVD);
	pool.surplus = SAFE_READ_MEMINFO(MEMINFO_HPAGE_SURP);
	return pool;
}

static int same_pool(struct pool a, struct pool b)
{
	return a.available == b.available && a.reserved == b.reserved &&
	       a.surplus == b.surplus;
}

/* A TFAIL unless the pool is what it was: the kernel lost count. */
static int check_pool(enum mode mode, unsigned long race, struct pool expected)
{
	struct pool pool = read_pool();

	if (same_pool(pool, expected))
		return 1;

	tst_res(TFAIL,
		"%s: race %lu: Free %ld Rsvd %ld Surp %ld, expected %ld %ld %ld",
		names[mode], race, pool.available, pool.reserved, pool.surplus,
		expected.available, expected.reserved, expected.surplus);
	return 0;
}

/* The calling thread stays on a racer's CPU from now on. */
static void pin(int racer)
{
	if (sched_setaffinity(0, mask_size, masks[racer]))
		tst_brk(TBROK | TERRNO, "sched_setaffinity(CPU %d)", cpus[racer]);
}

/* Both racers leave it within nanoseconds. 0 if the partner does not come. */
static int barrier_wait(void)
{
	long long deadline = now() + BARRIER_SECONDS * 1000000000LL;
	unsigned int rounds = 0;

	tst_atomic_inc(&area->ready);
	while (tst_atomic_load(&area->ready) < RACERS) {
		if (tst_atomic_load(&area->abort))
			return 0;
		if (++rounds % 1024 == 0 && now() > deadline)
			return 0;
	}
	return 1;
}

/* The fault: no system call between the barrier and the store. */
static int instantiate(volatile unsigned char *page, int racer)
{
	volatile unsigned int *word = (volatile unsigned int *)page + racer;
	long long start, end;

	if (!barrier_wait())
		return 0;
	start = now();
	*word = racer + 1;
	end = now();

	area->stamps[racer].start = start;
	area->stamps[racer].end = end;
	return 1;
}

/* Are both words in the same page? Those of a self-test may be in two. */
static int content_is_complete(volatile unsigned char *page)
{
	volatile unsigned int *words = (volatile unsigned int *)page;

	return losers != NOBODY || (words[0] == 1 && words[1] == 2);
}

/* With one loser each racer has its own page, and only one page is left. */
static volatile unsigned char *page_of(volatile void *page, int racer)
{
	return (volatile unsigned char *)page +
	       (losers == ONE ? racer * page_size : 0);
}

static void *map_race_page(int flags)
{
	/* A mapping with a reservation would fail before anybody could lose. */
	if (losers != NOBODY)
		flags |= MAP_NORESERVE;
	return SAFE_MMAP(NULL, race_size, PROT_READ | PROT_WRITE, flags, race_fd, 0);
}

static void record(struct statistics *s, long long start1, long long end1,
		   long long start2, long long end2)
{
	double skew = llabs(start1 - start2) / 1000.0;
	double window = MAX(end1 - start1, end2 - start2) / 1000.0;
	int bucket = 0;

	s->measured++;
	s->skew += skew;
	s->worst_skew = MAX(s->worst_skew, skew);
	s->window += window;
	if (start1 < end2 && start2 < end1)
		s->overlapping++;
	while (bucket < BUCKETS - 1 && (start2 - start1) / 1000 >= bounds[bucket])
		bucket++;
	s->skews[bucket]++;
}

static void report_statistics(enum mode mode, const struct statistics *s)
{
	double n = s->measured ? s->measured : 1;

	tst_res(TINFO,
		"%s: %lu races, start skew avg %.1fus max %.1fus, fault window avg %.1fus, overlapping %lu (%.1f%%)",
		names[mode], s->races, s->skew / n, s->worst_skew, s->window / n,
		s->overlapping, 100.0 * s->overlapping / n);
}

/* How the second racer's start lay to the first one's. */
static void report_histogram(enum mode mode, const struct statistics *s)
{
	static const char bar[] = "########################################";
	unsigned long most = 1;
	int i;

	for (i = 0; i < BUCKETS; i++)
		most = MAX(most, s->skews[i]);

	for (i = 0; i < BUCKETS; i++) {
		int length = s->skews[i] * (sizeof(bar) - 1) / most;
		char range[32];

		if (i == 0)
			snprintf(range, sizeof(range), "below %d", bounds[0]);
		else if (i == BUCKETS - 1)
			snprintf(range, sizeof(range), "from %d", bounds[i - 1]);
		else
			snprintf(range, sizeof(range), "%d to %d", bounds[i - 1],
				 bounds[i]);
		tst_res(TINFO, "%s: skew %10s us: %7lu %.*s", names[mode], range,
			s->skews[i], length, bar);
	}
}

static void unmap_race_page(void)
{
	if (race_page) {
		SAFE_MUNMAP(race_page, race_size);
		race_page = NULL;
	}
	if (race_fd != -1)
		SAFE_CLOSE(race_fd);
}

static void unmap_fill(void)
{
	if (fill) {
		SAFE_MUNMAP(fill, fill_size);
		fill = NULL;
	}
	if (fill_fd != -1)
		SAFE_CLOSE(fill_fd);
}

/*
 * Reaps the running racers; tells those that are left when one died early. The
 * statuses of racers that were not running are 0.
 */
static void reap_racers(int status[RACERS])
{
	int running = 0, i;

	for (i = 0; i < RACERS; i++) {
		status[i] = 0;
		running += racers[i] != 0;
	}
	while (running > 0) {
		int one;
		pid_t pid = SAFE_WAITPID(-1, &one, 0);

		if (pid < 0)
			return;
		for (i = 0; i < RACERS; i++) {
			if (racers[i] != pid)
				continue;
			racers[i] = 0;
			status[i] = one;
			running--;
			if (one) {
				tst_atomic_store(1, &area->abort);
				tst_atomic_store(1, &area->pair.exit);
			}
		}
	}
}

/*
 * TFAIL for a racer that died; 1 if none did. A racer that reported TBROK, or waited in
 * vain for a partner that is not dead, has shown nothing about the kernel.
 */
static int check_racers(enum mode mode, unsigned long race, const int status[RACERS])
{
	int lost = 0, alone = 0, i;

	for (i = 0; i < RACERS; i++) {
		char who[32];
		int code = WIFEXITED(status[i]) ? WEXITSTATUS(status[i]) : -1;

		if (mode == SHARED)
			snprintf(who, sizeof(who), "racer %d", i + 1);
		else
			snprintf(who, sizeof(who), "racer process");

		switch (code) {
		case 0:
			break;
		case TBROK:
			tst_brk(TBROK, "%s: race %lu: %s could not take part",
				names[mode], race, who);
			break;
		case PARTNER_MISSING:
			alone++;
			break;
		case CONTENT_LOST:
			tst_res(TFAIL, "%s: race %lu: racers wrote to different pages",
				names[mode], race);
			lost++;
			break;
		default:
			tst_res(TFAIL, "%s: race %lu: %s %s", names[mode], race, who,
				tst_strstatus(status[i]));
			lost++;
		}
	}
	if (alone && !lost)
		tst_brk(TBROK, "%s: race %lu: racers did not meet within %d seconds",
			names[mode], race, BARRIER_SECONDS);
	return !lost;
}

static void *second_thread(void *page)
{
	pin(1);
	return instantiate(page_of(page, 1), 1) ? page : NULL;
}

/* Private mode: both racers live here. Exits. */
static void race_threads(void)
{
	pthread_t thread;
	void *page, *second;
	int first;

	/*
	 * The reservation of a private mapping belongs to the process that called
	 * mmap(); a child that inherits it faults without one.
	 */
	page = map_race_page(MAP_PRIVATE);
	SAFE_PTHREAD_CREATE(&thread, NULL, second_thread, page);
	pin(0);
	first = instantiate(page_of(page, 0), 0);
	SAFE_PTHREAD_JOIN(thread, &second);
	if (!first || !second)
		exit(PARTNER_MISSING);
	exit(content_is_complete(page) ? 0 : CONTENT_LOST);
}

/* One race with its own file and processes. 0 if something went wrong. */
static int race(enum mode mode, struct statistics *s, struct pool before)
{
	int status[RACERS];
	int good, i;

	memset(area->stamps, 0, sizeof(area->stamps));
	tst_atomic_store(0, &area->ready);
	tst_atomic_store(0, &area->abort);

	race_fd = tst_creat_unlinked(MNTPOINT, 0, 0600);
	if (mode == SHARED)
		race_page = map_race_page(MAP_SHARED);

	for (i = 0; i < (mode == SHARED ? RACERS : 1); i++) {
		racers[i] = SAFE_FORK();
		if (racers[i])
			continue;
		if (mode == PRIVATE)
			race_threads();
		pin(i);
		exit(instantiate(page_of(race_page, i), i) ? 0 : PARTNER_MISSING);
	}

	s->races++;
	reap_racers(status);
	good = check_racers(mode, s->races, status);
	if (good) {
		record(s, area->stamps[0].start, area->stamps[0].end,
		       area->stamps[1].start, area->stamps[1].end);
		if (mode == SHARED && !content_is_complete(race_page)) {
			tst_res(TFAIL, "%s: race %lu: racers wrote to different pages",
				names[mode], s->races);
			good = 0;
		}
	}

	unmap_race_page();
	return check_pool(mode, s->races, before) && good;
}

/* The rest of the runtime, divided among the modes that are still to come. */
static long long deadline_of(int modes_left)
{
	return now() + tst_remaining_runtime() * 1000000000LL / modes_left;
}

/* Races with new processes until time, number or luck is used up. */
static int race_forking(enum mode mode, struct statistics *s, struct pool before,
			long long deadline)
{
	do {
		if (!race(mode, s, before))
			return 0;
	} while (s->races < (unsigned long)max_races && now() < deadline);
	return 1;
}

/* Racer A: prepares and evaluates every round. */
static void fuzzy_racer_a(enum mode mode, struct pool before, long long deadline)
{
	struct tst_fzsync_pair *pair = &area->pair;
	struct statistics *s = &area->statistics;

	pin(0);
	while (tst_fzsync_run_a(pair)) {
		volatile unsigned char *page;

		page = map_race_page(mode == SHARED ? MAP_SHARED : MAP_PRIVATE);
		if (mode == PRIVATE)
			area->page = page;

		s->races++;
		tst_fzsync_start_race_a(pair);
		*(volatile unsigned int *)page_of(page, 0) = 1;
		tst_fzsync_end_race_a(pair);
		if (tst_atomic_load(&pair->exit))
			break;

		record(s, tst_timespec_to_ns(pair->a_start),
		       tst_timespec_to_ns(pair->a_end),
		       tst_timespec_to_ns(pair->b_start),
		       tst_timespec_to_ns(pair->b_end));
		if (!content_is_complete(page)) {
			tst_res(TFAIL, "%s: race %lu: racers wrote to different pages",
				names[mode], s->races);
			area->failed = 1;
		}

		/* B maps the file again only after the next rendezvous. */
		SAFE_MUNMAP((void *)page, race_size);
		if (mode == SHARED)
			SAFE_FTRUNCATE(race_fd, 0);
		if (s->races % 64 == 0 && !check_pool(mode, s->races, before))
			area->failed = 1;
		if (area->failed || now() > deadline)
			tst_atomic_store(1, &pair->exit);
	}
	tst_atomic_store(1, &pair->exit);
}

static void fuzzy_racer_b(enum mode mode)
{
	struct tst_fzsync_pair *pair = &area->pair;

	pin(1);
	while (tst_fzsync_run_b(pair)) {
		volatile unsigned char *page = NULL;

		if (mode == SHARED)
			page = map_race_page(MAP_SHARED);

		tst_fzsync_start_race_b(pair);
		if (mode == PRIVATE)
			page = area->page;
		((volatile unsigned int *)page_of(page, 1))[1] = 2;
		tst_fzsync_end_race_b(pair);

		if (mode == SHARED)
			SAFE_MUNMAP((void *)page, race_size);
	}
}

static void *fuzzy_thread_b(void *unused LTP_ATTRIBUTE_UNUSED)
{
	fuzzy_racer_b(PRIVATE);
	return NULL;
}

/* Two racers that meet again and again. 0 if something went wrong. */
static int race_fuzzily(enum mode mode, struct statistics *s, struct pool before,
			long long deadline)
{
	int status[RACERS];
	int good;

	memset(&area->statistics, 0, sizeof(area->statistics));
	memset(&area->pair, 0, sizeof(area->pair));
	area->failed = 0;
	/* Without -n the time is the only limit. */
	area->pair.exec_loops = races_option ? MAX(max_races, 20) : INT_MAX - 1;
	tst_fzsync_pair_init(&area->pair);
	tst_fzsync_pair_reset(&area->pair, NULL);
	race_fd = tst_creat_unlinked(MNTPOINT, 0, 0600);

	racers[0] = SAFE_FORK();
	if (!racers[0]) {
		pthread_t thread;

		if (mode == PRIVATE)
			SAFE_PTHREAD_CREATE(&thread, NULL, fuzzy_thread_b, NULL);
		fuzzy_racer_a(mode, before, deadline);
		if (mode == PRIVATE)
			SAFE_PTHREAD_JOIN(thread, NULL);
		exit(0);
	}
	if (mode == SHARED) {
		racers[1] = SAFE_FORK();
		if (!racers[1]) {
			fuzzy_racer_b(mode);
			exit(0);
		}
	}

	reap_racers(status);
	*s = area->statistics;
	good = check_racers(mode, s->races, status) && !area->failed;
	unmap_race_page();
	return check_pool(mode, s->races, before) && good;
}

/* Uses up all pages but the last, or all; the pool as it is then. */
static struct pool fill_pool(struct pool before)
{
	long pages = before.available - before.reserved - (losers == BOTH ? 0 : 1);
	struct pool expected = before;
	struct pool pool;
	long i;

	expected.available -= pages;
	fill_fd = tst_creat_unlinked(MNTPOINT, 0, 0600);
	fill_size = pages * page_size;
	fill = SAFE_MMAP(NULL, fill_size, PROT_READ | PROT_WRITE, MAP_SHARED, fill_fd, 0);
	for (i = 0; i < pages; i++)
		*((volatile char *)fill + i * page_size) = 1;

	pool = read_pool();
	if (!same_pool(pool, expected)) {
		tst_brk(TBROK,
			"after filling: Free %ld Rsvd %ld Surp %ld, expected %ld %ld %ld",
			pool.available, pool.reserved, pool.surplus, expected.available,
			expected.reserved, expected.surplus);
	}
	return pool;
}

static void run_mode(enum mode mode, int is_first, int modes_left)
{
	long long deadline = deadline_of(modes_left);
	struct pool before = read_pool();
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

	good = fuzzy_option ? race_fuzzily(mode, &s, filled, deadline)
			    : race_forking(mode, &s, filled, deadline);
	unmap_fill();
	good = check_pool(mode, s.races, before) && good;

	report_statistics(mode, &s);
	if (fuzzy_option && s.measured)
		report_histogram(mode, &s);
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

/* Do the two CPUs share a core? Then their racers would take turns. */
static int are_siblings(int a, int b)
{
	static const char *const files[] = {"physical_package_id", "core_id"};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		char path[128];
		int id[2];
		int cpu[2] = {a, b};
		int n;

		for (n = 0; n < 2; n++) {
			snprintf(path, sizeof(path),
				 "/sys/devices/system/cpu/cpu%d/topology/%s", cpu[n],
				 files[i]);
			if (access(path, R_OK) || FILE_SCANF(path, "%d", &id[n]))
				return 0;
		}
		if (id[0] != id[1])
			return 0;
	}
	return 1;
}

/* Two CPUs that this process may use, on different cores if possible. */
static void choose_cpus(void)
{
	int max = tst_ncpus_max();
	int found = 0;
	cpu_set_t *mask;
	int cpu, i;

	mask_size = CPU_ALLOC_SIZE(max);
	for (i = 0; i < RACERS; i++) {
		masks[i] = CPU_ALLOC(max);
		if (!masks[i])
			tst_brk(TBROK | TERRNO, "CPU_ALLOC(%d)", max);
	}

	mask = masks[0];
	if (sched_getaffinity(0, mask_size, mask))
		tst_brk(TBROK | TERRNO, "sched_getaffinity()");
	if (CPU_COUNT_S(mask_size, mask) < RACERS)
		tst_brk(TCONF, "needs 2 CPUs in the affinity mask, have %d",
			CPU_COUNT_S(mask_size, mask));

	for (cpu = 0; cpu < max; cpu++) {
		if (!CPU_ISSET_S(cpu, mask_size, mask))
			continue;
		if (found == 0) {
			cpus[found++] = cpu;
		} else if (found == 1) {
			cpus[found++] = cpu;
			if (!are_siblings(cpus[0], cpu))
				break;
		} else if (!are_siblings(cpus[0], cpu)) {
			cpus[1] = cpu;
			break;
		}
	}

	for (i = 0; i < RACERS; i++) {
		CPU_ZERO_S(mask_size, masks[i]);
		CPU_SET_S(cpus[i], mask_size, masks[i]);
	}
}

static void setup(void)
{
	int mode;

	for (mode = SHARED; mode < MODES; mode++)
		selected[mode] = !mode_option || !strcmp(mode_option, names[mode]);
	if (!selected[SHARED] && !selected[PRIVATE])
		tst_brk(TBROK, "invalid -m '%s', expected shared or private", mode_option);

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
	for (i = 0; i < RACERS; i++)
		CPU_FREE(masks[i]);
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

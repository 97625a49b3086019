/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Races between two long-living racers, which meet again and again under fuzzy
 * synchronisation (spec ltp.md 19).
 */
#ifndef C_TESTS_HUGEMMAP_RACE_FUZZY_H
#define C_TESTS_HUGEMMAP_RACE_FUZZY_H

#include "pool.h"
#include "racers.h"

/*
 * Chooses by how much one side starts later in the next round. Faults on one page end
 * together, which to fuzzy synchronisation looks like noise, so that it never comes to
 * delays of its own; but it does apply a bias. The spread grows until every fifth pair
 * of faults misses each other: then all positions in which they meet have been there.
 */
static void spread(struct tst_fzsync_pair *pair, int overlapped)
{
	if (overlapped)
		area->spread += area->spread / 32 + 1;
	else
		area->spread -= area->spread / 8;
	area->spread = MIN(area->spread, 1 << 20);
	pair->delay_bias = (int)((2 * drand48() - 1) * area->spread);
}

/* Racer A: prepares and evaluates every round. */
static void fuzzy_racer_a(enum mode mode, struct pool before, long long deadline)
{
	struct tst_fzsync_pair *pair = &area->pair;
	struct statistics *s = &area->statistics;
	struct stamps one, two;

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

		one.start = tst_timespec_to_ns(pair->a_start);
		one.end = tst_timespec_to_ns(pair->a_end);
		two.start = tst_timespec_to_ns(pair->b_start);
		two.end = tst_timespec_to_ns(pair->b_end);
		spread(pair, statistics_record(s, &one, &two));
		if (!content_is_complete(page)) {
			tst_res(TFAIL, "%s: race %lu: racers wrote to different pages",
				names[mode], s->races);
			area->failed = 1;
		}

		/* B maps the file again only after the next rendezvous. */
		SAFE_MUNMAP((void *)page, race_size);
		if (mode == SHARED)
			SAFE_FTRUNCATE(race_fd, 0);
		if (s->races % 64 == 0 && !pool_check(before, names[mode], s->races))
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

/* Races until time, number or luck is used up; 0 if it was luck. */
static int race_fuzzily(enum mode mode, struct statistics *s, struct pool before,
			long long deadline, int max_races)
{
	int status[RACERS];
	int good;

	memset(&area->statistics, 0, sizeof(area->statistics));
	memset(&area->pair, 0, sizeof(area->pair));
	area->failed = 0;
	area->spread = 0;
	/* Neither too few for it, nor so many that its count overflows. */
	area->pair.exec_loops = MIN(MAX(max_races, 20), INT_MAX - 1);
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
	return pool_check(before, names[mode], s->races) && good;
}

#endif

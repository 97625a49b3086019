/* SPDX-License-Identifier: BSD-2-Clause */
/* Races with a file and processes of their own, which begin at a barrier. */
#ifndef C_TESTS_HUGEMMAP_RACE_FORKING_H
#define C_TESTS_HUGEMMAP_RACE_FORKING_H

#include "pool.h"
#include "racers.h"
#include "tst_safe_pthread.h"

/* Both racers leave it within nanoseconds. 0 if the partner does not come. */
static int barrier_wait(void)
{
	long long deadline = now() + BARRIER_SECONDS * 1000000000LL;
	unsigned int rounds = 0;

	tst_atomic_inc(&area->ready);
	while (tst_atomic_load(&area->ready) < RACERS) {
		/* A partner that has died may have been here before. */
		if (tst_atomic_load(&area->abort))
			return tst_atomic_load(&area->ready) == RACERS;
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
		statistics_record(s, &area->stamps[0], &area->stamps[1]);
		if (mode == SHARED && !content_is_complete(race_page)) {
			tst_res(TFAIL, "%s: race %lu: racers wrote to different pages",
				names[mode], s->races);
			good = 0;
		}
	}

	unmap_race_page();
	return pool_check(before, names[mode], s->races) && good;
}

/* Races until time, number or luck is used up; 0 if it was luck. */
static int race_forking(enum mode mode, struct statistics *s, struct pool before,
			long long deadline, int max_races)
{
	do {
		if (!race(mode, s, before))
			return 0;
	} while (s->races < (unsigned long)max_races && now() < deadline);
	return 1;
}

#endif

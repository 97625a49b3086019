/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What both ways to race have in common: the page, what the processes of a race share,
 * and what becomes of the racers (spec ltp.md 20.4).
 */
#ifndef C_TESTS_HUGEMMAP_RACE_RACERS_H
#define C_TESTS_HUGEMMAP_RACE_RACERS_H

#include "cpus.h"
#include "hugetlb.h"
#include "statistics.h"
#include "tst_fuzzy_sync.h"

#define MNTPOINT "hugetlbfs/"

/* Exit values of racers besides 0. */
#define PARTNER_MISSING 3
#define CONTENT_LOST 4

/* How long a racer waits for its partner. */
#define BARRIER_SECONDS 5

enum mode { SHARED, PRIVATE, MODES };

/* Which racers are made to lose. */
enum losers { NOBODY, ONE, BOTH };

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
	int spread;               /* the most spins by which one side starts later */
};

static const char *const names[MODES] = {"shared", "private"};

static enum losers losers;
static size_t page_size;
static struct area *area;

/* What cleanup has to undo; 0, -1 and NULL mean nothing. */
static pid_t racers[RACERS];
static int race_fd = -1;
static void *race_page;
static size_t race_size;

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

static void unmap_race_page(void)
{
	if (race_page) {
		SAFE_MUNMAP(race_page, race_size);
		race_page = NULL;
	}
	if (race_fd != -1)
		SAFE_CLOSE(race_fd);
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

#endif
